"""Measures the release build beside a floor and Debian's webhook, and writes docs/performance.md's tables.

usage, in Benchmarks/: python3 -m bench [--seconds N] [--only NAME,…] [--no-page]
  --seconds   how long each load lasts (5)
  --only      of: accepted, half-load, matched, first-call, memory, full-queue, growth, audit, cluster, cloud,
              acme
  --no-page   prints only
"""
import argparse
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

from . import acme, cloud, cluster, machine, report
from .candidates import DEFIMON, FLOOR, ROOT
from .figures import CONNECTIONS, SIZES, Figures, percentile
from .report import Figure

PARTS = ("accepted", "half-load", "matched", "first-call", "memory", "full-queue", "growth", "audit", "cluster",
         "cloud", "acme")
WHOLE = 0.7
MATCHED_SECONDS = 60


def say(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


def of_floor(rows):
    """The smallest share of the floor at 32 connections."""
    rates = {(size, name): measured.rate for size, connections, name, measured, _, _ in rows if connections == 32}
    return min(rates[size, "defimon"] / rates[size, "floor"] for size in SIZES)


def measure(parts, seconds, folder):
    figures = Figures(folder, seconds, say)
    rows, values = [], []

    def add(what, measured, hold="", holds=None):
        values.append(Figure(what, measured, hold, holds))
        say(f"{what}: {measured}" + (f" (to hold: {hold})" if hold else ""))

    if "accepted" in parts:
        rows = figures.accepted()
        share = of_floor(rows)
        add("accepted a second at 32 connections, of the floor", f"{share:.2f}", f"{WHOLE} or more", share >= WHOLE)
    if "half-load" in parts:
        rates = [measured.rate for size, connections, name, measured, _, _ in rows
                 if (size, connections, name) == (SIZES[-1], 32, "defimon")]
        half = figures.half_load(rates[0] if rates else 2000)
        add(f"acknowledgement at half load ({half.rate:.0f}/s)", f"p50 {half.p50:.1f} ms, p99 {half.p99:.1f} ms",
            "p99 under 20 ms", half.p99 < 20)
    if "matched" in parts:
        accepted, matched, memory = figures.matched(MATCHED_SECONDS if seconds >= 5 else seconds)
        took = accepted.seconds
        add(f"matched and queued a second, each delivery a job, over {took:.0f} s",
            f"{matched / took:.0f} of {accepted.rate:.0f} accepted; {matched} jobs wait then, with {memory:.0f} MB",
            "as many as are accepted", matched >= accepted.accepted * 0.99)
    if "first-call" in parts:
        calls = figures.first_call()
        add("a push to its command's first outgoing call", f"p50 {statistics.median(calls):.1f} ms,"
            f" p99 {percentile(calls, .99):.1f} ms", "p50 under 10 ms", statistics.median(calls) < 10)
    if "memory" in parts:
        idle = figures.idle_memory()
        add("memory, idle", f"{idle:.0f} MB", "under 60 MB", idle < 60)
        now, most = figures.jobs_in_flight()
        add("memory with 1,000 jobs in flight", f"{now:.0f} MB, at most {most:.0f} MB", "under 200 MB", most < 200)
    if "full-queue" in parts:
        jobs, ready, size, commands = figures.full_queue()
        add(f"start to ready with {jobs:,} jobs waiting, after a SIGKILL (ledger {size:.0f} MB)", f"{ready:.2f} s",
            "under 2 s", ready < 2 if jobs >= 10_000 else None)
        add("acknowledgement of a slash-command with that queue", f"p50 {statistics.median(commands):.1f} ms, p99"
            f" {percentile(commands, .99):.1f} ms", "p99 under 250 ms", percentile(commands, .99) < 250)
    if "growth" in parts:
        sizes = figures.growth_per_delivery()
        tables = ", ".join(f"{name} {size:.0f}" for name, size in sizes.items() if size >= 10)
        add("ledger for each push of 10 kB, its event and its two audit records with it",
            f"{sum(sizes.values()):.0f} bytes ({tables})", "under 3,000 bytes", sum(sizes.values()) < 3000)
        add("ledger for each job of one step", f"{figures.growth_per_job():.0f} bytes")
    if "audit" in parts:
        verify, newest, actor, subject = figures.audit()
        add("audit verify of 1,000,000 records, with the start of the program",
            f"{verify:.2f} s, {1 / verify:.2f} million a second", "500,000 a second", verify < 2)
        add("audit list of the same: the newest 1,000; of an actor; of a subject",
            f"{newest:.2f} s; {actor:.2f} s; {subject:.2f} s")
    if "cluster" in parts:
        with figures.fresh() as work:
            for what, ours, theirs in cluster.of_kubectl(work):
                add(f"{what}, server-side, of kubectl's time", f"{ours / theirs:.2f} ({ours:.2f} s of {theirs:.2f} s)",
                    "0.5 or less", ours <= theirs * 0.5)
        with figures.fresh() as work:
            now, before, count = cluster.watching(work)
            add(f"memory while a rollout of {count:,} objects is followed", f"{now:.0f} MB, {before:.0f} MB before")
    if "cloud" in parts:
        with figures.fresh() as work:
            took, reads, together = cloud.nothing_to_do(work)
            add(f"deploy of the infrastructure pool's things with nothing to do, Google answering after {cloud.DELAY} ms",
                f"{took:.2f} s for {reads} reads, which one after the other take {together:.2f} s")
    if "acme" in parts:
        with figures.fresh() as work:
            ours, theirs = (f"{statistics.median(times):.2f} s ({min(times):.2f} to {max(times):.2f})"
                            for times in acme.first_certificate(work))
            # Lego waits five seconds between its looks, and none at all where its first look is late enough.
            add("a new account and a certificate for one name by HTTP-01", f"{ours}, lego {theirs}")
    return rows, values


def main():
    parser = argparse.ArgumentParser(prog="python3 -m bench", description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--only", default=",".join(PARTS))
    parser.add_argument("--no-page", action="store_true")
    arguments = parser.parse_args()
    parts = arguments.only.split(",")
    unknown = set(parts) - set(PARTS)
    if unknown:
        parser.error(f"there is no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    for program in (DEFIMON, FLOOR, cluster.KUBECTL, "wrk", "webhook", *acme.PROGRAMS):
        if not shutil.which(program):
            parser.error(f"{program} is missing: `make bench` builds and installs what is needed")
    start = time.monotonic()
    with tempfile.TemporaryDirectory(dir=ROOT / "Benchmarks/.build", prefix="measured-") as folder:
        text = machine.describe(folder) + ".\n\n"
        rows, values = measure(parts, arguments.seconds, Path(folder))
    if rows:
        text += report.accepted(rows) + "\n\n"
    text += report.figures(values)
    print(text)
    say(f"took {time.monotonic() - start:.0f} s")
    if set(parts) == set(PARTS) and not arguments.no_page:
        report.write(ROOT / "docs/performance.md", text)
        say("the tables of docs/performance.md are written anew")


main()
