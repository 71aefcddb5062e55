"""The whole life of a webhook of MYCURE, as its guide has it."""

import base64
import hashlib
import hmac
import json

from client import OPERATOR_KEY, Receiver, call, organization, publish, until

key = organization("north")
receiver = Receiver()
SERVICE = "/webhook-events"


def mycure(method, path, body=None, status=200):
    return call(method, path, body, key=key).good(status)


def verify(secret, headers, body):
    """MYCURE's guide has no signature; deliveries have that of Standard Webhooks."""
    signing_key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(signing_key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}", headers["webhook-signature"]
    return json.loads(body)


# create, as the guide's first example
body = {"organization": "north", "active": True, "url": receiver.url, "events": "ping"}
made = mycure("POST", SERVICE, body, 201)
secret = made.pop("secret")
FIELDS = {"id", "organization", "account", "active", "url", "events", "createdAt"}
assert made.keys() == FIELDS, made
assert made["organization"] == "north" and made["active"] is True and made["account"] is None
assert made["events"] == ["ping"] and isinstance(made["createdAt"], int)
webhook = f"{SERVICE}/{made['id']}"

# test, as the guide's second example
ping = mycure("POST", SERVICE, {"webhook": made["id"], "event": "ping"}, 201)
assert ping["webhook"] == made["id"] and ping["event"] == "ping"
headers, body = receiver.next()
assert verify(secret, headers, body) == {"id": ping["id"], "event": "ping"}

# list and read
page = mycure("GET", f"{SERVICE}?organization=north&$limit=5&$skip=0")
assert page == {"total": 1, "limit": 5, "skip": 0, "data": [made]}, page
assert mycure("GET", webhook) == made

# change
changed = mycure("PATCH", webhook, {"events": ["appointments", "medical-patients.updated"]})
assert changed == {**made, "events": ["appointments", "medical-patients.updated"]}
refused = mycure("PATCH", webhook, {"events": "nonsense"}, 400)
assert (refused["name"], refused["className"]) == ("BadRequest", "bad-request"), refused
assert refused["code"] == 400 and "events" in refused["errors"], refused

# receive and verify, by service and by method
for kind, name in [
    ("appointment.cancelled", "appointments.cancelled"),
    ("patient.updated", "medical-patients.updated"),
]:
    document = {"id": "doc_1", "name": "Zoë"}
    published = publish("north", {"type": kind, "data": document})
    assert published["deliveries"] == 1
    headers, body = receiver.next()
    received = verify(secret, headers, body)
    assert received == {"id": published["id"], "event": name, "payload": document}, received
assert publish("north", {"type": "patient.created", "data": {}})["deliveries"] == 0

# only 200 marks a webhook as delivered
deliveries = "/v1/organizations/north/deliveries"


def attempted(event):
    path = f"{deliveries}?event_id={event['id']}"
    found = call("GET", path, key=OPERATOR_KEY).good()["data"][0]
    return found if found["attempt_count"] == 1 else None


receiver.status = 204
published = publish("north", {"type": "appointment.created", "data": {}})
receiver.next()
assert until(lambda: attempted(published))["state"] == "pending"
receiver.status = 200

# an account's webhook gets that account's events alone
mycure("PATCH", webhook, {"account": "acc-1"})
event = {"type": "appointment.updated", "data": {}, "account": "acc-2"}
assert publish("north", event)["deliveries"] == 0
publish("north", {**event, "account": "acc-1"})
headers, body = receiver.next()
assert verify(secret, headers, body)["event"] == "appointments.updated"

# delete: the answer is what was there
removed = mycure("DELETE", webhook)
assert removed == {**changed, "account": "acc-1"}, removed
missing = mycure("GET", webhook, status=404)
assert (missing["name"], missing["className"]) == ("NotFound", "not-found"), missing
assert mycure("GET", SERVICE)["total"] == 0
