"""Requests of HTTP that write for a phone call or interrupt it: one text each, which may still be being written."""

from __future__ import annotations

import asyncio
import json
from encodings.utf_8 import IncrementalDecoder
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from aiohttp import hdrs

from ...conversation import messages as wishes
from ...dialects.tts_v1 import messages as wire
from ...dialects.tts_v1.protocol import wish_of
from ...dialects.twilio.writer import Writer
from ...errors import BadMessage
from ...http_answers import error_answer, json_answer
from ..reading_turns import PIECE_CHARS

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from aiohttp import web

    from ...http_answers import HttpAnswer
    from ..reading_turns import ReadingTurns
    from .book import Line

_CONTEXT: Final = "speech"
# How long a text may pause while it is written: a language model may call a tool in the middle of a sentence.
_PAUSE_S: Final = 60.0
# Above what a context may have (`max_context_text_kib`), however it is escaped.
_MAX_BODY_BYTES: Final = 2 * 1024 * 1024
_WRITE_CHARS: Final = 4096  # 16 KiB of UTF-8 at most, as a message of ``tts.v1`` may have
_STATUS: Final = {
    "text_too_long": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "synthesis_failed": HTTPStatus.INTERNAL_SERVER_ERROR,
    "overloaded": HTTPStatus.SERVICE_UNAVAILABLE,
    "too_many_contexts": HTTPStatus.TOO_MANY_REQUESTS,
    "quota_exceeded": HTTPStatus.TOO_MANY_REQUESTS,
}
# Errors after which no ``context.done`` comes.
_UNBEGUN: Final = ("overloaded", "too_many_contexts", "quota_exceeded")


class _Told(Writer):
    """The one text of a request: what became of it."""

    def __init__(self) -> None:
        self.news = asyncio.Event()
        super().__init__(self.news.set)
        self.done: wire.ContextDone | None = None
        self.error: wire.Error | None = None
        self.is_settled = False

    def tell(self, message: wire.Message) -> None:
        """Keep what answers the request."""
        if isinstance(message, wire.ContextDone):
            self.done = message
        elif isinstance(message, wire.Error) and message.code != "unsupported":  # the text goes on without that wish
            self.error = message
        self.is_settled = self.done is not None or (self.error is not None and self.error.code in _UNBEGUN)
        self.news.set()

    @property
    def is_over(self) -> bool:
        """Nothing more will become of the text."""
        return self.is_settled or self.is_call_over


async def answer_call(request: web.Request, line: Line, turns: ReadingTurns) -> HttpAnswer:
    """Speak a request's text to a call, or interrupt the call."""
    if request.method == hdrs.METH_DELETE:
        texts = line.session.live_contexts
        line.runner.take(line.session.cancel_all)
        return json_answer(HTTPStatus.OK, {"cancelled": texts})
    told = _Told()
    line.session.writer_joined(told)
    try:
        await _write(request, line, told, turns)
        while not told.is_over:
            told.news.clear()
            await told.news.wait()
    except BadMessage as fault:
        return error_answer(HTTPStatus.BAD_REQUEST, "bad_message", str(fault))
    except TimeoutError:
        return error_answer(HTTPStatus.REQUEST_TIMEOUT, "body_too_late", "the text paused for too long")
    finally:
        line.runner.take(partial(line.session.writer_left, told))
    if told.error is not None:
        status = _STATUS.get(told.error.code, HTTPStatus.BAD_REQUEST)
        wait_ms = told.error.retry_after_ms
        headers = () if wait_ms is None else (("Retry-After", str(-(-wait_ms // 1000))),)
        return error_answer(status, told.error.code, told.error.message, headers)
    if told.done is None:
        return error_answer(HTTPStatus.GONE, "call_over", "the call is over")
    return json_answer(HTTPStatus.OK, told.done.model_dump(exclude={"type", "context_id"}))


async def _write(request: web.Request, line: Line, told: _Told, turns: ReadingTurns) -> None:
    """Hand on the text as it comes.

    Raises:
        BadMessage: it cannot be read.
        TimeoutError: it does not come.
    """
    if request.content_type == "application/json":
        opening, text = _read_object(b"".join([piece async for piece in _pieces(request)]))
        await _wish(line, told, opening, turns)
        await _say(line, told, text, turns)
    else:
        await _wish(line, told, wishes.Open(_CONTEXT), turns)
        characters = IncrementalDecoder("replace")  # a piece may end inside a character
        async for piece in _pieces(request):
            await _say(line, told, characters.decode(piece), turns)
            if told.error is not None or told.is_over:
                return
        await _say(line, told, characters.decode(b"", final=True), turns)
    await _wish(line, told, wishes.End(_CONTEXT), turns)


def _read_object(body: bytes) -> tuple[wishes.ContextMessage, str]:
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):
        raise BadMessage("the body is not JSON") from None
    text = fields.pop("text", None) if isinstance(fields, dict) else None
    if not isinstance(text, str):
        raise BadMessage("text: the body is an object with a text")
    heard = wire.hear_client_message(json.dumps(fields | {"type": "context.start", "context_id": _CONTEXT}))
    if heard.message is None:
        raise heard.fault or BadMessage("the body cannot be read")
    assert isinstance(heard.message, wire.ContextStart)  # noqa: S101 - the same
    opening = wish_of(heard.message)
    assert isinstance(opening, wishes.Open)  # noqa: S101 - the same
    return opening, text.encode(errors="replace").decode()  # JSON may hold halves of surrogate pairs


async def _pieces(request: web.Request) -> AsyncIterator[bytes]:
    if request.headers.get(hdrs.EXPECT, "").lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0  # aiohttp takes an answer with bytes in it for one that has begun
    total_bytes = 0
    while True:
        async with asyncio.timeout(_PAUSE_S):
            piece = await request.content.readany()
        if not piece:
            return
        total_bytes += len(piece)
        if total_bytes > _MAX_BODY_BYTES:
            raise BadMessage(f"a body has at most {_MAX_BODY_BYTES} bytes")
        yield piece


async def _say(line: Line, told: _Told, text: str, turns: ReadingTurns) -> None:
    for start in range(0, len(text), _WRITE_CHARS):
        await _wish(line, told, wishes.Write(_CONTEXT, text[start : start + _WRITE_CHARS]), turns)


async def _wish(line: Line, told: _Told, wish: wishes.ContextMessage, turns: ReadingTurns) -> None:
    while not line.session.wants_text and not told.is_over:
        told.news.clear()
        await told.news.wait()
    line.runner.take(partial(line.session.wish, told, wish, most_chars=PIECE_CHARS))
    while line.runner.has_unread_text:
        await turns.take()
        line.runner.read_on()
