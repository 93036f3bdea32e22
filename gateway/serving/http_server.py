"""HTTP behind the front door: aiohttp's server with limits, and with answers in the form of the rest of the gateway."""

from __future__ import annotations

import asyncio
import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, cast

from aiohttp import HttpVersion10, HttpVersion11, hdrs, web

from ..http_answers import error_answer
from .front_door import (
    END_OF_HEAD,
    HEAD_TOO_LATE,
    MALFORMED,
    WRITE_LIMIT_BYTES,
    hand_over,
    read_handshake,
    say_and_close,
)
from .pages import compress, if_changed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from aiohttp.web_request import BaseRequest
    from websockets.asyncio.server import ServerConnection

    from ..http_answers import HttpAnswer
    from .front_door import Newcomers
    from .http_peer import HttpPeer

log = logging.getLogger("sayline.http")

# Longer than proxies keep a connection in reserve (docs/PROXIES.md: 60 s at most). The proxy must close first: if the
# server did, the proxy's next request could meet a connection that is just being closed.
_KEEPALIVE_S: Final = 75.0
# How long the rest of an unwanted body is read, so that its sender can read the answer.
_LINGER_S: Final = 10.0
# Connections that may rest between requests: pools of a few proxies. Beyond these each is closed after its answer, so
# that no client can hold all descriptors of the process by asking for a page once a minute.
_MAX_KEPT: Final = 128
# Time that handlers get when the server ends, once to finish and once to be cancelled. The time to drain is over then.
_SHUTDOWN_S: Final = 0.5
# Headers of which a request has one (RFC 9110), and Accept-Encoding, which no honest client sends twice.
_ONCE: Final = (hdrs.HOST, hdrs.ORIGIN, hdrs.AUTHORIZATION, "xi-api-key", hdrs.ACCEPT_ENCODING)


class HttpServer:
    """All HTTP of one listener; lives as long as the server.

    Args:
        answer: answers a request for a page.
        speak: answers a request of a dialect; None if it is none.
        is_websocket_path: tells which paths are WebSockets.
        is_leaving: tells whether connections must be closed after the answer under way.
        refused: called for each refused request with the reason, the request if it could be read, and its source.
        newcomers: a connection is among them until its first request has begun.
        head_timeout_s: how long the head of a request may take.
        blocked_s: how long a peer may leave an answer unread.
    """

    def __init__(
        self,
        answer: Callable[[web.Request], HttpAnswer],
        speak: Callable[[web.Request], Awaitable[web.StreamResponse] | None],
        *,
        is_websocket_path: Callable[[str], bool],
        is_leaving: Callable[[], bool],
        refused: Callable[[str, web.Request | None, asyncio.BaseTransport | None], None],
        newcomers: Newcomers,
        head_timeout_s: float,
        blocked_s: float,
    ) -> None:
        self._answer = answer
        self._speak = speak
        self._is_websocket_path = is_websocket_path
        self._is_leaving = is_leaving
        self.refused = refused
        self.newcomers = newcomers
        self.head_timeout_s = head_timeout_s
        self.blocked_s = blocked_s
        self.app = web.Application(middlewares=[self._guard])
        self.app.router.add_route("*", "/{path:.*}", self._page, expect_handler=_expect_nothing)
        self._runner = web.AppRunner(
            self.app,
            handler_cancellation=True,  # no answer is made for a peer that has left
            shutdown_timeout=_SHUTDOWN_S,
        )
        self.connections = 0
        self._running = 0
        self._nothing_runs = asyncio.Event()
        self._nothing_runs.set()

    async def start(self) -> None:
        """Get ready for connections."""
        await self._runner.setup()

    async def finish(self) -> None:
        """Return when no request is being answered."""
        await self._nothing_runs.wait()

    async def close(self) -> None:
        """End all connections."""
        await self._runner.cleanup()

    def connection(self, open_websocket: Callable[[], ServerConnection]) -> HttpConnection:
        """Make HTTP's end of a connection, which may become a WebSocket later."""
        manager = self._runner.server
        assert manager is not None  # noqa: S101 - start() comes before the listener
        return HttpConnection(self, manager, open_websocket)

    def is_handshake(self, head: bytes) -> bool:
        """Tell whether a head is a handshake for one of the WebSockets."""
        request = read_handshake(head)
        return request is not None and self._is_websocket_path(request.path)

    @web.middleware
    async def _guard(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """Apply the rules that hold for every request, whichever handler answers it."""
        connection = cast("HttpConnection", request.protocol)
        connection.request_begun()
        self._running += 1
        self._nothing_runs.clear()
        try:
            response: web.StreamResponse
            repeated = next((name for name in _ONCE if len(request.headers.getall(name, ())) > 1), None)
            if request.version not in (HttpVersion10, HttpVersion11):  # the parser also takes HTTP/0.9, and 2.0's name
                self.refused("malformed", request, request.transport)
                response = _response(MALFORMED)
                response.force_close()
            elif repeated is None:
                response = await handler(request)
            else:
                self.refused("headers", request, request.transport)
                message = f"there is more than one {repeated} header"
                response = _response(error_answer(HTTPStatus.BAD_REQUEST, "headers", message))
        except web.HTTPException as exc:
            # OPTIONS * asks about the server as a whole; the router knows only paths.
            response = await self._page(request) if request.path == "*" else _response(_in_json(exc))
        finally:
            request.content.on_eof(connection.request_over)
            self._running -= 1
            if not self._running:
                self._nothing_runs.set()
        if self.closes_after_answer:
            response.force_close()
        return response

    @property
    def closes_after_answer(self) -> bool:
        """No connection rests now for another request."""
        return self._is_leaving() or self.connections > _MAX_KEPT

    async def _page(self, request: web.Request) -> web.StreamResponse:
        is_for_websocket = request.method == hdrs.METH_GET and self._is_websocket_path(path_of(request))
        if is_for_websocket and _asks_for_websocket(request):
            return await self._upgrade(request)
        if (speech := self._speak(request)) is not None:
            return await speech
        answer = self._answer(request)
        answer = compress(answer, request.headers.get(hdrs.ACCEPT_ENCODING))
        return _response(if_changed(answer, request.headers.get(hdrs.IF_NONE_MATCH)))

    async def _upgrade(self, request: web.Request) -> web.StreamResponse:
        """Make a WebSocket of a connection that served HTTP: proxies send handshakes on connections that they keep."""
        lines = [f"GET {request.rel_url.raw_path_qs} HTTP/{request.version.major}.{request.version.minor}".encode()]
        lines += [name + b": " + value for name, value in request.raw_headers]
        head = b"\r\n".join((*lines, b"", b""))
        if not self.is_handshake(head):
            message = "a handshake has no body, and no line of more than 8 KiB"
            self.refused("handshake", request, request.transport)
            return _response(error_answer(HTTPStatus.BAD_REQUEST, "handshake", message))
        await request.writer.drain()  # so that the WebSocket begins with a transport that is not full
        cast("HttpConnection", request.protocol).become_websocket(head)
        return web.Response(status=HTTPStatus.SWITCHING_PROTOCOLS)  # for aiohttp, whose connection is gone


class HttpConnection(web.RequestHandler):
    """One connection that speaks HTTP.

    Its timers end a peer that takes too long to send a head, or to take an answer.

    Attributes:
        peer: whose answer is being written, if it is speech; it knows itself how long a peer may leave it unread.
        is_paused: the peer takes no more bytes at present.
    """

    peer: HttpPeer | None = None
    is_paused = False

    def __init__(self, server: HttpServer, manager: web.Server, open_websocket: Callable[[], ServerConnection]) -> None:
        super().__init__(
            manager,
            loop=asyncio.get_running_loop(),
            keepalive_timeout=_KEEPALIVE_S,
            logger=log,
            access_log=None,  # type: ignore[arg-type] # documented: no access log
            lingering_time=_LINGER_S,
            auto_decompress=False,  # a few bytes could become gigabytes, even of an unread body
        )
        self._server = server
        self._open_websocket = open_websocket
        self._requests = 0
        self._has_head_begun = False  # of a request that has not begun itself
        self._head_end: bytes | None = None  # the last bytes of a head that is not whole yet
        self._head_timer: asyncio.TimerHandle | None = None
        self._blocked_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin: wait for the first head."""
        super().connection_made(transport)
        self._server.newcomers.add(self)
        self._server.connections += 1
        cast("asyncio.Transport", transport).set_write_buffer_limits(WRITE_LIMIT_BYTES)

    def data_received(self, data: bytes) -> None:
        """Parse the bytes; bytes between requests are a head, which its peer may not take long to send."""
        if not self._requests and not self._has_head_begun:
            self._has_head_begun, self._head_end = True, b""
            self._head_timer = self._loop.call_later(self._server.head_timeout_s, self._head_is_late)
        if self._head_end is not None:
            came = self._head_end + data
            self._head_end = came[-len(END_OF_HEAD) :]
            if END_OF_HEAD in came:  # however long the request takes to begin, is not the peer's fault
                self._head_end = None
                self._stop_head_timer()
        super().data_received(data)

    def eof_received(self) -> bool:  # type: ignore[override] # aiohttp's does nothing; asyncio asks for a bool
        """Answer a request that has just come from a peer that ends its side (``printf ... | nc -N``), and close then.

        While an answer is being made, the end of the peer's side means that the peer has left, as it usually does.
        """
        if not self._has_head_begun or self.ssl_context is not None:  # TLS cannot be half closed in asyncio
            return False
        self.close()
        return True

    def request_begun(self) -> None:
        """A whole head has come."""
        self._server.newcomers.discard(self)
        self._requests += 1
        self._has_head_begun, self._head_end = False, None
        self._stop_head_timer()

    def request_over(self) -> None:
        """The request's body is over, and the request is answered."""
        self._requests -= 1

    def pause_writing(self) -> None:
        """The peer takes no more bytes at present."""
        super().pause_writing()
        self.is_paused = True
        if self.peer is not None:
            self.peer.paused()
        elif self.transport is not None:
            self._blocked_timer = self._loop.call_later(self._server.blocked_s, self.transport.abort)

    def resume_writing(self) -> None:
        """The peer takes bytes again."""
        super().resume_writing()
        self.is_paused = False
        self._stop_blocked_timer()
        if self.peer is not None:
            self.peer.resumed()

    @property
    def closes_after_answer(self) -> bool:
        """The answer that begins now is the last one on this connection."""
        return self._server.closes_after_answer

    @property
    def unsent_bytes(self) -> int:
        """What was written and lies here still."""
        return 0 if self.transport is None else self.transport.get_write_buffer_size()

    def abort(self) -> None:
        """Cut the connection off."""
        if self.transport is not None:
            self.transport.abort()

    def connection_lost(self, exc: BaseException | None) -> None:
        """End the connection's timers."""
        self._server.newcomers.discard(self)
        self._stop_head_timer()
        self._stop_blocked_timer()
        self._server.connections -= 1
        super().connection_lost(exc)

    def become_websocket(self, head: bytes) -> None:
        """Hand the connection to a WebSocket, with the handshake's head and all bytes that came after it."""
        transport = self.transport
        if transport is None or transport.is_closing():
            return
        came = _Bytes()
        self.set_parser(came)  # type: ignore[arg-type] # it takes what has the two methods of a WebSocketReader
        self.transport = None  # so that aiohttp closes nothing
        self.connection_lost(None)
        hand_over(transport, self._open_websocket(), head + came.all)

    def handle_error(
        self,
        request: BaseRequest,
        status: int = HTTPStatus.INTERNAL_SERVER_ERROR,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Answer a request that cannot be read (the peer's fault) or not be answered (our fault), and close."""
        del message  # it quotes the peer's bytes
        if request.writer.output_size > 0:
            raise ConnectionError("an answer has begun, and cannot become an error")
        if status < HTTPStatus.INTERNAL_SERVER_ERROR:
            self._server.refused("malformed", None, self.transport)
            answer = MALFORMED
        else:
            log.error("a request could not be answered", exc_info=exc)
            answer = error_answer(HTTPStatus(status), "internal", "the server's log says more")
        response = _response(answer)
        response.force_close()
        return response

    def _head_is_late(self) -> None:
        self._head_end = None
        if self.transport is not None:
            self._server.refused("head", None, self.transport)
            self._head_timer = say_and_close(self.transport, HEAD_TOO_LATE)
            self.close()

    def _stop_head_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _stop_blocked_timer(self) -> None:
        if self._blocked_timer is not None:
            self._blocked_timer.cancel()
            self._blocked_timer = None


class _Bytes:
    """Collects the bytes that aiohttp kept for the protocol after it."""

    def __init__(self) -> None:
        self.all = b""

    def feed_data(self, data: bytes) -> tuple[bool, bytes]:
        self.all += data
        return False, b""

    def feed_eof(self) -> None:
        """No more bytes will come this way."""


def path_of(request: web.Request) -> str:
    """Tell a request's path and query, as they came."""
    return request.rel_url.raw_path_qs or request.path


async def _expect_nothing(request: web.Request) -> None:
    """Answer at once: pages want no body, so with ``Expect: 100-continue`` the answer comes before the body."""


def _asks_for_websocket(request: web.Request) -> bool:
    wanted = ",".join(request.headers.getall(hdrs.UPGRADE, ())).lower().split(",")
    return "websocket" in {name.strip() for name in wanted}


def _in_json(exc: web.HTTPException) -> HttpAnswer:
    """Turn aiohttp's error answers into the gateway's form."""
    status = HTTPStatus(exc.status)
    kept = tuple((name, value) for name, value in exc.headers.items() if name.lower() in ("allow", "location"))
    return error_answer(status, exc.reason.lower().replace(" ", "_"), exc.reason, kept)


def _response(answer: HttpAnswer) -> web.Response:
    headers = [("Server", "sayline"), *answer.headers]
    if answer.status not in (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED):
        headers.append(("Content-Type", answer.content_type))
    response = web.Response(status=answer.status, body=answer.body, headers=headers)
    if ("Connection", "Upgrade, close") in headers:
        response.force_close()
    return response
