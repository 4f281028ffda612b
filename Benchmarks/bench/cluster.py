"""The bot beside kubectl on the same API server: a sandbox's, which is a process of its own."""
import getpass
import json
import os
import subprocess
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from .candidates import DEFIMON, ROOT
from .program import Program, free_port, wait_for

KUBECTL = ROOT / ".venv/bin/kubectl"
NAMESPACE = "bench"


def manifests(image, maps=50, deployments=50, replicas=1):
    """So many ConfigMaps and Deployments, as JSON, which is YAML."""
    for number in range(maps):
        yield {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"map-{number}", "namespace": NAMESPACE},
               "data": {f"key-{line}": f"value {line} of map {number}" for line in range(20)}}
    for number in range(deployments):
        labels = {"app": f"app-{number}"}
        yield {"apiVersion": "apps/v1", "kind": "Deployment",
               "metadata": {"name": f"app-{number}", "namespace": NAMESPACE, "labels": labels},
               "spec": {"replicas": replicas, "selector": {"matchLabels": labels}, "template": {
                   "metadata": {"labels": labels},
                   "spec": {"containers": [{
                       "name": "app", "image": image, "ports": [{"containerPort": 8080}],
                       "env": [{"name": f"SETTING_{index}", "value": str(index)} for index in range(10)],
                       "resources": {"requests": {"cpu": "10m", "memory": "16Mi"},
                                     "limits": {"cpu": "100m", "memory": "64Mi"}}}]}}}}


class Cluster:
    """An API server, and a bot whose commands work on it."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.server_folder = folder / "server"
        self.bot_folder = folder / "bot"
        self.objects = self.bot_folder / "objects"
        self.objects.mkdir(parents=True)
        self.config = self.bot_folder / "defimon.yaml"
        self.port = free_port()

    @contextmanager
    def running(self):
        page = free_port()
        with Program("sandbox", [DEFIMON, "sandbox", "--port", page, "--folder", self.server_folder, "--root", ROOT],
                     self.folder, page):
            self.kubeconfig = wait_for(self.find_kubeconfig, "the sandbox's kubeconfig", 60)
            self.write_bot()
            bot = Program("defimon", [DEFIMON, "serve"], self.bot_folder, self.port,
                          {"DEFIMON_CONFIG": str(self.config)}, "/readyz")
            with bot as program:
                yield program

    def find_kubeconfig(self):
        file = self.server_folder / "kubeconfig"
        return file if file.exists() and file.read_text() else None

    def write_bot(self):
        command = {"timeout": "30m", "arguments": {}, "roles": []}
        apply = {"uses": "kubernetes.apply", "with": {"cluster": "bench", "folder": "objects"}}
        wait = {"uses": "kubernetes.rollout-wait", "timeout": "25m",
                "with": {"cluster": "bench", "namespace": NAMESPACE}}
        for name, value in {
            "defimon.yaml": {
                "listen": f"127.0.0.1:{self.port}", "ledger": str(self.bot_folder / "defimon.sqlite"),
                "people": {"operator": {"name": "Operator", "roles": ["operator"], "cli": getpass.getuser()}},
                "clusters": {"bench": {"kubeconfig": str(self.kubeconfig)}}},
            "commands/objects.yaml": {
                "command": "objects", "summary": "Apply the objects of the benchmark", "steps": [apply], **command},
            "commands/follow.yaml": {
                "command": "follow", "summary": "Follow them until they are ready", "steps": [wait], **command},
        }.items():
            file = self.bot_folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(value))

    def write_objects(self, image, **counts):
        for file in self.objects.iterdir():
            file.unlink()
        for value in manifests(image, **counts):
            name = f"{value['kind'].lower()}-{value['metadata']['name']}.yaml"
            (self.objects / name).write_text(json.dumps(value))

    def timed(self, argv, statuses=(0,)):
        """Seconds until the program has ended with one of the statuses."""
        start = time.monotonic()
        outcome = subprocess.run(
            [str(word) for word in argv], capture_output=True, text=True, timeout=300, cwd=self.folder,
            env={"PATH": os.environ["PATH"], "KUBECONFIG": str(self.kubeconfig), "HOME": str(self.folder)})
        took = time.monotonic() - start
        if outcome.returncode not in statuses:
            raise RuntimeError(f"{argv} ended with {outcome.returncode}: {outcome.stdout[-1000:]}"
                               f"{outcome.stderr[-1000:]}")
        return took

    def defimon(self, line, *options):
        return self.timed([DEFIMON, "run", line, "--config", self.config, *options])

    def kubectl(self, *arguments, statuses=(0,)):
        return self.timed([KUBECTL, *arguments], statuses)

    def remake_namespace(self):
        """An empty one."""
        self.kubectl("delete", "namespace", NAMESPACE, "--ignore-not-found", "--wait=true", "--timeout=120s")
        file = self.folder / "namespace.yaml"
        file.write_text(json.dumps({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}))
        self.kubectl("apply", "--server-side", "-f", file)

    def hold_rollouts(self):
        """From now on no new pod becomes ready."""
        self.fail({"stalledRollout": ["*"]})

    def delay(self, milliseconds):
        """How long each request waits before it is served."""
        self.fail({"slow": milliseconds})

    def fail(self, failures):
        server = next(line.split('"')[1] for line in self.kubeconfig.read_text().splitlines() if "server:" in line)
        request = urllib.request.Request(
            f"{server}/_sandbox/failures", json.dumps(failures).encode(),
            {"Content-Type": "application/json"}, method="PATCH")
        urllib.request.urlopen(request, timeout=10).read()


def of_kubectl(folder, rounds=3, delays=(0, 5)):
    """Rows (what, seconds of the bot, seconds of kubectl), the best of the rounds each. The stand-in answers within a
    millisecond, which then is most of what is measured; a server that writes to a disk elsewhere takes some more."""
    cluster = Cluster(folder)
    rows = []
    with cluster.running():
        for delay in delays:
            server = f", the server taking {delay} ms more" if delay else ""
            apply, plan = f"apply of 100 new objects{server}", f"plan of 100 objects without a change{server}"
            times = {}
            cluster.delay(delay)
            for _ in range(rounds):
                for who, make, look in (
                    ("kubectl", lambda: cluster.kubectl("apply", "--server-side", "-f", cluster.objects),
                     lambda: cluster.kubectl("diff", "--server-side", "-f", cluster.objects)),
                    ("defimon", lambda: cluster.defimon("objects"), lambda: cluster.defimon("objects --plan")),
                ):
                    cluster.remake_namespace()
                    cluster.write_objects("registry.example.com/app:1")
                    times.setdefault((apply, who), []).append(make())
                    times.setdefault((plan, who), []).append(look())
            rows += [(what, min(times[what, "defimon"]), min(times[what, "kubectl"])) for what in (apply, plan)]
    return rows


def watching(folder):
    """Megabytes of the bot while it follows objects that do not become ready, those of before, and how many objects
    there are."""
    cluster = Cluster(folder)
    with cluster.running() as program:
        time.sleep(1)
        before = program.memory("VmRSS")
        cluster.hold_rollouts()
        cluster.remake_namespace()
        cluster.write_objects("registry.example.com/app:1", maps=0, deployments=340)
        cluster.kubectl("apply", "--server-side", "-f", cluster.objects)
        follower = subprocess.Popen([DEFIMON, "run", "follow", "--config", cluster.config],
                                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            time.sleep(10)
            count = subprocess.run(
                [KUBECTL, "get", "deployments,replicasets,pods", "-n", NAMESPACE, "-o", "name"], check=True,
                capture_output=True, text=True,
                env={"PATH": os.environ["PATH"], "KUBECONFIG": str(cluster.kubeconfig), "HOME": str(folder)}).stdout.count("\n")
            if follower.poll() is not None:
                raise RuntimeError("the job that follows has ended already")
            return program.memory("VmRSS"), before, count
        finally:
            follower.terminate()
            follower.wait(30)
