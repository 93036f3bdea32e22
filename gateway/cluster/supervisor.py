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
import logging
import socket
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from prometheus_client.multiprocess import mark_process_dead

from ...synthesis.processes.child import Child
from ...synthesis.processes.keeper import CannotStart, Care, Keeper
from ...synthesis.processes.link import Link
from ..exit_status import FAILED
from ..settings import worker_environ
from .link import VOCABULARY, Drain, Job, Listening
from .shared_desk import Board, HeadDesk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ...synthesis.processes.child import End
    from ..settings import Settings
    from .ending import Ending
    from .link import ToDesk

log = logging.getLogger("sayline.supervisor")

_RESTART_S: Final = 5.0  # at least, between two starts of a worker: trying must not be all that this machine does
_END_S: Final = 10.0  # what a worker whose leash was cut gets to end in good order, before it is killed
# What a worker gets to end in good order, beyond the time to drain, before it is killed: more than it needs itself
# (``server.PARTING_S``), less than this process has (``ending.GRACE_S``).
_PARTING_S: Final = 1.3
# A worker says every second that it is alive. One that has said nothing for so long hangs, and is killed: its clients
# come back and are served, which they would wait for in vain.
PATIENCE_S: Final = 5.0
# The same before it listens: it imports everything first, on a machine that may be busy.
_START_PATIENCE_S: Final = 60.0
_PROGRAM: Final = f"{__package__}.worker"
_CARE: Final = Care(PATIENCE_S, _START_PATIENCE_S, _RESTART_S, _END_S, is_replaced_at_once=False)


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
        self._ending = ending
        metrics = folder / "metrics"
        metrics.mkdir()
        board = Board(folder / "board", settings.workers)
        desk = HeadDesk(board)
        shared = settings.model_dump(mode="json")
        address = None if engine is None else str(engine)
        self._places = [
            Place(Job(shared, number, str(folder), str(metrics), address), board, desk)
            for number in range(settings.workers)
        ]

    async def run(self, announce: Callable[[str, int], None]) -> int:
        """Keep all workers alive until it is time to stop, and drain them; returns the exit status."""
        first, *others = self._places
        try:
            # What is wrong with the settings is found and said by the first alone.
            status = await _started([first]) or await _started(others)
            if not status:
                self._ending.serving(self._settings.drain_s)
                announce(first.url, self._settings.port)
                await self._ending.asked.wait()
                log.info("draining")
            async with asyncio.TaskGroup() as tasks:
                leaving = [tasks.create_task(place.drained()) for place in self._places]
                await asyncio.wait(leaving, timeout=self._settings.drain_s + _PARTING_S)
                for task in leaving:
                    task.cancel()
        finally:  # also if it was asked to end while workers were starting
            async with asyncio.TaskGroup() as tasks:
                for place in self._places:
                    tasks.create_task(place.keeper.close(is_urgent=True))
        return status


class Place:
    """Where one worker after another works.

    Args:
        job: theirs.
        board: the server's figures.
        desk: gives slots.

    Attributes:
        keeper: keeps a worker alive.
        url: where it listens; known once it was up.
    """

    def __init__(self, job: Job, board: Board, desk: HeadDesk) -> None:
        self.name = f"worker {job.place}"
        self.keeper = Keeper(self, _CARE)
        self.url = ""
        self._job = job
        self._board = board
        self._desk = desk
        self._worker: Link | None = None  # while it can be talked to
        self._pid = 0  # of the worker that works here, or did last

    @property
    def is_owed(self) -> bool:
        """A worker owes a sign of life at all times."""
        return True

    async def drained(self) -> None:
        """Have the worker finish what it speaks, and wait for its end."""
        if self._worker is not None:
            self._worker.send(Drain())
        await self.keeper.ended()

    # -- called by the keeper and the link -----------------------------------------------------------------------------

    def start_child(self) -> Child:
        """Start a worker and give it its job."""
        child = Child([sys.executable, "-m", _PROGRAM], environment=worker_environ(Path(self._job.metrics)))
        self._pid = child.pid
        self._worker = Link(child.socket, VOCABULARY, self._received, self.keeper.hung_up, heard=self.keeper.heard)
        self._worker.send(self._job)
        return child

    def child_lost(self) -> None:
        """Free all that its connections held."""
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.close()
            self._desk.worker_gone(worker)
            self._board.write_connections(self._job.place, 0)

    def child_ended(self, end: End) -> None:  # noqa: ARG002 - the log has it
        """Forget its gauges, which are of nothing now; what it counted stays."""
        mark_process_dead(self._pid, self._job.metrics)  # type: ignore[no-untyped-call] # prometheus_client's

    def could_not_start(self, fault: str) -> None:
        """Say so; clients are served by the others."""
        log.error("%s %s; it is started again", self.name, fault)
        if self._pid:
            mark_process_dead(self._pid, self._job.metrics)  # type: ignore[no-untyped-call] # prometheus_client's

    def _received(self, message: Listening | ToDesk) -> None:
        if isinstance(message, Listening):
            self.url = message.url
            self.keeper.has_come_up()
        elif self._worker is not None:
            self._desk.obey(self._worker, message)


async def _started(places: list[Place]) -> int:
    """Start workers and wait until all listen; returns 0, or the exit status of one that cannot."""
    try:
        for place in places:
            place.keeper.begin()
        for place in places:
            await place.keeper.came_up()
    except OSError as error:
        log.error("a worker's process cannot be started: %s", error)  # noqa: TRY400 - what it says is all there is
        return FAILED
    except CannotStart as error:
        status = error.end.status if error.end is not None else None
        if status is not None and status > 0:  # it has said why itself
            return status
        log.error("a worker %s", error)  # noqa: TRY400 - as above
        return FAILED
    return 0


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
