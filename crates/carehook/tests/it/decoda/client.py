"""The whole life of a Decoda webhook, with Python's standard library alone.

`CAREHOOK_URL` is the server, `CAREHOOK_KEY` the operator's key. Ends with 0 when everything is as
the vendor's documentation says, else with a traceback.
"""

import base64
import hashlib
import hmac
import http.server
import json
import os
import queue
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

BASE, OPERATOR_KEY = os.environ["CAREHOOK_URL"], os.environ["CAREHOOK_KEY"]
PATIENCE = 30

# Numbers and texts that Python prints differently from how they were spelled.
DATA = (
    '{"id":"a-1","numbers":[1e5,1E-7,-0.0,1.10,5e-324,1e16,1.0,0.1,-1,'
    "123456789012345678901234567890],"
    '"name":"Zo\u00eb \U0001f600 \u65e5\u672c","escaped":"\\u00e9\\ud83d\\ude00\\/\\n\\"\\u0007",'
    '"line":"\u2028","z":null,"a":{"b":[[],{}],"a":true},"<&>":"\u007f"}'
)


def request(method, path, headers, body=None):
    """Sends a request; gives the status and the parsed answer."""
    if body is not None:
        headers = {**headers, "Content-Type": "application/json"}
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
    call = urllib.request.Request(BASE + path, data=body, headers=headers, method=method)
    try:
        with urllib.request.urlopen(call, timeout=PATIENCE) as answer:
            status, text = answer.status, answer.read()
    except urllib.error.HTTPError as error:
        status, text = error.code, error.read()
    return status, json.loads(text) if text else None


def native(method, path, body=None):
    """Calls the native API, as the operator does."""
    headers = {"Authorization": "Bearer " + OPERATOR_KEY}
    status, answer = request(method, "/v1/organizations" + path, headers, body)
    assert 200 <= status < 300, (path, status, answer)
    return answer


def same(found, expected):
    assert found == expected, f"{found!r} is not {expected!r}"


class Receiver(http.server.BaseHTTPRequestHandler):
    """Answers with the statuses that it is given, and hands on what it gets."""

    statuses = queue.Queue()
    requests = queue.Queue()

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(Receiver.statuses.get(timeout=PATIENCE))
        self.send_header("Content-Length", "0")
        self.end_headers()
        Receiver.requests.put((self.headers, body))

    def log_message(self, *_):
        pass


def verify_as_the_vendor_does(secret, headers, body):
    """The vendor's sample: parse, print again, sign, compare."""
    payload = json.loads(body)
    signed = hmac.new(secret.encode(), json.dumps(payload).encode(), hashlib.sha256)
    assert hmac.compare_digest(signed.hexdigest(), headers["Decoda-Signature"])
    return payload


def verify_bytes(secret, headers, body):
    """The same over the bytes as they came, and Standard Webhooks."""
    signed = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    assert hmac.compare_digest(signed, headers["Decoda-Signature"])
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    standard = base64.b64encode(hmac.digest(secret.encode(), content, "sha256")).decode()
    assert f"v1,{standard}" in headers["webhook-signature"].split(" ")
    assert abs(time.time() - int(headers["webhook-timestamp"])) < PATIENCE


class Client:
    """A client of the Decoda API."""

    def __init__(self, tenant, key):
        self.headers = {"TENANT": tenant, "API-KEY": key}

    def ask(self, method, path, body=None, expected=200):
        status, answer = request(method, "/v1/webhook" + path, self.headers, body)
        assert status == expected, (method, path, status, answer)
        return answer

    def attempts(self, webhook, **filters):
        query = urllib.parse.urlencode(filters)
        return self.ask("GET", f"/{webhook}/delivery-attempts/list?{query}")

    def attempted(self, webhook, status, delivered):
        """Waits until the last attempt is recorded: a moment after it was answered."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            found = self.attempts(
                webhook, last_delivery_attempt_status=status, is_delivered=str(delivered).lower()
            )
            if found:
                (attempt,) = found
                return attempt
        raise AssertionError(f"no attempt with {status}: {self.attempts(webhook)}")


def make_a_webhook(client, url):
    made = client.ask(
        "POST",
        "/create",
        {
            "notificationEmail": "it@northside.example",
            "subscriptions": ["APPOINTMENT_CANCELLED", "CALL_RECIEVED"],
            "url": url,
        },
    )
    same(
        sorted(made),
        ["createdDate", "id", "notificationEmail", "secret", "subscriptions", "updatedDate", "url"],
    )
    same(made["subscriptions"], ["APPOINTMENT_CANCELLED", "CALL_RECIEVED"])
    same(made["updatedDate"], None)
    secret = made.pop("secret")
    same((len(secret), set(secret) <= set("0123456789abcdef")), (32, True))
    same(client.ask("GET", "/list"), [made])
    same(client.ask("GET", "/" + made["id"]), made)
    return made, secret


def change_it(client, webhook, url):
    patch = {"notificationEmail": None, "subscriptions": ["APPOINTMENT_CANCELLED"], "url": url}
    changed = client.ask("PATCH", "/" + webhook["id"], patch)
    assert changed["updatedDate"] is not None
    same(changed, {**webhook, **patch, "updatedDate": changed["updatedDate"]})
    same(client.ask("GET", "/" + webhook["id"]), changed)
    refused = client.ask("PATCH", "/" + webhook["id"], {"url": "ftp://x"}, expected=422)
    same(refused["detail"][0]["loc"], ["body", "url"])
    same(client.ask("GET", "/" + webhook["id"]), changed)


def receive(secret, event):
    """Takes what the receiver has got, and verifies it in both ways."""
    headers, body = Receiver.requests.get(timeout=PATIENCE)
    payload = verify_as_the_vendor_does(secret, headers, body)
    verify_bytes(secret, headers, body)
    same(list(payload), ["id", "type", "data", "createdDate", "alertId"])
    same((payload["id"], headers["webhook-id"]), (event, event))
    same((payload["type"], payload["alertId"]), ("APPOINTMENT_CANCELLED", None))
    same(json.dumps(payload["data"]), json.dumps(json.loads(DATA)))
    return payload


def deliver(client, webhook, secret):
    """An event whose receiver fails twice before it takes it."""
    event = f'{{"type":"appointment.cancelled","data":{DATA}}}'.encode()
    event = native("POST", "/northside/events", event)["id"]
    Receiver.statuses.put(500)
    first = receive(secret, event)
    attempt = client.attempted(webhook, 500, False)
    same((attempt["id"], attempt["type"]), (event, "APPOINTMENT_CANCELLED"))
    same(attempt["createdDate"], first["createdDate"])
    same((attempt["data"], attempt["deliveredDate"]), (first["data"], None))
    assert attempt["lastDeliveryAttemptDate"] is not None
    assert attempt["lastDeliveryAttemptError"]

    # 201 is no success here.
    Receiver.statuses.put(201)
    sent = client.ask("GET", f"/events/{event}/send?notify_failure=false")
    same((sent["id"], sent["deliveredDate"]), (event, None))
    same(receive(secret, event), first)
    attempt = client.attempted(webhook, 201, False)
    same(client.ask("GET", "/events/" + event), attempt)

    Receiver.statuses.put(200)
    client.ask("GET", f"/events/{event}/send")
    same(receive(secret, event), first)
    attempt = client.attempted(webhook, 200, True)
    assert attempt["deliveredDate"] is not None
    same(attempt["lastDeliveryAttemptError"], None)
    same(client.attempts(webhook, event_type="APPOINTMENT_CANCELLED"), [attempt])
    same(client.attempts(webhook, event_type="CALL_RECIEVED"), [])


def delete_it(client, webhook):
    client.ask("DELETE", "/" + webhook)
    same(client.ask("GET", "/list"), [])
    same(client.ask("GET", "/" + webhook, expected=404), {"detail": "Webhook not found"})


def main():
    native("POST", "", {"id": "northside", "name": "Northside Clinic"})
    scopes = ["read", "read:payload", "manage"]
    new_key = {"name": "Decoda client", "mode": "live", "scopes": scopes}
    key = native("POST", "/northside/api-keys", new_key)["key"]
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"

    client = Client("northside", key)
    webhook, secret = make_a_webhook(client, url + "/first")
    change_it(client, webhook, url + "/hook")
    deliver(client, webhook["id"], secret)
    delete_it(client, webhook["id"])
    Client("southside", key).ask("GET", "/list", expected=403)
    Client("northside", "wrong").ask("GET", "/list", expected=401)
    assert Receiver.requests.empty()


main()
