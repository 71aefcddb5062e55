"""Verifies deliveries by Decoda's header when only the parsed body is left."""

import hashlib
import hmac
import json


def verify(headers, payload, secrets):
    """Says whether a delivery is genuine; `payload` is what `json.loads` made of the body."""
    given = headers.get("decoda-signature", "").encode()
    body = json.dumps(payload).encode()
    for secret in secrets:
        expected = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest().encode()
        if hmac.compare_digest(expected, given):
            return True
    return False
