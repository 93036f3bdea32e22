"""A connection as its caller holds it: speeches begin on it, and one task reads the socket for all of them.

Its states have the names that the browser client's have (web_demo/client/client_state.js)::

    ready ──► draining ──► waiting ──► connecting ──► ready      with reconnect
      │           │           │             │
      └───────────┴───────────┴─────────────┴──────► closed     without it, or if another try would end the same way
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import random
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Literal, Protocol, get_args

from websockets.exceptions import ConnectionClosed

from ..dialects.tts_v1.frames import unpack_frame
from ..errors import BadMessage, CloseCode, ConnectionFailed, ErrorCode, GatewayError
from .arguments import checked_message
from .deltas import check_text
from .errors import BadArgument, Misuse, SpeechError
from .ledger import Ledger
from .opening import lost
from .speech import Speech
from .wire import messages as wire

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping, Sequence

    from websockets.asyncio.client import ClientConnection

    from .deltas import Text
    from .wire.messages import Chunking, Timestamps

    class Dialer(Protocol):
        """Opens sockets to one gateway (``connecting.Dialer``)."""

        async def open(self) -> tuple[ClientConnection, wire.SessionReady]: ...  # noqa: D102
        async def resume(self, ledger: Ledger) -> tuple[ClientConnection, int] | None: ...  # noqa: D102


logger = logging.getLogger(__name__)

ConnectionState = Literal["ready", "draining", "waiting", "connecting", "closed"]

# As in web_demo/client/client_state.js: far below ``idle_s``, so that a quiet conversation stays open.
PING_INTERVAL_S: Final = 15.0
# A gateway that closes what is idle sooner than usual is asked so many times in that while.
_PINGS_IN_IDLE_S: Final = 3
# If neither an answer nor any other message comes within this time, the gateway is gone. Messages count because a
# gateway that is behind with our text does not read our pings.
PING_TIMEOUT_S: Final = 20.0
# As in web_demo/client/client_state.js: the first wait before connecting again, its cap, and how much of a wait is
# drawn by lot so that clients come apart.
FIRST_WAIT_S: Final = 0.25
LONGEST_WAIT_S: Final = 10.0
_LOT_SHARE: Final = 0.5
# The listener has long gone by then, and the caller should learn that nothing comes. The connection goes on trying.
SPEECH_PATIENCE_S: Final = 30.0
# The gateway remembers this many ids of finished contexts (docs/PROTOCOL.md), and ignores messages for them.
_REMEMBERED_IDS: Final = 4096

# How a connection ends whose gateway may still have its session: without a close frame, or without a word.
_BROKEN: Final = (1006, None)
_PROTOCOL_ERROR: Final = 1002  # RFC 6455, 7.4.1
# After these errors the server ends the context itself, with context.done. After any other error the context may go on,
# without the refused text.
_ENDING_CODES: Final = frozenset({"synthesis_failed", "unknown_voice"})
# After these errors the context never began, and its id is free.
_NEVER_BEGAN: Final = frozenset({"too_many_contexts", "overloaded", "quota_exceeded"})


class Connection:
    """An open connection to a gateway; made by ``connect``.

    Attributes:
        state: ``ready`` for speeches; ``draining``: takes no new ones; ``waiting`` or ``connecting``: lost, and coming
            back; ``closed``: lost for good.
        session_id: names the connection in the gateway's log.
        voices: the voices that ``speak`` may ask for, the default first.
        limits: what the gateway allows on this connection.
        goaway: set while the gateway is draining.
    """

    def __init__(
        self, socket: ClientConnection, ready: wire.SessionReady, tasks: asyncio.TaskGroup, dialer: Dialer | None
    ) -> None:
        """Take over a socket that is greeted.

        Args:
            socket: open.
            ready: the gateway's answer to ``session.update``.
            tasks: where writers run.
            dialer: opens the next socket if this one is lost; None: the connection does not come back.
        """
        self.state: ConnectionState = "ready"
        self.session_id = ready.session_id
        self.voices = ready.voices
        self.limits = ready.limits
        self.goaway: wire.GoAway | None = None
        self._socket = socket
        self._tasks = tasks
        self._dialer = dialer
        self._ledger = _ledger_of(ready) if dialer is not None else None
        self._loop = asyncio.get_running_loop()
        self._speeches: dict[str, Speech] = {}  # by context id, until the gateway is done with them
        self._channels: dict[int, Speech] = {}  # the same, by the number in audio frames
        self._used_ids: dict[str, None] = {}  # of contexts that are over, on this socket; oldest first
        self._failure: GatewayError | None = None  # why nothing more will come
        self._ids = itertools.count(1)
        self._sign_of_life = asyncio.Event()  # a message came
        self._is_held_up = False  # by a consumer that is behind: the gateway's messages wait unread
        self._is_silent = False  # the gateway has answered nothing for too long

    def __repr__(self) -> str:
        return f"<Connection {self.session_id} {self.state} {list(self._speeches.values())!r}>"

    def speak(
        self,
        text: Text | None = None,
        *,
        voice: str | None = None,
        language: str | None = None,
        instructions: str | None = None,
        speed: float = 1.0,
        volume: float = 1.0,
        seed: int | None = None,
        allow_markup: bool = False,
        lexicon: Sequence[Mapping[str, str]] = (),
        chunking: Chunking = "sentence",
        timestamps: Timestamps = "segment",
        context_id: str | None = None,
    ) -> Speech:
        """Prepare an utterance; it starts when its ``async with`` block is entered, or when it is first read.

        Args:
            text: the whole text, or its deltas as they are written: an async iterable, a generator, a list. They are
                sent beside your reading, then ended; empty deltas and None are passed over. If their source fails, what
                it gave is spoken, then its exception is raised to you. A source that is not asynchronous is asked in a
                thread. None: send the text yourself with ``send`` and ``end``.
            voice: one of ``voices``; None for the gateway's default.
            language: a BCP 47 tag; None to detect it.
            instructions: manner of speaking, for engines that take it.
            speed: 0.5 to 2.
            volume: a factor of the voice's amplitude, 0 to 2; only for gateways whose ``features`` list it.
            seed: makes sampling engines repeatable.
            allow_markup: tokens such as ``[laughter]`` in the text are obeyed, not read out, by engines that know them.
            lexicon: how words are said (docs/READING.md): each with ``word``, and ``respelling``, ``ipa``, ``cmu`` or
                ``pinyin``; only for gateways whose ``features`` list it.
            chunking: where the gateway may cut the text.
            timestamps: which time marks to send.
            context_id: names the utterance on the wire; never one that this connection has used before.

        Raises:
            BadArgument: the text is none, an argument is out of the protocol's range, or the id was used before.
            ConnectionFailed: the connection is lost, or the gateway is draining, and it is not to come back.
            Misuse: the connection belongs to another event loop.
        """
        self.check_loop()
        if self._failure is not None:
            raise self._failure
        if self.goaway is not None and self._dialer is None:
            raise _draining()
        if text is not None:
            check_text(text)
        start = checked_message(
            wire.ContextStart,
            {
                "context_id": self._free_id() if context_id is None else context_id,
                "voice": voice,
                "language": language,
                "instructions": instructions,
                "speed": speed,
                "volume": None if volume == 1.0 else volume,  # an older gateway knows no such field
                "seed": seed,
                "allow_markup": allow_markup,
                "lexicon": tuple(map(dict, lexicon)) or None,  # an older gateway knows no such field
                "chunking": chunking,
                "timestamps": timestamps,
            },
        )
        self._check_id(start.context_id)
        resumes = self._dialer is not None
        if resumes:  # where to speak on is known by the word; marks that the caller did not ask for are kept back
            start = replace(start, timestamps="word")
        return Speech(self, start, text, timestamps, resumes=resumes)

    # -- for Speech ----------------------------------------------------------------------------------------------------

    def check_loop(self) -> None:
        """Refuse what would wait for ever.

        Raises:
            Misuse: called from another thread or another event loop than the connection's own.
        """
        try:
            is_ours = asyncio.get_running_loop() is self._loop
        except RuntimeError:
            is_ours = False
        if not is_ours:
            raise Misuse("a connection is used in the event loop that opened it, and in no other loop or thread")

    def begin(self, speech: Speech) -> None:
        """Begin a speech: messages for its context are routed to it from now on."""
        self.check_loop()
        if self._failure is not None:
            raise self._failure
        if self.goaway is not None and self._dialer is None:
            raise _draining()
        self._check_id(speech.context_id)
        self._speeches[speech.context_id] = speech

    def takes(self, speech: Speech) -> bool:
        """Whether the gateway can be told something about a speech now; if not, ``Speech.resume`` is called later."""
        is_ours = self._speeches.get(speech.context_id) is speech
        return is_ours and (self.state == "ready" or (self.state == "draining" and speech.is_known))

    async def send(self, message: wire.Message) -> bool:
        """Send a message; waits while the socket is full.

        Returns:
            Whether it was sent; if not, the connection is lost and comes back.

        Raises:
            ConnectionFailed: the connection is lost, and does not come back.
        """
        if self._failure is not None:
            raise self._failure
        encoded = wire.encode(message)
        if self._ledger is not None:
            self._ledger.send(encoded)
        try:
            await self._socket.send(encoded)
        except ConnectionClosed as exc:
            if self._dialer is None:
                raise lost(exc) from exc
            return self._ledger is not None  # it is sent again if the session is resumed
        return True

    def start_task(self, writing: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """Start a task that writes a speech's text beside all other work."""
        return self._tasks.create_task(writing)

    def forget(self, speech: Speech, *, was_used: bool = True) -> None:
        """The gateway has no more to do with a speech."""
        if self._speeches.get(speech.context_id) is speech:
            del self._speeches[speech.context_id]
            if was_used:
                self._used_ids[speech.context_id] = None
                if len(self._used_ids) > _REMEMBERED_IDS:
                    del self._used_ids[next(iter(self._used_ids))]
        for channel, each in list(self._channels.items()):
            if each is speech:
                del self._channels[channel]
        speech.released()

    # -- for connect ---------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Read until no message can come for any speech, on this socket and on those that follow it."""
        while True:
            failure = await self._read()
            if self._dialer is None or not failure.retryable or self._failure is not None:
                self._fail(failure)
                return
            logger.info("the connection is lost and tried again: %s", failure)
            if self._ledger is not None and failure.close_code in _BROKEN:
                if await self._resume(self._dialer, self._ledger):
                    continue
                if self._failure is not None:
                    return
            self._ledger = None
            self._channels.clear()
            self._used_ids.clear()
            self.goaway = None
            self.state = "waiting"
            for speech in list(self._speeches.values()):
                speech.interrupted()
            if not await self._come_back(self._dialer, failure):
                return

    async def keep_alive(self) -> None:
        """Keep a quiet connection open, and notice a gateway that has gone without a word."""
        for number in itertools.count():
            await asyncio.sleep(min(PING_INTERVAL_S, self.limits.idle_s / _PINGS_IN_IDLE_S))
            if self.state not in ("ready", "draining"):
                continue
            self._sign_of_life.clear()
            socket = self._socket
            try:
                async with asyncio.timeout(PING_TIMEOUT_S):
                    ping = wire.encode(wire.Ping(id=number))
                    if self._ledger is not None:
                        self._ledger.ping(number, ping)
                    await socket.send(ping)
                    await self._sign_of_life.wait()
            except ConnectionClosed:
                continue  # the reader sees it too
            except TimeoutError:
                if not self._is_held_up and socket is self._socket:
                    self._is_silent = True
                    socket.transport.abort()

    async def close(self) -> None:
        """End every speech: the caller has left the connection's block and reads no more."""
        self._fail(ConnectionFailed("the connection was closed: its block was left", retryable=True))
        await self._socket.close()

    # -- reading -------------------------------------------------------------------------------------------------------

    async def _read(self) -> ConnectionFailed:
        """Read the socket until it closes; returns why it did."""
        try:
            while True:
                # recv raises ConnectionClosed for every kind of end, with the code that says which.
                message = await self._socket.recv()
                self._sign_of_life.set()
                if self._ledger is not None:
                    self._ledger.received += 1
                speech = self._take_frame(message) if isinstance(message, bytes) else self._take_message(message)
                if speech is not None:
                    self._is_held_up = True
                    await speech.has_room()
                    self._is_held_up = False
                    self._sign_of_life.set()
        except ConnectionClosed as exc:
            if self._is_silent:
                self._is_silent = False
                return ConnectionFailed("the gateway has gone silent", retryable=True)
            failure = lost(exc)
            failure.__cause__ = exc
            return failure
        except BadMessage as exc:
            await self._socket.close(_PROTOCOL_ERROR)
            return ConnectionFailed(f"the gateway broke the rules of tts.v1: {exc}", retryable=False)

    def _take_frame(self, message: bytes) -> Speech | None:
        frame = unpack_frame(message)
        speech = self._channels.get(frame.channel)
        if speech is not None:  # else: it crossed with a cancel
            speech.arrived(frame)
        return speech

    def _take_message(self, message: str) -> Speech | None:
        event = wire.parse_server_message(message)
        match event:
            case wire.Pong():
                if self._ledger is not None and isinstance(event.id, int):
                    self._ledger.pong(event.id)
                return None
            case None | wire.SessionReady() | wire.SessionResumed():  # None: a kind that came after this client
                return None
            case wire.Error():
                self._take_error(event)
                return None
            case wire.GoAway():
                self.goaway = event
                self.state = "draining"
                logger.info("the gateway is draining: it takes no new speech")
                return None
        if (speech := self._speeches.get(event.context_id)) is None:
            return None
        match event:
            case wire.ContextStarted():
                self._channels[event.channel] = speech
                if (failure := speech.take_start(event)) is not None:
                    speech.fail(failure, awaits_done=False)
            case wire.ContextDone():
                speech.arrived(event)
                self.forget(speech)
                speech.finish(speech.doubt if event.reason == "error" else None)
            case _:
                speech.arrived(event)
        return speech

    def _take_error(self, error: wire.Error) -> None:
        if error.context_id is None:
            # The gateway refused a message of ours and does not say of which speech. Losing it in silence would be
            # worse than ending speeches that may have been whole.
            logger.error("the gateway refused a message: %s: %s", error.code, error.message)
            for live in self._speeches.values():
                live.fail(SpeechError(error), awaits_done=False)
            return
        speech = self._speeches.get(error.context_id)
        if speech is None:
            return
        if error.code == "overloaded" and self.state == "draining" and self._dialer is not None:
            speech.interrupted()  # it crossed with ``goaway``: the next connection takes it
            return
        is_started = speech in self._channels.values()
        if is_started and (error.code == "unsupported" or error.code not in get_args(ErrorCode)):
            # A wish is not granted, or the code came after this client: the speech goes on, unless the gateway ends it.
            logger.warning("%s: %s", error.code, error.message)
            speech.doubt = SpeechError(error)
            return
        if not is_started:  # it never came to be, so it will not be done either
            self.forget(speech, was_used=error.code not in _NEVER_BEGAN)
        speech.fail(SpeechError(error), awaits_done=is_started and error.code in _ENDING_CODES)

    # -- coming back ---------------------------------------------------------------------------------------------------

    async def _resume(self, dialer: Dialer, ledger: Ledger) -> bool:
        """Have the session back, on another socket; returns whether the gateway still had it."""
        was, give_up_at = self.state, self._loop.time() + ledger.seconds
        for failures in itertools.count():
            self.state = "connecting"
            try:
                found = await dialer.resume(ledger)
            except ConnectionFailed as exc:
                self.state = "waiting"
                wait_s = max(wait_before(failures, random.random()), exc.retry_after_s or 0)  # noqa: S311 - no secret
                if not exc.retryable or self._loop.time() + wait_s >= give_up_at:
                    return False
                await asyncio.sleep(wait_s)
                continue
            if found is None:
                return False
            socket, taken = found
            if self._failure is not None:  # the block was left in the meantime
                await socket.close()
                return False
            await self._carry_on(socket, ledger, taken)
            self.state = was
            logger.info("the session goes on: %s", self.session_id)
            for speech in list(self._speeches.values()):
                self._tasks.create_task(speech.resume())
            return True
        raise AssertionError("there is always another try")

    async def _carry_on(self, socket: ClientConnection, ledger: Ledger, taken: int) -> None:
        """Send what the gateway has not taken; what comes meanwhile goes behind it."""
        ledger.resumed(taken)
        place = 0
        with contextlib.suppress(ConnectionClosed):  # it broke again: the reader sees it
            while place < ledger.unsent:
                await socket.send(ledger.message(place))
                place += 1
        self._socket = socket

    async def _come_back(self, dialer: Dialer, failure: ConnectionFailed) -> bool:
        """Connect again, with longer and longer waits; returns whether it could."""
        lost_at = self._loop.time()
        for failures in itertools.count():
            self.state = "waiting"
            await asyncio.sleep(max(wait_before(failures, random.random()), failure.retry_after_s or 0))  # noqa: S311 - no secret
            self.state = "connecting"
            try:
                socket, ready = await dialer.open()
            except ConnectionFailed as exc:
                failure = exc
                if not failure.retryable:
                    self._fail(failure)
                    return False
                if self._loop.time() - lost_at >= SPEECH_PATIENCE_S:
                    self._fail_speeches(failure)
                continue
            if self._failure is not None:  # the block was left in the meantime
                await socket.close()
                return False
            self._socket = socket
            self._ledger = _ledger_of(ready)
            self.session_id, self.voices, self.limits = ready.session_id, ready.voices, ready.limits
            self.state = "ready"
            logger.info("the connection is back, as session %s", self.session_id)
            for speech in list(self._speeches.values()):
                self._tasks.create_task(speech.resume())
            return True
        raise AssertionError("counting never ends")

    def _fail(self, failure: ConnectionFailed) -> None:
        if self._failure is None:
            self._failure = failure
        self.state = "closed"
        self._fail_speeches(self._failure)

    def _fail_speeches(self, failure: GatewayError) -> None:
        for speech in list(self._speeches.values()):
            speech.fail(failure, awaits_done=False)
            self.forget(speech)
        self._channels.clear()

    # -- context ids ---------------------------------------------------------------------------------------------------

    def _free_id(self) -> str:
        while (context_id := f"speech-{next(self._ids)}") in self._speeches or context_id in self._used_ids:
            pass
        return context_id

    def _check_id(self, context_id: str) -> None:
        if context_id in self._speeches:
            raise BadArgument(f"context_id: {context_id!r} is a speech that is not over")
        if context_id in self._used_ids:
            raise BadArgument(f"context_id: {context_id!r} was a speech on this connection; every speech has its own")


def wait_before(failures: int, lot: float) -> float:
    """Tell how long to wait before the next try, in seconds: doubled with each failure, capped, and half of it by lot.

    Args:
        failures: in a row, before this one.
        lot: 0 to 1.
    """
    # Beyond 2**6 the cap holds; the exponent is bounded so that a gateway that is gone for days overflows nothing.
    longest = min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** min(failures, 6))
    return longest * (1 - _LOT_SHARE + _LOT_SHARE * lot)


def _ledger_of(ready: wire.SessionReady) -> Ledger | None:
    return None if ready.resume is None else Ledger(ready.session_id, ready.resume)


def _draining() -> ConnectionFailed:
    return ConnectionFailed("the gateway is draining: connect again", retryable=True, close_code=CloseCode.DRAIN)
