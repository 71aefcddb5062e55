"""The whole life of a webhook subscription of ECG, as its document has it."""

import hashlib
import hmac
import json

from client import OPERATOR_KEY, Receiver, call, organization, until

organization("north")
wanted = {
    "name": "ECG",
    "mode": "live",
    "permissions": ["patients:read", "consultations:read"],
}
keys = "/v1/organizations/north/api-keys"
key = call("POST", keys, wanted, key=OPERATOR_KEY).good(201)["key"]
receiver = Receiver()
ROOT = "/api/organizations/north"
SUBSCRIPTIONS = f"{ROOT}/webhook-subscriptions"
VITALS = "vitals.observations.created"


def ecg(method, path, body=None, status=200):
    """A request; gives the body."""
    answer = call(method, path, body, key=key)
    whole = answer.good(status)
    if status >= 400:
        assert whole["statusCode"] == status and whole["error"], whole
    return whole


def verify(secret, headers, body):
    """X-Webhook-Hash: an HMAC-SHA256 of `createdAt.payload` with the secret key."""
    created_at = headers["X-Webhook-Created-At"]
    signed = f"{created_at}.".encode() + body
    expected = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    assert headers["X-Webhook-Hash"] == expected, (headers["X-Webhook-Hash"], expected)
    payload = json.loads(body)
    assert payload["createdAt"] == int(created_at), payload
    return payload


# health
assert ecg("GET", "/healthcheck")["status"] == "ok"

# create
wanted = {"postUri": receiver.url, "events": [VITALS], "version": "v1", "isDevelopment": False}
made = ecg("POST", SUBSCRIPTIONS, wanted, 201)
secret = made["secretKey"]
assert made["organizationId"] == "north" and made["activeInfo"]["active"] is True
assert [event["code"] for event in made["events"]] == [VITALS]
subscription = f"{SUBSCRIPTIONS}/{made['id']}"
hashes = f"{ROOT}/subscriptions/{made['id']}"

# list and read
listed = call("GET", f"{SUBSCRIPTIONS}?order_by=ASC&skip=0&take=10", key=key)
assert listed.good() == [made] and listed.headers["X-Total-Count"] == "1"
assert ecg("GET", subscription) == made
of_event = ecg("GET", f"/api/webhook-events/{VITALS}/subscriptions")
assert [one["id"] for one in of_event] == [made["id"]]

# change: all or nothing
patch = [
    {"op": "test", "path": "/version", "value": "v1"},
    {"op": "add", "path": "/events/-", "value": "patient.created"},
]
changed = ecg("PATCH", subscription, patch)
assert [event["code"] for event in changed["events"]] == [VITALS, "patient.created"]
refused = [{"op": "remove", "path": "/events/0"}, {"op": "test", "path": "/version", "value": "x"}]
ecg("PATCH", subscription, refused, 409)
refused = ecg("POST", SUBSCRIPTIONS, {"isDevelopment": False, "colour": "red"}, 400)
assert any("colour" in text for text in refused["message"]), refused
unchanged = ecg("GET", subscription)
assert unchanged["events"] == changed["events"]

# make a payload that is delivered, receive and verify it
data = {"vitals": [1.5, {"name": "Zoë"}]}
new = {"eventType": VITALS, "version": "v1", "data": data}
sent = ecg("POST", f"{hashes}/webhooks-payloads?mode=deliver", new, 201)
assert sent["payload"]["data"] == data and sent["createdAt"] == sent["payload"]["createdAt"]
headers, body = receiver.next()
payload = verify(secret, headers, body)
assert payload.keys() == {"eventType", "version", "organizationId", "createdAt", "data"}
assert payload["eventType"] == VITALS and payload["data"] == data
# What was answered before is what came.
assert payload == sent["payload"] and headers["X-Webhook-Hash"] == sent["hash"], (payload, sent)
proof = {"hash": headers["X-Webhook-Hash"], "createdAt": payload["createdAt"]}
for shown in (payload, body.decode()):
    valid = ecg("POST", f"{hashes}/validate-hash", {"payload": shown, **proof})
    assert valid == {"value": True}, shown
forged = {"payload": {**payload, "data": {}}, **proof}
assert ecg("POST", f"{hashes}/validate-hash", forged) == {"value": False}

# replace the secret: what was signed before is still checked with the old one
assert ecg("PUT", f"{subscription}/secrets") == {"value": True}
newer = ecg("GET", f"{subscription}/secrets")["secretKey"]
assert newer != secret
valid = ecg("POST", f"{hashes}/validate-hash", {"payload": payload, **proof})
assert valid == {"value": True}
history = ecg("GET", f"{subscription}/webhook-secret-histories?include=subscription")
assert [one["secretKey"] for one in history] == [secret, newer]

# a failure, and its retry
until(lambda: ecg("GET", f"{subscription}/activity?status=succeeded"))
receiver.status = 500
failing = ecg("POST", f"{hashes}/webhooks-payloads?mode=deliver", new, 201)
verify(newer, *receiver.next())
failed = until(lambda: ecg("GET", f"{subscription}/activity?status=failed&include=event"))[0]
assert failed["id"] == failing["activityId"] and failed["httpStatusCode"] == 500, failed
assert failed["type"] == 0 and failed["event"]["code"] == VITALS
receiver.status = 200
retry = ecg("POST", f"{subscription}/activity/{failed['id']}/retry", status=201)
assert retry["retryingFromPostId"] == failed["id"], retry
verify(newer, *receiver.next())
done = f"{subscription}/activations/{retry['id']}"
until(lambda: ecg("GET", done)["success"])
chain = ecg("GET", f"{subscription}/activity/{failed['id']}?mode=nested")
assert [one["id"] for one in chain["childPostHistory"]] == [retry["id"]], chain
hashed = ecg("GET", f"{hashes}/activity/{retry['id']}/get-hash")
checked = {"payload": ecg("GET", done)["payload"], **hashed}
assert ecg("POST", f"{hashes}/validate-hash", checked) == {"value": True}

# a try of another sender, with its outcome
made_there = {"type": 1, "payload": {}, "rawMessage": {"queue": 7}, "eventId": VITALS, "postedAt": ""}
noted = ecg("POST", f"{subscription}/activity", made_there, 201)
assert noted["type"] == 1 and noted["success"] is None
outcome = {
    "originalActivityId": noted["id"],
    "success": "true",
    "httpStatusCode": "200",
    "error": "",
    "rawResponse": "{vitals:100}",
}
outcomes = f"{subscription}/activity/{noted['id']}/outcomes"
assert ecg("POST", outcomes, outcome, 201)["success"] is True
ecg("POST", outcomes, outcome, 409)

# switches, and the end
for action in ("deactivate", "activate", "archive", "restore"):
    assert ecg("POST", f"{subscription}/{action}") == {"value": True}
assert ecg("DELETE", f"{subscription}/events/patient.created") == {"value": True}
assert ecg("DELETE", subscription) == {"value": True}
ecg("GET", subscription, status=404)
assert ecg("GET", SUBSCRIPTIONS) == []
assert receiver.requests.empty()
