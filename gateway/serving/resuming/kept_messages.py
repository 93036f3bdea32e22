"""What has left for a client that may come back, the last of it kept: for what its broken socket did not bring it."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from ...dialects.actions import SendAudio, SendText

if TYPE_CHECKING:
    from collections.abc import Iterable

# What can be under way when a socket breaks: the kernel's buffers and the network's. 20 s of Opus at 128 kbit/s, or two
# seconds of 48 kHz samples in floating point, as the clock's lead allows.
MOST_BYTES: Final = 512 * 1024
# Longer than a client that has gone silent stays unnoticed (``slow_client_s`` and a ping's interval).
MOST_S: Final = 40.0

Entry = SendText | SendAudio


class KeptMessages:
    """The last messages that left, bounded in bytes and in seconds. A message is one frame of a WebSocket.

    Attributes:
        sent: how many messages have left since this began.
    """

    def __init__(self) -> None:
        self.sent = 0
        self._entries: deque[tuple[float, Entry]] = deque()  # when it left, and what
        self._messages = 0  # in the entries
        self._bytes = 0

    def add(self, entries: Iterable[Entry], now: float) -> None:
        """Keep what leaves now, and forget what has left long ago."""
        for entry in entries:
            self._entries.append((now, entry))
            self._count(entry, 1)
            self.sent += messages_in(entry)
        while self._bytes > MOST_BYTES or (self._entries and self._entries[0][0] < now - MOST_S):
            self._count(self._entries.popleft()[1], -1)

    def reaches_back_to(self, received: int) -> bool:
        """Tell whether all is kept that follows the first so many messages."""
        return self.sent - self._messages <= received <= self.sent

    def rewind(self, received: int) -> list[Entry]:
        """Take back all that follows the first so many messages: it has not arrived, so it has to leave again."""
        missed: list[Entry] = []
        while self.sent > received:
            _, entry = self._entries.pop()
            self._count(entry, -1)
            self.sent -= messages_in(entry)
            if self.sent < received:  # the first frames of a run arrived
                assert isinstance(entry, SendAudio)  # noqa: S101 - a text is one message
                arrived = received - self.sent
                missed.append(SendAudio(entry.context_id, entry.frames[arrived:]))
                self.sent = received
            else:
                missed.append(entry)
        missed.reverse()
        return missed

    def _count(self, entry: Entry, sign: int) -> None:
        self._messages += sign * messages_in(entry)
        self._bytes += sign * size_of(entry)


def messages_in(entry: Entry) -> int:
    """Of how many WebSocket messages an entry consists."""
    return 1 if isinstance(entry, SendText) else len(entry.frames)


def size_of(entry: Entry) -> int:
    """How many bytes an entry keeps, in ASCII at least."""
    return len(entry.message) if isinstance(entry, SendText) else sum(map(len, entry.frames))
