"""Conversations that may outlive their socket: who may have one back, and which goes first if there is no room.

::

    offered ──session.update──► kept ──socket breaks──► waiting ──session.resume──► kept
                                 │                         │
                                 └──clean close, its end───┴──resume_s, no room──► over

The task that served a conversation's first socket serves the next ones too: the conversation has one owner. The task of
a socket that comes later only waits until that socket is closed.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ...dialects.socket_protocol import ResumeOffer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from websockets.asyncio.server import ServerConnection

    from ...dialects.actions import Resume


class Runner(Protocol):
    """A conversation's runner, as its seat sees it (``conversation_runner.py``)."""

    when_closing: Callable[[], None]

    @property
    def is_closing(self) -> bool: ...  # noqa: D102
    @property
    def speaking(self) -> int: ...  # noqa: D102
    def can_resume(self, received: int) -> bool: ...  # noqa: D102
    def abort(self) -> None: ...  # noqa: D102
    def end(self) -> None: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Visitor:
    """A socket and who opened it: only the same key and the same Origin may resume what they began."""

    socket: ServerConnection
    tenant: str
    origin: str | None


class Seat:
    """One conversation's claim to its next socket.

    Attributes:
        runner: the conversation's.
        is_waiting: its socket broke, and no other has come yet.
        waiting_since: when that was, on the loop's clock.
        is_given_up: nobody waits for its client any more.
    """

    def __init__(self, offer: ResumeOffer, owner: Visitor, runner: Runner) -> None:
        self.runner = runner
        self.waiting_since = 0.0
        self.is_waiting = False
        self._offer = offer
        self._owner = owner
        self._changed = asyncio.Event()
        self._next: tuple[Visitor, int] | None = None
        self.is_given_up = False

    def is_open_to(self, visitor: Visitor, resume: Resume) -> bool:
        """Tell whether this visitor may go on where it says that it stopped."""
        knows_token = hmac.compare_digest(self._offer.token.encode(), resume.token.encode())
        is_same = (visitor.tenant, visitor.origin) == (self._owner.tenant, self._owner.origin)
        is_gone = self.is_given_up or self.runner.is_closing
        return knows_token and is_same and not is_gone and self.runner.can_resume(resume.received)

    def take(self, visitor: Visitor, received: int) -> None:
        """Give the conversation a socket; one that it still has, or was to get, is cut off."""
        if self._next is not None:
            self._next[0].socket.transport.abort()
        self._next = visitor, received
        self.runner.abort()
        self._changed.set()

    def give_up(self) -> None:
        """Wait no longer; nothing of the conversation is computed from now on."""
        self.is_given_up = True
        self.is_waiting = False
        self.runner.end()
        self._changed.set()

    async def next_socket(self) -> tuple[ServerConnection, int] | None:
        """Wait for the next socket, and say what its client has received; None if none comes in time."""
        self.is_waiting = True
        self.waiting_since = asyncio.get_running_loop().time()
        self.runner.when_closing = self._changed.set
        try:
            async with asyncio.timeout(self._offer.seconds):
                while self._next is None and not self.is_given_up and not self.runner.is_closing:
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            pass
        finally:
            self.is_waiting = False
        found, self._next = self._next, None
        return None if found is None else (found[0].socket, found[1])


class Seats:
    """Every conversation of one server that may outlive its socket.

    Args:
        resume_s: how long a conversation waits; 0: none does.
    """

    def __init__(self, resume_s: float) -> None:
        self._resume_s = resume_s
        self._seats: dict[str, Seat] = {}  # by the conversation's id

    def offer(self) -> ResumeOffer | None:
        """Make a token that nobody can guess."""
        return ResumeOffer(secrets.token_urlsafe(16), self._resume_s) if self._resume_s else None

    @contextlib.contextmanager
    def seated(
        self, session_id: str, offer: ResumeOffer | None, owner: Visitor, runner: Runner
    ) -> Iterator[Seat | None]:
        """Keep a seat for a conversation while the block runs; None if it was offered none."""
        if offer is None:
            yield None
            return
        self._seats[session_id] = seat = Seat(offer, owner, runner)
        try:
            yield seat
        finally:
            del self._seats[session_id]

    def claim(self, visitor: Visitor, resume: Resume) -> bool:
        """Give a socket to the conversation that it asks for; False if it may not have it."""
        seat = self._seats.get(resume.session_id)
        if seat is None or not seat.is_open_to(visitor, resume):
            return False
        seat.take(visitor, resume.received)
        return True

    def knows(self, session_id: str | None) -> bool:
        """Tell whether somebody may come back for this conversation."""
        return session_id in self._seats

    @property
    def waiting(self) -> int:
        """How many conversations wait for their client."""
        return sum(seat.is_waiting for seat in self._seats.values())

    @property
    def speaking(self) -> int:
        """How many contexts of theirs speak."""
        return sum(seat.runner.speaking for seat in self._seats.values() if seat.is_waiting)

    @property
    def leaving(self) -> int:
        """How many conversations were given up and are still counted as connections, for a turn of the loop."""
        return sum(seat.is_given_up for seat in self._seats.values())

    def make_room(self) -> None:
        """Give up the conversation that has waited longest, if any waits."""
        waiting = [seat for seat in self._seats.values() if seat.is_waiting]
        if waiting:
            min(waiting, key=lambda seat: seat.waiting_since).give_up()
