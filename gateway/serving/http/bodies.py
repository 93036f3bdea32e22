"""Bodies of requests, read with caps: of bytes, of time, of parts. A request that breaks one gets no further."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from aiohttp import BodyPartReader, hdrs

from ...dialects.http import Fault

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from aiohttp import web

# A body must come at this pace at least: so many bytes in the time that a head may take. 64 KiB in 5 s are a slow
# mobile network; a longer pause means that nobody sends.
_PACE_BYTES: Final = 64 * 1024
# A form of ours has a file and some words about it.
_MAX_PARTS: Final = 32


class Refusal(Exception):
    """A request does not get what it asks for.

    Attributes:
        fault: why.
        headers: what the answer must say besides.
        reason: what metrics and log call it; empty if they do not count it.
    """

    def __init__(self, fault: Fault, headers: Sequence[tuple[str, str]] = (), reason: str = "") -> None:
        super().__init__(fault.message)
        self.fault = fault
        self.headers = tuple(headers)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Part:
    """A field of a form.

    Attributes:
        filename: as the client calls the file; None for a field that is no file.
    """

    content: bytes
    filename: str | None
    content_type: str

    @property
    def text(self) -> str:
        """The field's value, read as UTF-8; what is none is replaced."""
        return self.content.decode(errors="replace")


class _Meter:
    """Counts a body, and keeps its time.

    Args:
        limit: ends the reading; moved on while the body comes.
        max_bytes: the largest body.
        pause_s: how long it may pause.
    """

    def __init__(self, limit: asyncio.Timeout, max_bytes: int, pause_s: float) -> None:
        self._limit = limit
        self._max_bytes = max_bytes
        self._pause_s = pause_s
        self._now = asyncio.get_running_loop().time
        self._bytes = 0
        self._due_bytes = _PACE_BYTES

    def count(self, size: int) -> None:
        """Count what came."""
        self._bytes += size
        if self._bytes > self._max_bytes:
            raise _too_large(self._max_bytes)
        if self._bytes >= self._due_bytes:
            self._due_bytes = self._bytes + _PACE_BYTES
            self._limit.reschedule(self._now() + self._pause_s)


async def read_body(request: web.Request, max_bytes: int, pause_s: float) -> bytes:
    """Read a whole body.

    Args:
        request: one that is let in.
        max_bytes: the largest body.
        pause_s: how long the body may pause.

    Raises:
        Refusal: it is too large, comes too slowly, or is compressed.
    """
    body = bytearray()
    async with _reading(request, max_bytes, pause_s) as meter:
        async for piece in request.content.iter_any():
            body += piece
            meter.count(len(piece))
    return bytes(body)


async def read_form(request: web.Request, max_bytes: int, pause_s: float) -> dict[str, Part]:
    """Read a form with files (``multipart/form-data``); the arguments are those of ``read_body``.

    Raises:
        Refusal: as ``read_body``; or it is no such form.
    """
    parts: dict[str, Part] = {}
    if request.content_type != "multipart/form-data":
        raise _no_form("the body is to be multipart/form-data")
    async with _reading(request, max_bytes, pause_s) as meter:
        try:
            async for part in await request.multipart():
                if not isinstance(part, BodyPartReader) or part.name is None or len(parts) == _MAX_PARTS:
                    raise _no_form("a form has fields with names, and not too many")
                content = bytearray()
                while piece := await part.read_chunk():
                    content += piece
                    meter.count(len(piece))
                parts[part.name] = Part(
                    bytes(content), part.filename, part.headers.get(hdrs.CONTENT_TYPE, "application/octet-stream")
                )
        except (ValueError, AssertionError) as exc:  # what aiohttp raises for a form that it cannot read
            raise _no_form("the body cannot be read as a form") from exc
    return parts


@asynccontextmanager
async def _reading(request: web.Request, max_bytes: int, pause_s: float) -> AsyncIterator[_Meter]:
    """Ask for a body that waits to be asked for, and give the block only so much time."""
    if request.headers.get(hdrs.CONTENT_ENCODING, "identity").lower() != "identity":
        message = "the body is compressed: a few bytes could become gigabytes"
        raise Refusal(Fault(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "body_encoding", message), reason="body")
    if (request.content_length or 0) > max_bytes:
        raise _too_large(max_bytes)
    if request.headers.get(hdrs.EXPECT, "").lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0  # aiohttp takes an answer with bytes in it for one that has begun
    try:
        async with asyncio.timeout(pause_s) as limit:
            yield _Meter(limit, max_bytes, pause_s)
    except TimeoutError:
        message = "the body took too long to come"
        raise Refusal(Fault(HTTPStatus.REQUEST_TIMEOUT, "body_too_late", message), reason="body") from None


def _too_large(max_bytes: int) -> Refusal:
    message = f"a body may have {max_bytes} bytes here"
    return Refusal(Fault(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "body_too_large", message), reason="body")


def _no_form(message: str) -> Refusal:
    return Refusal(Fault(HTTPStatus.BAD_REQUEST, "bad_message", message))
