"""Load from wrk."""
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

SCRIPT = Path(__file__).parent / "push.lua"


@dataclass
class Load:
    seconds: float
    accepted: int
    refused: int
    broken: int
    """Requests that got no answer."""
    p50: float
    p99: float
    longest: float
    """All in milliseconds."""

    @property
    def rate(self):
        return self.accepted / self.seconds


def run(port, path, pushes, connections, seconds, mean_pause_ms=0):
    """Sends pushes, each connection its next one after an answer and a pause."""
    template, signatures = pushes
    command = ["wrk", "--threads", "1", "--connections", str(connections), "--duration", f"{seconds}s", "--timeout",
               "30s", "--script", SCRIPT, f"http://127.0.0.1:{port}", "--", template, signatures, path,
               str(mean_pause_ms)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60)
    found = re.search(r"^RESULT (.*)$", ended.stdout, re.MULTILINE)
    if ended.returncode != 0 or not found or "too few signatures" in ended.stderr + ended.stdout:
        raise RuntimeError(f"wrk failed:\n{ended.stdout}\n{ended.stderr}")
    took, requests, refused, broken, late, p50, p99, longest = map(int, found[1].split())
    return Load(took / 1e6, requests - refused, refused, broken + late, p50 / 1000, p99 / 1000, longest / 1000)
