"""What is measured, one function for each table or figure."""
import hashlib
import hmac
import http.client
import os
import signal

import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from . import ledger, load, push
from .candidates import DEFIMON, SLACK_SECRET, Bot, Floor, Webhook
from .program import wait_for
from .standin import StandIn

SIZES = (5900, 8800)
CONNECTIONS = (1, 32, 256)


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


class Figures:
    def __init__(self, folder: Path, seconds, say):
        self.folder, self.seconds, self.say = folder, seconds, say

    @contextmanager
    def fresh(self):
        """An empty folder, on the file system where everything is measured."""
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            yield Path(folder)

    def pushes(self, size, count=250_000):
        return push.write(self.folder, size, count)

    def accepted(self):
        """One load on one fresh program after the other. Returns rows (size, connections, name, load, memory,
        truly run or None)."""
        rows = []
        for size in SIZES:
            for connections in CONNECTIONS:
                for candidate in (Floor(), Bot(), Bot(matches=True), Webhook(False), Webhook(True)):
                    matches = getattr(candidate, "matches", False)
                    if matches and (connections != 32 or size != SIZES[-1]):
                        continue
                    with self.fresh() as folder, candidate.start(folder) as program:
                        measured = load.run(
                            program.port, candidate.path, self.pushes(size), connections, self.seconds)
                        memory = program.memory()
                        ran = candidate.truly_run(program) if isinstance(candidate, Webhook) else None
                        self.check_nothing_lost(candidate, measured)
                    name = candidate.name + (" (each matched)" if matches else "")
                    rows.append((size, connections, name, measured, memory, ran))
                    self.say(f"{size} B, {connections} connections, {name}: {measured.rate:.0f}/s, "
                             f"p99 {measured.p99:.1f} ms")
        return rows

    def check_nothing_lost(self, candidate, measured):
        if isinstance(candidate, Bot):
            stored = ledger.deliveries(candidate.ledger)
            if stored < measured.accepted:
                raise RuntimeError(f"{measured.accepted} were accepted and {stored} are in the ledger")

    def half_load(self, rate):
        """32 connections that together send about half of `rate` a second."""
        candidate = Bot()
        with self.fresh() as folder, candidate.start(folder) as program:
            return load.run(program.port, candidate.path, self.pushes(SIZES[-1]), 32, self.seconds * 2,
                            mean_pause_ms=32 / (rate / 2) * 1000)

    def matched(self, seconds):
        """Returns accepted, and of them looked at and queued by the end of the load, and the peak of memory."""
        with StandIn(503) as standin, self.fresh() as folder:
            candidate = Bot(matches=True, look_url=standin.url,
                            limits={"concurrent_jobs": 1, "waiting_jobs": 1_000_000})
            with candidate.start(folder) as program:
                measured = load.run(program.port, candidate.path, self.pushes(SIZES[-1], 600_000), 32, seconds)
                waiting = ledger.undecoded(candidate.ledger)
                return measured, measured.accepted - waiting, program.memory()

    def first_call(self, count=100):
        """Milliseconds from sending a push to the command's first request, one after the other."""
        taken = []
        with StandIn() as standin, self.fresh() as folder:
            candidate = Bot(matches=True, look_url=standin.url)
            with candidate.start(folder) as program:
                for commit, mac, body in self.signed(SIZES[-1], count):
                    before = len(standin.asked)
                    start = time.monotonic()
                    self.post(program.port, candidate.path, body, {
                        "Content-Type": "application/json", "X-GitHub-Event": "push", "X-GitHub-Delivery": commit,
                        "X-Hub-Signature-256": f"sha256={mac}"})
                    wait_for(lambda: len(standin.asked) > before, "the first call", 30)
                    taken.append((standin.asked[before] - start) * 1000)
        return taken

    def idle_memory(self):
        with self.fresh() as folder, Bot().start(folder) as program:
            time.sleep(2)
            return program.memory("VmRSS")

    def jobs_in_flight(self, count=1000):
        """Memory with `count` jobs that run and are tried again."""
        with StandIn(503) as standin, self.fresh() as folder:
            candidate = Bot(matches=True, look_url=standin.url, limits={"concurrent_jobs": count})
            with candidate.start(folder) as program:
                self.send(program.port, candidate.path, count)
                ledger.wait_until_decoded(candidate.ledger)
                wait_for(lambda: ledger.ask(
                    candidate.ledger, "SELECT count(*) FROM jobs WHERE state = 'running'") == count,
                    f"{count} running jobs", 60)
                return program.memory("VmRSS"), program.memory()

    def full_queue(self, count=10_000):
        """Returns seconds from start to ready with `count` waiting jobs, megabytes of the ledger, and milliseconds of
        slash-commands then."""
        with StandIn(503) as standin, self.fresh() as folder:
            candidate = Bot(matches=True, look_url=standin.url, slack_api=standin.url + "/api",
                            limits={"concurrent_jobs": 1, "waiting_jobs": count})
            with candidate.start(folder) as program:
                def waiting():
                    return ledger.ask(candidate.ledger, "SELECT count(*) FROM jobs WHERE is_open")

                pushes = self.pushes(SIZES[-1])
                load.run(program.port, candidate.path, pushes, 32, max(self.seconds, 10))
                ledger.wait_until_decoded(candidate.ledger)
                jobs = waiting()
                program.stop(signal.SIGKILL)
            with candidate.start(folder) as program:
                ready = program.seconds_to_ready
                size = os.path.getsize(candidate.ledger) / 1e6
                taken = [self.slash_command(program.port, number) for number in range(100)]
            return jobs, ready, size, taken

    def slash_command(self, port, number):
        body = urlencode({
            "token": "x", "team_id": "T111", "team_domain": "acme", "channel_id": "C111", "channel_name": "ops",
            "user_id": "W111", "user_name": "ada", "command": "/defimon", "text": f"look {number:040x}",
            "response_url": "http://127.0.0.1:9/", "trigger_id": f"111.{number}"})
        now = str(int(time.time()))
        mac = hmac.new(SLACK_SECRET.encode(), f"v0:{now}:{body}".encode(), hashlib.sha256).hexdigest()
        start = time.monotonic()
        self.post(port, "/chat/slack/commands", body, {
            "Content-Type": "application/x-www-form-urlencoded", "X-Slack-Request-Timestamp": now,
            "X-Slack-Signature": f"v0={mac}"})
        return (time.monotonic() - start) * 1000

    def growth_per_delivery(self):
        """Bytes of the ledger for each push of 10 kB that no rule matches, by table with its indices."""
        candidate = Bot()
        with self.fresh() as folder:
            with candidate.start(folder) as program:
                load.run(program.port, candidate.path, self.pushes(10_000), 32, self.seconds)
                ledger.wait_until_decoded(candidate.ledger)
            count = ledger.deliveries(candidate.ledger)
            return {name: size / count for name, size in ledger.sizes(candidate.ledger).items()}

    def growth_per_job(self, count=1000):
        """Bytes of the ledger for each job of one step, without its delivery."""
        sizes = []
        for matches in (False, True):
            with StandIn() as standin, self.fresh() as folder:
                candidate = Bot(matches=matches, look_url=standin.url)
                with candidate.start(folder) as program:
                    self.send(program.port, candidate.path, count)
                    ledger.wait_until_decoded(candidate.ledger)
                    wait_for(lambda: ledger.ask(candidate.ledger, "SELECT count(*) FROM jobs WHERE is_open") == 0,
                             "the end of all jobs", 120)
                sizes.append(os.path.getsize(candidate.ledger))
        return (sizes[1] - sizes[0]) / count

    def audit(self, records=1_000_000):
        """Seconds of `audit verify` and of two listings, the start of the program included."""
        with self.fresh() as folder:
            candidate = Bot()
            with candidate.start(folder):
                pass
            ledger.fill_audit(candidate.ledger, records)
            return [self.command(folder, *arguments) for arguments in (
                ("audit", "verify"), ("audit", "list", "--limit", "1000"),
                ("audit", "list", "--actor", "nobody"), ("audit", "list", "--subject", "delivery/500000"))]

    def command(self, folder, *arguments):
        start = time.monotonic()
        subprocess.run([DEFIMON, *arguments, "--config", folder / "defimon.yaml"], check=True, timeout=300,
                       stdout=subprocess.DEVNULL)
        return time.monotonic() - start

    def signed(self, size, count):
        template, signatures = self.pushes(size)
        body = template.read_text()
        with signatures.open() as lines:
            for _, line in zip(range(count), lines):
                commit, mac = line.split()
                yield commit, mac, body.replace(push.COMMIT, commit)

    def send(self, port, path, count):
        for commit, mac, body in self.signed(SIZES[-1], count):
            self.post(port, path, body, {
                "Content-Type": "application/json", "X-GitHub-Event": "push", "X-GitHub-Delivery": commit,
                "X-Hub-Signature-256": f"sha256={mac}"})

    def post(self, port, path, body, headers):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            connection.request("POST", path, body, headers)
            answer = connection.getresponse()
            text = answer.read()
            if answer.status >= 300:
                raise RuntimeError(f"{path} answered {answer.status}: {text[:300]}")
        finally:
            connection.close()
