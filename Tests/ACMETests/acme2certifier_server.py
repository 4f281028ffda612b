"""acme2certifier on a free port of 127.0.0.1, with a CA made for this run. It checks no challenge.

usage: acme2certifier_server.py FOLDER
"""
import datetime
import importlib
import os
import sys
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

SETTINGS = """
[DEFAULT]
debug: False
[CAhandler]
handler_module: acme2certifier.cahandlers.openssl_ca_handler
issuing_ca_key: {folder}/ca.key
issuing_ca_cert: {folder}/ca.pem
issuing_ca_crl: {folder}/ca.crl
cert_save_path: {folder}/issued
cert_validity_days: 30
ca_cert_chain_list: ["{folder}/ca.pem"]
[DBhandler]
dbfile: {folder}/acme.db
[Challenge]
challenge_validation_disable: True
"""


def make_authority(folder):
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Renewal CA")])
    now = datetime.datetime.now(datetime.timezone.utc)
    end = now + datetime.timedelta(days=365)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(end).add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256()))
    revoked = (
        x509.CertificateRevocationListBuilder().issuer_name(name).last_update(now).next_update(end)
        .sign(key, hashes.SHA256()))
    pem = serialization.Encoding.PEM
    (folder / "ca.key").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    (folder / "ca.pem").write_bytes(certificate.public_bytes(pem))
    (folder / "ca.crl").write_bytes(revoked.public_bytes(pem))


def application(folder):
    (folder / "issued").mkdir()
    (folder / "acme_srv.cfg").write_text(SETTINGS.format(folder=folder))
    os.environ["ACME_SRV_CONFIGFILE"] = str(folder / "acme_srv.cfg")
    os.environ["ACME2CERTIFIER_I_KNOW_THE_RISK"] = "1"  # without it challenges are checked, at ports of their own
    return importlib.import_module("acme2certifier.share.acme2certifier_wsgi").application


def main():
    folder = Path(sys.argv[1])
    make_authority(folder)
    server = make_server("127.0.0.1", 0, application(folder), handler_class=WSGIRequestHandler)
    print(f"http://127.0.0.1:{server.server_port}/directory", flush=True)
    server.serve_forever()


main()
