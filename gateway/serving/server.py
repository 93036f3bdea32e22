"""The listener: one door for HTTP and WebSockets, handshakes, and a conversation for every admitted WebSocket."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import http
import logging
import math
import secrets
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Protocol, Self, TypeVar

from aiohttp import web
from websockets.asyncio.server import ServerConnection, serve
from websockets.datastructures import Headers
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from ...codecs import provenance
from ..addresses import peer_behind, read_networks
from ..capacity.admission import Load, Slot, refuse_connection
from ..capacity.handshake import (
    Address,
    Admitted,
    HandshakeRequest,
    Refused,
    judge,
    judge_place,
    public_path,
    refuse,
    refuse_over_quota,
    refuse_overuse,
)
from ..capacity.tenants import Directory
from ..dialects.http import HttpRequest, Offer
from ..dialects.http_conversation import HttpConversation
from ..dialects.opening import KEY_HEADERS, Opening, match_path, query_of
from ..dialects.tts_v1.dialect import DIALECT as TTS_V1
from ..dialects.tts_v1.messages import RESUME
from ..dialects.twilio.messages import CALL, REQUESTS
from ..dialects.voices.preview import VOICES
from ..errors import ClientFault, CloseCode, GatewayError
from ..http_answers import HttpAnswer, error_answer
from ..observing.memory import used_share
from ..speaking.silence import silent_packets
from ..tenants.guests import Guest, Guests
from .conversation_runner import Services, running
from .dialects import HTTP_DIALECTS, dialect_at
from .front_door import WRITE_LIMIT_BYTES, FrontDoor, Newcomers, Turnstile
from .http.requests import HttpDialects, speech_headers
from .http.voices import VoiceRequests
from .http_peer import HttpPeer
from .http_server import HttpConnection, HttpServer, path_of
from .pages import Pages
from .port_probe import binding
from .probing import Probe
from .reading_turns import ReadingTurns
from .resuming.seats import Seats, Visitor
from .sliced_reading import SlicedConnection
from .timers import SharedTimers
from .tls.certificate import Certificate
from .websocket_peer import WebSocketPeer

if TYPE_CHECKING:
    import socket
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
    from contextlib import AbstractContextManager

    from websockets.asyncio.server import Server as WebSocketServer
    from websockets.server import ServerProtocol

    from ...codecs.base import Packet
    from ...synthesis.interface import EngineStatus, Shelf, Synthesizer, Voice
    from ..capacity.admission import Refusal
    from ..capacity.desk import Desk
    from ..capacity.handshake import Manners
    from ..capacity.tenants import Caller
    from ..conversation.audio import AudioFacts, AudioParameters
    from ..conversation.session import SessionSettings
    from ..dialects.actions import Resume
    from ..dialects.dialect import Dialect
    from ..dialects.http import HttpDialect, Speech
    from ..dialects.socket_protocol import SocketProtocol
    from ..observing.metrics import Metrics
    from ..settings import Settings
    from ..speaking.encoder_pool import RemoteEncoder
    from .conversation_runner import ConversationRunner
    from .resuming.seats import Seat

log = logging.getLogger("sayline.server")

P = TypeVar("P", bound="SocketProtocol")

# A text message holds 16 KiB of UTF-8; escaped as \uXXXX it can be six times that, plus its envelope.
_MAX_MESSAGE_BYTES: Final = 128 * 1024
# Parsed frames that wait while a connection is not read.
_MAX_QUEUED_FRAMES: Final = 16
# Connections that wait to be accepted: a second of 1,000 newcomers, if the loop is busy elsewhere for so long.
BACKLOG: Final = 1024
# A peer that does not finish the closing handshake in this time is cut off.
_CLOSE_TIMEOUT_S: Final = 1.0
_SAMPLE_S: Final = 0.5
# How long a player may leave a connection unread that is filled as fast as it takes the sound: 64 KiB in the kernel are
# 8 s of Opus, and a receiver asks for more when half of its room is free.
_SLOW_PLAYER_S: Final = 60.0
_MAX_LOGGED: Final = 200  # characters of what a stranger sent
# Which setting an operator should look at if a refusal was not meant.
_SETTINGS_TO_SEE: Final = {
    "host": "public_url",
    "origin": "public_url or allow_origins",
    "key": "api_keys",
    "signature": "twilio_auth_tokens or public_url",
}
_JSON: Final = "application/json"
# Headers of which a handshake has one.
_ONCE: Final = ("Host", "Origin", "Authorization", *KEY_HEADERS)
# Time that peers get beyond the time to drain, for the closing handshake; and time that their tasks get to end once cut
# off. Both lie within ``ending.GRACE_S``, after which the process ends whatever else happens.
PARTING_S: Final = 0.7
_CUT_S: Final = 0.3


class Beside(Protocol):
    """Another listener of the same server."""

    @property
    def sockets(self) -> Sequence[socket.socket]:
        """Those on which it listens."""
        ...

    async def open(self) -> None:
        """Listen, if it does not yet."""
        ...

    async def stop_accepting(self) -> None:
        """Let nobody in any more; who is in stays."""
        ...


class Calls(Protocol):
    """What the server asks of those who know phone calls (``calls/desk.py``)."""

    def listed(self, session: SocketProtocol, runner: ConversationRunner) -> AbstractContextManager[None]:
        """List a conversation that may be a call while the block runs."""
        ...

    async def serve_writer(self, websocket: SlicedConnection, call_sid: str) -> None:
        """Serve a client that writes for a call."""
        ...

    async def answer(self, request: web.Request, call_sid: str, tenant: str) -> HttpAnswer:
        """Speak a request's text to a call, or interrupt the call."""
        ...


class NoCalls:
    """Of a server that has none."""

    def listed(self, session: SocketProtocol, runner: ConversationRunner) -> AbstractContextManager[None]:  # noqa: ARG002 - none is a call
        """List nothing."""
        return contextlib.nullcontext()

    async def serve_writer(self, websocket: SlicedConnection, call_sid: str) -> None:  # noqa: ARG002 - there are none
        """Turn the writer away."""
        await websocket.close(CloseCode.NO_SUCH_CALL, "there are no phone calls at this server")

    async def answer(self, request: web.Request, call_sid: str, tenant: str) -> HttpAnswer:  # noqa: ARG002 - the same
        """Say so."""
        return error_answer(http.HTTPStatus.NOT_FOUND, "no_such_call", "there are no phone calls at this server")


class Server:
    """One listener, from bind to drain.

    Args:
        settings: all of them.
        session_settings: what one connection is allowed.
        synthesizer: started; shared by all.
        new_encoder: makes a context's encoder.
        encoder_failure: why nothing can be encoded at present; empty while all is well.
        encoder_load: the share of the encoders' time that the streams of now need.
        negotiate: what the codec makes of audio parameters.
        max_requests: contexts synthesized at once, over all connections.
        desk: keeps the server's limits.
        metrics: the server's own.
        shelf: changes the engine's voices; None if they cannot be changed.
        guests: who may come in and who is here; None: those whom the settings' ``api_keys`` let in.
        sockets: on which it listens; none: on one of its own.
        is_open: it listens at once; otherwise it is bound, and listens once ``open`` is called.

    Attributes:
        probe: tells whether the engine speaks; the process has it asked regularly.
        calls: the phone calls on the line, and those who write for them.
        reading_turns: in which connections have much text read.
        beside: the listener for Wyoming; None if there is none.
    """

    def __init__(
        self,
        settings: Settings,
        session_settings: SessionSettings,
        *,
        synthesizer: Synthesizer,
        new_encoder: Callable[[AudioParameters], RemoteEncoder],
        encoder_failure: Callable[[], str],
        encoder_load: Callable[[], float],
        negotiate: Callable[[AudioParameters], AudioFacts],
        max_requests: int,
        desk: Desk,
        metrics: Metrics,
        shelf: Shelf | None = None,
        guests: Guests | None = None,
        sockets: Sequence[socket.socket] = (),
        is_open: bool = True,
    ) -> None:
        self._settings = settings
        self._sockets = sockets
        self._is_open = is_open
        self._listeners: list[WebSocketServer] = []
        self._session_settings = session_settings
        self._synthesizer = synthesizer
        self._encoder_failure = encoder_failure
        self._encoder_load = encoder_load
        self._speech_settings = _of_one_request(session_settings, is_live=settings.http_pacing)
        self._negotiate = negotiate
        self._metrics = metrics
        self._services = Services(synthesizer, new_encoder, desk, metrics, SharedTimers())
        self.reading_turns = ReadingTurns()
        self._turnstile = Turnstile()
        # With several workers a client that comes back may come to another.
        self._seats = Seats(settings.resume_s if settings.workers == 1 else 0)
        self.calls: Calls = NoCalls()
        self.beside: Beside | None = None
        self._max_requests = max_requests
        self._desk = desk
        desk.open(max_requests, self._grant)
        self._conversations: dict[str, ConversationRunner] = {}  # by their sessions' ids
        self._guests = guests or Guests(asyncio.get_running_loop().time, Directory.of_keys(settings.api_keys))
        self._tenants: Counter[str] = Counter()  # of each, its open connections
        self._newcomers = Newcomers()
        self._is_draining = False
        self._is_succeeded = False
        self._everyone_left = asyncio.Event()
        self._everyone_left.set()
        synthesizer.watch(self._forecast_changed)
        self._forecast_changed()
        self.probe = Probe(synthesizer, session_settings.default_voice, metrics)
        self._pages = Pages(self.load, self._status, lambda: list(synthesizer.voices()), metrics, self.probe)
        self._public_path = public_path(settings.public_url)
        self._address = Address(settings.host, settings.public_url)
        self._trusted_proxies = read_networks(settings.trusted_proxies)
        self._http_dialects = HttpDialects(
            HTTP_DIALECTS,
            self,
            is_live=settings.http_pacing,
            max_chars=settings.max_speech_chars,
            max_body_bytes=settings.max_body_kib * 1024,
            pause_s=settings.handshake_timeout_s,
        )
        self._voice_requests = VoiceRequests(
            shelf,
            self,
            is_allowed=settings.voices_over_http and bool(self._guests.directory),
            pause_s=settings.handshake_timeout_s,
        )
        self._http = HttpServer(
            self._answer,
            self._answer_dialect,
            is_websocket_path=self._is_websocket_path,
            is_leaving=lambda: self._is_draining or self._is_succeeded,
            refused=self._http_refused,
            newcomers=self._newcomers,
            head_timeout_s=settings.handshake_timeout_s,
            blocked_s=settings.slow_client_s,
        )
        self._loop = asyncio.get_running_loop()
        self._sample_timer: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> Self:
        """Bind, and listen if it is open.

        Raises:
            CannotListen: the address cannot be bound.
            BadSettings: certificate or key will not do.
        """
        settings = self._settings
        await self._http.start()
        self._certificate = self._tls()
        listen = partial(
            serve,
            self._serve_socket,
            ssl=None if self._certificate is None else self._certificate.context,
            backlog=BACKLOG,
            start_serving=self._is_open,
            create_connection=self._open_door,  # type: ignore[arg-type] # annotated as a class; a factory is documented
            process_request=self._process_request,
            process_response=self._process_response,
            compression=None,  # audio does not compress, and a compressor costs 50 KiB a connection
            open_timeout=None,  # the door has the whole head; whether its peer reads the answer, the connection sees
            close_timeout=_CLOSE_TIMEOUT_S,
            ping_interval=None,  # the session plans pings, so that a dead peer gets our close code
            max_size=_MAX_MESSAGE_BYTES,
            max_queue=_MAX_QUEUED_FRAMES,
            write_limit=WRITE_LIMIT_BYTES,
            server_header="sayline",
            logger=logging.getLogger("sayline.websockets"),
        )
        for each in self._sockets:
            self._listeners.append(await listen(sock=each))
        if not self._sockets:
            with binding():
                self._listeners.append(await listen(settings.host, settings.port))
        self.port: int = self.sockets[0].getsockname()[1]
        self._sample(self._loop.time())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._sample_timer is not None:
            self._sample_timer.cancel()
        await stop_reading(self.sockets)
        for listener in self._listeners:
            listener.close()
        self._turnstile.close()
        self._newcomers.hang_up()
        with contextlib.suppress(TimeoutError):  # a task that hangs; the process ends all the same
            async with asyncio.timeout(_CUT_S):
                await self._http.close()
                for listener in self._listeners:
                    await listener.wait_closed()
        self._newcomers.hang_up()  # those who were accepted in the meantime

    @property
    def sockets(self) -> Sequence[socket.socket]:
        """Those on which it listens."""
        return [listening for listener in self._listeners for listening in listener.sockets]

    @property
    def url(self) -> str:
        """Where clients connect."""
        scheme = "wss" if self._settings.tls_cert else "ws"
        host = f"[{self._settings.host}]" if ":" in self._settings.host else self._settings.host
        return f"{scheme}://{host}:{self.port}"

    @property
    def ledger_lost(self) -> int:
        """How many records the ledger could not keep."""
        return 0 if self._guests.ledger is None else self._guests.ledger.lost

    @property
    def waiting_conversations(self) -> int:
        """How many conversations lost their socket and wait for their client."""
        return self._seats.waiting

    def load(self) -> Load:
        """What the server carries now, and may carry."""
        status = self._status()
        return Load(
            connections=self._desk.connections,
            max_connections=self._settings.max_connections,
            requests=self._desk.running + self._desk.waiting,
            max_concurrent_requests=self._max_requests,
            waiting=self._desk.waiting,
            is_draining=self._is_draining,
            sustainable_requests=status.sustainable_requests,
            is_ready=status.state == "ready",
            encoder_load=self._encoder_load(),
            overload=self._guests.overload.step,
        )

    def _status(self) -> EngineStatus:
        """How the engine is; a server that cannot encode is no better off than one that cannot speak."""
        status = self._synthesizer.status()
        failure = self._encoder_failure()
        return dataclasses.replace(status, state="failed", detail=failure) if failure else status

    async def drain(self) -> None:
        """Admit no connection, let running contexts finish, and return when all peers have left or the time is over.

        Each session closes by itself at its drain deadline. The server cuts off the remaining peers a little later.
        """
        self._is_draining = True
        await self._finish(self._loop.time() + self._settings.drain_s)

    async def open(self) -> None:
        """Listen, if it does not yet; what waits at the sockets is let in.

        Raises:
            CannotListen: the address was taken by another program since it was bound.
        """
        with binding():
            for listener in self._listeners:
                await listener.start_serving()
        if self.beside is not None:
            await self.beside.open()

    async def stop_accepting(self) -> None:
        """Let nobody in any more, because a successor listens on the same sockets; who is in is served."""
        self._is_succeeded = True
        await stop_reading(self.sockets)
        for listener in self._listeners:
            listener.is_serving = lambda: True  # type: ignore[method-assign] # the library refuses handshakes otherwise
            listener.server.close()
        if self.beside is not None:
            await self.beside.stop_accepting()

    async def make_way(self) -> None:
        """Let nobody in any more, if that was not done yet, and then end like ``drain``.

        Whoever was let in is served. A peer may have been accepted and be in the middle of its handshake, or have said
        nothing yet. So nobody is told to leave for as long as a handshake may take, and nobody is refused. If this
        process was held up meanwhile, some who have sent their handshake in time are not answered yet even then.
        """
        if not self._is_succeeded:
            await self.stop_accepting()
        has_waited = asyncio.Event()
        self._loop.call_later(self._settings.handshake_timeout_s, has_waited.set)
        await has_waited.wait()
        deadline = self._loop.time() + self._settings.drain_s
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(deadline):
                await self._newcomers.answered()
        await self._finish(deadline)

    async def _finish(self, deadline: float) -> None:
        for runner in list(self._conversations.values()):
            runner.drain(max(0.0, deadline - self._loop.time()))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(deadline + PARTING_S):
                await self._everyone_left.wait()
        for runner in list(self._conversations.values()):
            runner.abort()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(deadline):
                await self._http.finish()

    # -- slots --

    def _forecast_changed(self) -> None:
        self._desk.forecast(self._synthesizer.status().sustainable_requests)

    def _grant(self, slot: Slot) -> None:
        if runner := self._conversations.get(slot.connection_id):
            runner.slot_granted(slot.context_id)
        else:
            self._desk.release_slot(slot)

    # -- sockets --

    async def _serve_socket(self, websocket: ServerConnection) -> None:
        request = websocket.request
        assert request is not None  # noqa: S101 - there was a handshake
        assert isinstance(websocket, SlicedConnection)  # noqa: S101 - ``_open_door`` makes no other
        websocket.handshake_over()
        dialect, _ = self._dialect_at(request.path)
        if dialect.needs_subprotocol and websocket.subprotocol is None:
            await websocket.close(CloseCode.NOT_A_CLIENT, f"offer the subprotocol {' or '.join(dialect.subprotocols)}")
            return
        if dialect is TTS_V1 and (call_sid := websocket.opening.query.get(CALL)) is not None:
            async with self._guest(secrets.token_hex(8), websocket.caller) as guest:
                guest.stays_until(websocket.transport.abort)
                await self.calls.serve_writer(websocket, call_sid)
            return
        with self._guests.here(websocket.caller) as guest:
            await self._serve_guest(websocket, dialect, guest)
        await websocket.wait_closed()  # another conversation has it, or nobody

    async def _serve_guest(self, websocket: SlicedConnection, dialect: Dialect, guest: Guest) -> None:
        """Hold a conversation, which may outlive the socket."""
        offer = self._seats.offer() if dialect.can_resume else None
        session = self.new_session(
            dialect.protocol,
            guest=guest,
            resume_offer=offer,
            tenant=None if websocket.caller is None else guest.caller.tenant,
            opening=websocket.opening,
            tenant_of=guest.show,
            key_by=self._loop.time() + self._settings.handshake_timeout_s,
        )
        assert websocket.request is not None  # noqa: S101 - there was a handshake
        peer = self._peer(websocket.transport, websocket.request.headers.get_all)
        visitor = Visitor(websocket, session.tenant, websocket.opening.headers.get("origin"))
        async with self.served(session, peer, guest) as runner:
            with self.calls.listed(session, runner), self._seats.seated(session.id, offer, visitor, runner) as seat:
                await self._serve_sockets(websocket, partial(self._seats.claim, visitor), runner, seat)

    async def _serve_sockets(
        self,
        websocket: ServerConnection,
        claim: Callable[[Resume], bool],
        runner: ConversationRunner,
        seat: Seat | None,
    ) -> None:
        """Serve the conversation's socket, and each that follows one that broke."""
        await WebSocketPeer(websocket, runner, self.reading_turns, claim).serve()
        while seat is not None and runner.is_resumable and websocket.protocol.close_rcvd is None:
            runner.peer_lost()
            if (found := await seat.next_socket()) is None:
                return
            websocket, received = found
            await WebSocketPeer(websocket, runner, self.reading_turns).serve(received)

    @contextlib.asynccontextmanager
    async def _connection(self, session_id: str, tenant: str) -> AsyncIterator[None]:
        """Count a connection while the block runs; free its slots at the end."""
        self._desk.connection_opened()
        self._tenants[tenant] += 1
        try:
            yield
        finally:
            self._tenants[tenant] -= 1
            self._desk.connection_closed(session_id)

    @contextlib.asynccontextmanager
    async def _guest(self, session_id: str, caller: Caller | None) -> AsyncIterator[Guest]:
        """Count a guest and its connection while the block runs."""
        with self._guests.here(caller) as guest:
            async with self._connection(session_id, guest.caller.tenant):
                yield guest

    @contextlib.asynccontextmanager
    async def _conversation(
        self, session: SocketProtocol, peer: str | None, guest: Guest | None
    ) -> AsyncIterator[ConversationRunner]:
        """Run a conversation that ends with the block."""
        self._everyone_left.clear()
        log.info("connected", extra={"session_id": session.id, "peer": peer, "key": session.tenant or None})
        try:
            async with running(session, self._services, peer, guest) as runner:
                self._conversations[session.id] = runner
                if guest is not None:
                    guest.stays_until(runner.turn_out)
                yield runner
        finally:
            self._conversations.pop(session.id, None)
            log.info("disconnected", extra={"session_id": session.id, "peer": peer})
            if not self._conversations:
                self._everyone_left.set()

    # -- other listeners of the same server --

    def new_session(self, protocol: type[P], *, guest: Guest | None = None, **options: Any) -> P:  # noqa: ANN401 - what the dialect wants besides
        """Make a conversation of a dialect; a guest's is counted and has the guest's voices."""
        return protocol(
            secrets.token_hex(8),
            self._session_settings,
            voices=self._voices_for(guest),
            account=guest,
            negotiate=self._negotiate,
            synthesis_rate_hz=self._synthesizer.sample_rate_hz,
            now=self._loop.time(),
            **options,
        )

    @contextlib.asynccontextmanager
    async def served(
        self, session: SocketProtocol, peer: str | None, guest: Guest | None = None
    ) -> AsyncIterator[ConversationRunner]:
        """Count a connection and run its conversation while the block runs."""
        async with self._connection(session.id, session.tenant), self._conversation(session, peer, guest) as runner:
            yield runner

    def _voices_for(self, guest: Guest | None) -> Callable[[], Sequence[Voice]]:
        """Tell which voices somebody may use, as they are whenever it is asked."""
        every = self._synthesizer.voices
        return every if guest is None else lambda: guest.allowed(every())

    def count_refusal(self, reason: str) -> None:
        """Count a connection that is not let in."""
        self._metrics.refusals.labels(reason).inc()

    # -- speech over HTTP: what ``http.requests.Host`` promises --

    def admit(self, asked: HttpRequest, dialect: HttpDialect, *, is_live: bool) -> Admitted | Refused:
        """Let a request to speak in or refuse it, by the rules of handshakes."""
        room = self._room(is_live=is_live)
        verdict = self._judge(asked.opening, dialect, room, tuple(dialect.keys(asked.opening)))
        if isinstance(verdict, Admitted):
            self._make_room(is_live=is_live)
        return verdict

    def _judge(
        self,
        opening: Opening,
        dialect: Manners,
        room: Refusal | None,
        keys: tuple[str, ...],
        fault: ClientFault | None = None,
    ) -> Admitted | Refused:
        settings = self._settings
        verdict = judge(
            HandshakeRequest(keys, opening.headers.get("origin"), opening.headers.get("host")),
            self._guests.directory,
            settings.allow_origins,
            room,
            dialect,
            fault=fault,
            address=self._address,
        )
        if isinstance(verdict, Refused) or not verdict.caller:
            return verdict
        is_back = self._is_back(opening)  # the socket that broke still counts, and nothing begins
        connections = self._tenants[verdict.caller.tenant] - is_back
        most = settings.max_connections_per_key
        if verdict.caller.tenant and (refused := refuse_over_quota(connections, most, dialect)):
            return refused
        fault = None if is_back else self._guests.refuse_connect(verdict.caller)
        return verdict if fault is None else refuse_overuse(fault, dialect)

    def admit_change(self, request: web.Request) -> Refused | None:
        """Judge a request that changes something by the rules of handshakes; there is always room for one."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        opening = Opening({}, query_of(request.rel_url.raw_path_qs), headers, ())
        verdict = self._judge(opening, VOICES, None, tuple(VOICES.keys(opening)))
        return verdict if isinstance(verdict, Refused) else None

    def offer(self) -> Offer:
        """Tell what is on offer."""
        settings = self._session_settings
        return Offer(self._synthesizer.voices(), settings.voice_aliases, settings.default_voice)

    @contextlib.asynccontextmanager
    async def connection(self, caller: Caller) -> AsyncIterator[tuple[str, Guest]]:
        """Count a request among the connections while it lasts; gives the id of its conversation, and whose it is."""
        session_id = secrets.token_hex(8)
        async with self._guest(session_id, caller) as guest:
            yield session_id, guest

    async def speak(self, request: web.Request, session_id: str, guest: Guest, speech: Speech) -> web.StreamResponse:
        """Answer with speech; a ``GatewayError`` says that there will be none."""
        connection = request.protocol
        assert isinstance(connection, HttpConnection)  # noqa: S101 - ``HttpServer`` makes no other
        conversation = HttpConversation(
            session_id,
            speech,
            self._loop.time(),
            settings=self._speech_settings,
            voices=self._voices_for(guest),
            negotiate=self._negotiate,
            synthesis_rate_hz=self._synthesizer.sample_rate_hz,
            tenant=guest.caller.tenant,
            account=guest,
        )
        peer = self._peer(request.transport, lambda name: request.headers.getall(name, []))
        async with self._conversation(conversation, peer, guest) as runner:
            silence = partial(self._silence, conversation)
            answer = await HttpPeer(request, connection, conversation, runner, speech.body, silence).serve(
                speech.text,
                self.reading_turns,
                lambda: speech_headers(speech, session_id, conversation.ignored),
            )
        if isinstance(answer, GatewayError):  # raised here: the tasks of a conversation would wrap it
            raise answer
        return answer

    async def _silence(self, conversation: HttpConversation) -> Sequence[Packet]:
        """Make a moment of silence."""
        encoder = self._services.new_encoder(conversation.audio)
        return await silent_packets(encoder, self._synthesizer.sample_rate_hz)

    def refused(self, reason: str, request: web.Request) -> None:
        """Count and log a refusal."""
        self._http_refused(reason, request, request.transport)

    def _answer_dialect(self, request: web.Request) -> Awaitable[web.StreamResponse] | None:
        path = self._own_path(path_of(request)).partition("?")[0]
        if (named := match_path(REQUESTS, path)) is not None:
            return self._answer_for_call(request, path, named[CALL])
        if (changing := self._voice_requests.find(request, path)) is not None:
            return changing
        found = self._http_dialects.find(request, path)
        return None if found is None else self._http_dialects.answer(request, found)

    async def _answer_for_call(self, request: web.Request, path: str, call_sid: str) -> web.StreamResponse:
        """Let a request write for a phone call, by the rules of handshakes; the call itself was let in before."""
        if request.method not in ("POST", "DELETE"):
            allowed = (("Allow", "DELETE, POST"),)
            return _http_response(
                error_answer(http.HTTPStatus.METHOD_NOT_ALLOWED, "method", "only DELETE, POST here", allowed)
            )
        headers = {name.lower(): value for name, value in request.headers.items()}
        opening = HttpRequest(request.method, path, query=dict(request.query), headers=headers).opening
        room = refuse_connection(dataclasses.replace(self.load(), requests=0))
        verdict = self._judge(opening, TTS_V1, room, tuple(TTS_V1.keys(opening)))
        if isinstance(verdict, Refused):
            self._http_refused(verdict.reason, request, request.transport)
            return _http_response(verdict.answer)
        async with self._guest(secrets.token_hex(8), verdict.caller) as guest:
            if request.transport is not None:
                guest.stays_until(request.transport.abort)
            return _http_response(await self.calls.answer(request, call_sid, guest.caller.tenant))

    def _open_door(self, protocol: ServerProtocol, server: WebSocketServer, **options: Any) -> FrontDoor:  # noqa: ANN401 - websockets' own
        """Take a new connection in; what ``serve`` calls in place of ``ServerConnection``."""
        return FrontDoor(
            partial(
                SlicedConnection,
                protocol,
                server,
                newcomers=self._newcomers,
                blocked_s=self._settings.slow_client_s,
                **options,
            ),
            self._http.connection,
            self._http.is_handshake,
            lambda reason, transport: self._http_refused(reason, None, transport),
            self._turnstile.take,
            self._newcomers,
            self._settings.handshake_timeout_s,
        )

    def _own_path(self, path: str) -> str:
        """Take off what the public address has in front of our paths, if the proxy has left it there."""
        if self._public_path and path.startswith(self._public_path + "/"):
            return path.removeprefix(self._public_path)
        return path

    def _dialect_at(self, path: str) -> tuple[Dialect, Mapping[str, str]]:
        found = dialect_at(self._own_path(path))
        assert found is not None  # noqa: S101 - the front door lets no other path through to a WebSocket
        return found

    def _is_websocket_path(self, path: str) -> bool:
        return dialect_at(self._own_path(path)) is not None

    def _answer(self, request: web.Request) -> HttpAnswer:
        """Answer a request for a page.

        Browsers do not tell a page how its handshake was answered. So the WebSocket's path tells a page that asks by
        other means whether it would be let in. (Not by GET: that carries no ``Origin`` to a page's own server.)
        """
        path = path_of(request)
        origin = request.headers.get("Origin")
        if origin is not None and self._is_websocket_path(path):
            settings = self._settings
            shown = HandshakeRequest((), origin, request.headers.get("Host"))
            if refused := judge_place(
                shown, settings.allow_origins, self._address, has_keys=bool(self._guests.directory)
            ):
                return dataclasses.replace(refused.answer, headers=(("Access-Control-Allow-Origin", "*"),))
        if self._public_path and path.partition("?")[0] == self._public_path:
            # The page asks for its files relative to its own address, which has to end with the slash.
            there = (("Location", f"{self._public_path}/{path.removeprefix(self._public_path)}"),)
            return HttpAnswer(http.HTTPStatus.PERMANENT_REDIRECT, b"", headers=there)
        return self._pages.answer(request.method, self._own_path(path))

    def _process_request(self, websocket: ServerConnection, request: Request) -> Response | None:
        dialect, named = self._dialect_at(request.path)
        opening = _opening(request, named)
        verdict: Admitted | Refused
        if opening is None:
            message = f"there is more than one header of {', '.join(_ONCE)}"
            verdict = refuse(http.HTTPStatus.BAD_REQUEST, "headers", message, error_body=dialect.error_body)
        elif not self._is_signed(dialect, opening, request.path):
            message = "the handshake is not signed with one of twilio_auth_tokens for the address that it was sent to"
            verdict = refuse(http.HTTPStatus.FORBIDDEN, "signature", message, error_body=dialect.error_body)
        else:
            verdict = self._judge(
                opening,
                dialect,
                self._room(is_back=self._is_back(opening)),
                tuple(dialect.keys(opening)),
                _fault_of(dialect, opening),
            )
        if opening is not None and isinstance(verdict, Admitted):
            assert isinstance(websocket, SlicedConnection)  # noqa: S101 - ``_open_door`` makes no other
            websocket.caller, websocket.opening = verdict.caller, opening
            # A callback that selects would hold its connection in a cycle, see ``SlicedConnection.connection_lost``.
            confirmed = dialect.confirm(opening.subprotocols)
            websocket.protocol.available_subprotocols = None if confirmed is None else [Subprotocol(confirmed)]
            if not self._is_back(opening):
                self._make_room()
            return None
        assert isinstance(verdict, Refused)  # noqa: S101 - without an opening there was no admission
        self._refused("handshake refused", verdict.reason, websocket.transport, request.headers.get_all, request.path)
        return _response(verdict.answer)

    def _is_signed(self, dialect: Dialect, opening: Opening, path: str) -> bool:
        """Tell whether a handshake carries the signature that it needs, if it needs one."""
        settings = self._settings
        if dialect.is_signed is None or not settings.twilio_auth_tokens:
            return True
        if settings.public_url is None:
            address = opening.headers.get("host", "") + path
        else:  # the address that others know, whatever a proxy makes of it
            address = settings.public_url.partition("://")[2].rstrip("/") + self._own_path(path)
        return dialect.is_signed(opening, address, settings.twilio_auth_tokens)

    def _room(self, *, is_back: bool = False, is_live: bool = True) -> Refusal | None:
        """Tell whether there is room for one more, if the conversations make room that only wait for their client.

        Args:
            is_back: the client comes back for one of these, and needs no room: its conversation is counted already.
            is_live: see ``refuse_connection``.
        """
        load, seats = self.load(), self._seats
        load = dataclasses.replace(
            load, connections=load.connections - seats.waiting - seats.leaving, requests=load.requests - seats.speaking
        )
        if is_back:
            load = dataclasses.replace(load, requests=0, encoder_load=0.0)
        return refuse_connection(load, is_live=is_live)

    def _make_room(self, *, is_live: bool = True) -> None:
        """Give up conversations that only wait for their client, as far as the one that was let in needs it."""
        while self._seats.waiting:
            load = self.load()
            load = dataclasses.replace(load, connections=load.connections - self._seats.leaving)
            if refuse_connection(load, is_live=is_live) is None:
                return
            self._seats.make_room()

    def _is_back(self, opening: Opening) -> bool:
        return self._seats.knows(opening.query.get(RESUME))

    async def _process_response(
        self, websocket: ServerConnection, request: Request, response: Response
    ) -> Response | None:
        """Say in our own way what the library finds wrong with a handshake."""
        if websocket.protocol.eof_sent:
            # The peer went on with bytes that are no frames, and the library has closed its side already. An answer now
            # would fail on an assertion (17.4), with a traceback in the log.
            websocket.transport.abort()
            await websocket.wait_closed()
            return None
        if response.status_code == http.HTTPStatus.SWITCHING_PROTOCOLS:
            name, value = provenance.HTTP_HEADER  # for every dialect: not each has a place for it in its messages
            response.headers[name] = value
            return None
        if response.headers["Content-Type"] == _JSON:
            return None
        self._refused("handshake refused", "handshake", websocket.transport, request.headers.get_all, request.path)
        kept = tuple((name, response.headers[name]) for name in ("Server", "Upgrade") if name in response.headers)
        message = bytes(response.body).decode(errors="replace").partition("\n")[0]
        return _response(error_answer(http.HTTPStatus(response.status_code), "handshake", message, kept))

    def _http_refused(self, reason: str, request: web.Request | None, transport: asyncio.BaseTransport | None) -> None:
        lines_of = (lambda _: []) if request is None else (lambda name: request.headers.getall(name, []))
        self._refused("request refused", reason, transport, lines_of, "" if request is None else request.path)

    def _refused(
        self,
        event: str,
        reason: str,
        transport: asyncio.BaseTransport | None,
        lines_of: Callable[[str], list[str]],
        path: str,
    ) -> None:
        """Count and log which peer was refused, and why."""
        self._metrics.refusals.labels(reason).inc()
        facts = {
            "why": reason,
            "peer": self._peer(transport, lines_of),
            # A query may hold a part that its sender takes for a key.
            "path": path.partition("?")[0][:_MAX_LOGGED] or None,
            "origin": ", ".join(lines_of("Origin"))[:_MAX_LOGGED] or None,
            "setting": _SETTINGS_TO_SEE.get(reason),
            "host": ", ".join(lines_of("Host"))[:_MAX_LOGGED] or None,
        }
        log.info(event, extra=facts)

    def _peer(self, transport: asyncio.BaseTransport | None, lines_of: Callable[[str], list[str]]) -> str | None:
        """Write a peer's address as the log has it; None if it left before it could be asked for."""
        address = transport.get_extra_info("peername") if transport is not None else None
        if not address:
            return None
        host = peer_behind(address[0], lines_of("Forwarded"), lines_of("X-Forwarded-For"), self._trusted_proxies)
        return f"{host}:{address[1]}" if host == address[0] else host

    def _tls(self) -> Certificate | None:
        if self._settings.tls_cert is None or self._settings.tls_key is None:
            return None
        return Certificate(self._settings.tls_cert, self._settings.tls_key)

    def _sample(self, due_at: float) -> None:
        """Measure what no event tells: how late the loop is, and how much sound listeners have left."""
        now = self._loop.time()
        self._guests.look()
        if self._certificate is not None:
            self._certificate.look()
        self._metrics.ledger_lost_is(self.ledger_lost)
        self._metrics.sampled(max(0.0, now - due_at))
        self._judge_overload(max(0.0, now - due_at))
        status = self._synthesizer.status()
        self._metrics.speeches_cut_are(status.speeches_cut)
        self._metrics.workers_are(status.workers, status.speeches_moved)
        for runner in self._conversations.values():
            runner.sample_leads()
        self._sample_timer = self._loop.call_at(now + _SAMPLE_S, self._sample, now + _SAMPLE_S)

    def _judge_overload(self, lag_s: float) -> None:
        overload, memory = self._guests.overload, used_share()
        before = overload.step
        overload.sampled(memory, lag_s)
        self._metrics.overload_is(overload.step, memory)
        if overload.step is not before:
            facts = {"step": overload.step.name.lower(), "memory": round(memory, 3), "lag_s": round(lag_s, 3)}
            log.log(logging.WARNING if overload.step > before else logging.INFO, "overload", extra=facts)


async def stop_reading(sockets: Sequence[socket.socket]) -> None:
    """Accept no more connections, so that the listeners of these sockets may be closed.

    asyncio makes a connection's transport a turn after accepting it, and fails if the listener was closed in between:
    the peer would wait for an answer until the garbage is collected.
    """
    for listening in sockets:
        asyncio.get_running_loop().remove_reader(listening)
    await asyncio.sleep(0)


def _of_one_request(settings: SessionSettings, *, is_live: bool) -> SessionSettings:
    """Tell what a conversation is allowed that one HTTP request asks for.

    HTTP has no pings. What nobody listens to in real time is not paced. Its client may take minutes over it: a player
    that reads as it plays leaves a full connection unread for longer than a listener who is sent two seconds ahead.
    """
    settings = dataclasses.replace(settings, ping_interval_s=math.inf, is_live=is_live)
    if is_live:
        return settings
    slow_client_s = max(settings.slow_client_s, _SLOW_PLAYER_S)
    return dataclasses.replace(settings, max_lead_ms=0, slow_client_s=slow_client_s)


def _opening(request: Request, named: Mapping[str, str]) -> Opening | None:
    """Read what a handshake says; None if it has two of a header that may occur once."""
    headers = request.headers
    if any(len(headers.get_all(name)) > 1 for name in _ONCE):
        return None
    offered = ",".join(headers.get_all("Sec-WebSocket-Protocol"))
    return Opening(
        named,
        query_of(request.path),
        {name.lower(): value for name, value in headers.raw_items()},
        tuple(name.strip() for name in offered.split(",") if name.strip()),
    )


def _fault_of(dialect: Dialect, opening: Opening) -> ClientFault | None:
    """Tell what a client asks for and cannot get; None if nothing is."""
    try:
        dialect.check(opening)
    except ClientFault as fault:
        return fault
    return None


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


def _http_response(answer: HttpAnswer) -> web.Response:
    headers = [("Server", "sayline"), ("Content-Type", answer.content_type), *answer.headers]
    return web.Response(status=answer.status, body=answer.body, headers=headers)
