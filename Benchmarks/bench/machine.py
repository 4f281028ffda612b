"""The machine on which something was measured."""
import os
import platform
import re
import statistics
import tempfile
import time
from pathlib import Path


def describe(folder):
    processor = re.search(r"model name\s*:\s*(.*)", Path("/proc/cpuinfo").read_text())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (f"{processor[1] if processor else platform.machine()}, {len(os.sched_getaffinity(0))} cores,"
            f" {memory:.0f} GiB, Linux {platform.release()}, a flush of 8 KiB {flush(folder):.2f} ms,"
            f" load of others before the start {os.getloadavg()[0]:.1f}, {time.strftime('%Y-%m-%d', time.gmtime())}")


def flush(folder, count=300):
    """Milliseconds of a write of 8 KiB with fdatasync, the median."""
    taken = []
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        for _ in range(count):
            start = time.monotonic()
            os.write(file.fileno(), bytes(8192))
            os.fdatasync(file.fileno())
            taken.append((time.monotonic() - start) * 1000)
    return statistics.median(taken)
