"""A mail server (aiosmtpd) that tells what it took, and refuses or hangs as it is asked.

Usage: mail_server.py [--port N] [--tls implicit|starttls PEM] [--user U --password P]

Prints one JSON object a line: `{"listening": port}` first, then `{"mail": {…}}` for each mail that
it took and `{"refused": command}` for each refusal. Who the mail is for decides what happens:
`refused@…` is refused for good, `later@…` for now, `junk@…` when its content has been sent, and
for `slow@…` there is no answer at all. `closing@…` makes it close down. Ends when stdin is closed.
"""

import argparse
import asyncio
import email
import email.policy
import json
import logging
import os
import ssl
import sys
import threading
import warnings

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword


def say(line: dict) -> None:
    print(json.dumps(line), flush=True)


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):
        answer = {
            "refused": "550 5.1.1 no such mailbox",
            "later": "451 4.3.0 try again later",
            "closing": "421 4.3.2 closing down",
        }.get(address.split("@")[0])
        if address.startswith("slow@"):
            say({"refused": "silently"})
            await asyncio.Event().wait()
        if answer is not None:
            say({"refused": f"RCPT {answer}"})
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if any(address.startswith("junk@") for address in envelope.rcpt_tos):
            answer = "554 5.7.0 this looks like junk"
            say({"refused": f"DATA {answer}"})
            return answer
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        part = {kind: message.get_body((kind,)) for kind in ("plain", "html")}
        say({"mail": {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "encrypted": server.transport.get_extra_info("sslcontext") is not None,
            "signed_in": session.authenticated,
            "content_type": message.get_content_type(),
            "defects": [str(defect) for defect in message.defects],
            "headers": [[name, str(value)] for name, value in message.items()],
            "text": part["plain"].get_content() if part["plain"] else None,
            "html": part["html"].get_content() if part["html"] else None,
            "raw": envelope.content.decode("ascii"),
        }})
        return "250 OK"


def options(arguments: argparse.Namespace) -> tuple[dict, ssl.SSLContext | None]:
    known: dict = {}
    if arguments.user is not None:
        def check(server, session, envelope, mechanism, data):
            right = isinstance(data, LoginPassword) and data == LoginPassword(
                arguments.user.encode(), arguments.password.encode()
            )
            if not right:
                say({"refused": "AUTH"})
            return AuthResult(success=right, handled=False)

        known |= {"authenticator": check, "auth_required": True, "auth_require_tls": False}
    if arguments.tls is None:
        return known, None
    kind, identity = arguments.tls
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(identity)
    if kind == "implicit":
        return known, context
    return known | {"tls_context": context, "require_starttls": True}, None


async def serve(arguments: argparse.Namespace) -> None:
    known, context = options(arguments)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: SMTP(Handler(), hostname="mail.test", loop=loop, **known),
        "127.0.0.1", arguments.port, ssl=context, reuse_address=True,
    )
    say({"listening": server.sockets[0].getsockname()[1]})
    await server.serve_forever()


def end_with_stdin() -> None:
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    # A sign-in without encryption is what some tests are about.
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--tls", nargs=2)
    parser.add_argument("--user")
    parser.add_argument("--password")
    threading.Thread(target=end_with_stdin, daemon=True).start()
    asyncio.run(serve(parser.parse_args()))
