"""What a connection has sent and received, by count: with it a broken socket is resumed without loss. Pure."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from .wire import messages as wire

if TYPE_CHECKING:
    from .wire.messages import Resumption


class Ledger:
    """Of one session, since the gateway has agreed that it may be resumed.

    Args:
        session_id: names the session to the gateway.
        resumption: what the gateway told of it.

    Attributes:
        session_id: as above.
        seconds: how long the gateway waits after the socket broke.
        received: messages from the gateway, the one that agreed included.
    """

    def __init__(self, session_id: str, resumption: Resumption) -> None:
        self.session_id = session_id
        self.seconds = resumption.seconds
        self.received = 1
        self._token = resumption.token
        self._sent: deque[str] = deque()  # what the gateway may not have taken
        self._taken = 0  # messages before these
        self._pings: deque[tuple[int, int]] = deque()  # each ping's id, and how many messages it makes

    def send(self, message: str) -> None:
        """Note a message that is sent now."""
        self._sent.append(message)

    def ping(self, number: int, message: str) -> None:
        """Note a ping that is sent now; its answer tells that all before it was taken."""
        self.send(message)
        self._pings.append((number, self._taken + len(self._sent)))

    def pong(self, number: int) -> None:
        """Forget what the gateway has surely taken."""
        while self._pings and self._pings[0][0] <= number:
            _, taken = self._pings.popleft()
            self._forget(taken)

    def resume(self) -> str:
        """Write the message that asks for the session."""
        return wire.encode(wire.SessionResume(session_id=self.session_id, token=self._token, received=self.received))

    def resumed(self, taken: int) -> None:
        """The gateway has taken so many messages; what follows has to be sent again."""
        self._forget(taken)

    @property
    def unsent(self) -> int:
        """How many messages are noted that the gateway may not have taken."""
        return len(self._sent)

    def message(self, place: int) -> str:
        """Give one of these, from 0."""
        return self._sent[place]

    def _forget(self, taken: int) -> None:
        while self._taken < taken and self._sent:
            self._sent.popleft()
            self._taken += 1
