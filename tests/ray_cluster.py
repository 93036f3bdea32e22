"""A Ray cluster of one machine, in a process of its own: what kills Ray there leaves the tests alone."""

import contextlib
import json
import os
import re
import secrets
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil

_PROGRAM = (
    "import ray, sys\n"
    "told = ray.init(num_cpus=2, include_dashboard=True, dashboard_port=0, log_to_driver=False)\n"
    "print(ray.get_runtime_context().gcs_address, ray.util.get_node_ip_address(), told.dashboard_url, flush=True)\n"
    "sys.stdin.read()\n"
)
_SHUTDOWN = [str(Path(sys.executable).with_name("serve")), "shutdown", "--address"]  # Ray's own command
# A replica as Serve makes it, with less patience: says why there is none.
_REPLICA = (
    "import asyncio, json, os, sys\n"
    "from sayline.gateway.placing import replica\n"
    "replica._START_PATIENCE_S = 2.0\n"
    "async def make():\n"
    "    kept = replica.WorkerReplica.__new__(replica.WorkerReplica)\n"
    "    try:\n"
    "        await kept.__init__(json.loads(sys.argv[1]), 0.0)\n"
    "    except RuntimeError as error:\n"
    "        print(error, flush=True)\n"
    "    else:\n"
    "        print('it speaks', flush=True)\n"
    "    sys.stdin.read()\n"
    "    os._exit(0)\n"
    "asyncio.run(make())\n"
)
# A token of this run's own, or Ray would leave one in the home folder; and Ray's processes stand back behind nobody.
_ENVIRONMENT = {
    **os.environ,
    "RAY_AUTH_MODE": "token",
    "RAY_AUTH_TOKEN": secrets.token_hex(32),
    "RAY_worker_niceness": "0",
}
_CLUSTER = [sys.executable, "-m", "sayline.gateway.cli", "cluster", "--log-level", "info"]
PATIENCE_S = 120  # Ray starts in six seconds on a machine that is quiet, and in a minute on one that is not
_WORKER = "sayline.gateway.placing.placed"


class RayCluster:
    """Ray, ended with the block; and the workers that it placed, orphans too."""

    def __enter__(self):
        self._before = set(_pids_of(_WORKER))
        self._process = subprocess.Popen(
            [sys.executable, "-c", _PROGRAM],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=_ENVIRONMENT,
        )
        line = self._process.stdout.readline()
        assert line, "Ray does not start"
        self.address, self.host, self.dashboard = line.split()
        return self

    def __exit__(self, *_):
        family = [self._process.pid, *_children(self._process.pid)]
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(20)
        for pid in [*family, *self.workers]:
            kill(pid)
        self._process.wait()
        self._process.stdout.close()

    @property
    def workers(self):
        """The worker processes of ours that are alive."""
        return [pid for pid in _pids_of(_WORKER) if pid not in self._before]

    def kill(self, *names):
        """Kill what of Ray is called so, as ``ray::ServeController`` is."""
        found = [pid for pid in _children(self._process.pid) if any(name in _called(pid) for name in names)]
        assert found, names
        for pid in found:
            kill(pid)


class ServeShutdown:
    """``serve shutdown``, which has asked whether it should, and waits for the answer."""

    def __init__(self, dashboard):
        self._process = subprocess.Popen(
            [*_SHUTDOWN, f"http://{dashboard}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=_ENVIRONMENT,
        )
        asked = ""
        while not asked.endswith("[y/N]: "):
            asked += (character := self._process.stdout.read(1))
            assert character, asked

    def confirm(self):
        self._process.stdin.write("y\n")
        self._process.stdin.flush()

    def end(self):
        said, _ = self._process.communicate(timeout=PATIENCE_S)
        assert (self._process.returncode, "Sent shutdown request" in said) == (0, True)


class StoppedStart:
    """A replica outside Serve, whose worker is stopped before it can say anything."""

    def __init__(self, job):
        before = set(_pids_of(_WORKER))
        self._process = subprocess.Popen(
            [sys.executable, "-c", _REPLICA, json.dumps(job)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        wait_until(lambda: self._stop(set(_pids_of(_WORKER)) - before), pause_s=0.01)
        self.why = self._process.stdout.readline().strip()

    def _stop(self, pids):
        """Stop the worker, which is a grandchild: its parent ends as soon as it has begun.

        Not before it leads a session: the kernel lets a stopped process go on whose group nobody keeps.
        """
        for pid in pids.difference(_children(self._process.pid)):
            with contextlib.suppress(ProcessLookupError, psutil.NoSuchProcess):
                if os.getsid(pid) != pid:
                    continue
                os.kill(pid, signal.SIGSTOP)
                if psutil.Process(pid).status() == psutil.STATUS_STOPPED:
                    self.worker = pid
                    return True
        return False

    def end(self):
        """End what is left."""
        kill(self.worker)  # first: it holds the other's output
        self._process.communicate()


class Board:
    """``sayline cluster`` in a process of its own."""

    def __init__(self, listen, *flags):
        self._process = subprocess.Popen(
            [*_CLUSTER, "--listen", listen, *flags], stdout=subprocess.PIPE, text=True, env=_ENVIRONMENT
        )
        line = self._process.stdout.readline()
        assert line, "it has said why on standard error"
        self.address = re.search(r"listening on (\S+);", line)[1]

    def end(self):
        """End it as an operator does: the workers speak on."""
        self._process.terminate()
        self._process.communicate(timeout=PATIENCE_S)
        assert self._process.returncode == 0


def kill(pid):
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def wait_until(is_so, pause_s=0.1):
    until = time.monotonic() + PATIENCE_S
    while not is_so():
        assert time.monotonic() < until
        time.sleep(pause_s)


def _pids_of(program):
    return [process.pid for process in psutil.process_iter() if program in _called(process.pid)]


def _children(pid):
    with contextlib.suppress(psutil.NoSuchProcess):
        return [process.pid for process in psutil.Process(pid).children(recursive=True)]
    return []


def _called(pid):
    with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
        return " ".join(psutil.Process(pid).cmdline())
    return ""
