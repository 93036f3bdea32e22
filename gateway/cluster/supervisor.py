"""Several gateway processes that are one server (``workers``): starts them, keeps their limits, ends them.

::

    wiring.py ─► supervisor ──┬── leash ──► worker.py, a server of its own on the same port
                   │          └── leash ──► worker.py ...
                   └── keeps ──► the engine that all workers speak with, if it is one that can be shared

Clients connect to the workers directly. Each worker listens on the port with a socket of its own, and the kernel
spreads connections evenly over them (SO_REUSEPORT); with one socket for all, the worker that is awake would take a
whole burst. No text and no sound passes through the supervisor, only turns (``shared_desk.py``).
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

_RESTART_S: Final = 5.0  # at least, between two starts of a worker, so that failing starts do not fill the machine
_END_S: Final = 10.0  # time that a worker gets to end in good order after its leash was cut, before it is killed
# Time that a worker gets to end in good order, beyond the time to drain, before it is killed: more than it needs itself
# (``server.PARTING_S``), less than this process has (``ending.GRACE_S``).
_PARTING_S: Final = 1.3
# A worker says every second that it is alive. A worker that was silent for this long hangs and is killed, so that its
# clients come back and are served.
PATIENCE_S: Final = 5.0
# The same before the worker listens: it imports everything first, on a machine that may be busy.
_START_PATIENCE_S: Final = 60.0
_PROGRAM: Final = f"{__package__}.worker"
_CARE: Final = Care(PATIENCE_S, _START_PATIENCE_S, _RESTART_S, _END_S, is_replaced_at_once=False)


async def supervise(
    settings: Settings, engine: Path | None, announce: Callable[[str, int], None], ending: Ending
) -> int:
    """Run a server of several workers until it is asked to end; returns the exit status.

    Args:
        settings: the server's.
        engine: the address of the shared engine; None: each worker has its own.
        announce: called with address and port once all workers listen.
        ending: asks for the end: all workers drain.

    Raises:
        OSError: the address cannot be bound.
    """
    with _reserved(settings.host, settings.port) as port, tempfile.TemporaryDirectory(prefix="sayline-") as folder:
        there = settings.model_copy(update={"port": port})
        return await Supervisor(there, engine, Path(folder), ending).run(announce)


class Supervisor:
    """Keeps the workers and their limits; see the module.

    Args:
        settings: the server's, with the port on which all workers listen.
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
        """Keep all workers alive until the end is asked for, then drain them; returns the exit status."""
        first, *others = self._places
        try:
            # The first worker starts alone, so that only one reports a fault of the settings.
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
        finally:  # also if the end was asked for while workers were starting
            async with asyncio.TaskGroup() as tasks:
                for place in self._places:
                    tasks.create_task(place.keeper.close(is_urgent=True))
        return status


class Place:
    """A place in which one worker after another runs.

    Args:
        job: what each of them is told.
        board: the server's figures.
        desk: gives slots.

    Attributes:
        keeper: keeps a worker alive.
        url: where it listens; known after it was up once.
    """

    def __init__(self, job: Job, board: Board, desk: HeadDesk) -> None:
        self.name = f"worker {job.place}"
        self.keeper = Keeper(self, _CARE)
        self.url = ""
        self._job = job
        self._board = board
        self._desk = desk
        self._worker: Link | None = None  # while a worker can be talked to
        self._pid = 0  # of the worker that runs here, or ran last

    @property
    def is_owed(self) -> bool:
        """A worker owes a sign of life at all times."""
        return True

    async def drained(self) -> None:
        """Have the worker finish its running contexts, and wait for its end."""
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
        """Free every slot that the worker's connections held."""
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.close()
            self._desk.worker_gone(worker)
            self._board.write_connections(self._job.place, 0)

    def child_ended(self, end: End) -> None:  # noqa: ARG002 - the log has it
        """Forget the worker's gauges, which describe nothing now; its counters stay."""
        mark_process_dead(self._pid, self._job.metrics)  # type: ignore[no-untyped-call] # prometheus_client's

    def could_not_start(self, fault: str) -> None:
        """Log it; the other workers serve the clients."""
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
    """Start workers and wait until all listen; returns 0, or the exit status of a worker that cannot."""
    try:
        for place in places:
            place.keeper.begin()
        for place in places:
            await place.keeper.came_up()
    except OSError as error:
        log.error("a worker's process cannot be started: %s", error)  # noqa: TRY400 - the error's text says all
        return FAILED
    except CannotStart as error:
        status = error.end.status if error.end is not None else None
        if status is not None and status > 0:  # the worker has logged the reason itself
            return status
        log.error("a worker %s", error)  # noqa: TRY400 - as above
        return FAILED
    return 0


@contextlib.contextmanager
def _reserved(host: str, port: int) -> Iterator[int]:
    """Hold a port for the workers, which listen on it together; returns the port, a free one for 0.

    The port is bound as if for this process alone, so that a port on which another program listens is refused. It is
    shared only then. The supervisor does not listen itself, so the kernel gives it no connection.
    """
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    with socket.socket(family, kind, protocol) as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a predecessor's last connections do not count
        if family == socket.AF_INET6:
            holder.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)  # as asyncio's own listeners do
        holder.bind(address)
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        yield holder.getsockname()[1]
