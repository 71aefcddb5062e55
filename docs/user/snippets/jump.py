"""Verifies deliveries by Jump's headers."""

import hashlib
import hmac

TOLERANCE_SECONDS = 300


def verify(headers, body, secrets, now):
    """Says whether a delivery is genuine and fresh; `body` is the bytes as they arrived."""
    timestamp = headers.get("x-webhook-timestamp", "")
    given = headers.get("x-webhook-signature", "").encode().split(b" ")
    try:
        age = abs(now - int(timestamp))
    except ValueError:
        return False
    if age > TOLERANCE_SECONDS:
        return False
    signed = f"{timestamp}.".encode() + body
    for secret in secrets:
        expected = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest().encode()
        if any(hmac.compare_digest(expected, signature) for signature in given):
            return True
    return False
