#!/usr/bin/env python3
"""Drives the stand-in for a certificate authority with the client library that Certbot uses, acme.

usage: acme_client_test.py DIRECTORY PORT KEY_ID FOLDER

DIRECTORY is the stand-in's; it looks for proofs on PORT of this machine, and it wants an external account: KEY_ID, whose
key (base64url) comes from ACME_EAB_KEY. Chains are left in FOLDER: chain.pem, other.pem.
Exit code 0: all as it should be; 1: not, with a traceback; 2: usage.
"""

import base64
import datetime
import http.server
import json
import os
import pathlib
import sys
import threading

import josepy
from acme import challenges, client, crypto_util, errors, jws, messages
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

PEM = serialization.Encoding.PEM


def new_key():
    return josepy.JWKEC(key=ec.generate_private_key(ec.SECP256R1()))


def pem_of(key):
    return key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())


def refused(code, ask):
    """The request is refused with that type of problem."""
    try:
        ask()
    except messages.Error as error:
        assert error.code == code, error
        return error
    raise AssertionError(f"{code} was expected")


def serve(port, answers):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            text = answers.get((self.headers["Host"], self.path))
            self.send_response(200 if text else 404)
            self.end_headers()
            self.wfile.write((text or "nothing here").encode())

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()


def account(authority, net, key_id, mac):
    asked = messages.NewRegistration.from_data(email="admin@example.com", terms_of_service_agreed=True)
    refused("externalAccountRequired", lambda: authority.new_account(asked))
    wrong = messages.ExternalAccountBinding.from_data(
        account_public_key=net.key.public_key(), kid=key_id, hmac_key=base64.urlsafe_b64encode(b"w" * 32).decode(),
        directory=authority.directory)
    refused("unauthorized", lambda: authority.new_account(asked.update(external_account_binding=wrong)))
    right = messages.ExternalAccountBinding.from_data(
        account_public_key=net.key.public_key(), kid=key_id, hmac_key=mac, directory=authority.directory)
    made = authority.new_account(asked.update(external_account_binding=right))
    assert made.body.status == "valid" and list(made.body.contact) == ["mailto:admin@example.com"], made
    assert authority.query_registration(made).uri == made.uri
    changed = authority.update_registration(made, messages.Registration(contact=("mailto:ops@example.com",)))
    assert list(changed.body.contact) == ["mailto:ops@example.com"], changed
    return made


def change_key(authority, net, url):
    """RFC 8555, section 7.3.5."""
    new = new_key()
    address = authority.directory["keyChange"]
    inner = jws.JWS.sign(
        json.dumps({"account": url, "oldKey": net.key.public_key().to_partial_json()}).encode(),
        alg=josepy.ES256, nonce=None, url=address, key=new)

    class Inner:
        def json_dumps(self, **options):
            return inner.json_dumps(**options)

    answer = authority._post(address, Inner())
    assert answer.status_code == 200, answer.text
    old, net.key = net.key, new
    return old


def issue(authority, net, answers, names, key, profile=None):
    csr = crypto_util.make_csr(pem_of(key), domains=names)
    order = authority.new_order(csr, profile)
    for authorization in order.authorizations:
        name = authorization.body.identifier.value
        found = next(one for one in authorization.body.challenges if isinstance(one.chall, challenges.HTTP01))
        response, text = found.response_and_validation(net.key)
        answers[(name, found.chall.path)] = text
        authority.answer_challenge(found, response)
    deadline = datetime.datetime.now() + datetime.timedelta(seconds=60)
    order = authority.poll_authorizations(order, deadline)
    return authority.finalize_order(order, deadline, fetch_alternative_chains=True)


def main():
    if len(sys.argv) != 5:
        sys.exit(2)
    directory, port, key_id, folder = sys.argv[1], int(sys.argv[2]), sys.argv[3], pathlib.Path(sys.argv[4])
    answers = {}
    serve(port, answers)
    net = client.ClientNetwork(new_key(), alg=josepy.ES256)
    authority = client.ClientV2(client.ClientV2.get_directory(directory, net), net)
    assert authority.external_account_required()
    made = account(authority, net, key_id, os.environ["ACME_EAB_KEY"])
    old = change_key(authority, net, made.uri)
    new, net.key = net.key, old
    refused("malformed", lambda: authority._post_as_get(made.uri))
    net.key = new

    names = ["analytics.example.com", "www.example.com"]
    key = rsa.generate_private_key(65537, 2048)
    order = issue(authority, net, answers, names, key, "shortlived")
    (folder / "chain.pem").write_text(order.fullchain_pem)
    (folder / "other.pem").write_text(order.alternative_fullchains_pem[0])
    leaf = x509.load_pem_x509_certificate(order.fullchain_pem.encode())
    found = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert found.get_values_for_type(x509.DNSName) == names, found
    assert leaf.public_key() == key.public_key()
    assert (leaf.not_valid_after_utc - leaf.not_valid_before_utc).days in (5, 6)
    when, _ = authority.renewal_time(order.fullchain_pem.encode())
    assert leaf.not_valid_before_utc < when < leaf.not_valid_after_utc, when

    listed = authority._post_as_get(authority._post_as_get(made.uri).json()["orders"]).json()
    assert listed["orders"] == [order.uri], listed
    authority.revoke(leaf, 4)
    refused("alreadyRevoked", lambda: authority.revoke(leaf, 4))
    when, _ = authority.renewal_time(order.fullchain_pem.encode())
    assert when < datetime.datetime.now(datetime.timezone.utc), when

    # By the certificate's own key (section 7.6).
    own = ec.generate_private_key(ec.SECP256R1())
    order = issue(authority, net, answers, names[:1], own)
    gone = authority.deactivate_authorization(order.authorizations[0])
    assert gone.body.status.to_partial_json() == "deactivated", gone
    leaf = x509.load_pem_x509_certificate(order.fullchain_pem.encode())
    other = client.ClientNetwork(josepy.JWKEC(key=own), alg=josepy.ES256)
    client.ClientV2(authority.directory, other).revoke(leaf, 1)

    # What is refused at finalization: the account's own key, and other names.
    refused("badCSR", lambda: issue(authority, net, answers, names[:1], net.key.key._wrapped))
    try:
        answers.clear()
        order = authority.new_order(crypto_util.make_csr(pem_of(own), domains=names[:1]))
        authority.answer_challenge(
            next(one for one in order.authorizations[0].body.challenges if isinstance(one.chall, challenges.HTTP01)),
            challenges.HTTP01Response())
        authority.poll_authorizations(order, datetime.datetime.now() + datetime.timedelta(seconds=60))
        raise AssertionError("the proof is not there")
    except errors.ValidationError as error:
        assert "unauthorized" in str(error.failed_authzrs), error.failed_authzrs
    assert authority.deactivate_registration(made).body.status == "deactivated"


if __name__ == "__main__":
    main()
