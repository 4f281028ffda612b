"""A deploy with nothing to do at a Google Cloud that answers late: a sandbox's, which is a process of its own."""
import getpass
import json
import os
import re
import shutil
import statistics
import subprocess
import time
import urllib.request
from pathlib import Path

from .candidates import DEFIMON, ROOT
from .program import Program, free_port, wait_for

DELAY = 50  # milliseconds
POOL = "deploy/infrastructure-pool"
VALUES = {"network": "bench", "subnetwork": "bench-nodes", "range": "10.10.0.0/20", "pod_range": "10.20.0.0/14",
          "service_range": "10.30.0.0/20", "cluster": "bench", "location": "europe-west3",
          "machine_type": "n2-highmem-8", "disk_size": "2TiB"}


class Cloud:
    """A Google Cloud, and a bot whose command makes the infrastructure pool's things there."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.sandbox = folder / "sandbox"
        self.bot = folder / "bot"
        self.port = free_port()

    def google_of(self):
        settings = self.sandbox / "defimon.yaml"
        found = re.search(r'compute: "(http://[^"]+)"', settings.read_text()) if settings.exists() else None
        return found and found[1]

    def write_bot(self):
        files = [f"{POOL}/deployment/google-{part}.yaml" for part in ("network", "cluster", "instances")]
        shutil.copytree(ROOT / POOL, self.bot / POOL)
        for name, value in {
            "defimon.yaml": {
                "listen": f"127.0.0.1:{self.port}", "ledger": str(self.bot / "defimon.sqlite"),
                "people": {"operator": {"name": "Operator", "roles": ["operator"], "cli": getpass.getuser()}},
                "google_cloud": {
                    "project": "defimon-sandbox", "region": "europe-west3", "zone": "europe-west3-a",
                    "credentials": {"metadata": True},
                    "endpoints": {name: self.google for name in ("compute", "container", "metadata")}}},
            "commands/things.yaml": {
                "command": "things", "summary": "Make the pool's things", "timeout": "10m", "arguments": {}, "roles": [],
                "steps": [{"uses": "gcp.ensure", "with": {"files": files, "values": VALUES}, "timeout": "9m"}]},
        }.items():
            file = self.bot / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(value))

    def ask(self, path, body=None, method=None, headers=None):
        request = urllib.request.Request(
            self.google + path, json.dumps(body).encode() if body is not None else None,
            {"Content-Type": "application/json", **(headers or {})}, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.loads(answer.read() or b"null")

    def deploy(self):
        """Seconds."""
        start = time.monotonic()
        subprocess.run([str(DEFIMON), "run", "things", "--config", str(self.bot / "defimon.yaml")], check=True,
                       capture_output=True, timeout=300, env={"PATH": os.environ["PATH"]})
        return time.monotonic() - start

    def one_read(self):
        """Seconds of one read at the same delay."""
        token = self.ask("/computeMetadata/v1/instance/service-accounts/default/token",
                         headers={"Metadata-Flavor": "Google"})["access_token"]
        path = f"/compute/v1/projects/defimon-sandbox/global/networks/{VALUES['network']}"
        times = []
        for _ in range(5):
            start = time.monotonic()
            self.ask(path, headers={"Authorization": f"Bearer {token}"})
            times.append(time.monotonic() - start)
        return statistics.median(times)


def nothing_to_do(folder, rounds=3):
    """(seconds of a deploy with nothing to do, the best of the rounds; its reads; the sum of as many reads one after the
    other, in seconds)."""
    cloud = Cloud(folder)
    page = free_port()
    with Program("sandbox", [DEFIMON, "sandbox", "--port", page, "--folder", cloud.sandbox, "--root", ROOT], folder,
                 page):
        cloud.google = wait_for(cloud.google_of, "the sandbox's settings", 60)
        cloud.write_bot()
        with Program("defimon", [DEFIMON, "serve"], cloud.bot, cloud.port,
                     {"DEFIMON_CONFIG": str(cloud.bot / "defimon.yaml")}, "/readyz"):
            cloud.deploy()  # makes everything
            cloud.ask("/_sandbox/failures", {"delay": DELAY}, "PATCH")
            times = []
            for _ in range(rounds):
                cloud.ask("/_sandbox/requests", method="DELETE")
                times.append(cloud.deploy())
                # Each is a method and the status of its answer.
                asked = [line.split()[0] for line in cloud.ask("/_sandbox/requests")]
                reads = [name for name in asked if name.startswith(("compute.", "container."))]
                # The members of a group are asked for by POST, and read all the same.
                if any(not name.endswith((".get", ".list", ".listInstances")) for name in reads):
                    raise RuntimeError(f"a deploy with nothing to do asked for {reads}")
            return min(times), len(reads), len(reads) * cloud.one_read()
