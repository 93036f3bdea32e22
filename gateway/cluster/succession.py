"""One server takes over from another, and no client is refused: the same sockets, a new process, settings read anew.

::

    the old one ── SIGHUP ──► starts the command that it was started with, which inherits its sockets and a link
         │                            │
         │  ◄──────── up ─────────────┤ it could serve, and lets nobody in yet
         │ lets nobody in any more:   │
         │ who comes waits at the sockets
         ├───────── it is yours ────► │ it lets in who waits, serves, and is the main process
         ▼                            ▼
         finishes what runs, ends

So one process answers at any time, with the settings of then, and a successor that is wanted no more has let nobody in.
If the link ends before it has said that it is up, no successor came, and the old one serves on. If the link ends before
the new one has heard that the server is its own, the old one has ended in some other way, and so does the new one. The
new one is no child of the old one: a shell starts it and leaves, so that what ends the old one does not end it.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import socket
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self

from ..settings import service_manager, successor_environ, take_heritage
from .doors import Doors, descriptors, inherited

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from ..settings import Settings
    from .ending import Ending

log = logging.getLogger("sayline.succession")

_UP: Final = b"up "  # and the process id
_YOURS: Final = b"it is yours\n"
_MOST_BYTES: Final = 64


class Heritage:
    """What a predecessor has left to this process: sockets, and the link to it. Without one there is nothing.

    Args:
        link: to the predecessor.
        doors: its sockets by what they are for: Doors' attribute, host, and port as its settings have them.

    Attributes:
        is_ours: this process is the server: there was no predecessor, or it has made way.
    """

    def __init__(self, link: socket.socket | None, doors: dict[tuple[str, str, int], list[socket.socket]]) -> None:
        self._link = link
        self._doors = doors
        self.is_ours = link is None
        self._has_answered = asyncio.Event()

    @classmethod
    def taken(cls) -> Self:
        """Take what the environment tells of."""
        written = take_heritage()
        if written is None:
            return cls(None, {})
        left: dict[str, Any] = json.loads(written)  # Any: JSON
        doors = {(name, host, port): inherited(found) for name, host, port, found in left["doors"]}
        return cls(inherited([left["link"]])[0], doors)

    def doors(self, settings: Settings) -> Doors:
        """Take the sockets for the addresses of these settings, and give up the others."""
        found = Doors(
            self._doors.pop(("main", settings.host, settings.port), []),
            self._doors.pop(("wyoming", settings.wyoming_address, settings.wyoming_port or 0), []),
        )
        if settings.wyoming_port is None:
            for each in found.wyoming:
                each.close()
            found.wyoming = []
        for rest in self._doors.values():
            for each in rest:
                each.close()
        self._doors.clear()
        return found

    @contextmanager
    def attended(self, ending: Ending) -> Iterator[None]:
        """Listen to the predecessor, which may end before this process has taken over; this one ends then, too."""
        if (link := self._link) is None:
            yield
            return
        loop = asyncio.get_running_loop()

        def received() -> None:
            loop.remove_reader(link)
            with contextlib.suppress(OSError):
                self.is_ours = link.recv(_MOST_BYTES) == _YOURS
            self._has_answered.set()
            if not self.is_ours:
                log.error("the predecessor has ended, or wants no successor any more")
                ending.ask()

        link.setblocking(False)
        loop.add_reader(link, received)
        try:
            yield
        finally:
            loop.remove_reader(link)
            link.close()

    async def taken_over(self, ending: Ending) -> bool:
        """Say that this process could serve, and wait until the predecessor makes way; tells whether it does.

        It does not if this process is asked to end first: the predecessor may hang.
        """
        if self._link is not None:
            with contextlib.suppress(OSError):  # it has ended, which is read
                self._link.send(_UP + b"%d\n" % os.getpid())
            async with asyncio.TaskGroup() as tasks:
                waits = [tasks.create_task(each.wait()) for each in (self._has_answered, ending.asked)]
                await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
                for each in waits:
                    each.cancel()
        return self.is_ours


class _Successor(NamedTuple):
    """A process that could serve in place of this one.

    Attributes:
        link: to it.
        pid: its process id.
    """

    link: socket.socket
    pid: int


async def succeeded(
    settings: Settings, doors: Callable[[], Doors], ending: Ending, stop_accepting: Callable[[], Awaitable[None]]
) -> bool:
    """Return once this server is asked to end (False), or another one serves in its place (True).

    Args:
        settings: the server's.
        doors: gives its sockets as they are then.
        ending: is asked.
        stop_accepting: lets nobody in any more.
    """
    async with asyncio.TaskGroup() as tasks:
        while True:
            ends = tasks.create_task(ending.asked.wait())
            restarts = tasks.create_task(ending.restart_asked.wait())
            await asyncio.wait((ends, restarts), return_when=asyncio.FIRST_COMPLETED)
            restarts.cancel()
            if ends.done():
                return False
            ending.restart_asked.clear()
            starting = tasks.create_task(_successor(settings, doors()))
            again = tasks.create_task(ending.restart_asked.wait())  # whoever asks again wants the newest settings
            await asyncio.wait((ends, again, starting), return_when=asyncio.FIRST_COMPLETED)
            again.cancel()
            ends.cancel()
            successor = starting.result() if starting.done() else None
            starting.cancel()
            if successor is not None:  # from here on nothing calls it off
                with successor.link:
                    await stop_accepting()
                    notify(f"MAINPID={successor.pid}")
                    with contextlib.suppress(OSError):  # it could serve: if it ends now, it does so as the server
                        successor.link.send(_YOURS)
                ending.succeeded_by(successor.pid)
                log.info("a successor serves; what runs here is finished", extra={"successor": successor.pid})
                return True


async def _successor(settings: Settings, doors: Doors) -> _Successor | None:
    """Start a successor, and wait until it could serve; None if it does not get so far."""
    if os.getpid() == 1:
        log.error("the first process of a container cannot have a successor: start another container")
        return None
    log.info("a successor is started")
    notify(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")
    with contextlib.ExitStack() as stack:
        try:
            ours, theirs = socket.socketpair()
            stack.enter_context(ours)
            with theirs:
                await _start(settings, doors, theirs)
        except OSError as exc:
            _serve_on(str(exc))
            return None
        ours.setblocking(False)
        said = b""
        with contextlib.suppress(OSError):
            said = await asyncio.get_running_loop().sock_recv(ours, _MOST_BYTES)
        if not said.startswith(_UP):
            _serve_on("it has ended before it could serve")
            return None
        stack.pop_all()
        return _Successor(ours, int(said.removeprefix(_UP)))


def _serve_on(why: str) -> None:
    log.error("no successor came up (%s): this process serves on", why)
    notify("READY=1")


async def _start(settings: Settings, doors: Doors, link: socket.socket) -> None:
    """Start this process's own command anew, with a link to this process."""
    left = [
        ("main", settings.host, settings.port, descriptors(doors.main)),
        ("wyoming", settings.wyoming_address, settings.wyoming_port or 0, descriptors(doors.wyoming)),
    ]
    shell = await asyncio.create_subprocess_exec(
        "/bin/sh",
        "-c",
        '"$@" &',
        "sh",
        sys.executable,
        *sys.orig_argv[1:],
        stdin=asyncio.subprocess.DEVNULL,
        env=successor_environ(json.dumps({"link": link.fileno(), "doors": left})),
        pass_fds=[link.fileno(), *descriptors(doors.all())],
    )
    await shell.wait()


def notify(state: str) -> None:
    """Tell systemd how its service is, if it is one."""
    address = service_manager()
    if address is None:
        return
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.setblocking(False)
        manager.connect(f"\0{address[1:]}" if address.startswith("@") else address)
        manager.send(state.encode())
