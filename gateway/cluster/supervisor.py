"""Several gateway processes that are one server (``workers``): starts them, keeps their limits, ends them.

::

    wiring.py ─► supervisor ──┬── leash ──► worker.py, a server of its own on the same port
                   │          └── leash ──► worker.py ...
                   └── keeps ──► the engine that all of them speak with, where the engine is one that can be shared

Clients come to the workers directly: each listens on the port with a socket of its own, and the kernel spreads
connections evenly over them (SO_REUSEPORT; with one socket for all, who is awake would take a whole burst). Of what is
said and heard nothing passes through here, only turns (``shared_desk.py``).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import signal
import socket
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from prometheus_client.multiprocess import mark_process_dead

from ..settings import worker_environ
from . import link as worker_link
from .ending import Ending, kill_family
from .shared_desk import Board, HeadDesk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..settings import Settings

log = logging.getLogger("sayline.supervisor")

_RESTART_S: Final = 5.0  # at least, between two starts of a worker: trying must not be all that this machine does
_END_S: Final = 10.0  # what a worker whose leash was cut gets to end in good order, before it is killed
# What a worker gets to end in good order, beyond the time to drain, before it is killed: more than it needs itself
# (``server.PARTING_S``), less than this process has (``ending.GRACE_S``).
_PARTING_S: Final = 1.3
# A worker says every second that it is alive. One that has said nothing for so long hangs, and is killed: its clients
# come back and are served, which they would wait for in vain.
PATIENCE_S: Final = 5.0
# The same before its first word: it imports everything first, on a machine that may be busy.
_START_PATIENCE_S: Final = 60.0
_PROGRAM: Final = f"{__package__}.worker"


async def supervise(
    settings: Settings, engine: Path | None, announce: Callable[[str, int], None], ending: Ending
) -> int:
    """Run a server of several workers until it is asked to end; returns the exit status.

    Args:
        settings: the server's.
        engine: the address of the engine that is shared; None: each worker has its own.
        announce: called once all listen, with where and on which port.
        ending: asks for it: all workers drain.

    Raises:
        OSError: the address cannot be bound.
    """
    with _reserved(settings.host, settings.port) as port, tempfile.TemporaryDirectory(prefix="sayline-") as folder:
        there = settings.model_copy(update={"port": port})
        return await Supervisor(there, engine, Path(folder), ending).run(announce)


@dataclass(slots=True, eq=False)
class _Place:
    """Where one worker after another works."""

    number: int
    started: asyncio.Future[int]  # 0 when the first worker here listens, or the status that it ended with before
    worker: asyncio.StreamWriter | None = None  # the link to it, while there is one
    process: asyncio.subprocess.Process | None = None
    url: str = ""


class Supervisor:
    """See the module.

    Args:
        settings: the server's, with the port that all workers listen on.
        engine: see ``supervise``.
        folder: holds what the processes share; ours alone.
        ending: see ``supervise``.
    """

    def __init__(self, settings: Settings, engine: Path | None, folder: Path, ending: Ending) -> None:
        self._settings = settings
        self._engine = engine
        self._folder = folder
        self._metrics = folder / "metrics"
        self._metrics.mkdir()
        self._board = Board(folder / "board", settings.workers)
        self._desk = HeadDesk(self._board)
        self._ending = ending
        self._stopping = ending.asked
        self._loop = asyncio.get_running_loop()
        self._places = [_Place(number, self._loop.create_future()) for number in range(settings.workers)]

    async def run(self, announce: Callable[[str, int], None]) -> int:
        """Keep all workers alive until it is time to stop, and drain them; returns the exit status."""
        status = 0
        first, *others = self._places
        async with asyncio.TaskGroup() as tasks:
            keeping = []
            try:
                for places in ([first], others):  # what is wrong with the settings is found and said by the first alone
                    keeping += [tasks.create_task(self._keep(place)) for place in places]
                    for place in places:
                        status = status or await place.started
                    if status:
                        self._stopping.set()
                        break
                else:
                    self._ending.serving(self._settings.drain_s)
                    announce(first.url, self._settings.port)
                    await self._stopping.wait()
                    log.info("draining")
                for place in self._places:
                    self._drain(place)
                await asyncio.wait(keeping, timeout=self._settings.drain_s + _PARTING_S)
            finally:  # also if it was asked to end while workers were starting
                for place in self._places:
                    _kill(place)
        return status

    async def _keep(self, place: _Place) -> None:
        """Run one worker after another until it is time to stop."""
        while not self._stopping.is_set():
            started_at = self._loop.time()
            status = await self._run_once(place)
            if not place.started.done():  # what cannot start at all is for the operator
                if status < 0:  # else it has said why itself
                    log.error("worker %d %s before it could serve", place.number, _how(status))
                place.started.set_result(status if status > 0 else 1)
            elif not self._stopping.is_set():
                log.error("worker %d %s; it is started again", place.number, _how(status))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(started_at + _RESTART_S):
                    await self._stopping.wait()
        if not place.started.done():
            place.started.set_result(0)

    async def _run_once(self, place: _Place) -> int:
        """Run one worker until it ends; returns the status that it ended with."""
        ours, theirs = socket.socketpair()
        with theirs:
            reader, writer = await asyncio.open_connection(sock=ours)
            try:
                process = await asyncio.create_subprocess_exec(
                    sys.executable,
                    "-m",
                    _PROGRAM,
                    str(theirs.fileno()),
                    stdin=asyncio.subprocess.PIPE,
                    env=worker_environ(self._metrics),
                    pass_fds=[theirs.fileno()],
                    start_new_session=True,  # Ctrl-C in a terminal is ours to obey
                )
            except OSError as error:
                writer.close()
                log.error("a worker's process cannot be started: %s", error)  # noqa: TRY400 - what it says is all there is
                return 1
        place.worker, place.process = writer, process
        assert process.stdin is not None  # noqa: S101 - it was asked for
        process.stdin.write(self._job(place))  # not as an argument, for everybody can read those, and keys are in it
        process.stdin.close()
        if self._stopping.is_set():
            self._drain(place)
        try:
            await self._listen(place, reader, writer)
        finally:
            place.worker = None
            writer.close()
            self._desk.worker_gone(writer)
            self._board.write_connections(place.number, 0)
            status = await asyncio.shield(_ended(process))
            # Its gauges are of nothing now; what it counted stays.
            mark_process_dead(process.pid, str(self._metrics))  # type: ignore[no-untyped-call] # prometheus_client's
        return status

    def _job(self, place: _Place) -> bytes:
        job = {
            "settings": self._settings.model_dump(mode="json"),
            "place": place.number,
            "folder": str(self._folder),
            "metrics": str(self._metrics),
            "engine": None if self._engine is None else str(self._engine),
        }
        return json.dumps(job).encode()

    async def _listen(self, place: _Place, reader: asyncio.StreamReader, worker: asyncio.StreamWriter) -> None:
        """Do what a worker asks for until it is gone, or killed because it says nothing any more."""
        patience_s = _START_PATIENCE_S
        with contextlib.suppress(worker_link.LinkClosed):
            while True:
                asked_at = self._loop.time()
                try:
                    async with asyncio.timeout(patience_s):
                        fields = await worker_link.read(reader)
                except TimeoutError:
                    # If this very process was held up, what the worker said may still lie in the socket.
                    if self._loop.time() < asked_at + patience_s + worker_link.HEARTBEAT_S:
                        break
                    continue
                patience_s = PATIENCE_S
                if fields["type"] == "alive":
                    continue
                if fields["type"] == "listening":
                    place.url = fields["url"]
                    if not place.started.done():
                        place.started.set_result(0)
                else:
                    self._desk.obey(worker, fields)
            log.error("worker %d has said nothing for %g s; it is killed", place.number, patience_s)
            _kill(place)

    def _drain(self, place: _Place) -> None:
        if place.worker is not None:
            worker_link.write(place.worker, "drain")


def _kill(place: _Place) -> None:
    """Kill a worker that has not ended, with its encoders and its voice."""
    if place.process is not None and place.process.returncode is None:
        kill_family(place.process.pid)


@contextlib.contextmanager
def _reserved(host: str, port: int) -> Iterator[int]:
    """Hold a port for the workers, who listen on it together; gives the port, a free one for 0.

    It is bound as if for us alone, so that a port where somebody listens is refused, and shared only then. We do not
    listen ourselves, so the kernel gives us no connection.
    """
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    with socket.socket(family, kind, protocol) as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a predecessor's last connections do not count
        if family == socket.AF_INET6:
            holder.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)  # as asyncio's own listeners
        holder.bind(address)
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        yield holder.getsockname()[1]


async def _ended(process: asyncio.subprocess.Process) -> int:
    """Let a worker whose leash was cut end by itself, or kill it; returns its status."""
    try:
        async with asyncio.timeout(_END_S):
            return await process.wait()
    except TimeoutError:
        kill_family(process.pid)
        return await process.wait()


def _how(status: int) -> str:
    if status < 0:
        return f"was ended by signal {-status} ({signal.strsignal(-status)})"
    return f"exited with status {status}"
