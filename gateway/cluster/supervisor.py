"""Several gateway processes that are one server (``workers``): starts them, keeps their limits, ends them.

::

    wiring.py ─► supervisor ──┬── leash ──► worker.py, a server of its own on the same port
                   │          └── leash ──► worker.py ...
                   └── keeps ──► the engine that all workers speak with, if it is one that can be shared

Clients connect to the workers directly, once all of them could serve: until then no socket listens, so nobody is told
that the server is well while some of its processes are still starting. Each worker listens on the port with a socket of
its own (``doors.py``); with one socket for all, the worker that is awake would take a whole burst. No text and no sound
passes through the supervisor, only turns (``shared_desk.py``).
"""

from __future__ import annotations

import asyncio
import logging
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from prometheus_client.multiprocess import mark_process_dead

from ...synthesis.processes.child import Child
from ...synthesis.processes.keeper import CannotStart, Care, Keeper
from ...synthesis.processes.link import Link
from ..exit_status import FAILED
from ..serving.server import BACKLOG
from ..settings import worker_environ
from .doors import Doors, descriptors, reserved, shared
from .link import VOCABULARY, Closed, Drain, Job, Open, Prepared
from .shared_desk import Board, HeadDesk
from .succession import notify, succeeded

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...synthesis.processes.child import End
    from ..settings import Settings
    from .ending import Ending
    from .link import ToDesk
    from .succession import Heritage

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
    settings: Settings,
    engine: Path | None,
    announce: Callable[[str, int], None],
    ending: Ending,
    heritage: Heritage,
    left: Doors,
) -> int:
    """Run a server of several workers until it is asked to end; returns the exit status.

    Args:
        settings: the server's.
        engine: the address of the shared engine; None: each worker has its own.
        announce: called with address and port once all workers serve.
        ending: asks for the end: all workers drain.
        heritage: what a predecessor has left.
        left: its sockets.

    Raises:
        OSError: the address cannot be bound.
        BadSettings: that of Wyoming cannot.
    """
    with reserved(settings, left) as there, tempfile.TemporaryDirectory(prefix="sayline-") as folder:
        supervisor = Supervisor(there, engine, Path(folder), ending, left)
        return await supervisor.run(announce, heritage, settings)


class Supervisor:
    """Keeps the workers and their limits; see the module.

    Args:
        settings: the server's, with the port on which all workers listen.
        engine: see ``supervise``.
        folder: holds what the processes share; ours alone.
        ending: see ``supervise``.
        left: see ``supervise``.
    """

    def __init__(self, settings: Settings, engine: Path | None, folder: Path, ending: Ending, left: Doors) -> None:
        self._settings = settings
        self._ending = ending
        metrics = folder / "metrics"
        metrics.mkdir()
        board = Board(folder / "board", settings.workers)
        desk = HeadDesk(board)
        shared = settings.model_dump(mode="json")
        address = None if engine is None else str(engine)
        self._places = [
            Place(
                Job(shared, number, str(folder), str(metrics), address, [], []),
                board,
                desk,
                partial(self._shared, left.share(number, settings.workers)),
            )
            for number in range(settings.workers)
        ]

    async def run(self, announce: Callable[[str, int], None], heritage: Heritage, given: Settings) -> int:
        """Keep all workers alive until the end is asked for, then drain them; returns the exit status.

        Args:
            announce: see ``supervise``.
            heritage: see ``supervise``.
            given: the settings as they were given, by which a successor knows the sockets.
        """
        is_succeeded, leaving_s = False, self._settings.drain_s
        first, *others = self._places
        try:
            # The first worker starts alone, so that only one reports a fault of the settings.
            status = await _started([first]) or await _started(others)
            if not status:
                self._ending.serving(self._settings.drain_s)
                if await heritage.taken_over(self._ending):
                    for place in self._places:
                        place.open()
                    notify("READY=1")
                    announce(first.url, self._settings.port)
                is_succeeded = await succeeded(given, self._doors, self._ending, self._stop_accepting)
                if is_succeeded:
                    leaving_s += self._settings.handshake_timeout_s
                    self._ending.serving(leaving_s)
                    self._ending.ask()
                else:
                    log.info("draining")
            async with asyncio.TaskGroup() as tasks:
                leaving = [tasks.create_task(place.drained(is_succeeded=is_succeeded)) for place in self._places]
                await asyncio.wait(leaving, timeout=leaving_s + _PARTING_S)
                for task in leaving:
                    task.cancel()
        finally:  # also if the end was asked for while workers were starting
            async with asyncio.TaskGroup() as tasks:
                for place in self._places:
                    tasks.create_task(place.keeper.close(is_urgent=True))
        return status

    async def _stop_accepting(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            for place in self._places:
                tasks.create_task(place.stop_accepting())

    def _doors(self) -> Doors:
        every = [place.doors for place in self._places]
        return Doors([each for one in every for each in one.main], [each for one in every for each in one.wyoming])

    def _shared(self, left: Doors) -> Doors:
        """Give a worker its sockets: those that a predecessor left for its place, or new ones."""
        settings, found = self._settings, Doors(left.main, left.wyoming)
        left.main, left.wyoming = [], []  # the next worker in this place gets new ones
        try:
            found.main = found.main or shared(settings.host, settings.port)
            if settings.wyoming_port is not None:
                found.wyoming = found.wyoming or shared(settings.wyoming_address, settings.wyoming_port)
        except OSError:
            found.close()
            raise
        return found


class Place:
    """A place in which one worker after another runs.

    Args:
        job: what each of them is told.
        board: the server's figures.
        desk: gives slots.
        open_doors: gives a worker its sockets.

    Attributes:
        doors: the sockets of the worker that runs here.
        keeper: keeps a worker alive.
        url: where it listens; known after it was up once.
    """

    def __init__(self, job: Job, board: Board, desk: HeadDesk, open_doors: Callable[[], Doors]) -> None:
        self.name = f"worker {job.place}"
        self.doors = Doors()
        self.keeper = Keeper(self, _CARE)
        self.url = ""
        self._job = job
        self._board = board
        self._desk = desk
        self._open_doors = open_doors
        self._worker: Link | None = None  # while a worker can be talked to
        # The server is: a worker that is started later lets people in as soon as it could serve.
        self._is_open = False
        self._is_closed = asyncio.Event()  # the worker lets nobody in any more, or is gone
        self._pid = 0  # of the worker that runs here, or ran last

    @property
    def is_owed(self) -> bool:
        """A worker owes a sign of life at all times."""
        return True

    def open(self) -> None:
        """Have the worker let people in, now and whenever another one runs here."""
        self._is_open = True
        if self.keeper.is_up:
            self._open()

    async def stop_accepting(self) -> None:
        """Have the worker let nobody in any more, and return once it does not; the keeper kills one that hangs."""
        self._is_open = False
        if self._worker is not None and self.keeper.is_up:
            self._is_closed.clear()
            self._worker.send(Drain(is_succeeded=True))
            await self._is_closed.wait()

    async def drained(self, *, is_succeeded: bool) -> None:
        """Have the worker finish its running contexts, and wait for its end."""
        if self._worker is not None:
            self._worker.send(Drain(is_succeeded))
        if is_succeeded:
            self.doors.close()
        await self.keeper.ended()

    # -- called by the keeper and the link -----------------------------------------------------------------------------

    def start_child(self) -> Child:
        """Start a worker and give it its job."""
        self.doors = self._open_doors()
        environment = worker_environ(Path(self._job.metrics))
        try:
            child = Child([sys.executable, "-m", _PROGRAM], environment=environment, inherited=self.doors.all())
        except OSError:
            self.doors.close()
            raise
        self._pid = child.pid
        self._worker = Link(child.socket, VOCABULARY, self._received, self.keeper.hung_up, heard=self.keeper.heard)
        sockets, wyoming_sockets = descriptors(self.doors.main), descriptors(self.doors.wyoming)
        self._worker.send(self._job._replace(sockets=sockets, wyoming_sockets=wyoming_sockets))
        return child

    def child_lost(self) -> None:
        """Free every slot that the worker's connections held."""
        worker, self._worker = self._worker, None
        self._is_closed.set()
        self.doors.close()  # so that the kernel leads nobody there
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
        self.doors.close()
        if self._pid:
            mark_process_dead(self._pid, self._job.metrics)  # type: ignore[no-untyped-call] # prometheus_client's

    def _open(self) -> None:
        for each in self.doors.all():  # the kernel leads people to every worker from the first moment on
            each.listen(BACKLOG)
        if self._worker is not None:
            self._worker.send(Open())

    def _received(self, message: Prepared | Closed | ToDesk) -> None:
        if isinstance(message, Prepared):
            self.url = message.url
            self.keeper.has_come_up()
            if self._is_open:
                self._open()
        elif isinstance(message, Closed):
            self._is_closed.set()
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
