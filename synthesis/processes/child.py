"""One child process: how it is started, how it is ended, and how it ended.

Each child gets one end of a socket pair as its standard input. The socket is a leash too: if either process ends, the
other one reads the end of the socket. Each child leads a session of its own. So Ctrl-C in a terminal is for the parent
alone, and all that a child started can be killed with it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# What asks a server to end: Ctrl-C, a service manager, and a terminal that closes.
ENDING_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_REAP_S: Final = 1.0  # a killed process is gone in milliseconds; longer only if its disk hangs


class End(NamedTuple):
    """How a child ended. ``str`` gives the end of a sentence: "was ended by signal 9 (Killed)".

    Attributes:
        status: its exit status, negative for a signal; None if it did not end even when killed.
        silent_s: how long it had been silent when it was killed for that; 0 if it was not.
    """

    status: int | None
    silent_s: float = 0.0

    def __str__(self) -> str:
        """Say it, to follow the name of the process."""
        if self.silent_s:
            return f"has said nothing for {self.silent_s:g} s and was killed"
        if self.status is None:
            return "does not end"
        if self.status < 0:
            return f"was ended by signal {-self.status} ({signal.strsignal(-self.status)})"
        return f"exited with status {self.status}"


class Child:
    """A process that was started, until it was ended.

    Args:
        command: the program and its arguments.
        environment: its environment; None: ours.
        inherited: further sockets that it gets, under the same descriptors.
        output: where its standard output and error go: ``subprocess.PIPE``, ``DEVNULL``, or None for ours.
        buffer_bytes: what each direction of its socket holds at least; 0: the system's own measure.

    Attributes:
        pid: its process id.
        socket: our end; does not block.
        printed: what it prints, if ``output`` is a pipe.

    Raises:
        OSError: the system does not start it.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        inherited: Sequence[socket.socket] = (),
        output: int | None = None,
        buffer_bytes: int = 0,
    ) -> None:
        self.socket, theirs = socket.socketpair()
        with theirs:
            try:
                if buffer_bytes:
                    for end in (self.socket, theirs):
                        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, buffer_bytes)
                self._popen = subprocess.Popen(  # noqa: S603 - our own programs
                    command,
                    stdin=theirs.fileno(),
                    stdout=output,
                    stderr=subprocess.STDOUT if output == subprocess.PIPE else output,
                    env=environment,
                    pass_fds=[one.fileno() for one in inherited],
                    start_new_session=True,
                )
            except BaseException:
                self.socket.close()
                raise
        self.socket.setblocking(False)
        self.pid = self._popen.pid
        self.printed = self._popen.stdout

    def kill(self) -> None:
        """Kill the child and all that it started, even if they are stopped."""
        kill_family(self.pid)

    async def end(self, grace_s: float = 0.0) -> End:
        """Hang up, let the child end by itself, then kill what is left of it and of what it started.

        Args:
            grace_s: how long it gets to end by itself.
        """
        self.socket.close()
        loop = asyncio.get_running_loop()
        ended: asyncio.Future[int] = loop.create_future()

        def reap() -> None:
            status = self._popen.wait()
            with contextlib.suppress(RuntimeError):  # the loop is closed, so no task awaits the result
                loop.call_soon_threadsafe(_settle, ended, status)

        # A wait for a process blocks, so it gets a thread of its own, which a process that hangs may occupy.
        threading.Thread(target=reap, name=f"reap {self.pid}", daemon=True).start()
        if grace_s:
            await asyncio.wait((ended,), timeout=grace_s)
        self.kill()
        await asyncio.wait((ended,), timeout=_REAP_S)
        return End(ended.result() if ended.done() else None)


def _settle(ended: asyncio.Future[int], status: int) -> None:
    if not ended.done():
        ended.set_result(status)


def kill_family(pid: int) -> None:
    """Kill a process, those of its session, and all that it started, directly or not, even if they are stopped."""
    members = descendants(pid)
    with contextlib.suppress(ProcessLookupError, PermissionError):  # PermissionError: macOS, if all of them are zombies
        os.killpg(pid, signal.SIGKILL)
    for member in members:
        with contextlib.suppress(ProcessLookupError):
            os.kill(member, signal.SIGKILL)


def descendants(pid: int) -> list[int]:
    """List what a process started, as Linux tells it. Other systems: none; children end when their socket closes."""
    children: list[int] = []
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            children += map(int, (task / "children").read_text().split())
    return children + [descendant for child in children for descendant in descendants(child)]


def take_leash() -> socket.socket:
    """Take, inside a child, the socket that it was given. Programs that the child starts get /dev/null instead.

    A service manager may signal all processes of a server at once. Only the first one obeys: it lets contexts finish,
    and ends its children by closing their sockets.
    """
    for number in ENDING_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    leash = socket.socket(fileno=os.dup(0))  # Python's copies are not inherited
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    return leash
