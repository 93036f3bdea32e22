"""A TCP connection that speaks Wyoming, as one end of a conversation: reader, writer, what it takes, the close."""

from __future__ import annotations

import asyncio
import contextlib
from functools import partial
from typing import TYPE_CHECKING, Final

from ...dialects.actions import SendAudio
from ...dialects.wyoming.events import EventReader
from ...errors import BadMessage
from ..front_door import WRITE_LIMIT_BYTES
from ..reading_turns import PIECE_CHARS, Allowance
from ..websocket_peer import CLOSE_GRACE_S, READS_SLOWLY_BYTES

if TYPE_CHECKING:
    from ...conversation.actions import Close
    from ...dialects.wyoming.protocol import WyomingProtocol
    from ..conversation_runner import ConversationRunner, Outbox
    from ..reading_turns import ReadingTurns

# Read at once: a few events of a client that streams its text.
_READ_BYTES: Final = 4096


class WyomingPeer:
    """Lives as long as its connection; see ``conversation_runner.Peer``.

    Args:
        reader: the connection's.
        writer: the connection's.
        session: of the conversation.
        runner: of the conversation to which it is attached while it is served.
        reading_turns: the server's.
    """

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        session: WyomingProtocol,
        runner: ConversationRunner,
        reading_turns: ReadingTurns,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._transport = writer.transport
        self._session = session
        self._runner = runner
        self._reading_turns = reading_turns
        self._loop = asyncio.get_running_loop()
        self._writer_is_needed = asyncio.Event()
        self._reading_changed = asyncio.Event()  # only a hint: the reader checks itself
        self._is_blocked = False  # the socket takes no more; the writer waits until it does
        self._unsent_bytes = 0  # of all written bytes, when the peer was last found to take some
        self._is_closing = False
        self._cut: asyncio.TimerHandle | None = None  # ends the connection if the close takes too long

    async def serve(self) -> None:
        """Attach, and run until the peer is gone or the conversation has closed the connection.

        A peer that ends its side has hung up: Wyoming has no other way to say that no more sound is wanted.
        """
        self._transport.set_write_buffer_limits(WRITE_LIMIT_BYTES)
        try:
            async with asyncio.TaskGroup() as tasks:
                helpers = [
                    tasks.create_task(self._read(), name="reader"),
                    tasks.create_task(self._write(), name="writer"),
                    tasks.create_task(self._wait_closed(), name="end"),
                ]
                self._runner.attach(self)
                reading, _, ended = helpers
                await asyncio.wait((reading, ended), return_when=asyncio.FIRST_COMPLETED)
                for task in helpers:
                    task.cancel()
        finally:
            if self._cut is not None:
                self._cut.cancel()
            self._transport.abort()

    # -- what the runner wants -----------------------------------------------------------------------------------------

    def send(self, outbox: Outbox) -> None:
        """Send the whole outbox in one write; leave it where it is if the socket takes no more."""
        if self._is_blocked or self._transport.is_closing():
            return
        parts: list[bytes] = []
        while outbox:
            entry = outbox.popleft()
            parts += entry.frames if isinstance(entry, SendAudio) else [entry.message.encode()]
        self._transport.write(b"".join(parts))
        self._reading_changed.set()
        if self._transport.get_write_buffer_size() > WRITE_LIMIT_BYTES:
            self._is_blocked = True
            self._unsent_bytes = self._transport.get_write_buffer_size()
            self._writer_is_needed.set()
            self._runner.blocked()

    def has_moved(self) -> bool:
        """Tell whether a peer with a full socket has taken enough to count as a slow reader."""
        unsent_bytes = self._transport.get_write_buffer_size()
        if unsent_bytes > self._unsent_bytes - READS_SLOWLY_BYTES:
            return False
        self._unsent_bytes = unsent_bytes
        return True

    def read_again(self) -> None:
        """Check again whether events are wanted."""
        self._reading_changed.set()

    def ping(self) -> None:
        """Do nothing: the session plans no pings for this dialect."""

    def close(self, close: Close) -> None:
        """Close once all has left, or at once if the peer may take nothing any more."""
        self._is_closing = True
        self._cut = self._loop.call_later(CLOSE_GRACE_S, self.abort)
        self._reading_changed.set()
        if close.at_once:
            self.abort()
        self._writer_is_needed.set()

    def abort(self) -> None:
        """Cut the connection off; ``serve`` ends as if the peer had gone."""
        self._transport.abort()

    # -- tasks ---------------------------------------------------------------------------------------------------------

    async def _read(self) -> None:
        """Hand on the peer's events; returns when the peer has hung up."""
        runner, turns, events = self._runner, self._reading_turns, EventReader()
        allowance = Allowance(self._loop.time())
        with contextlib.suppress(OSError):
            while data := await self._reader.read(_READ_BYTES):
                if not allowance.covers(len(data), self._loop.time()):
                    await turns.take()
                if runner.is_closing:
                    continue
                try:
                    came = events.receive(data)
                except BadMessage as fault:
                    runner.take(partial(self._session.unreadable, fault))
                    continue
                for event in came:
                    while not runner.wants_messages:
                        self._reading_changed.clear()
                        await self._reading_changed.wait()
                    runner.take(partial(self._session.event_received, event, most_chars=PIECE_CHARS))
                    while runner.has_unread_text:
                        await turns.take()
                        runner.read_on()

    async def _write(self) -> None:
        """Wait while the socket takes no more, and close once all has left; what the socket takes needs no task."""
        with contextlib.suppress(OSError):
            while not self._is_closing or self._is_blocked:
                await self._writer_is_needed.wait()
                self._writer_is_needed.clear()
                while self._is_blocked:
                    await self._writer.drain()
                    self._is_blocked = False
                    self._runner.unblocked()
            self._writer.close()

    async def _wait_closed(self) -> None:
        """Return when the connection is over, by whichever side."""
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()
