"""A new account and a certificate for one name by HTTP-01, beside Debian's lego, at the same Pebble."""
import getpass
import json
import os
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

from .candidates import DEFIMON, ROOT
from .program import Program, free_port, wait_for

PROGRAMS = ("lego", "openssl", "pebble", "pebble-challtestsrv")
HOST = "127.0.0.1"


def is_open(port):
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((HOST, port)) == 0


class Listener(Program):
    """A program that is ready when its port is open: not all speak plain HTTP."""

    def is_ready(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"{self.name} ended at its start:\n{self.log.read_text()[-2000:]}")
        return is_open(self.port)


class Authority:
    """Pebble that waits for nothing and refuses no nonce. It asks for answers at `http`."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.api, self.management, self.names, self.http, self.control = (free_port() for _ in range(5))
        self.directory = f"https://localhost:{self.api}/dir"
        self.ca = folder / "ca.pem"

    def openssl(self, *arguments):
        subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, cwd=self.folder, timeout=60)

    def make_certificates(self):
        key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
        self.openssl("req", "-x509", *key, "-keyout", "ca.key", "-out", self.ca, "-subj", "/CN=API", "-days", 30)
        self.openssl("req", *key, "-keyout", "api.key", "-out", "api.csr", "-subj", "/CN=localhost")
        (self.folder / "api.ext").write_text("subjectAltName=DNS:localhost\n")
        self.openssl("x509", "-req", "-in", "api.csr", "-CA", self.ca, "-CAkey", "ca.key", "-CAcreateserial", "-out",
                     "api.pem", "-days", 30, "-extfile", "api.ext")

    @contextmanager
    def running(self):
        self.make_certificates()
        (self.folder / "pebble.json").write_text(json.dumps({"pebble": {
            "listenAddress": f"{HOST}:{self.api}", "managementListenAddress": f"{HOST}:{self.management}",
            "certificate": str(self.folder / "api.pem"), "privateKey": str(self.folder / "api.key"),
            "httpPort": self.http, "tlsPort": self.http, "ocspResponderURL": "",
            "externalAccountBindingRequired": False}}))
        names = ["pebble-challtestsrv", "-dns01", f"{HOST}:{self.names}", "-http01", "", "-https01", "",
                 "-tlsalpn01", "", "-management", f"{HOST}:{self.control}", "-defaultIPv4", HOST, "-defaultIPv6", ""]
        pebble = ["pebble", "-config", "pebble.json", "-strict", "-dnsserver", f"{HOST}:{self.names}"]
        environment = {"PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": "0", "PEBBLE_AUTHZREUSE": "0"}
        with Listener("names", names, self.folder, self.control), \
                Listener("pebble", pebble, self.folder, self.api, environment):
            yield self


def timed(argv, folder, environment=None):
    """Seconds until the program has ended well."""
    start = time.monotonic()
    outcome = subprocess.run(
        [str(word) for word in argv], capture_output=True, text=True, timeout=120, cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), **(environment or {})})
    took = time.monotonic() - start
    if outcome.returncode != 0:
        raise RuntimeError(f"{argv} ended with {outcome.returncode}: {outcome.stdout[-1000:]}{outcome.stderr[-1000:]}")
    return took


def of_lego(authority, folder, name):
    took = timed(
        ["lego", "--server", authority.directory, "--accept-tos", "--email", "bench@example.org", "--domains", name,
         "--key-type", "ec256", "--http", "--http.port", f"{HOST}:{authority.http}", "--path", folder, "run"],
        folder, {"LEGO_CA_CERTIFICATES": str(authority.ca)})
    check(folder / "certificates" / f"{name}.crt")
    return took


def write_bot(authority, folder, port, name):
    command = folder / "commands/rotate-certs.yaml"
    command.parent.mkdir()
    shutil.copy(ROOT / "commands/rotate-certs.yaml", command)
    # JSON is YAML.
    (folder / "defimon.yaml").write_text(json.dumps({
        "listen": f"{HOST}:{port}", "ledger": str(folder / "defimon.sqlite"),
        "people": {"operator": {"name": "Operator", "roles": ["operator"], "cli": getpass.getuser()}},
        "acme": {"directory": authority.directory, "ca": str(authority.ca), "contact": ["bench@example.org"],
                 "agree_to_terms": True, "http_listen": f"{HOST}:{authority.http}",
                 "resolver": f"{HOST}:{authority.names}"},
        "certificates": {"bench": {"names": [name], "destinations": {"disk": {
            "file": {"certificate": str(folder / "cert.pem"), "key": str(folder / "key.pem")}, "endpoints": []}}}}}))


def of_defimon(authority, folder, name):
    port = free_port()
    write_bot(authority, folder, port, name)
    config = folder / "defimon.yaml"
    with Program("defimon", [DEFIMON, "serve"], folder, port, {"DEFIMON_CONFIG": str(config)}, "/readyz"):
        wait_for(lambda: is_open(authority.http), "the listener for challenges", 30)
        took = timed([DEFIMON, "run", "rotate-certs bench", "--config", config], folder)
    check(folder / "cert.pem")
    return took


def check(file):
    """Nothing is measured of a run that made no certificate."""
    if "BEGIN CERTIFICATE" not in file.read_text():
        raise RuntimeError(f"{file} is no certificate")


def first_certificate(folder, rounds=5):
    """(the bot's seconds, lego's), each of all rounds; each round has a new account and a new name."""
    with Authority(folder).running() as authority:
        measured = []
        for kind, measure in (("defimon", of_defimon), ("lego", of_lego)):
            times = []
            for number in range(rounds):
                work = folder / f"{kind}-{number}"
                work.mkdir()
                times.append(measure(authority, work, f"{kind}-{number}.example.org"))
            measured.append(times)
        return measured
