"""A WebSocket of which a little is parsed at a time, however much one read of the socket has brought.

websockets parses all that a read brings in one call: of 256 KiB that are 30,000 messages of two characters, half a
second in which nobody else is served, and 20 MB. So a read is handed on in slices, one for each turn of the loop, and
only while messages are taken and what we answer leaves::

    transport ── a read ──► _came ── a slice a turn ──► websockets' parser ──► its queue ──► recv()
        ▲                     │                                                   │
        └── paused while ─────┴── something lies here ◄── fed no further while ───┴── it is full

A read that fits in a slice, which every honest client's does, goes the direct way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from websockets.asyncio.server import ServerConnection
from websockets.frames import DATA_OPCODES, CloseCode, Frame
from websockets.protocol import CONNECTING

if TYPE_CHECKING:
    import asyncio

    from websockets.http11 import Request, Response

# A frame takes eight bytes at least and 20 µs: 2.5 ms.
SLICE_BYTES: Final = 1024
# The library answers pings itself, and a peer may read none of these answers. More than sound ever leaves waiting.
_MAX_UNREAD_BYTES: Final = 256 * 1024
# The library bounds a message's bytes, and keeps an object for each fragment: of empty ones there could be any number.
# Who cuts the longest message, 128 KiB, into pieces of 128 bytes keeps to it.
MAX_FRAGMENTS: Final = 1024


class SlicedConnection(ServerConnection):
    """The library's connection; see the module. Takes its arguments.

    Attributes:
        tenant: who came, once the handshake is judged (``handshake.Admitted``).
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - whatever the library's takes
        super().__init__(*args, **kwargs)
        self.tenant = ""
        self._came = bytearray()  # and not parsed yet; while there is any, the transport reads no more
        self._next_slice: asyncio.Handle | None = None
        self._fragments = 0  # of the message that is not whole yet

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin; the library's queue tells us, and not the transport, when it is full."""
        super().connection_made(transport)
        self.recv_messages.resume = self._go_on

    def data_received(self, data: bytes) -> None:
        """Parse what fits in a slice, and leave the rest for later turns."""
        if len(data) <= SLICE_BYTES and not self._came and self._may_feed():
            super().data_received(data)
            return
        self._came += data
        self.transport.pause_reading()
        self._go_on()

    def process_event(self, event: Frame | Request | Response) -> None:
        """Take a frame; a message in too many is the peer's last."""
        if isinstance(event, Frame) and event.opcode in DATA_OPCODES:
            self._fragments = 0 if event.fin else self._fragments + 1
            if self._fragments > MAX_FRAGMENTS:
                self._came.clear()
                self.protocol.fail(CloseCode.MESSAGE_TOO_BIG, "too many fragments")
                self.send_data()
                self.transport.close()
                return
        super().process_event(event)

    def resume_writing(self) -> None:
        """Go on where the peer had not read what we answered."""
        super().resume_writing()
        self._go_on()

    def eof_received(self) -> None:
        """Drop what is not parsed: nobody is there any more to answer to.

        During the handshake asyncio closes the connection, and the library sees that when it would answer. Told of the
        end before, it would fail on an assertion (17.4), with a traceback in the log for each such peer.
        """
        self._came.clear()
        if self.protocol.state is not CONNECTING:
            super().eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        """The same."""
        self._came.clear()
        if self._next_slice is not None:
            self._next_slice.cancel()
        super().connection_lost(exc)

    def _may_feed(self) -> bool:
        return not self.recv_messages.paused and self.transport.get_write_buffer_size() <= _MAX_UNREAD_BYTES

    def _go_on(self) -> None:
        """Parse the next slice soon, or read on, if the peer may have more parsed."""
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
