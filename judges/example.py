"""Runs the `verify` of a receiver's example against requests.

The example's file is the only argument. Reads a JSON list of `{"headers", "body", "secrets", "now"}`
from stdin and prints a list of verdicts.
"""

import inspect
import json
import runpy
import sys


def arguments(request, wanted):
    """What the example asks for: the body as it was received, or parsed as `payload`."""
    known = {
        "headers": lambda: request["headers"],
        "body": lambda: request["body"].encode(),
        "payload": lambda: json.loads(request["body"]),
        "secrets": lambda: request["secrets"],
        "now": lambda: request["now"],
    }
    return {name: known[name]() for name in wanted}


verify = runpy.run_path(sys.argv[1])["verify"]
wanted = inspect.signature(verify).parameters
verdicts = [verify(**arguments(request, wanted)) for request in json.load(sys.stdin)]
print(json.dumps(verdicts))
