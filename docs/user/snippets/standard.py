"""Verifies deliveries by their Standard Webhooks headers."""

import base64
import hashlib
import hmac

TOLERANCE_SECONDS = 300


def verify(headers, body, secrets, now):
    """Says whether a delivery is genuine and fresh; `body` is the bytes as they arrived."""
    event_id = headers.get("webhook-id", "")
    timestamp = headers.get("webhook-timestamp", "")
    given = headers.get("webhook-signature", "").encode().split(b" ")
    try:
        age = abs(now - int(timestamp))
    except ValueError:
        return False
    if age > TOLERANCE_SECONDS:
        return False
    signed = f"{event_id}.{timestamp}.".encode() + body
    for secret in secrets:
        digest = hmac.new(key_of(secret), signed, hashlib.sha256).digest()
        expected = b"v1," + base64.b64encode(digest)
        if any(hmac.compare_digest(expected, signature) for signature in given):
            return True
    return False


def key_of(secret):
    """The decoded part of `whsec_...`; the bytes of any other secret."""
    if secret.startswith("whsec_"):
        return base64.b64decode(secret[len("whsec_") :])
    return secret.encode()
