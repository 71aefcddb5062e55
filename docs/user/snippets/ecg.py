"""Verifies deliveries by ECG's headers."""

import hashlib
import hmac

TOLERANCE_MILLISECONDS = 300_000


def verify(headers, body, secrets, now):
    """Says whether a delivery is genuine and fresh; `body` is the bytes as they arrived."""
    created_at = headers.get("x-webhook-created-at", "")
    given = headers.get("x-webhook-hash", "").encode()
    try:
        age = abs(now * 1000 - int(created_at))
    except ValueError:
        return False
    if age > TOLERANCE_MILLISECONDS:
        return False
    signed = f"{created_at}.".encode() + body
    for secret in secrets:
        expected = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest().encode()
        if hmac.compare_digest(expected, given):
            return True
    return False
