"""Lets the Python library `standardwebhooks` judge one webhook request.

Reads `{"secret", "headers", "body"}` as JSON from stdin; `body` is the exact text that was sent.
Exit code 0: the library accepts it. 1: the library refuses it, reason on stderr.
2: the question was malformed or the library broke, so there is no verdict.
"""

import json
import sys
import traceback


def main() -> int:
    try:
        # Here, because a missing library would end with code 1, which means "refused".
        from standardwebhooks.webhooks import Webhook, WebhookVerificationError
    except ImportError:
        traceback.print_exc()
        return 2
    try:
        question = json.load(sys.stdin)
        webhook = Webhook(question["secret"])
        # The signature covers the text, whether or not the text is JSON.
        webhook.verify(question["body"], question["headers"], json_parse=False)
    except WebhookVerificationError as refusal:
        print(refusal, file=sys.stderr)
        return 1
    except Exception:
        traceback.print_exc()
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
