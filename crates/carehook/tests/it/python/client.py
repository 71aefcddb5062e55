"""What the clients of all dialects need: requests, and a receiver. Python's standard library only."""

import json
import os
import queue
import threading
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

URL = os.environ["CAREHOOK_URL"]
OPERATOR_KEY = os.environ["CAREHOOK_KEY"]
PATIENCE = 20  # seconds; nothing on the loopback takes longer unless it is lost


class Answer:
    """What the server said: status, headers, and the body as text and as JSON."""

    def __init__(self, status, headers, text):
        self.status = status
        self.headers = headers
        self.text = text
        self.json = json.loads(text) if text else None

    def good(self, status=200):
        assert self.status == status, f"{self.status} instead of {status}: {self.text}"
        return self.json


def call(method, path, body=None, headers=None, key=None):
    """One request; an answer that is not a success is an answer too."""
    request = urllib.request.Request(URL + path, method=method)
    if key is not None:
        request.add_header("Authorization", f"Bearer {key}")
    for name, value in (headers or {}).items():
        request.add_header(name, value)
    if body is not None:
        request.add_header("Content-Type", "application/json")
        request.data = json.dumps(body).encode()
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return Answer(answer.status, answer.headers, answer.read().decode())
    except urllib.error.HTTPError as refusal:
        return Answer(refusal.code, refusal.headers, refusal.read().decode())


def organization(name):
    """Makes an organization and a key of it that may do everything the dialects ask for."""
    call("POST", "/v1/organizations", {"id": name, "name": name}, key=OPERATOR_KEY).good(201)
    made = call(
        "POST",
        f"/v1/organizations/{name}/api-keys",
        {
            "name": "integration",
            "mode": "live",
            "permissions": ["patients:read", "appointments:read", "documents:read"],
        },
        key=OPERATOR_KEY,
    )
    return made.good(201)["key"]


def publish(name, event):
    """Publishes an event as the product does."""
    path = f"/v1/organizations/{name}/events"
    return call("POST", path, event, key=OPERATOR_KEY).good(202)


class Receiver:
    """A web server that keeps what it gets and answers as it is told."""

    def __init__(self, status=200):
        self.status = status
        self.requests = queue.Queue()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                self.send_response(receiver.status)
                self.send_header("content-length", "0")
                self.end_headers()
                receiver.requests.put((self.headers, body))

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def next(self):
        """The next request: headers and the body as it came."""
        return self.requests.get(timeout=PATIENCE)


def until(condition):
    """Asks again until the answer is true: what was delivered is recorded a moment later."""
    import time

    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError("it did not come to be")
