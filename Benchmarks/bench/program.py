"""Programs that are measured."""
import http.client
import os
import signal
import socket
import subprocess
import time
from pathlib import Path


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_for(condition, what, seconds):
    """Polls until `condition` gives something true; returns that."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.002)
    raise TimeoutError(f"{what} did not happen within {seconds} s")


class Program:
    """A running program; its output goes to a file in its folder."""

    def __init__(self, name, argv, folder: Path, port, environment=None, ready_path="/"):
        self.name, self.folder, self.port = name, folder, port
        self.log = folder / f"{name}.log"
        self.ready_path = ready_path
        self.begin = time.monotonic()
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [str(argument) for argument in argv], cwd=folder, stdin=subprocess.DEVNULL, stdout=output,
                stderr=output, env={"PATH": os.environ["PATH"], **(environment or {})})

    def __enter__(self):
        try:
            wait_for(self.is_ready, f"the start of {self.name}", 60)
        except BaseException:
            self.stop()
            raise
        self.seconds_to_ready = time.monotonic() - self.begin
        return self

    def __exit__(self, *_):
        self.stop()

    def is_ready(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"{self.name} ended at its start:\n{self.log.read_text()[-2000:]}")
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", self.ready_path)
            return connection.getresponse().status < 500
        except OSError:
            return False
        finally:
            connection.close()

    def memory(self, field="VmHWM"):
        """Megabytes: VmHWM is the most there was, VmRSS what there is."""
        for line in Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(field + ":"):
                return int(line.split()[1]) / 1024
        raise RuntimeError(f"there is no {field}")

    def stop(self, how=signal.SIGTERM):
        if self.process.poll() is None:
            self.process.send_signal(how)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
