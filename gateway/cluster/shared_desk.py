"""The desk of several processes that are one server: each worker's half, and the supervisor's, which decides.

Workers ask for slots by message (``cluster/link.py``), and the supervisor's queue grants them in turn to all
connections, of whichever worker. What the server carries must be right at the worker to which a client goes next, so it
does not travel by message: it is on a board in memory that all processes share. A worker counts a connection there
before its client learns that it is in, and the supervisor counts a slot before it grants it.
"""

from __future__ import annotations

import itertools
import mmap
from typing import TYPE_CHECKING

from ..capacity.admission import Slot, SlotQueue
from .link import CloseConnection, Forecast, Granted, OpenDesk, ReleaseSlot, RequestSlot

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from ...synthesis.processes.link import Link
    from .link import ToDesk


class Board:
    """Figures that all processes of a server see at once; one process writes each figure.

    A figure is eight bytes that are stored together, so no process ever reads half of one.

    Args:
        path: of the file that holds them; the first process makes it.
        workers: how many workers count their connections there.
    """

    def __init__(self, path: Path, workers: int) -> None:
        size = 8 * (2 + workers)
        with path.open("a+b") as file:
            file.truncate(size)
            self._figures = memoryview(mmap.mmap(file.fileno(), size)).cast("Q")

    @property
    def running(self) -> int:
        """Contexts that hold a slot."""
        return self._figures[0]

    @property
    def waiting(self) -> int:
        """Contexts that wait for a slot."""
        return self._figures[1]

    @property
    def connections(self) -> int:
        """Connections that are open."""
        return sum(self._figures[2:])

    def write_turns(self, running: int, waiting: int) -> None:
        """Note how the supervisor's queue stands."""
        self._figures[0], self._figures[1] = running, waiting

    def write_connections(self, place: int, count: int) -> None:
        """Note how many connections one worker has."""
        self._figures[2 + place] = count


class SharedDesk:
    """A worker's half; see ``desk.Desk``.

    Args:
        board: the server's.
        place: the worker's on it.
        supervisor: the link to it.
    """

    def __init__(self, board: Board, place: int, supervisor: Link) -> None:
        self._board = board
        self._place = place
        self._supervisor = supervisor
        self._count = 0  # connections of this worker
        self._numbers = itertools.count()
        self._requests: dict[Slot, int] = {}  # by slot, the number of the request with which it waits or is held
        self._granted: Callable[[Slot], None]

    @property
    def connections(self) -> int:  # noqa: D102 - as in Desk, like all below
        return self._board.connections

    @property
    def running(self) -> int:  # noqa: D102
        return self._board.running

    @property
    def waiting(self) -> int:  # noqa: D102
        return self._board.waiting

    def open(self, slots: int, granted: Callable[[Slot], None]) -> None:  # noqa: D102
        self._granted = granted
        self._supervisor.send(OpenDesk(slots))

    def connection_opened(self) -> None:  # noqa: D102
        self._count += 1
        self._board.write_connections(self._place, self._count)

    def connection_closed(self, connection_id: str) -> None:  # noqa: D102
        self._count -= 1
        self._board.write_connections(self._place, self._count)
        for slot in [slot for slot in self._requests if slot.connection_id == connection_id]:
            del self._requests[slot]
        self._supervisor.send(CloseConnection(connection_id))

    def request_slot(self, slot: Slot, *, is_continuing: bool, is_live: bool = True) -> None:  # noqa: D102
        number = self._requests[slot] = next(self._numbers)
        self._supervisor.send(
            RequestSlot(slot.connection_id, slot.context_id, slot.tenant, is_continuing, is_live, number, slot.priority)
        )

    def release_slot(self, slot: Slot) -> None:  # noqa: D102
        if self._requests.pop(slot, None) is not None:
            self._supervisor.send(ReleaseSlot(slot.connection_id, slot.context_id, slot.tenant))

    def forecast(self, sustainable: int | None) -> None:  # noqa: D102
        self._supervisor.send(Forecast(sustainable))

    def slot_granted(self, granted: Granted) -> None:
        """Pass on a slot that the supervisor grants. A grant that crossed a release belongs to no request any more."""
        slot = Slot(granted.connection, granted.context, granted.tenant)
        if self._requests.get(slot) == granted.number:
            self._granted(slot)


class HeadDesk:
    """The supervisor's half: one queue for all workers. Each worker is known by its link.

    Args:
        board: the server's.
    """

    def __init__(self, board: Board) -> None:
        self._board = board
        self._slots: SlotQueue | None = None  # made when the first worker says how many slots its engine has
        # Of each slot that is waited for or held: its worker's link, and the request's number.
        self._requests: dict[Slot, tuple[Link, int]] = {}

    def obey(self, worker: Link, message: ToDesk) -> None:
        """Do what a worker asks for."""
        if isinstance(message, OpenDesk):
            self._slots = self._slots or SlotQueue(message.slots)
            return
        assert self._slots is not None  # noqa: S101 - a desk is opened first
        match message:
            case RequestSlot(connection, context, tenant, is_continuing, is_live, number, priority):
                slot = Slot(connection, context, tenant, priority)
                self._requests[slot] = worker, number
                self._hand_out(self._slots.request(slot, is_continuing=is_continuing, is_live=is_live))
            case ReleaseSlot(connection, context, tenant):
                slot = Slot(connection, context, tenant)
                self._requests.pop(slot, None)
                self._hand_out(self._slots.release(slot))
            case CloseConnection(connection):
                self._release_connection(connection)
            case Forecast(sustainable):
                self._hand_out(self._slots.forecast(sustainable))

    def worker_gone(self, worker: Link) -> None:
        """Free every slot that a worker's connections held or waited for."""
        for connection_id in {slot.connection_id for slot, (whose, _) in self._requests.items() if whose is worker}:
            self._release_connection(connection_id)

    def _release_connection(self, connection_id: str) -> None:
        assert self._slots is not None  # noqa: S101 - as above
        for slot in [slot for slot in self._requests if slot.connection_id == connection_id]:
            del self._requests[slot]
        self._hand_out(self._slots.release_connection(connection_id))

    def _hand_out(self, granted: Sequence[Slot]) -> None:
        assert self._slots is not None  # noqa: S101 - as above
        self._board.write_turns(self._slots.held, self._slots.waiting)
        for slot in granted:
            worker, number = self._requests[slot]
            worker.send(Granted(slot.connection_id, slot.context_id, slot.tenant, number))
