"""A mail server that follows a written dialogue: `S:` lines are sent, `C:` lines are what the client is to say.

usage: dialogue_server.py DIALOGUE CERTIFICATE KEY [tls]

`-- TLS handshake --` does what it says, `-- silence --` says nothing until the client goes, `-- close --` hangs up;
`C: (message, dot-stuffed)` is everything up to the line of one dot. With `tls` there is TLS from the first byte.
The client's words are compared by what they mean: parameters of MAIL and RCPT may differ, AUTH PLAIN may give its
response at once or when it is asked for. A client that goes on elsewhere in the dialogue, or says QUIT, may do so.

It takes a free port of 127.0.0.1 and one client, and prints JSON, one object a line: its port, then what it heard.
"""
import base64
import json
import re
import socket
import ssl
import sys


def say(**what):
    print(json.dumps(what), flush=True)


def meaning(line):
    found = re.match(r"(MAIL FROM|RCPT TO):\s*<([^>]*)>", line, re.IGNORECASE)
    if found:
        return (found[1].upper(), found[2].lower())
    verb, _, rest = line.partition(" ")
    if verb.upper() == "AUTH":
        mechanism, _, response = rest.partition(" ")
        return ("AUTH", mechanism.upper(), response)
    return (verb.upper(), rest.lower()) if verb.upper() in ("EHLO", "HELO") else (line,)


class Client:
    def __init__(self, connection, context):
        self.connection, self.context, self.rest = connection, context, b""

    def secure(self):
        self.rest = b""
        self.connection = self.context.wrap_socket(self.connection, server_side=True)

    def send(self, line):
        self.connection.sendall(line.encode() + b"\r\n")

    def receive(self):
        part = self.connection.recv(65536)
        self.rest += part
        return bool(part)

    def line(self):
        while b"\r\n" not in self.rest:
            if not self.receive():
                return None
        line, self.rest = self.rest.split(b"\r\n", 1)
        say(heard=line.decode())
        return line.decode()

    def message(self):
        while b"\r\n.\r\n" not in self.rest:
            if not self.receive():
                return None
        end = self.rest.index(b"\r\n.\r\n") + 5
        message, self.rest = self.rest[:end], self.rest[end:]
        say(message=base64.b64encode(message).decode())
        return message


def follow(steps, client):
    at = 0
    while at < len(steps):
        kind, text = steps[at]
        if kind == "S":
            client.send(text)
        elif kind == "TLS handshake":
            client.secure()
        elif kind == "close":
            return
        elif kind == "silence":
            while client.receive():
                pass
            return
        elif text.startswith("(message"):
            if client.message() is None:
                return
            at += 1  # the line of one dot
        else:
            line = client.line()
            if line is None:
                return
            further = [n for n in range(at, len(steps)) if steps[n][0] == "C" and answers(steps[n][1], line, client)]
            if further:
                at = further[0]
            elif line.upper() == "QUIT":
                client.send("221 2.0.0 Bye")
                return
            else:
                say(unexpected=line)
                client.send("503 5.5.1 not in the dialogue")
                continue
        at += 1


def answers(wanted, line, client):
    wanted, given = meaning(wanted), meaning(line)
    if wanted[0] == "AUTH" and given == (*wanted[:2], "") and wanted[2]:
        client.send("334 ")
        given = (*wanted[:2], client.line())
    return wanted == given


def main():
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(sys.argv[2], sys.argv[3])
    with open(sys.argv[1], newline="") as file:
        steps = [tuple(line.split(": ", 1)) if line[1:3] == ": " else (line.strip("- "), "")
                 for line in file.read().splitlines() if line]
    server = socket.create_server(("127.0.0.1", 0))
    say(port=server.getsockname()[1])
    connection, _ = server.accept()
    say(accepted=True)
    client = Client(connection, context)
    try:
        if sys.argv[4:] == ["tls"]:
            client.secure()
        follow(steps, client)
    except OSError as error:
        say(broken=str(error))
    finally:
        client.connection.close()
    say(end=True)


main()
