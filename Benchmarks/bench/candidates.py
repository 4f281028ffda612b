"""What is compared: each starts its program on an empty folder."""
import json
import time
from pathlib import Path

from .program import Program, free_port
from .push import REPOSITORY, SECRET

ROOT = Path(__file__).resolve().parents[2]
DEFIMON = ROOT / ".build/release/defimon"
FLOOR = ROOT / "Benchmarks/.build/release/floor"
SLACK_SECRET = "a signing secret of the benchmarks"


class Bot:
    """Defimon. Its one rule asks for the command `look` when the repository is the one of the pushes, and so for all
    of them or, with another name, for none."""

    name, path = "defimon", "/webhooks/github"

    def __init__(self, matches=False, look_url="http://127.0.0.1:9/", limits=None, slack_api=None):
        self.matches, self.look_url = matches, look_url
        self.limits = limits or {}
        self.slack_api = slack_api
        self.port = free_port()

    def start(self, folder: Path):
        """Starts it on what is in the folder already, or on nothing."""
        self.folder = folder
        self.ledger = folder / "defimon.sqlite"
        settings = {
            "listen": f"127.0.0.1:{self.port}", "ledger": str(self.ledger), "limits": self.limits,
            # Nothing is asked of GitHub here; without a token the settings are not complete.
            "github": {"webhook_secrets": [{"env": "BENCH_SECRET"}], "token": {"env": "BENCH_TOKEN"},
                       "api_url": "http://127.0.0.1:9"},
        }
        if self.slack_api:
            settings["people"] = {"ada": {"name": "Ada", "roles": ["operator"], "slack": "W111"}}
            settings["slack"] = {"signing_secrets": [{"env": "BENCH_SLACK_SECRET"}], "api_url": self.slack_api,
                                 "bot_token": {"env": "BENCH_SLACK_TOKEN"}}
        command = {
            "command": "look", "summary": "Look at the stand-in", "timeout": "2h", "start_within": "24h",
            "arguments": {"commit": {"type": "text", "pattern": "[0-9a-f]{40}"}},
            "steps": [{"uses": "http.check", "with": {"url": self.look_url, "within": "1h"}}],
        }
        rule = {
            "rule": "look-on-push", "run": "look", "with": {"commit": "{{commit}}"},
            "match": ["kind = push", "repository = " + (REPOSITORY if self.matches else "acme/something-else")],
        }
        # JSON is YAML.
        for name, value in {"defimon.yaml": settings, "commands/look.yaml": command,
                            "webhooks/github/look-on-push.yaml": rule}.items():
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(value))
        environment = {"BENCH_SECRET": SECRET, "BENCH_TOKEN": "ghp_bench",
                       "BENCH_SLACK_SECRET": SLACK_SECRET, "BENCH_SLACK_TOKEN": "xoxb-bench",
                       "DEFIMON_CONFIG": str(folder / "defimon.yaml")}
        return Program(self.name, [DEFIMON, "serve"], folder, self.port, environment, "/readyz")


class Floor:
    name, path = "floor", "/"

    def start(self, folder):
        port = free_port()
        return Program(self.name, [FLOOR, port, folder / "floor.sqlite"], folder, port, {"FLOOR_SECRET": SECRET})


class Webhook:
    """Debian's webhook with an equal rule. Its log tells what became of each accepted delivery."""

    path = "/hooks/push"

    def __init__(self, waits):
        self.waits = waits
        self.name = "webhook-waiting" if waits else "webhook"

    def start(self, folder):
        hook = {
            "id": "push", "execute-command": "/bin/true", "include-command-output-in-response": self.waits,
            "trigger-rule": {"match": {"type": "payload-hmac-sha256", "secret": SECRET, "parameter": {
                "source": "header", "name": "X-Hub-Signature-256"}}},
        }
        (folder / "hooks.json").write_text(json.dumps([hook]))
        port = free_port()
        return Program(self.name, ["webhook", "-verbose", "-hooks", "hooks.json", "-ip", "127.0.0.1", "-port", port],
                       folder, port)

    def truly_run(self, program):
        """How many commands ran, once no more of them end."""
        counts = [(-1, 0)]

        def is_settled():
            text = program.log.read_bytes()
            counts.append((text.count(b"command output:"), text.count(b"error occurred:")))
            return counts[-1] == counts[-2]

        end = time.monotonic() + 60
        while not is_settled() and time.monotonic() < end:
            time.sleep(1)
        ended, failed = counts[-1]
        return ended - failed
