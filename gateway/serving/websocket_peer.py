"""A WebSocket as one end of a conversation: reader, writer, what the socket takes, pings, the close.

It owns the socket and nothing of the conversation: what it must send lies in the runner's outbox until the socket takes
it. Two tasks run in one group: the reader and the writer.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from websockets.exceptions import ConnectionClosed
from websockets.protocol import State

from ..dialects.actions import SendAudio
from .conversation_runner import has_no_socket
from .reading_turns import Allowance
from .server_frames import binary_messages, text_message

if TYPE_CHECKING:
    from collections.abc import Callable

    from websockets.asyncio.server import ServerConnection

    from ..conversation.actions import Close
    from ..dialects.actions import Resume
    from .conversation_runner import ConversationRunner, Outbox
    from .reading_turns import ReadingTurns

# A peer with a full socket counts as reading if this much leaves within ``slow_client_s``: one write may be megabytes.
READS_SLOWLY_BYTES: Final = 4096
# How long a close may take, from the decision to the end of the socket, which is then cut off: time for a round trip
# and for the 64 KiB that may be under way.
CLOSE_GRACE_S: Final = 2.0
_MOST_REASON_BYTES: Final = 123  # that a close frame holds behind its code (RFC 6455, 5.5)


class WebSocketPeer:
    """Lives as long as its socket; see ``conversation_runner.Peer``.

    Args:
        socket: an open WebSocket.
        runner: of the conversation to which it is attached while it is served.
        reading_turns: the server's.
        claim: gives the socket to a conversation that lost its own, if its client may have that.
    """

    def __init__(
        self,
        socket: ServerConnection,
        runner: ConversationRunner,
        reading_turns: ReadingTurns,
        claim: Callable[[Resume], bool] = lambda _: False,
    ) -> None:
        self._socket = socket
        self._runner = runner
        self._reading_turns = reading_turns
        self._loop = asyncio.get_running_loop()
        self._tasks: asyncio.TaskGroup
        self._claim = claim
        self._is_over = False  # the socket has ended, or was handed over
        self._is_left = asyncio.Event()  # the same, for ``serve``
        self._writer_is_needed = asyncio.Event()
        # Only a hint: the reader checks itself whether the runner wants messages.
        self._reading_changed = asyncio.Event()
        self._is_blocked = False  # the socket takes no more; the writer waits until it does
        self._unsent_bytes = 0  # of all written bytes, when the peer was last found to take some
        self._closing: tuple[int, str] | None = None  # the code and the reason to close with, once all has left
        self._cut: asyncio.TimerHandle | None = None  # ends the socket if the close takes too long

    async def serve(self, received: int | None = None) -> None:
        """Attach, and run until the peer is gone, has handed its socket over, or the conversation has closed it.

        ``received`` says how much its client has had already, see ``ConversationRunner.attach``.

        The end of the socket ends everything: no task that might wait for this peer is awaited, and messages that the
        peer has sent and no task has read are dropped. The caller decides what becomes of the conversation then.
        """
        try:
            async with asyncio.TaskGroup() as self._tasks:
                helpers = [
                    self._tasks.create_task(self._write(), name="writer"),
                    self._tasks.create_task(self._read(), name="reader"),
                    self._tasks.create_task(self._wait_closed(), name="end"),
                ]
                self._runner.hand_over = self._hand_over
                self._runner.attach(self, received)
                await self._is_left.wait()
                for task in helpers:
                    task.cancel()
        finally:
            self._runner.hand_over = has_no_socket
            if self._cut is not None:
                self._cut.cancel()

    # -- what the runner wants -----------------------------------------------------------------------------------------

    def send(self, outbox: Outbox) -> None:
        """Send the whole outbox in one write; leave it where it is if the socket takes no more.

        The library's ``send`` would cost one system call and one context manager for each message, a third of what the
        gateway adds to a frame.
        """
        transport = self._socket.transport
        if self._is_blocked or self._is_over or self._socket.protocol.state is not State.OPEN or transport.is_closing():
            return
        parts: list[bytes] = []
        while outbox:
            entry = outbox.popleft()
            parts += binary_messages(entry.frames) if isinstance(entry, SendAudio) else text_message(entry.message)
        transport.write(b"".join(parts))
        self._reading_changed.set()
        if self._socket.paused:
            self._is_blocked = True
            self._unsent_bytes = transport.get_write_buffer_size()
            self._writer_is_needed.set()
            self._runner.blocked()

    def has_moved(self) -> bool:
        """Tell whether a peer with a full socket has taken enough to count as a slow reader."""
        unsent_bytes = self._socket.transport.get_write_buffer_size()
        if unsent_bytes > self._unsent_bytes - READS_SLOWLY_BYTES:
            return False
        self._unsent_bytes = unsent_bytes
        return True

    def read_again(self) -> None:
        """Check again whether messages are wanted."""
        self._reading_changed.set()

    def ping(self) -> None:
        """Send a ping, and tell the runner of the pong."""
        if not self._is_over:
            self._tasks.create_task(self._ping(), name="ping")

    def _hand_over(self, resume: Resume) -> bool:
        """Leave the socket to the conversation that its client asks for; False if the client may not have that."""
        if not self._claim(resume):
            return False
        self._is_over = True
        self._is_left.set()
        return True

    def close(self, close: Close) -> None:
        """Close once all has left, or at once if the peer may take nothing any more."""
        if self._is_over:
            return
        reason = close.reason.encode()[:_MOST_REASON_BYTES].decode(errors="ignore")
        self._closing = close.code, reason
        self._cut = self._loop.call_later(CLOSE_GRACE_S, self.abort)
        self._reading_changed.set()
        if close.at_once:  # the writer may be stuck
            self._tasks.create_task(self._socket.close(close.code, reason), name="close")
        self._writer_is_needed.set()

    def abort(self) -> None:
        """Cut the socket off; ``serve`` ends as if the peer had gone."""
        self._socket.transport.abort()

    # -- tasks ---------------------------------------------------------------------------------------------------------

    async def _wait_closed(self) -> None:
        await self._socket.wait_closed()
        self._is_over = True
        self._is_left.set()

    async def _read(self) -> None:
        """Hand on the peer's messages; returns when the connection is closed.

        While the connection is being closed, messages are still read and dropped, because the peer's answer to the
        close comes behind them.
        """
        runner, turns = self._runner, self._reading_turns
        allowance = Allowance(self._loop.time())
        try:
            while True:
                while not runner.wants_messages:
                    self._reading_changed.clear()
                    await self._reading_changed.wait()
                message = await self._socket.recv()
                if not allowance.covers(len(message), self._loop.time()):
                    await turns.take()
                if isinstance(message, str):
                    runner.text_received(message)
                else:
                    runner.binary_received()
                if self._is_over:  # handed over: what follows is another conversation's
                    return
                while runner.has_unread_text:
                    await turns.take()
                    runner.read_on()
        except ConnectionClosed:
            return

    async def _write(self) -> None:
        """Wait while the socket takes no more, and close once all has left; what the socket takes needs no task."""
        try:
            while self._closing is None or self._is_blocked:
                await self._writer_is_needed.wait()
                self._writer_is_needed.clear()
                while self._is_blocked:
                    await self._socket.drain()
                    self._is_blocked = False
                    self._runner.unblocked()
            await self._socket.close(*self._closing)
        except (ConnectionClosed, OSError):
            return  # the reader sees it too, and ends the connection

    async def _ping(self) -> None:
        try:
            await (await self._socket.ping())
        except ConnectionClosed:
            return
        self._runner.pong_received()
