"""Leads those who write for a phone call to it, by WebSocket or by a request of HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...errors import CloseCode
from .book import CallBook
from .writer_peer import WriterPeer

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from ...dialects.socket_protocol import SocketProtocol
    from ..conversation_runner import ConversationRunner
    from ..reading_turns import ReadingTurns
    from ..sliced_reading import SlicedConnection


class CallDesk:
    """Lives as long as its server; see ``server.Calls``."""

    def __init__(self, reading_turns: ReadingTurns) -> None:
        self._book = CallBook()
        self._reading_turns = reading_turns

    def listed(self, session: SocketProtocol, runner: ConversationRunner) -> AbstractContextManager[None]:
        """List a conversation while the block runs, once it proves to be a call."""
        return self._book.listed(session, runner)

    async def serve_writer(self, websocket: SlicedConnection, call_sid: str) -> None:
        """Serve a client that writes for a call, until either is gone."""
        line = await self._book.find(call_sid, websocket.tenant or "")
        if line is None:
            await websocket.close(CloseCode.NO_SUCH_CALL, "there is no such call")
        else:
            await WriterPeer(websocket, line, self._reading_turns).serve()
