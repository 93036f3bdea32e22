"""``sayline worker`` in a process of its own."""

import os
import re
import subprocess
import sys

WORKER = [sys.executable, "-m", "sayline.gateway.cli", "worker", "--log-level", "warning"]
# What a gateway logs that loses a worker.
MOVES = "is silent|is lost|goes on at worker|is heard again"


class WorkerProcess:
    """A worker, which is killed with the block; ``prefix`` runs it elsewhere."""

    def __init__(self, listen, *flags, engine="tone", prefix=()):
        self.process = subprocess.Popen(
            [*prefix, *WORKER, "--listen", listen, "--engine", engine, *flags],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=dict(os.environ),
        )
        line = self.process.stdout.readline()
        self.address = re.search(r"listening on (\S+)", line)[1] if line else ""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()
