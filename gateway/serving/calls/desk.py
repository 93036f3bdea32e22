"""Leads those who write for a phone call to it, by WebSocket or by a request of HTTP."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from ...capacity.tenants import ANYBODY
from ...errors import CloseCode
from ...http_answers import error_answer
from .book import CallBook
from .requests import answer_call
from .writer_peer import WriterPeer

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from aiohttp import web

    from ...dialects.socket_protocol import SocketProtocol
    from ...http_answers import HttpAnswer
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

    async def answer(self, request: web.Request, call_sid: str, tenant: str) -> HttpAnswer:
        """Speak a request's text to a call, or interrupt the call."""
        line = await self._book.find(call_sid, tenant)
        if line is None:
            return error_answer(HTTPStatus.NOT_FOUND, "no_such_call", "there is no such call")
        return await answer_call(request, line, self._reading_turns)

    async def serve_writer(self, websocket: SlicedConnection, call_sid: str) -> None:
        """Serve a client that writes for a call, until either is gone."""
        line = await self._book.find(call_sid, (websocket.caller or ANYBODY).tenant)
        if line is None:
            await websocket.close(CloseCode.NO_SUCH_CALL, "there is no such call")
        else:
            await WriterPeer(websocket, line, self._reading_turns).serve()
