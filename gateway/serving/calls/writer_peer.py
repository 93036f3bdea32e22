"""A WebSocket that writes for a phone call: what it writes goes to the call, and what it is told comes back."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Final

from websockets.exceptions import ConnectionClosed

from ...dialects.twilio.writer import Writer
from ...errors import CloseCode
from ..reading_turns import PIECE_CHARS, Allowance

if TYPE_CHECKING:
    from websockets.asyncio.server import ServerConnection

    from ..reading_turns import ReadingTurns
    from .book import Line

# What may wait for a writer that does not read; a context has a few dozen messages.
_MAX_TOLD: Final = 1024


class WriterPeer:
    """Lives as long as the writer's socket.

    Args:
        socket: an open WebSocket that speaks ``tts.v1``.
        line: the call.
        reading_turns: the server's.
    """

    def __init__(self, socket: ServerConnection, line: Line, reading_turns: ReadingTurns) -> None:
        self._socket = socket
        self._session = line.session
        self._runner = line.runner
        self._reading_turns = reading_turns
        self._changed = asyncio.Event()  # for the writing task
        self._reading_changed = asyncio.Event()
        self._writer = Writer(self._has_changed)
        line.session.writer_joined(self._writer)

    async def serve(self) -> None:
        """Run until the writer is gone or the call is over."""
        try:
            async with asyncio.TaskGroup() as tasks:
                helpers = [
                    tasks.create_task(self._read(), name="reader"),
                    tasks.create_task(self._write(), name="writer"),
                ]
                await self._socket.wait_closed()
                for task in helpers:
                    task.cancel()
        finally:
            self._runner.take(partial(self._session.writer_left, self._writer))

    def _has_changed(self) -> None:
        if len(self._writer.told) > _MAX_TOLD:  # the writing task is stuck in a full socket
            self._socket.transport.abort()
        self._changed.set()
        self._reading_changed.set()

    async def _read(self) -> None:
        runner, session, turns = self._runner, self._session, self._reading_turns
        allowance = Allowance(asyncio.get_running_loop().time())
        try:
            while True:
                while not session.wants_text:
                    self._reading_changed.clear()
                    await self._reading_changed.wait()
                message = await self._socket.recv()
                if not allowance.covers(len(message), asyncio.get_running_loop().time()):
                    await turns.take()
                text = message if isinstance(message, str) else ""  # which is no message of tts.v1 either
                runner.take(partial(session.writer_wrote, self._writer, text, most_chars=PIECE_CHARS))
                while runner.has_unread_text:
                    await turns.take()
                    runner.read_on()
        except ConnectionClosed:
            return

    async def _write(self) -> None:
        """Send what the writer is told; hang up on one that does not read it, and on all when the call is over."""
        told = self._writer.told
        try:
            while not self._writer.is_call_over:
                self._changed.clear()
                while told:
                    await self._socket.send(told.popleft())
                if not self._writer.is_call_over:
                    await self._changed.wait()
            while told:
                await self._socket.send(told.popleft())
            await self._socket.close(CloseCode.NORMAL, "the call is over")
        except ConnectionClosed:
            return
