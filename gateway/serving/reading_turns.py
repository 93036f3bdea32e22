"""Which connection may have much text read: one in each pass of the event loop, first come, first served.

The loop parses what a peer writes, at up to 6 µs a byte. Every connection may have a little read at once (see
``Allowance``). A connection that writes more gets turns, and between two turns the loop serves all others.
"""

from __future__ import annotations

import asyncio
from typing import Final

# A character of text costs 2 µs in prose, and up to 6 in markup made to be slow (one core of an Intel Xeon, 2.1 GHz).
# So a piece keeps the loop busy for half a millisecond, for one and a half at worst.
PIECE_CHARS: Final = 256
# What a connection may have read without a turn: a burst of sixteen small messages ...
_AT_ONCE_BYTES: Final = 1024
# ... and 16 KiB a second, which a language model's 100 tokens a second, one a message, do not reach.
_AT_ONCE_BYTES_PER_S: Final = 16 * 1024
# Any message costs about as much as this many bytes of text.
_MESSAGE_BYTES: Final = 64


class ReadingTurns:
    """The queue of connections that have much to read. One for all connections of an event loop."""

    def __init__(self) -> None:
        self._turn = asyncio.Lock()

    async def take(self) -> None:
        """Wait for a turn: it lasts until the caller waits for anything."""
        async with self._turn:
            await asyncio.sleep(0)


class Allowance:
    """How much one connection may have read without waiting for a turn.

    Args:
        now: the time, in seconds; the same clock for every call.
    """

    def __init__(self, now: float) -> None:
        self._bytes: float = _AT_ONCE_BYTES
        self._at = now

    def covers(self, message_bytes: int, now: float) -> bool:
        """Deduct a message from the allowance; False if the message is too large for the rest."""
        self._bytes = min(_AT_ONCE_BYTES, self._bytes + (now - self._at) * _AT_ONCE_BYTES_PER_S)
        self._at = now
        cost = message_bytes + _MESSAGE_BYTES
        if cost > self._bytes:
            return False
        self._bytes -= cost
        return True
