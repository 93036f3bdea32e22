"""A text-to-speech plugin for LiveKit Agents, on ``tts.v1``.

    from sayline.gateway.integrations import livekit as sayline

    session = AgentSession(tts=sayline.TTS(url="ws://127.0.0.1:8080", voice="en"), use_tts_aligned_transcript=True)

What it has that LiveKit's plugins over other protocols have not:

- Tokens of the language model go to the gateway as they come; the gateway finds the sentences.
- The transcript is the written text, each word at its time, so an interrupted turn is kept as far as it was heard.
- All turns share one connection. An interruption is one message on it, and the gateway stops within a round trip.
- A lost connection comes back, and a turn goes on from the first word that was not heard.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Final

from livekit.agents import APIConnectionError, APIConnectOptions, APIError, APIStatusError, tts
from livekit.agents.types import DEFAULT_API_CONNECT_OPTIONS, TimedString

from ..client.connecting import connect
from ..client.errors import BadKey, ConnectionFailed, SpeechError
from ..client.wire.messages import SegmentStarted, Words
from ..dialects.tts_v1.frames import AudioFrame
from ..errors import GatewayError
from .line import Line
from .written_words import WrittenWords

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncGenerator

    from ..client.deltas import Text
    from ..client.speech import Speech

_UNAUTHORIZED: Final = 401
# LiveKit takes a turn without any sound for a failure, and repeats it. A text that has nothing to pronounce is none.
_NOTHING_MS: Final = 20


class TTS(tts.TTS[str]):
    """Speaks through a Sayline gateway; one for each agent's process."""

    def __init__(
        self,
        *,
        url: str = "ws://127.0.0.1:8080",
        api_key: str | None = None,
        voice: str | None = None,
        language: str | None = None,
        instructions: str | None = None,
        speed: float = 1.0,
        sample_rate: int = 24_000,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        """Make the plugin; it connects with ``prewarm`` or its first turn.

        Args:
            url: the gateway's address.
            api_key: if the gateway wants one.
            voice: one of the gateway's voices; None for its default.
            language: a BCP 47 tag; None to detect it.
            instructions: manner of speaking, for engines that take it.
            speed: 0.5 to 2.
            sample_rate: in Hz.
            ssl_context: for ``wss://`` with something else than the system's certificate authorities.
        """
        super().__init__(
            capabilities=tts.TTSCapabilities(streaming=True, aligned_transcript=True),
            sample_rate=sample_rate,
            num_channels=1,
        )
        self._voice, self._language, self._instructions, self._speed = voice, language, instructions, speed
        self._line = Line(
            functools.partial(
                connect,
                url,
                key=api_key,
                format="pcm_s16le",
                sample_rate=sample_rate,
                reconnect=True,
                ssl_context=ssl_context,
            )
        )

    @property
    def model(self) -> str:
        """What LiveKit's metrics show as the model."""
        return "tts.v1"

    @property
    def provider(self) -> str:
        """What LiveKit's metrics show as the provider."""
        return "Sayline"

    def update_options(
        self,
        *,
        voice: str | None = None,
        language: str | None = None,
        instructions: str | None = None,
        speed: float | None = None,
    ) -> None:
        """Change how later turns are spoken; what is None stays as it is."""
        self._voice = voice or self._voice
        self._language = language or self._language
        self._instructions = instructions or self._instructions
        self._speed = speed or self._speed

    def prewarm(self) -> None:
        """Begin to connect."""
        self._line.open()

    def synthesize(
        self, text: str, *, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS
    ) -> tts.ChunkedStream:
        """Speak a whole text."""
        return self._synthesize_with_stream(text, conn_options=conn_options)

    def stream(self, *, conn_options: APIConnectOptions = DEFAULT_API_CONNECT_OPTIONS) -> SynthesizeStream:
        """Speak a text that is still being written."""
        return SynthesizeStream(self, conn_options)

    async def aclose(self) -> None:
        """Hang up."""
        await self._line.close()

    async def speak(self, text: Text, patience_s: float) -> Speech:
        """Prepare an utterance on the connection, which is waited for."""
        connection = await self._line.connection(patience_s)
        return connection.speak(
            text,
            voice=self._voice,
            language=self._language,
            instructions=self._instructions,
            speed=self._speed,
            timestamps="word",
        )


class SynthesizeStream(tts.SynthesizeStream):
    """One turn. Closing it, as an interruption does, cancels the turn at the gateway."""

    def __init__(self, plugin: TTS, conn_options: APIConnectOptions) -> None:
        super().__init__(tts=plugin, conn_options=conn_options)
        self._plugin = plugin
        self._speech: Speech | None = None  # of the present attempt
        self._text = WrittenWords()  # the same

    async def _run(self, output_emitter: tts.AudioEmitter) -> None:
        try:
            self._text = WrittenWords()
            self._speech = speech = await self._plugin.speak(self._written(), self._conn_options.timeout)
            output_emitter.initialize(
                request_id=speech.context_id,
                sample_rate=self._plugin.sample_rate,
                num_channels=1,
                mime_type="audio/pcm",
                stream=True,
            )
            output_emitter.start_segment(segment_id=speech.context_id)
            async with speech:
                await self._hear(speech, output_emitter)
            output_emitter.end_segment()
        except GatewayError as exc:
            raise _as_livekit_s(exc) from exc

    async def _written(self) -> AsyncGenerator[str, None]:
        """Give the turn's text as it is written; the end of a part has it spoken at once."""
        async for data in self._input_ch:
            if isinstance(data, str):
                self._mark_started()
                self._text.write(data)
                yield data
            elif self._speech is not None and not self._input_ch.closed:  # else the end follows
                await self._speech.flush()

    async def _hear(self, speech: Speech, output_emitter: tts.AudioEmitter) -> None:
        """Hand the turn's sound on, and its text, word by word as it was written."""
        is_silent = True
        async for event in speech:
            if isinstance(event, AudioFrame):
                is_silent = is_silent and not event.payload
                output_emitter.push(event.payload)
            elif isinstance(event, SegmentStarted):
                self._text.read_from(event.char_start)
            elif isinstance(event, Words):
                for word in event.words:
                    if text := self._text.take(word.text):
                        timed = TimedString(text, start_time=word.start_ms / 1000, end_time=word.end_ms / 1000)
                        output_emitter.push_timed_transcript(timed)
        if speech.done is not None and (rest := self._text.rest()):
            end_s = speech.done.audio_ms / 1000
            output_emitter.push_timed_transcript(TimedString(rest, start_time=end_s, end_time=end_s))
        if is_silent:
            output_emitter.push(bytes(2 * self._plugin.sample_rate * _NOTHING_MS // 1000))


def _as_livekit_s(exc: Exception) -> APIError:
    """Say it in LiveKit's terms: whether another try may help."""
    if isinstance(exc, BadKey):
        return APIStatusError(str(exc), status_code=_UNAUTHORIZED, retryable=False)
    if isinstance(exc, ConnectionFailed):
        return APIConnectionError(str(exc), retryable=exc.retryable)
    return APIError(str(exc), retryable=isinstance(exc, SpeechError) and exc.retryable)
