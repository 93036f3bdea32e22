"""A process that speaks turns, and its successors: the parent's side, whatever the two say to each other.

An engine derives from ``SpeakingProcess`` how its process is started, and what the messages are. ``processes.keeper``
keeps the process alive.
"""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from ..interface import EngineUnavailable, SynthesisFailed
from ..processes.keeper import CannotStart, Care, Keeper

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..processes.child import Child, End
    from .queue import Turn, Turns

R = TypeVar("R")

SILENT_S: Final = 2.5  # without a word on a turn for so long it is not well, and ``/health`` says so
log = logging.getLogger("sayline.voices")


class SpeakingProcess(ABC, Generic[R]):
    """One process and its successors, for one event loop.

    Args:
        name: what the log calls it.
        turns: from which it takes; others may take from them too.
        care: how it is kept.
        most_in_flight: turns that it is sent before it has answered the first of them.

    Attributes:
        failure: why there is no process although there should be; empty while there is one.
    """

    def __init__(self, name: str, turns: Turns[R], care: Care, *, most_in_flight: int) -> None:
        self.name = name
        self.failure = ""
        self._turns = turns
        self._most_in_flight = most_in_flight
        self._keeper = Keeper(self, care)
        self._child: Child | None = None  # while it can be talked to
        self._start_fault = ""  # what this process said of why it does not start
        self._in_flight: dict[int, Turn[R]] = {}  # by number, by which the process knows them; in the order of sending
        turns.takers.append(self)

    @property
    def process_id(self) -> int | None:
        """The process's id, while there is one."""
        return self._child.pid if self._child else None

    @property
    def silence(self) -> str:
        """How long its process has been silent in the middle of a turn; empty while it need not be told."""
        silent_s = self._keeper.silent_s
        return f"{self.name} has been silent for {silent_s:.1f} s" if silent_s > SILENT_S else ""

    @property
    def is_owed(self) -> bool:
        """A turn is in flight."""
        return bool(self._in_flight)

    def begin(self) -> None:
        """Start the process.

        Raises:
            EngineUnavailable: the system does not start it.
        """
        try:
            self._keeper.begin()
        except OSError as exc:
            raise EngineUnavailable(self._why_not(f"does not start: {exc}")) from exc

    async def came_up(self) -> None:
        """Wait until the process can speak.

        Raises:
            EngineUnavailable: it cannot.
        """
        try:
            await self._keeper.came_up()
        except CannotStart as exc:
            raise EngineUnavailable(self._why_not(str(exc))) from exc

    async def close(self) -> None:
        """End the process and wait for that, some milliseconds; idempotent. Listeners hear nothing more."""
        self._turns.drop()
        self._in_flight.clear()
        await self._keeper.close(is_urgent=True)

    # -- called by the queue -------------------------------------------------------------------------------------------

    @property
    def room(self) -> int:
        """How many turns it can take now."""
        return self._most_in_flight - len(self._in_flight) if self._keeper.is_up else 0

    def take(self, number: int, turn: Turn[R]) -> None:
        """Speak a turn."""
        if not self._in_flight:
            self._keeper.owes()
        self._in_flight[number] = turn
        self._send_turn(number, turn)

    def cancel(self, turn: Turn[R]) -> None:
        """Cut a turn short if it is in flight here."""
        for number, sent in self._in_flight.items():
            if sent is turn:
                self._send_cancel(number)

    # -- called by the keeper ------------------------------------------------------------------------------------------

    def start_child(self) -> Child:
        """Start a process; it says by itself when it can speak."""
        self._start_fault = ""
        self._child = self._launch()
        return self._child

    def child_lost(self) -> None:
        """Send no more: turns wait for the next process."""
        if self._child:
            self._hang_up(self._child)
            self._child = None

    def child_ended(self, end: End) -> None:
        """Fail the turn that was spoken; the others go to another process."""
        turns = list(self._in_flight.items())
        self._in_flight.clear()
        if turns and (begun := turns[0][1].listener):
            begun.turn_failed(SynthesisFailed(f"{self.name} {end} while speaking this text"))
        for number, turn in turns[1:]:
            if turn.listener:
                self._turns.put(number, turn)
        self._turns.hand_out()

    def could_not_start(self, fault: str) -> None:
        """Leave the turns to the other processes; they fail if there is none."""
        failure = self._why_not(fault)
        if failure != self.failure:
            log.error("%s", failure)
        self.failure = failure
        self._turns.hand_out()

    # -- for the engine that derives from it ---------------------------------------------------------------------------

    def _has_come_up(self) -> None:
        self.failure = ""
        self._keeper.has_come_up()
        self._turns.hand_out()

    @abstractmethod
    def _launch(self) -> Child:
        """Start a child and listen to it.

        Raises:
            OSError: the system does not start it.
        """

    @abstractmethod
    def _hang_up(self, child: Child) -> None:
        """Listen to a child no more."""

    @abstractmethod
    def _send_turn(self, number: int, turn: Turn[R]) -> None:
        """Send a turn to the child."""

    @abstractmethod
    def _send_cancel(self, number: int) -> None:
        """Tell the child that a turn is not wanted any more."""

    @abstractmethod
    def _why_not(self, fault: str) -> str:
        """Say that there is no process, why, and what to do; ``_start_fault`` is what it said itself."""


async def start(processes: Sequence[SpeakingProcess[R]]) -> None:
    """Start processes, at once, and wait until all of them can speak.

    Raises:
        EngineUnavailable: one cannot; none is left.
    """
    try:
        for process in processes:
            process.begin()
        for process in processes:
            await process.came_up()
    except BaseException:
        for process in processes:
            await process.close()
        raise
