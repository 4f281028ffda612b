"""A mail server for tests, of aiosmtpd, and a reader of messages, of Python's own email package.

usage: mail_server.py serve OPTIONS   OPTIONS is a JSON object, see serve()
       mail_server.py parse FILE      prints the message of FILE as JSON

The server takes a free port of 127.0.0.1. It prints JSON, one object a line: first its port, then what happens.
"""
import asyncio
import base64
import email
import email.policy
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult


def say(**what):
    print(json.dumps(what), flush=True)


def parsed(raw):
    message = email.message_from_bytes(raw, policy=email.policy.default)
    parts = [
        {
            "content_type": part.get_content_type(),
            "charset": part.get_content_charset(),
            "transfer_encoding": part["Content-Transfer-Encoding"],
            "decoded": part.get_payload(decode=True).decode(part.get_content_charset("ascii")),
        }
        for part in message.walk()
        if not part.is_multipart()
    ]
    defects = [repr(defect) for part in message.walk() for defect in part.defects]
    defects += [f"{name}: {defect!r}" for name, value in message.items() for defect in value.defects]
    return {
        "headers": {name: str(value) for name, value in message.items()},
        "header_count": len(message.items()),
        "content_type": message.get_content_type(),
        "parts": parts,
        "defects": defects,
        "longest_line": max(len(line) for line in raw.split(b"\r\n")),
        "is_ascii": raw.isascii(),
        "raw": base64.b64encode(raw).decode(),
    }


class Handler:
    def __init__(self, options):
        self.options = options

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        say(ehlo=hostname, tls=session.ssl is not None)
        return responses

    async def handle_RCPT(self, server, session, envelope, address, options):
        reply = self.options.get("replies", {}).get(address, "250 2.1.5 Ok")
        if reply.startswith("2"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, server, session, envelope):
        say(mail=parsed(envelope.original_content), sender=envelope.mail_from, recipients=envelope.rcpt_tos)
        return self.options.get("reply", "250 2.0.0 Ok: queued as 4QABCD")


async def serve(options):
    """certificate, key: files of PEM; security: starttls, tls or none; user, password: asked for when they are there;
    without: AUTH mechanisms that are not offered; replies: recipient to reply; reply: to the whole mail."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(options["certificate"], options["key"])
    security = options["security"]

    def authenticator(server, session, envelope, mechanism, data):
        is_right = data.login.decode() == options["user"] and data.password.decode() == options["password"]
        say(auth=mechanism, right=is_right)
        # handled=False: the server itself says 535.
        return AuthResult(success=is_right, handled=False)

    def server():
        return SMTP(
            Handler(options),
            hostname="mail.example.com",
            enable_SMTPUTF8=True,
            tls_context=context if security == "starttls" else None,
            require_starttls=security == "starttls",
            auth_require_tls=security == "starttls",
            auth_required="user" in options,
            authenticator=authenticator if "user" in options else None,
            auth_exclude_mechanism=options.get("without", []),
        )

    running = await asyncio.get_running_loop().create_server(
        server, "127.0.0.1", 0, ssl=context if security == "tls" else None
    )
    say(port=running.sockets[0].getsockname()[1])
    await running.serve_forever()


if __name__ == "__main__":
    if sys.argv[1] == "parse":
        with open(sys.argv[2], "rb") as file:
            say(**parsed(file.read()))
    else:
        asyncio.run(serve(json.loads(sys.argv[2])))
