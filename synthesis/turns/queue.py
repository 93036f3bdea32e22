"""Whose turn it is: stretches of text that wait for a process, and the processes that take them.

::

    ask() ──► waiting (the most urgent first) ──────► in flight at a taker, a few ──► the taker's process
                  ▲                                      │ the first of these is the one being spoken
                  └──────── not yet begun ◄──────────────┤ when the process dies
                                          the one begun ─┴──► failed, and the other turns go on

So every death fails one listener, and a text that kills its process cannot be tried twice.
"""

from __future__ import annotations

import heapq
from itertools import count
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from ..interface import SynthesisError, SynthesisFailed

if TYPE_CHECKING:
    from collections.abc import Iterable

R = TypeVar("R")


class Listener(Protocol):
    """The part that asked for a turn; exactly one of the last two methods is called, unless the turn is withdrawn."""

    def sound_made(self, pcm: bytes) -> None:
        """Take int16 sound, in order."""
        ...

    def words_begun(self, words: Iterable[tuple[int, int, int]]) -> None:
        """Take words of sound that follows or has come: offset and length in the turn's text, sample of the turn."""
        ...

    def turn_ended(self, characters: int | None) -> None:
        """Learn how much of the turn's text was spoken; None: all."""
        ...

    def turn_failed(self, error: SynthesisError) -> None:
        """Learn that there will be no more."""
        ...


class Turn(Generic[R]):
    """A stretch of text to be spoken in one go.

    Attributes:
        listener: gets the sound; None once it is not wanted any more.
        needed_at: when the sound is needed, on any clock that all turns share; the soonest is spoken first.
        request: what the process is told.
    """

    def __init__(self, listener: Listener, needed_at: float, request: R) -> None:
        self.listener: Listener | None = listener
        self.needed_at = needed_at
        self.request = request


class Taker(Protocol[R]):
    """A process that speaks, and its successors."""

    @property
    def failure(self) -> str:
        """Why there is no process although there should be; empty while there is one."""
        ...

    @property
    def room(self) -> int:
        """How many turns it can take now."""
        ...

    def take(self, number: int, turn: Turn[R]) -> None:
        """Speak a turn; there is room for it."""
        ...

    def cancel(self, turn: Turn[R]) -> None:
        """Cut a turn short if it is in flight here."""
        ...


class Turns(Generic[R]):
    """The turns that wait, for the takers that share them.

    Attributes:
        takers: the processes; each enters itself.
    """

    def __init__(self) -> None:
        self.takers: list[Taker[R]] = []
        self._numbers = count(1)
        self._waiting: list[tuple[float, int, Turn[R]]] = []  # a heap: (needed at, number, turn)

    @property
    def are_waiting(self) -> bool:
        """A turn waits for a process that has room."""
        return bool(self._waiting)

    def ask(self, turn: Turn[R]) -> None:
        """Queue a turn. Its listener is called from the event loop, or at once if there is no process any more."""
        self.put(next(self._numbers), turn)
        self.hand_out()

    def put(self, number: int, turn: Turn[R]) -> None:
        """Let a turn wait, once more if its process died before it began."""
        heapq.heappush(self._waiting, (turn.needed_at, number, turn))

    def withdraw(self, turn: Turn[R]) -> None:
        """Withdraw a turn: it is dropped if it waits, and cut short if it has begun."""
        turn.listener = None
        still_waiting = [entry for entry in self._waiting if entry[2] is not turn]
        if len(still_waiting) < len(self._waiting):
            self._waiting = still_waiting
            heapq.heapify(self._waiting)
            return
        for taker in self.takers:
            taker.cancel(turn)

    def hand_out(self) -> None:
        """Give turns to the processes that have room, the least busy first; fail all turns if there is no process."""
        while self._waiting and (taker := max(self.takers, key=_room)).room:
            _, number, turn = heapq.heappop(self._waiting)
            taker.take(number, turn)
        failures = [taker.failure for taker in self.takers]
        if self._waiting and all(failures):
            self._fail(failures[0])

    def drop(self) -> None:
        """Forget all turns that wait; their listeners hear nothing more."""
        self._waiting.clear()

    def _fail(self, failure: str) -> None:
        waiting, self._waiting = self._waiting, []
        for _, _, turn in waiting:
            if turn.listener:
                turn.listener.turn_failed(SynthesisFailed(failure))


def _room(taker: Taker[R]) -> int:
    return taker.room
