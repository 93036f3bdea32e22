"""Networks of their own in this kernel (``ip netns``), between which nothing passes but what a test relays."""

import asyncio
import ctypes
import os
import shutil
import socket
import subprocess
import threading
from pathlib import Path

import pytest

REQUIRED = "SAYLINE_REQUIRE_NETNS"
_CLONE_NEWNET = 0x40000000
_FOLDER = Path("/run/netns")
_FILES = Path("/etc/netns")  # what ``ip netns exec`` shows in /etc


def skip_without_namespaces():
    """Skip the module's tests where there can be no namespaces, unless the environment requires them."""
    why = _why_none()
    if why and os.environ.get(REQUIRED):
        pytest.fail(f"{REQUIRED} is set, and there can be no network namespaces: {why}", pytrace=False)
    if why:
        pytest.skip(f"no network namespaces: {why}", allow_module_level=True)


def _why_none():
    if shutil.which("ip") is None or shutil.which("tc") is None:
        return "iproute2 is not installed"
    name = f"sayline-try-{os.getpid()}"
    tried = subprocess.run(["ip", "netns", "add", name], capture_output=True, text=True, check=False)
    if tried.returncode:
        return tried.stderr.strip()
    subprocess.run(["ip", "netns", "delete", name], check=True)
    return ""


class Namespace:
    """A network that has a loopback and no way out.

    Args:
        name: tells it from others of this process.
        resolver: what its programs find as /etc/resolv.conf; None: this machine's.

    Attributes:
        prefix: runs a command in it.
    """

    def __init__(self, name, *, resolver=None):
        self.name = f"sayline-{name}-{os.getpid()}"
        self.prefix = ("ip", "netns", "exec", self.name)
        self._resolver = resolver
        self._files = _FILES / self.name

    def __enter__(self):
        if self._resolver is not None:
            self._files.mkdir(parents=True)
            (self._files / "resolv.conf").write_text(self._resolver)
        subprocess.run(["ip", "netns", "add", self.name], check=True)
        # The MTU of a network between machines: a bucket of tokens must hold the largest packet.
        self.set_up("ip", "link", "set", "lo", "up", "mtu", "1500")
        return self

    def __exit__(self, *_):
        subprocess.run(["ip", "netns", "delete", self.name], check=True)
        if self._resolver is not None:
            shutil.rmtree(self._files)

    def set_up(self, *command):
        subprocess.run([*self.prefix, *command], check=True)

    def limit(self, rate):
        """Let no more through than this rate, in the words of ``tc``."""
        self.set_up(*f"tc qdisc add dev lo root tbf rate {rate} burst 16kb latency 50ms".split())

    def unlimit(self):
        self.set_up(*"tc qdisc delete dev lo root".split())

    def socket(self, kind=socket.SOCK_STREAM, at=None):
        """A socket in it, bound to an address: made in a thread, since a namespace belongs to a thread."""
        made = []

        def make():
            with (_FOLDER / self.name).open() as namespace:
                if ctypes.CDLL(None, use_errno=True).setns(namespace.fileno(), _CLONE_NEWNET):
                    made.append(OSError(ctypes.get_errno(), "setns"))
                    return
                made.append(socket.socket(type=kind))

        thread = threading.Thread(target=make)
        thread.start()
        thread.join()
        if isinstance(made[0], OSError):
            raise made[0]
        if at is not None:
            made[0].bind(at)
        return made[0]

    def listening(self):
        """A socket that listens at a free port of it."""
        made = self.socket(at=("127.0.0.1", 0))
        made.listen()
        return made

    async def connect(self, port):
        """Connect to a port of it."""
        made = self.socket()
        made.setblocking(False)
        await asyncio.get_running_loop().sock_connect(made, ("127.0.0.1", port))
        return await asyncio.open_connection(sock=made)
