"""The listener: HTTP pages, handshakes, and a ``Connection`` for every WebSocket that is let in."""

from __future__ import annotations

import asyncio
import http
import logging
import secrets
import socket
import ssl
from typing import TYPE_CHECKING, Final, Self

from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from .admission import Load, Slot, refuse_connection
from .connection import Connection, Services
from .errors import CloseCode
from .handshake import HandshakeRequest, HttpAnswer, choose_subprotocol, judge
from .messages import ENDPOINT
from .pages import Pages, compress
from .session import AudioFacts, Session, SessionSettings
from .shared_timers import SharedTimers

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from websockets.typing import Subprotocol

    from ..synthesis.interface import Synthesizer
    from .actions import AudioParameters
    from .desk import Desk
    from .encoder_pool import RemoteEncoder
    from .metrics import Metrics
    from .settings import Settings

log = logging.getLogger("sayline.server")

# A text message holds 16 KiB of UTF-8; escaped as \uXXXX it can be six times that, plus its envelope.
_MAX_MESSAGE_BYTES: Final = 128 * 1024
# Parsed frames that wait while a connection is not read.
_MAX_QUEUED_FRAMES: Final = 16
# Kernel and library buffers of a listener that stops reading: 2 x 32 KiB (the kernel doubles it) + 16 KiB.
# 64 KiB are 0.7 s of 48 kHz PCM, enough for any round trip, and 16 s of Opus.
_SEND_BUFFER_BYTES: Final = 32 * 1024
_WRITE_LIMIT_BYTES: Final = 16 * 1024
# A peer that does not finish the closing handshake in this time is cut off.
_CLOSE_TIMEOUT_S: Final = 1.0
_SAMPLE_S: Final = 0.5


class Server:
    """One listener, from bind to drain.

    Args:
        settings: all of them.
        session_settings: what one connection is allowed.
        synthesizer: started; shared by all.
        new_encoder: makes a context's encoder.
        negotiate: what the codec makes of audio parameters.
        max_requests: contexts synthesized at once, over all connections.
        desk: keeps the server's limits.
        metrics: the server's own.
    """

    def __init__(
        self,
        settings: Settings,
        session_settings: SessionSettings,
        *,
        synthesizer: Synthesizer,
        new_encoder: Callable[[AudioParameters], RemoteEncoder],
        negotiate: Callable[[AudioParameters], AudioFacts],
        max_requests: int,
        desk: Desk,
        metrics: Metrics,
    ) -> None:
        self._settings = settings
        self._session_settings = session_settings
        self._synthesizer = synthesizer
        self._negotiate = negotiate
        self._metrics = metrics
        self._services = Services(synthesizer, new_encoder, desk, metrics, SharedTimers())
        self._max_requests = max_requests
        self._desk = desk
        desk.open(max_requests, self._grant)
        self._connections: dict[str, Connection] = {}
        self._is_draining = False
        self._everyone_left = asyncio.Event()
        self._everyone_left.set()
        synthesizer.watch(self._forecast_changed)
        self._forecast_changed()
        self._pages = Pages(self.load, synthesizer.status, lambda: list(synthesizer.voices()), metrics)
        self._loop = asyncio.get_running_loop()
        self._sample_timer: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> Self:
        """Bind and listen.

        Raises:
            OSError: the address cannot be bound.
            ssl.SSLError: certificate and key do not fit.
        """
        settings = self._settings
        self._listener = await serve(
            self._serve_socket,
            settings.host,
            settings.port,
            ssl=self._tls(),
            reuse_port=settings.workers > 1,
            process_request=self._process_request,
            select_subprotocol=self._select_subprotocol,
            compression=None,  # audio does not compress, and a compressor costs 50 KiB a connection
            open_timeout=settings.handshake_timeout_s,
            close_timeout=_CLOSE_TIMEOUT_S,
            ping_interval=None,  # the session plans pings, so that a dead peer gets our close code
            max_size=_MAX_MESSAGE_BYTES,
            max_queue=_MAX_QUEUED_FRAMES,
            write_limit=_WRITE_LIMIT_BYTES,
            server_header="sayline",
            logger=logging.getLogger("sayline.websockets"),
        )
        self._sample(self._loop.time())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._sample_timer is not None:
            self._sample_timer.cancel()
        # asyncio makes a connection's transport a turn after accepting it, and fails if the listener was closed in
        # between: the peer would wait for an answer until the garbage is collected. So: accept no more, then close.
        for listening in self._listener.sockets:
            self._loop.remove_reader(listening)
        await asyncio.sleep(0)
        self._listener.close()
        await self._listener.wait_closed()

    @property
    def port(self) -> int:
        """The port really bound."""
        port: int = next(iter(self._listener.sockets)).getsockname()[1]
        return port

    @property
    def url(self) -> str:
        """Where clients connect."""
        scheme = "wss" if self._settings.tls_cert else "ws"
        host = f"[{self._settings.host}]" if ":" in self._settings.host else self._settings.host
        return f"{scheme}://{host}:{self.port}"

    def load(self) -> Load:
        """What the server carries now, and may carry."""
        status = self._synthesizer.status()
        return Load(
            connections=self._desk.connections,
            max_connections=self._settings.max_connections,
            requests=self._desk.running + self._desk.waiting,
            max_concurrent_requests=self._max_requests,
            waiting=self._desk.waiting,
            is_draining=self._is_draining,
            sustainable_requests=status.sustainable_requests,
            is_ready=status.state == "ready",
        )

    async def drain(self) -> None:
        """Take nobody in, let what runs finish, and return when everyone has left or the time is over."""
        self._is_draining = True
        for connection in list(self._connections.values()):
            connection.drain(self._settings.drain_s)
        await self._everyone_left.wait()  # each session closes by itself at its drain deadline

    # -- slots --

    def _forecast_changed(self) -> None:
        self._desk.forecast(self._synthesizer.status().sustainable_requests)

    def _grant(self, slot: Slot) -> None:
        if connection := self._connections.get(slot.connection_id):
            connection.slot_granted(slot.context_id)
        else:
            self._desk.release_slot(slot)

    # -- sockets --

    async def _serve_socket(self, websocket: ServerConnection) -> None:
        if websocket.subprotocol is None:
            await websocket.close(CloseCode.NOT_A_CLIENT, "offer the subprotocol tts.v1")
            return
        _bound_kernel_buffer(websocket)
        session = Session(
            secrets.token_hex(8),
            self._session_settings,
            voices=lambda: [voice.name for voice in self._synthesizer.voices()],
            negotiate=self._negotiate,
            synthesis_rate_hz=self._synthesizer.sample_rate_hz,
            now=self._loop.time(),
        )
        connection = Connection(websocket, session, self._services)
        self._connections[session.id] = connection
        self._everyone_left.clear()
        self._desk.connection_opened()
        log.info("connected", extra={"session_id": session.id, "peer": _peer(websocket)})
        try:
            await connection.serve()
        finally:
            del self._connections[session.id]
            self._desk.connection_closed(session.id)
            log.info("disconnected", extra={"session_id": session.id, "peer": _peer(websocket)})
            if not self._connections:
                self._everyone_left.set()

    def _process_request(self, websocket: ServerConnection, request: Request) -> Response | None:
        if request.path.partition("?")[0] != ENDPOINT:
            answer = self._pages.answer(request.method, request.path)
            return _response(compress(answer, request.headers.get("Accept-Encoding")))
        refusal = judge(
            _handshake(request), self._settings.api_keys, self._settings.allow_origins, refuse_connection(self.load())
        )
        if refusal is None:
            return None
        answer, reason = refusal
        self._metrics.refusals.labels(reason).inc()
        facts = {
            "why": reason,
            "peer": _peer(websocket),
            "path": request.path.partition("?")[0],  # a query may hold what its sender takes for a key
            "origin": ", ".join(request.headers.get_all("Origin")) or None,
        }
        log.info("handshake refused", extra=facts)
        return _response(answer)

    def _select_subprotocol(self, _: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
        return choose_subprotocol(offered)  # type: ignore[return-value] # Subprotocol is a NewType of str

    def _tls(self) -> ssl.SSLContext | None:
        if self._settings.tls_cert is None:
            return None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._settings.tls_cert, self._settings.tls_key)
        return context

    def _sample(self, due_at: float) -> None:
        """Measure what no event tells: how late the loop is, and how much sound listeners have left."""
        now = self._loop.time()
        self._metrics.sampled(max(0.0, now - due_at))
        for connection in self._connections.values():
            connection.sample_leads()
        self._sample_timer = self._loop.call_at(now + _SAMPLE_S, self._sample, now + _SAMPLE_S)


def _peer(websocket: ServerConnection) -> str | None:
    """Write a peer's address as the log has it; None if it left before it could be asked for."""
    address = websocket.transport.get_extra_info("peername")
    return f"{address[0]}:{address[1]}" if address else None


def _bound_kernel_buffer(websocket: ServerConnection) -> None:
    """Keep what a stalled peer can make the kernel hold small; pacing is ours, not TCP's."""
    raw: socket.socket | None = websocket.transport.get_extra_info("socket")
    if raw is not None:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES)


def _handshake(request: Request) -> HandshakeRequest:
    headers = request.headers
    offered = ",".join(headers.get_all("Sec-WebSocket-Protocol"))
    return HandshakeRequest(
        authorization=headers.get("Authorization"),
        xi_api_key=headers.get("xi-api-key"),
        origin=headers.get("Origin"),
        host=headers.get("Host"),
        subprotocols=[name.strip() for name in offered.split(",") if name.strip()],
    )


def _response(answer: HttpAnswer) -> Response:
    headers = Headers(
        [
            ("Content-Type", answer.content_type),
            ("Content-Length", str(len(answer.body))),
            ("Connection", "close"),
            *answer.headers,
        ]
    )
    return Response(answer.status, http.HTTPStatus(answer.status).phrase, headers, answer.body)
