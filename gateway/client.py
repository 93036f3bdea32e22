"""The Python client: text in as it is written, typed events and audio out as they are made.

A connection carries many speeches at once, each an utterance (a *context* on the wire)::

    async with connect("ws://127.0.0.1:8080") as connection:
        async with connection.speak(tokens_of_a_language_model()) as speech:
            async for frame in speech.audio():
                play(frame.payload)

Leaving the inner block early, by ``break`` or by an exception, cancels the speech: that is all of barge-in.

Errors: see ``client_errors``.

Backpressure. One task reads the socket for all speeches and puts each event into its speech's inbox. The server paces
audio to the listener's speed, so inboxes stay short. Where it does not (``max_lead_ms=0``), or where a consumer falls
``INBOX_EVENTS`` behind, that task waits for the consumer and the socket fills up to the server, which then stops
making sound, and closes with 4408 what stays full for its ``slow_client_s``. The other speeches of the connection wait
too: read every speech in a task of its own. For the same reason do not write megabytes with ``send`` before the first
read; text given to ``speak`` is written beside your reading and has no such trap.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import logging
from collections import deque
from typing import TYPE_CHECKING, Final, Self

from websockets.exceptions import ConnectionClosed

from . import messages as wire
from .audio_frames import AudioFrame, unpack_frame
from .client_errors import BadArgument, SpeechError
from .client_opening import CLOSE_TIMEOUT_S, OPEN_TIMEOUT_S, agree, checked_key, endpoint_url, lost, open_socket
from .errors import BadMessage, CloseCode, ConnectionFailed, GatewayError

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterable, AsyncIterator

    from websockets.asyncio.client import ClientConnection

    from .messages import AudioFormatName, Chunking, ContextDone, ContextStarted, SegmentDone, SegmentStarted, Words

    Event = AudioFrame | SegmentStarted | Words | SegmentDone | ContextDone

logger = logging.getLogger(__name__)

# 20 s of 20 ms frames, about 200 KiB of Opus: ten times the default lead, so only a stalled consumer gets here.
INBOX_EVENTS: Final = 1024
# PROTOCOL.md: pings every 20 s both ways. No answer within another 20 s, and no message either, means that nobody is
# there; messages count because a gateway that is behind with our text does not read our pings.
PING_INTERVAL_S: Final = 20.0
PING_TIMEOUT_S: Final = 20.0
_MAX_UTF8_BYTES: Final = 4  # of one code point

# After these the server ends the context itself, with context.done; after any other error it may live on, without the
# text that was refused.
_ENDING_CODES: Final = frozenset({"synthesis_failed", "unknown_voice"})


@contextlib.asynccontextmanager
async def connect(
    url: str,
    *,
    key: str | None = None,
    audio_format: AudioFormatName = "opus",
    sample_rate: int | None = None,
    frame_ms: int | None = None,
    bitrate: int | None = None,
    max_lead_ms: int | None = None,
    open_timeout_s: float = OPEN_TIMEOUT_S,
    ssl_context: ssl.SSLContext | None = None,
) -> AsyncIterator[Connection]:
    """Connect to a gateway.

    Args:
        url: ``ws://host:port``, ``wss://``, ``http://``, ``https://`` or just ``host:port``.
        key: the API key, where the gateway wants one.
        audio_format: ``opus`` packets, ``ogg_opus`` pages or ``pcm_s16le`` samples.
        sample_rate: in Hz; None leaves it to the gateway, as below.
        frame_ms: sound per audio frame.
        bitrate: of Opus, in bits per second.
        max_lead_ms: how far ahead of real time the gateway may send; 0 asks for everything at once.
        open_timeout_s: for TCP, TLS, the handshake and the gateway's first message together.
        ssl_context: for ``wss://`` with something else than the system's certificate authorities.

    Raises:
        ConnectionFailed: refused, unreachable, or not a gateway; says whether and when to try again.
        BadAddress, BadKey: the address or the key can be none.
        BadArgument: an argument is out of the protocol's range.
    """
    # Connecting again with the same arguments would fail the same way, so they are judged before anything is sent.
    update = _checked(
        {
            "type": "session.update",
            "format": audio_format,
            "sample_rate": sample_rate,
            "frame_ms": frame_ms,
            "bitrate": bitrate,
            "max_lead_ms": max_lead_ms,
        }
    )
    endpoint = endpoint_url(url)
    socket = await open_socket(endpoint, checked_key(key), open_timeout_s, ssl_context)
    raised: Exception | None = None
    try:
        ready = await agree(socket, update, open_timeout_s)
        async with asyncio.TaskGroup() as tasks:
            connection = Connection(socket, ready, tasks)
            reader = tasks.create_task(connection.read())
            watch = tasks.create_task(connection.watch())
            try:
                yield connection
            except Exception as exc:  # noqa: BLE001 - raised again below: the task group would wrap it in a group
                raised = exc
            finally:
                connection.abandon()
                await socket.close()
                reader.cancel()
                watch.cancel()
    finally:
        await socket.close()
    if raised is not None:
        raise raised


class Connection:
    """An open connection to a gateway; made by ``connect``.

    Attributes:
        session_id: names the connection in the gateway's log.
        voices: what ``speak`` may ask for, the default first.
        limits: what the gateway allows on this connection.
        goaway: set when the gateway is draining: finish here, connect again for what comes next.
    """

    def __init__(self, socket: ClientConnection, ready: wire.SessionReady, tasks: asyncio.TaskGroup) -> None:
        self.session_id = ready.session_id
        self.voices = ready.voices
        self.limits = ready.limits
        self.goaway: wire.GoAway | None = None
        self._socket = socket
        self._tasks = tasks
        self._speeches: dict[str, Speech] = {}  # by context id, until their context.done
        self._channels: dict[int, Speech] = {}  # the same, by the number in audio frames
        self._failure: GatewayError | None = None  # why nothing more will come
        self._ids = itertools.count(1)
        self._heard = 0  # messages received so far

    def __repr__(self) -> str:
        return f"<Connection {self.session_id} {list(self._speeches.values())!r}>"

    def speak(
        self,
        text: str | AsyncIterable[str] | None = None,
        *,
        voice: str | None = None,
        language: str | None = None,
        instructions: str | None = None,
        speed: float = 1.0,
        seed: int | None = None,
        allow_markup: bool = False,
        chunking: Chunking = "sentence",
        timestamps: wire.Timestamps = "segment",
        context_id: str | None = None,
    ) -> Speech:
        """Prepare an utterance; it starts when its ``async with`` block is entered.

        Args:
            text: the whole text, or its deltas as they are written; both are sent beside your reading, then ended.
                None: send it yourself with ``send`` and ``end``.
            voice: one of ``voices``; None for the gateway's default.
            language: a BCP 47 tag; None to detect it.
            instructions: manner of speaking, for engines that take it.
            speed: 0.5 to 2.
            seed: makes sampling engines repeatable.
            allow_markup: tokens such as ``[laughter]`` in the text are obeyed, not read out, by engines that know them.
            chunking: where the gateway may cut the text.
            timestamps: which time marks to send.
            context_id: names the utterance on the wire; never one that this connection has used before.

        Raises:
            BadArgument: an argument is out of the protocol's range, or the id belongs to a live speech.
            ConnectionFailed: the connection is lost, or the gateway is draining.
        """
        if self._failure is not None:
            raise self._failure
        if self.goaway is not None:
            raise ConnectionFailed("the gateway is draining: connect again", retryable=True, close_code=CloseCode.DRAIN)
        context_id = f"speech-{next(self._ids)}" if context_id is None else context_id
        if context_id in self._speeches:
            raise BadArgument(f"context_id: {context_id!r} is a speech that is not over")
        start = _checked(
            {
                "type": "context.start",
                "context_id": context_id,
                "voice": voice,
                "language": language,
                "instructions": instructions,
                "speed": speed,
                "seed": seed,
                "allow_markup": allow_markup,
                "chunking": chunking,
                "timestamps": timestamps,
            }
        )
        return Speech(self, context_id, start, text)

    # -- for Speech ----------------------------------------------------------------------------------------------------

    async def begin(self, speech: Speech, start: str) -> None:
        """Send a speech's first message and route what comes back to it."""
        if speech.context_id in self._speeches:
            raise BadArgument(f"context_id: {speech.context_id!r} is a speech that is not over")
        self._speeches[speech.context_id] = speech
        await self.send(start)

    def is_live(self, speech: Speech) -> bool:
        """Tell whether the gateway still owes this speech its ``context.done``."""
        return self._speeches.get(speech.context_id) is speech

    async def send(self, message: str) -> None:
        """Send a JSON message; waits while the socket is full.

        Raises:
            ConnectionFailed: the connection is lost.
        """
        if self._failure is not None:
            raise self._failure
        try:
            await self._socket.send(message)
        except ConnectionClosed as exc:
            raise lost(exc) from exc

    def start_task(self, speech: Speech, text: str | AsyncIterable[str]) -> asyncio.Task[None]:
        """Write a speech's text beside everything else."""
        return self._tasks.create_task(speech.write_all(text))

    # -- reading -------------------------------------------------------------------------------------------------------

    async def read(self) -> None:
        """Read the socket until it closes; then nothing more comes for any speech."""
        try:
            while True:
                # recv raises ConnectionClosed for every kind of end, with the code that says which.
                message = await self._socket.recv()
                self._heard += 1
                speech = self._take_frame(message) if isinstance(message, bytes) else self._take_message(message)
                if speech is not None:
                    await speech.has_room()
        except ConnectionClosed as exc:
            failure = lost(exc)
            failure.__cause__ = exc
        except BadMessage as exc:
            failure = ConnectionFailed(f"the gateway sent what is not tts.v1: {exc}", retryable=False)
            await self._socket.close(1002)
        self._fail(failure)

    async def watch(self) -> None:
        """Notice a gateway that has gone without a word."""
        with contextlib.suppress(ConnectionClosed):
            while True:
                await asyncio.sleep(PING_INTERVAL_S)
                heard = self._heard
                try:
                    async with asyncio.timeout(PING_TIMEOUT_S):
                        await (await self._socket.ping())
                except TimeoutError:
                    if self._heard == heard:
                        break
            self._fail(ConnectionFailed("the gateway has gone silent", retryable=True))
            self._socket.transport.abort()

    def abandon(self) -> None:
        """The connection's block is left: nobody will read what still comes."""
        self._fail(ConnectionFailed("the connection was closed here", retryable=True))

    def _take_frame(self, message: bytes) -> Speech | None:
        frame = unpack_frame(message)
        speech = self._channels.get(frame.channel)
        if speech is not None:  # else: it crossed with a cancel
            speech.arrived(frame)
        return speech

    def _take_message(self, message: str) -> Speech | None:
        event = wire.parse_server_message(message)
        match event:
            case wire.Error():
                self._take_error(event)
                return None
            case wire.GoAway():
                self.goaway = event
                return None
            case None | wire.SessionReady() | wire.Pong():  # None: a kind of message that came after this client
                return None
        if (speech := self._speeches.get(event.context_id)) is None:
            return None
        match event:
            case wire.ContextStarted():
                self._channels[event.channel] = speech
                speech.started = event
            case wire.ContextDone():
                self._forget(speech)
                speech.arrived(event)
                speech.finish(None)
            case _:
                speech.arrived(event)
        return speech

    def _take_error(self, error: wire.Error) -> None:
        if error.context_id is None:
            # Something that we sent was refused and we cannot know whose it was. Losing it in silence would be worse
            # than ending what may have been whole.
            logger.error("the gateway refused a message: %s: %s", error.code, error.message)
            for live in self._speeches.values():
                live.fail(SpeechError(error), awaits_done=False)
            return
        speech = self._speeches.get(error.context_id)
        if speech is None:
            return
        if speech.started is None:  # it never came to be, so it will not be done either
            self._forget(speech)
        speech.fail(SpeechError(error), awaits_done=speech.started is not None and error.code in _ENDING_CODES)

    def _forget(self, speech: Speech) -> None:
        self._speeches.pop(speech.context_id, None)
        if speech.started is not None and self._channels.get(speech.started.channel) is speech:
            del self._channels[speech.started.channel]

    def _fail(self, failure: GatewayError) -> None:
        if self._failure is None:
            self._failure = failure
        for speech in self._speeches.values():
            speech.fail(self._failure, awaits_done=False)
        self._speeches.clear()
        self._channels.clear()


class Speech:
    """One utterance: a context manager around it, an iterator of its events; made by ``Connection.speak``.

    Iteration ends after ``ContextDone``, or raises ``SpeechError`` or ``ConnectionFailed`` once what came before has
    been read. One consumer at a time.

    Attributes:
        started: rate, pre-skip and format of the audio; set before the first frame is.
        done: how it ended; set once the event has been read.
    """

    def __init__(
        self, connection: Connection, context_id: str, start: str, text: str | AsyncIterable[str] | None
    ) -> None:
        self.context_id = context_id
        self.started: ContextStarted | None = None
        self.done: ContextDone | None = None
        self._connection = connection
        self._start = start
        self._text = text
        self._writer: asyncio.Task[None] | None = None
        self._inbox: deque[Event] = deque()
        self._failure: Exception | None = None  # raised to the consumer once the inbox is empty
        self._refusal: SpeechError | None = None  # becomes the failure when context.done comes
        self._is_over = False  # nothing more will come
        self._is_muted = False  # the consumer wants no more audio: it cancelled, or left
        self._news = asyncio.Event()  # something is in the inbox, or nothing will be
        self._room = asyncio.Event()  # the inbox is short enough to read on

    def __repr__(self) -> str:
        return f"<Speech {self.context_id}{' over' if self._is_over else ''} {len(self._inbox)} unread>"

    async def __aenter__(self) -> Self:
        await self._connection.begin(self, self._start)
        if self._text is not None:
            self._writer = self._connection.start_task(self, self._text)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._writer is not None:
            self._writer.cancel()
        self._mute()
        self._inbox.clear()
        self._room.set()
        if self._connection.is_live(self):
            # Leaving must not hang on a socket that is full; the message is in its buffer by then.
            with contextlib.suppress(ConnectionFailed, TimeoutError):
                async with asyncio.timeout(CLOSE_TIMEOUT_S):
                    await self._connection.send(wire.encode(wire.ContextCancel(context_id=self.context_id)))

    # -- writing -------------------------------------------------------------------------------------------------------

    async def send(self, delta: str) -> None:
        """Send a piece of text; pieces are joined exactly as sent. Does nothing once the speech is over.

        Raises:
            BadArgument: it cannot be written as UTF-8 (a lone surrogate).
            ConnectionFailed: the connection is lost.
        """
        max_chars = max(1, self._connection.limits.max_text_bytes // _MAX_UTF8_BYTES)
        for start in range(0, len(delta), max_chars):
            piece = delta[start : start + max_chars]
            try:
                piece.encode()
            except UnicodeEncodeError as exc:
                raise BadArgument(f"text: {exc.reason} at offset {start + exc.start}") from None
            await self._send(wire.Text(context_id=self.context_id, text=piece))

    async def flush(self) -> None:
        """Have everything sent so far spoken now, without waiting for the end of a sentence."""
        await self._send(wire.Flush(context_id=self.context_id))

    async def end(self) -> None:
        """Say that no more text follows; the rest is spoken, then comes ``ContextDone``."""
        await self._send(wire.ContextEnd(context_id=self.context_id))

    async def cancel(self, played_ms: float | None = None) -> None:
        """Stop now: audio that was not read is dropped, and ``ContextDone`` is the next and last event.

        Args:
            played_ms: how much was heard, so that ``ContextDone.text_spoken`` can say what.
        """
        self._mute()
        if self._writer is not None:
            self._writer.cancel()
        await self._send(wire.ContextCancel(context_id=self.context_id, played_ms=played_ms))

    async def report_playback(self, played_ms: float, buffered_ms: float) -> None:
        """Tell what the listener has heard and still holds; about every 250 ms, or the gateway goes by the clock."""
        await self._send(wire.Playback(context_id=self.context_id, played_ms=played_ms, buffered_ms=buffered_ms))

    async def write_all(self, text: str | AsyncIterable[str]) -> None:
        """Send a whole text and its end; a writer's failure ends the speech and is raised to its reader."""
        try:
            if isinstance(text, str):
                await self.send(text)
            else:
                async for delta in text:
                    await self.send(delta)
            await self.end()
        except Exception as exc:  # noqa: BLE001 - not swallowed: iteration raises it
            self.fail(exc, awaits_done=False)

    async def _send(self, message: wire.ContextMessage) -> None:
        if not self._is_over:
            await self._connection.send(wire.encode(message))

    # -- reading -------------------------------------------------------------------------------------------------------

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event:
        while not self._inbox:
            if self._is_over:
                if self._failure is not None:
                    raise self._failure
                raise StopAsyncIteration
            self._news.clear()
            await self._news.wait()
        event = self._inbox.popleft()
        if len(self._inbox) <= INBOX_EVENTS // 2:
            self._room.set()
        if isinstance(event, wire.ContextDone):
            self.done = event
        return event

    async def audio(self) -> AsyncIterator[AudioFrame]:
        """Iterate over the audio alone."""
        async for event in self:
            if isinstance(event, AudioFrame):
                yield event

    async def collect(self) -> list[AudioFrame]:
        """Read to the end and return all audio; ``done`` then says what was spoken."""
        return [frame async for frame in self.audio()]

    # -- for Connection ------------------------------------------------------------------------------------------------

    def arrived(self, event: Event) -> None:
        """Take an event from the socket."""
        if self._is_over or (self._is_muted and not isinstance(event, wire.ContextDone)):
            return
        self._inbox.append(event)
        self._news.set()

    async def has_room(self) -> None:
        """Wait until the consumer has caught up."""
        if len(self._inbox) < INBOX_EVENTS or self._is_over:
            return
        self._room.clear()
        await self._room.wait()

    def fail(self, failure: Exception, *, awaits_done: bool) -> None:
        """End the speech with an error, now or when the gateway's ``context.done`` has come."""
        if awaits_done and isinstance(failure, SpeechError):
            self._refusal = failure
        else:
            self.finish(failure)

    def finish(self, failure: Exception | None) -> None:
        """Nothing more will come."""
        if self._is_over:
            return
        self._is_over = True
        self._failure = failure or self._refusal
        if self._writer is not None and self._writer is not asyncio.current_task():
            self._writer.cancel()
        self._room.set()
        self._news.set()

    def _mute(self) -> None:
        self._is_muted = True
        done = [event for event in self._inbox if isinstance(event, wire.ContextDone)]
        self._inbox.clear()
        self._inbox.extend(done)
        self._room.set()


def _checked(fields: dict[str, object]) -> str:
    """Write a message whose fields a caller chose, judged by the very parser that the server has.

    Raises:
        BadArgument: naming the field.
    """
    given = {name: value for name, value in fields.items() if value is not None}
    try:
        message = wire.parse_client_message(json.dumps(given))
    except (BadMessage, TypeError, ValueError) as exc:  # the last two: what is no value of JSON at all
        raise BadArgument(str(exc)) from None
    return wire.encode(message)
