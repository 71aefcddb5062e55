"""Verifies deliveries by Decoda's header."""

import hashlib
import hmac


def verify(headers, body, secrets):
    """Says whether a delivery is genuine; `body` is the bytes as they arrived."""
    given = headers.get("decoda-signature", "").encode()
    for secret in secrets:
        expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest().encode()
        if hmac.compare_digest(expected, given):
            return True
    return False
