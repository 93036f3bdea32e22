"""``sayline serve`` as an operator runs it, for tests that look at it from outside."""

import asyncio
import contextlib
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import tempfile

import psutil
import pytest
from wire_peer import PATIENCE_S, WirePeer

SERVE = [sys.executable, "-m", "sayline.gateway.cli", "serve"]


class ServerProcess:
    """A server on a free port, ended with the block.

    It speaks with espeak-ng, which starts at once, unless a flag chooses another engine.

    Args:
        flags: of its command.
        prefix: runs it elsewhere.

    Attributes:
        expected: what it may say on standard error at the log level of warnings; nothing unless a test provokes it.
    """

    def __init__(self, *flags, prefix=()):
        self.process = subprocess.Popen(
            [*prefix, *SERVE, "--port", "0", "--log-level", "warning", *_voice(flags), *flags],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=dict(os.environ),
        )
        self.url = re.search(r"http(s?://\S+)", self.process.stdout.readline()).expand(r"ws\1")
        self.port = int(self.url.rpartition(":")[2])
        self.expected = ""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            _, complaints = self.process.communicate(timeout=PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
            raise
        unexpected = [line for line in complaints.splitlines() if not re.search(self.expected or "(?!)", line)]
        assert not unexpected, f"at this log level a healthy server says nothing, not even when it exits: {unexpected}"

    @property
    def private_bytes(self):
        """Memory of the gateway and its engine's and encoders' processes together, shared libraries left out."""
        gateway = psutil.Process(self.process.pid)
        return sum(process.memory_full_info().uss for process in [gateway, *gateway.children()])

    async def page(self, path):
        context = ssl._create_unverified_context() if self.url.startswith("wss") else None  # noqa: S323 - our own server
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, ssl=context)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        answer = await asyncio.wait_for(reader.read(), PATIENCE_S)
        writer.close()
        return answer.partition(b"\r\n\r\n")[2]

    async def health(self):
        return json.loads(await self.page("/health"))


class SucceededServer(ServerProcess):
    """A server that tells a service manager how it is, and that other servers succeed.

    Attributes:
        main: the process that is the server now.
        told: what the service manager was told.
    """

    def __init__(self, *flags):
        self._folder = tempfile.TemporaryDirectory(prefix="sayline-test-")
        self._manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._manager.bind(f"{self._folder.name}/notify")
        self._manager.settimeout(6 * PATIENCE_S)  # in which a server starts, beside what else the machine does
        self.told = []
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("NOTIFY_SOCKET", f"{self._folder.name}/notify")
            super().__init__(*flags)
        self.main = psutil.Process(self.process.pid)
        self.until_told("READY=1")

    def until_told(self, state, succeeded=lambda: None):
        """Wait until the service manager hears this, and obey; say so as soon as another process is the server."""
        while True:
            self.told += (told := self._manager.recv(4096).decode().splitlines())
            for line in told:
                if line.startswith("MAINPID="):
                    self.main = psutil.Process(int(line.removeprefix("MAINPID=")))
                    succeeded()
            if state in told:
                return

    def reload(self, succeeded=lambda: None):
        """Ask for a successor, as ``systemctl reload`` does, and wait until one serves, or none came."""
        self.main.send_signal(signal.SIGHUP)
        self.until_told("RELOADING=1")
        self.until_told("READY=1", succeeded)

    def __exit__(self, *args):
        if self.main.pid != self.process.pid:
            self.main.terminate()
        super().__exit__(*args)
        self._manager.close()
        self._folder.cleanup()


def _voice(flags):
    return () if {"--engine", "--model-dir", "--config", "--engine-workers"} & set(flags) else ("--engine", "espeak")


class SharedServer(ServerProcess):
    """A server of two workers."""

    def __init__(self, *flags):
        super().__init__("--workers", "2", *flags)

    @property
    def processes(self):
        """All that there is of it: supervisor, workers, and what these started."""
        supervisor = psutil.Process(self.process.pid)
        return [supervisor, *supervisor.children(recursive=True)]

    @property
    def workers(self):
        """Process ids of its workers."""
        return [
            process.pid
            for process in self.processes
            if "sayline.gateway.cluster.worker" in ignoring_gone(process.cmdline, [])
        ]

    def worker_of(self, peer):
        """The worker that a peer came to."""
        port = peer.websocket.local_address[1]
        for pid in self.workers:
            connections = ignoring_gone(psutil.Process(pid).net_connections, [])
            if any(connection.raddr and connection.raddr.port == port for connection in connections):
                return pid
        raise AssertionError("nobody serves it")

    @contextlib.asynccontextmanager
    async def peers(self):
        """Two peers, one at each worker: the kernel says who gets whom, so they come until both have one."""
        async with contextlib.AsyncExitStack() as leaving:
            peers = {}
            while len(peers) < 2:
                peer = await WirePeer.join(self.url)
                if (worker := self.worker_of(peer)) in peers:
                    await peer.websocket.close()
                else:
                    peers[worker] = await leaving.enter_async_context(peer)
                await self.until(connections=len(peers))
            yield list(peers.values())

    async def until(self, **figures):
        """Wait until health says so."""
        async with asyncio.timeout(PATIENCE_S):
            while not figures.items() <= (await self.health()).items():
                await asyncio.sleep(0.05)


def ignoring_gone(look, otherwise):
    """What is seen of a process, which may end while one looks."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return look()
    return otherwise
