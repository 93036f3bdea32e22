"""The one door: the head of a connection's first request decides whether it is a WebSocket's or HTTP's.

::

    listener ─► FrontDoor ─┬─ a handshake on a WebSocket's path ─► websockets' ServerConnection
                           │                                               ▲ the same on a connection in use
                           └─ everything else ─► HttpConnection (http_server.py, aiohttp's)

The library that gets the connection gets it with all bytes that came, and has it for itself: no code of ours stands
between a WebSocket's frames and the library.
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections import deque
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, cast

from aiohttp.hdrs import METH_ALL
from websockets.exceptions import WebSocketException
from websockets.http11 import Request
from websockets.streams import StreamReader

from ..http_answers import error_answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from websockets.asyncio.server import ServerConnection

    from ..http_answers import HttpAnswer

# Twice what nginx and haproxy let through by default (8 KiB lines, 16 KiB in all): browsers' cookies, long tokens.
MAX_HEAD_BYTES: Final = 32 * 1024
# Kernel and library buffers of a listener that stops reading: 2 x 32 KiB (the kernel doubles it) + 16 KiB.
# 64 KiB are 0.7 s of 48 kHz PCM, enough for any round trip, and 16 s of Opus.
_SEND_BUFFER_BYTES: Final = 32 * 1024
WRITE_LIMIT_BYTES: Final = 16 * 1024
# How long a peer that is refused in mid-sentence has to read why.
_LINGER_S: Final = 1.0
END_OF_HEAD: Final = b"\r\n\r\n"
_REQUEST_LINE: Final = re.compile(rb"([A-Z-]+) [!-~]+ HTTP/1\.[01]\r\n")
_METHODS: Final = frozenset(name.encode() for name in METH_ALL)


class Turnstile:
    """Lets in one newcomer in each pass of the event loop, first come, first served.

    Two parsers and a session take some 0.3 ms, and hundreds may come at once, as after a restart; the frames of those
    who listen go between them.
    """

    def __init__(self) -> None:
        self._waiting: deque[Callable[[], None]] = deque()
        self._is_closed = False

    def take(self, enter: Callable[[], None]) -> None:
        """Call this when its turn has come."""
        if self._is_closed:
            return
        self._waiting.append(enter)
        if len(self._waiting) == 1:
            asyncio.get_running_loop().call_soon(self._let_in)

    def close(self) -> None:
        """Let in nobody any more: the server ends, and there may be newcomers whom the listener had accepted."""
        self._is_closed = True
        self._waiting.clear()

    def _let_in(self) -> None:
        if self._is_closed:
            return
        enter = self._waiting.popleft()
        if self._waiting:
            asyncio.get_running_loop().call_soon(self._let_in)
        enter()


class Newcomers:
    """Connections that were accepted and have no answer yet: at the door, or behind it in a handshake."""

    def __init__(self) -> None:
        self._here: set[asyncio.Protocol] = set()
        self._nobody = asyncio.Event()
        self._nobody.set()

    def add(self, one: asyncio.Protocol) -> None:
        """Note that one has come."""
        self._here.add(one)
        self._nobody.clear()

    def discard(self, one: asyncio.Protocol) -> None:
        """Note that one is answered, or gone."""
        self._here.discard(one)
        if not self._here:
            self._nobody.set()

    async def answered(self) -> None:
        """Return once there is none."""
        await self._nobody.wait()

    def hang_up(self) -> None:
        """Close the connections at the door: the server ends."""
        for one in list(self._here):
            if isinstance(one, FrontDoor):
                one.close()


class FrontDoor(asyncio.Protocol):
    """A connection until its first head is there.

    Args:
        open_websocket: makes the WebSocket's end of the connection.
        open_http: makes HTTP's; given what would make a WebSocket of it later.
        is_handshake: tells whether these bytes, up to the end of the head, are a handshake.
        refused: told why a connection is not let through.
        take_turn: calls, in its turn, what lets a connection through whose head is there.
        newcomers: all connections without an answer; this one is among them until it is handed over.
        timeout_s: how long the head may take. However long the server takes after that, is not its peer's fault.
    """

    def __init__(
        self,
        open_websocket: Callable[[], ServerConnection],
        open_http: Callable[[Callable[[], ServerConnection]], asyncio.Protocol],
        is_handshake: Callable[[bytes], bool],
        refused: Callable[[str, asyncio.BaseTransport], None],
        take_turn: Callable[[Callable[[], None]], None],
        newcomers: Newcomers,
        timeout_s: float,
    ) -> None:
        self._open_websocket = open_websocket
        self._open_http = open_http
        self._is_handshake = is_handshake
        self._refused = refused
        self._take_turn = take_turn
        self._newcomers = newcomers
        self._timeout_s = timeout_s
        self._came = bytearray()
        self._head_bytes = 0  # once all of the head is there
        self._is_first_line_good = False
        self._is_refused = False
        self._is_gone = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the head."""
        self._transport = cast("asyncio.Transport", transport)
        self._newcomers.add(self)
        bound_kernel_buffer(self._transport)
        self._timer = asyncio.get_running_loop().call_later(self._timeout_s, self._time_is_over)

    def data_received(self, data: bytes) -> None:
        """Hand the connection over as soon as its head says to which library it belongs."""
        if self._is_refused:
            return
        searched = max(0, len(self._came) - len(END_OF_HEAD))  # a head may come byte by byte
        self._came += data
        if self._head_bytes:  # what TLS had still in hand
            return
        if not self._is_first_line_good:
            self._came = self._came.lstrip(b"\r\n")  # RFC 9112, 2.2: empty lines in front
            line = bytes(self._came[: self._came.find(b"\n") + 1])
            if fault := fault_of_first_line(line or bytes(self._came[:1])):
                self._refuse(*fault)
                return
            self._is_first_line_good = bool(line)
        found = self._came.find(END_OF_HEAD, searched)
        end = len(self._came) if found < 0 else found + len(END_OF_HEAD)
        if end > MAX_HEAD_BYTES:
            self._refuse("head", HEAD_TOO_LARGE)
        elif found >= 0:
            self._head_bytes = end
            self._timer.cancel()
            self._transport.pause_reading()
            self._take_turn(self._enter)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget a peer that left before its head was complete."""
        del exc
        self._is_gone = True
        self._timer.cancel()
        self._newcomers.discard(self)

    def close(self) -> None:
        """Hang up: the server ends."""
        self._transport.abort()

    def _enter(self) -> None:
        if self._is_gone or self._is_refused or self._transport.is_closing():
            return
        self._transport.resume_reading()
        try:
            if self._is_handshake(bytes(self._came[: self._head_bytes])):
                taker: asyncio.Protocol = self._open_websocket()
            else:
                taker = self._open_http(self._open_websocket)
        except Exception:
            self._refuse("internal", FAULT)  # no timer ends this connection any more
            raise
        try:
            hand_over(self._transport, taker, bytes(self._came))
        finally:
            self._newcomers.discard(self)  # not before: the taker is among them by now
            self._came.clear()

    def _time_is_over(self) -> None:
        if self._came:
            self._refuse("head", HEAD_TOO_LATE)
        else:
            self._transport.abort()

    def _refuse(self, reason: str, answer: HttpAnswer) -> None:
        self._refused(reason, self._transport)
        self._timer.cancel()
        self._came.clear()
        self._is_refused = True
        self._timer = say_and_close(self._transport, answer)


def say_and_close(transport: asyncio.Transport, answer: HttpAnswer) -> asyncio.TimerHandle:
    """Answer whatever a peer sends, and close; returns what ends it at last, to be cancelled when the peer is gone.

    What still comes is to be read for a moment: a socket that is closed over unread bytes resets the connection, and
    the peer would lose the answer.
    """
    transport.write(answer_bytes(answer))
    if transport.can_write_eof():
        transport.write_eof()
    return asyncio.get_running_loop().call_later(_LINGER_S, transport.abort)


def hand_over(transport: asyncio.Transport, taker: asyncio.Protocol, came: bytes) -> None:
    """Give a connection to another protocol, as if it had just begun."""
    transport.set_protocol(taker)
    taker.connection_made(transport)
    taker.data_received(came)


def bound_kernel_buffer(transport: asyncio.Transport) -> None:
    """Keep what a stalled peer can make the kernel hold small; pacing is ours, not TCP's."""
    raw: socket.socket | None = transport.get_extra_info("socket")
    if raw is not None:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES)


def read_handshake(head: bytes) -> Request | None:
    """Read a head that asks for a WebSocket, exactly as websockets will; None if it does not, or cannot be read."""
    if not head.startswith(b"GET ") or b"upgrade" not in head.lower():
        return None
    lines = StreamReader()
    lines.feed_data(head)
    try:
        next(Request.parse(lines.read_line))
    except StopIteration as done:
        request: Request = done.value
    except (ValueError, NotImplementedError, EOFError, WebSocketException):
        return None
    else:
        return None
    wanted = ",".join(request.headers.get_all("Upgrade")).lower().split(",")
    return request if "websocket" in {name.strip() for name in wanted} else None


def fault_of_first_line(line: bytes) -> tuple[str, HttpAnswer] | None:
    """Say what is wrong with a request's first line, or the beginning of one: (reason, answer).

    Bytes that cannot begin a request are refused at once: above all TLS on a port without it.
    """
    if not line.endswith(b"\n"):
        return None if not line or line[:1].isalpha() else ("malformed", MALFORMED)
    request_line = _REQUEST_LINE.fullmatch(line)
    if request_line is None:
        return "malformed", MALFORMED
    return None if request_line[1] in _METHODS else ("method", UNKNOWN_METHOD)


def answer_bytes(answer: HttpAnswer) -> bytes:
    """Write an answer as it stands, for a connection that is closed after it."""
    headers = [
        ("Server", "sayline"),
        ("Content-Type", answer.content_type),
        ("Content-Length", str(len(answer.body))),
        ("Connection", "close"),
        *answer.headers,
    ]
    head = "".join(f"{name}: {value}\r\n" for name, value in headers)
    return f"HTTP/1.1 {answer.status.value} {answer.status.phrase}\r\n{head}\r\n".encode() + answer.body


HEAD_TOO_LARGE: Final = error_answer(
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, "head_too_large", f"more than {MAX_HEAD_BYTES} bytes of headers"
)
MALFORMED: Final = error_answer(HTTPStatus.BAD_REQUEST, "malformed", "this cannot be read as a request of HTTP/1.1")
UNKNOWN_METHOD: Final = error_answer(
    HTTPStatus.METHOD_NOT_ALLOWED, "method", "there is no such method", (("Allow", "GET, HEAD, OPTIONS"),)
)
FAULT: Final = error_answer(HTTPStatus.INTERNAL_SERVER_ERROR, "internal", "the server's log says more")
HEAD_TOO_LATE: Final = error_answer(HTTPStatus.REQUEST_TIMEOUT, "head_too_late", "the request took too long to come")
