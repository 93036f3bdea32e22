"""A WebSocket that parses little at a time, however much one read of the socket has brought.

websockets parses all that a read brings in one call. 256 KiB are 30,000 messages of two characters, half a second in
which no other client is served, and 20 MB. So a read is handed on in slices, one in each pass of the loop, and only
while messages are taken and our answers leave::

    transport ── a read ──► _came ── a slice a turn ──► websockets' parser ──► its queue ──► recv()
        ▲                     │                                                   │
        └── paused while ─────┴── something lies here ◄── fed no further while ───┴── it is full

A read that fits in a slice, as every honest client's does, takes the direct way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from websockets.asyncio.server import ServerConnection
from websockets.frames import DATA_OPCODES, CloseCode, Frame
from websockets.protocol import CONNECTING

from ..capacity.tenants import ANYBODY
from ..dialects.opening import NO_OPENING

if TYPE_CHECKING:
    import asyncio

    from websockets.http11 import Request, Response

    from ..capacity.tenants import Caller
    from .front_door import Newcomers

# A frame takes at least eight bytes and 20 µs, so a slice takes 2.5 ms.
SLICE_BYTES: Final = 1024
# The library answers pings itself, and a peer may read none of these answers. More than sound ever leaves unread.
_MAX_UNREAD_BYTES: Final = 256 * 1024
# The library bounds a message's bytes, but keeps an object for each fragment, and there could be any number of empty
# ones. A client that cuts the longest message, 128 KiB, into pieces of 128 bytes stays within this limit.
MAX_FRAGMENTS: Final = 1024


class SlicedConnection(ServerConnection):
    """The library's connection; see the module. Takes its arguments.

    Args:
        newcomers: it is among them until its handshake is answered or it is gone.
        blocked_s: how long a peer may leave the answer to its handshake unread. (The library's own time for a handshake
            would also end one whose answer this process, held up by other work, had not come to.)

    Attributes:
        caller: who the client is, once the handshake is judged (``handshake.Admitted``).
        opening: what the handshake said.
    """

    def __init__(self, *args: Any, newcomers: Newcomers, blocked_s: float, **kwargs: Any) -> None:  # noqa: ANN401 - whatever the library's takes
        super().__init__(*args, **kwargs)
        self._newcomers = newcomers
        self._blocked_s = blocked_s
        self._blocked: asyncio.TimerHandle | None = None
        self._is_answered = False
        self.caller: Caller | None = ANYBODY
        self.opening = NO_OPENING
        self._came = bytearray()  # not parsed yet; while it holds any bytes, the transport reads no more
        self._next_slice: asyncio.Handle | None = None
        self._fragments = 0  # of the message that is not complete yet

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin; the library's queue tells this class, and not the transport, when it is full."""
        self._newcomers.add(self)
        super().connection_made(transport)
        self.recv_messages.resume = self._go_on

    def handshake_over(self) -> None:
        """Note that the peer has its answer; the conversation knows itself from now on how a peer must read."""
        self._is_answered = True
        self._stop_waiting()

    def data_received(self, data: bytes) -> None:
        """Parse what fits in a slice, and leave the rest for later turns."""
        if len(data) <= SLICE_BYTES and not self._came and self._may_feed():
            super().data_received(data)
            return
        self._came += data
        self.transport.pause_reading()
        self._go_on()

    def process_event(self, event: Frame | Request | Response) -> None:
        """Take a frame; a message of too many fragments ends the connection."""
        if isinstance(event, Frame) and event.opcode in DATA_OPCODES:
            self._fragments = 0 if event.fin else self._fragments + 1
            if self._fragments > MAX_FRAGMENTS:
                self._came.clear()
                self.protocol.fail(CloseCode.MESSAGE_TOO_BIG, "too many fragments")
                self.send_data()
                self.transport.close()
                return
        super().process_event(event)

    def pause_writing(self) -> None:
        """Wait for a peer that does not read."""
        super().pause_writing()
        if not self._is_answered:
            self._blocked = self.loop.call_later(self._blocked_s, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on after the peer has read answers that it had left unread."""
        super().resume_writing()
        self._stop_blocked_timer()
        self._go_on()

    def eof_received(self) -> None:
        """Drop the bytes that are not parsed: there is no peer any more to answer.

        During the handshake asyncio closes the connection, and the library sees that when it would answer. If it were
        told of the end before, it would fail on an assertion (17.4), with a traceback in the log for each such peer.
        """
        self._came.clear()
        if self.protocol.state is not CONNECTING:
            super().eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        """Drop the bytes that are not parsed, and let go of what refers back to this connection.

        What refers to itself only a collection of garbage finds; for 200 connections that end together that is one
        pause of 100 ms in all that this process sends.
        """
        self._stop_waiting()
        self._came.clear()
        if self._next_slice is not None:
            self._next_slice.cancel()
        super().connection_lost(exc)
        self.recv_messages.resume = _do_nothing
        if (fault := self.protocol.parser_exc) is not None:
            fault.__traceback__ = None  # its frame holds the parser

    def _stop_waiting(self) -> None:
        self._newcomers.discard(self)
        self._stop_blocked_timer()

    def _stop_blocked_timer(self) -> None:
        if self._blocked is not None:
            self._blocked.cancel()
            self._blocked = None

    def _may_feed(self) -> bool:
        return not self.recv_messages.paused and self.transport.get_write_buffer_size() <= _MAX_UNREAD_BYTES

    def _go_on(self) -> None:
        """Parse the next slice soon, or resume reading, if more of the peer's bytes may be parsed."""
        if self.transport.is_closing() or not self._may_feed():
            return
        if not self._came:
            self.transport.resume_reading()
        elif self._next_slice is None:
            self._next_slice = self.loop.call_soon(self._feed)

    def _feed(self) -> None:
        self._next_slice = None
        if self._may_feed():
            data = bytes(self._came[:SLICE_BYTES])
            del self._came[:SLICE_BYTES]
            super().data_received(data)
        self._go_on()


def _do_nothing() -> None:
    pass
