"""The whole life of a webhook endpoint of Jump, as its reference and its guide have it."""

import hashlib
import hmac
import json
import time

from client import OPERATOR_KEY, Receiver, call, organization, publish, until

key = organization("north")
receiver = Receiver()
WEBHOOKS = "/api-v1/webhooks"


def jump(method, path, body=None, status=200):
    """A request; gives `data` and `meta` of the envelope."""
    answer = call(method, path, body, key=key)
    whole = answer.good(status)
    assert answer.headers["X-Request-Id"] == whole["meta"]["request_id"], whole
    assert whole["meta"]["request_id"].startswith("req_"), whole
    assert answer.headers["X-RateLimit-Limit"] == "1000"
    assert int(answer.headers["X-RateLimit-Remaining"]) <= 1000
    if status >= 400:
        assert whole["data"] is None, whole
        return whole["error"]
    assert "error" not in whole, whole
    return whole["data"], whole["meta"]


def verify(secret, headers, body):
    """X-Webhook-Signature: an HMAC-SHA256 of `timestamp.payload` with the signing secret."""
    timestamp = headers["X-Webhook-Timestamp"]
    assert abs(time.time() - int(timestamp)) < 300
    signed = f"{timestamp}.".encode() + body
    expected = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    assert headers["X-Webhook-Signature"] == expected, (headers["X-Webhook-Signature"], expected)
    return json.loads(body)


# create: the secret is shown this once
wanted = {"url": receiver.url, "events": ["appointment.created"], "name": "Booking Sync"}
made, _ = jump("POST", WEBHOOKS, wanted, 201)
secret = made.pop("secret")
assert secret.startswith("whsec_")
FIELDS = {"id", "name", "url", "events", "is_active", "created_at", "updated_at"}
assert made.keys() == FIELDS, made
assert {name: made[name] for name in wanted} == wanted and made["is_active"] is True
webhook = f"{WEBHOOKS}/{made['id']}"

# list and read
listed, meta = jump("GET", f"{WEBHOOKS}?limit=1&offset=0")
assert listed == [made]
assert (meta["limit"], meta["next_offset"], meta["has_more"]) == (1, None, False)
assert jump("GET", webhook)[0] == made

# change
events = ["appointment.created", "appointment.cancelled", "patient.updated"]
changed, _ = jump("PATCH", webhook, {"events": events})
assert changed["events"] == events and changed["name"] == "Booking Sync"
refused = jump("PATCH", webhook, {"events": ["location.updated"]}, 403)
assert refused["code"] == "FORBIDDEN" and "locations:read" in refused["message"]
refused = jump("PATCH", webhook, {"colour": "red"}, 400)
assert refused["code"] == "VALIDATION_ERROR" and "colour" in refused["message"]

# test
sent, _ = jump("POST", f"{webhook}/test")
assert sent["status"] == "queued" and sent["endpoint_id"] == made["id"]
headers, body = receiver.next()
ping = verify(secret, headers, body)
assert ping["type"] == "test.ping" and ping["id"] == sent["event_id"]

# receive and verify
patient = {"id": "pat_1", "name": "Zoë", "fee": 1.5}
event = {"type": "patient.updated", "data": patient, "previous": {"name": "Zoe"}}
published = publish("north", event)
headers, body = receiver.next()
received = verify(secret, headers, body)
assert headers["X-Webhook-Id"] == published["id"] == received["id"]
assert received.keys() == {"id", "type", "created_at", "organization_id", "data"}
assert received["type"] == "patient.updated" and received["organization_id"] == "north"
assert received["data"] == {"object": patient, "previous": {"name": "Zoe"}}

# a paused one gets nothing
deliveries = "/v1/organizations/north/deliveries"


def native(path):
    return call("GET", path, key=OPERATOR_KEY).good()["data"]


until(lambda: all(one["state"] == "delivered" for one in native(deliveries)))
jump("PATCH", webhook, {"is_active": False})
refused = jump("POST", f"{webhook}/test", status=409)
assert refused["code"] == "CONFLICT", refused
owed = publish("north", {"type": "appointment.created", "data": {"id": "apt_1"}})
assert owed["deliveries"] == 1

# delete: what is pending fails
gone, _ = jump("DELETE", webhook)
assert gone == {"id": made["id"], "deleted": True}
assert jump("GET", webhook, status=404)["code"] == "NOT_FOUND"
assert jump("GET", WEBHOOKS)[0] == []
failed = native(f"{deliveries}?event_id={owed['id']}")[0]
assert (failed["state"], failed["reason"]) == ("failed", "endpoint_deleted"), failed
assert receiver.requests.empty()
