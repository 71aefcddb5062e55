"""The whole life of an endpoint of the native API."""

import base64
import hashlib
import hmac
import json

from client import OPERATOR_KEY, Receiver, call, organization, publish, until

organization("north")
receiver = Receiver()
ENDPOINTS = "/v1/organizations/north/endpoints"


def native(method, path, body=None):
    return call(method, path, body, key=OPERATOR_KEY)


def verify(secret, headers, body):
    """Standard Webhooks, as its specification tells receivers to."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    given = [part.split(",", 1)[1] for part in headers["webhook-signature"].split(" ")]
    assert any(hmac.compare_digest(expected, one) for one in given), (expected, given)


# create
made = native("POST", ENDPOINTS, {"url": receiver.url, "events": ["patient.*"]}).good(201)
endpoint = f"{ENDPOINTS}/{made['id']}"
assert made["secret"].startswith("whsec_")

# list and read
listed = native("GET", ENDPOINTS).good()["data"]
assert [one["id"] for one in listed] == [made["id"]]
shown = native("GET", endpoint).good()
assert "secret" not in shown and shown["events"] == ["patient.*"]

# change
changed = native("PATCH", endpoint, {"events": ["patient.*", "appointment.cancelled"], "name": "Desk"}).good()
assert changed["name"] == "Desk" and len(changed["events"]) == 2

# test
sent = native("POST", f"{endpoint}/test", {}).good(202)
headers, body = receiver.next()
verify(made["secret"], headers, body)
assert headers["webhook-id"] == sent["event_id"]
assert json.loads(body)["type"] == "test.ping"

# receive and verify
published = publish("north", {"type": "appointment.cancelled", "data": {"id": "apt_1", "name": "Zoë"}})
headers, body = receiver.next()
verify(made["secret"], headers, body)
event = json.loads(body)
assert event["type"] == "appointment.cancelled" and event["data"]["name"] == "Zoë"
assert headers["webhook-id"] == published["id"]
deliveries = f"/v1/organizations/north/deliveries?event_id={published['id']}"
until(lambda: native("GET", deliveries).good()["data"][0]["state"] == "delivered")

# delete
native("DELETE", endpoint).good(204)
assert native("GET", endpoint).status == 404
assert publish("north", {"type": "patient.created", "data": {}})["deliveries"] == 0
