"""A text-to-speech service for Pipecat, on ``tts.v1``.

    tts = SaylineTTSService(url="ws://127.0.0.1:8080", settings=SaylineTTSService.Settings(voice="en"))
    pipeline = Pipeline([..., llm, tts, transport.output(), ...])

What it has that Pipecat's services over other protocols have not:

- Tokens of the language model go to the gateway as they come; the gateway finds the sentences.
- Each word is a ``TTSTextFrame`` at its time. After an interruption, which is one message to the gateway, the event
  ``on_speech_interrupted`` says what the listener heard and what not.
- A lost connection comes back, and a turn goes on from the first word not heard. One that waits is not dropped.
- What the transport plays is reported to the gateway: a transport that stands still is not sent more than its lead.
"""

from __future__ import annotations

import asyncio
import functools
import re
from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from pipecat.frames.frames import (
    AggregatedTextFrame,
    BotSpeakingFrame,
    TTSAudioRawFrame,
    TTSStoppedFrame,
    TTSTextFrame,
)
from pipecat.services.settings import TTSSettings
from pipecat.services.tts_service import TextAggregationMode, TTSService
from pipecat.utils.types import NOT_GIVEN, NotGiven

from ..client.connecting import connect
from ..client.connection import SPEECH_PATIENCE_S
from ..client.errors import ConnectionFailed
from ..client.wire.messages import ContextDone, SegmentStarted, Words
from ..dialects.tts_v1.frames import AudioFrame
from ..errors import GatewayError
from .line import Line
from .written_words import WrittenWords

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncGenerator

    from pipecat.frames.frames import Frame, StartFrame
    from pipecat.processors.frame_processor import FrameDirection
    from pipecat.utils.context.word_timestamp_tracker import WordTimestamp

    from ..client.speech import Speech

_NS_PER_MS: Final = 1_000_000
_NOTHING_MS: Final = 20
_WITHOUT_BLANKS: Final = re.compile("[\u3040-\u30ff\u3400-\u9fff]")  # kana and Han: words stand side by side
# The gateway always says how a speech ended. Pipecat's own limit is for services that do not.
_QUIET_S: Final = SPEECH_PATIENCE_S + 5


@dataclass
class SaylineTTSSettings(TTSSettings):
    """What can be changed while a pipeline runs; a new turn takes it up."""

    speed: float | NotGiven = field(default_factory=lambda: NOT_GIVEN)  # 0.5 to 2
    instructions: str | NotGiven | None = field(default_factory=lambda: NOT_GIVEN)  # for engines that take them


class _Word(NamedTuple):
    """A word whose sentence Pipecat may not know yet."""

    text: str
    start_s: float
    end: int  # its place in the turn's text, in characters


@dataclass
class _Turn:
    """An audio context of Pipecat's, and its speech."""

    speech: Speech
    written: WrittenWords = field(default_factory=WrittenWords)
    waiting: deque[_Word] = field(default_factory=deque)
    telling: asyncio.Lock = field(default_factory=asyncio.Lock)  # two tasks tell words, and these keep their order
    received_ms: float = 0.0
    heard_since_ns: int | None = None  # on the pipeline's clock; None while nothing of it is heard


class SaylineTTSService(TTSService):
    """Speaks through a gateway; ``on_speech_interrupted`` handlers get the text that was heard, and the rest."""

    Settings = SaylineTTSSettings

    def __init__(
        self,
        *,
        url: str = "ws://127.0.0.1:8080",
        api_key: str | None = None,
        sample_rate: int | None = None,
        ssl_context: ssl.SSLContext | None = None,
        settings: SaylineTTSSettings | None = None,
        text_aggregation_mode: TextAggregationMode = TextAggregationMode.TOKEN,
        **kwargs: Any,  # noqa: ANN401 - whatever the framework's base class takes
    ) -> None:
        """Make the service; it connects when the pipeline starts.

        Args:
            url: the gateway's address.
            api_key: its key, if it wants one.
            sample_rate: in Hz; None for the pipeline's.
            ssl_context: for ``wss://`` with something else than the system's certificate authorities.
            settings: what is left out is the gateway's default.
            text_aggregation_mode: by token, the gateway finds the sentences; by sentence, Pipecat does.
            kwargs: for ``TTSService``.
        """
        chosen = SaylineTTSSettings(model=None, voice=None, language=None, speed=1.0, instructions=None)
        if settings is not None:
            chosen.apply_update(settings)
        super().__init__(
            text_aggregation_mode=text_aggregation_mode,
            push_text_frames=False,
            push_start_frame=True,
            append_trailing_space=True,
            stop_frame_timeout_s=_QUIET_S,
            sample_rate=sample_rate,
            settings=chosen,
            **kwargs,
        )
        self._register_event_handler("on_speech_interrupted")
        self._connect = functools.partial(
            connect, url, key=api_key, format="pcm_s16le", reconnect=True, ssl_context=ssl_context
        )
        self._line = Line(lambda: self._connect(sample_rate=self.sample_rate))
        self._is_over = False  # the pipeline has ended, and a turn that breaks off is no news
        self._turns: dict[str, _Turn] = {}  # by Pipecat's context id, until the gateway is done with them
        self._sentences: defaultdict[str, int] = defaultdict(int)  # by the same: characters of those that Pipecat knows

    @property
    def supports_processing_metrics(self) -> bool:
        """No: text is handed on, and its sound comes later."""
        return False

    def can_generate_metrics(self) -> bool:
        """Yes: time to first audio, and characters."""
        return True

    # -- life ----------------------------------------------------------------------------------------------------------

    async def start(self, frame: StartFrame) -> None:
        """Begin to connect, so that the first turn need not wait for it."""
        await super().start(frame)
        self._line.open()

    async def cleanup(self) -> None:
        """Hang up, after the last turn or in the middle of one."""
        await super().cleanup()
        self._is_over = True
        await self._line.close()

    # -- text ----------------------------------------------------------------------------------------------------------

    async def run_tts(self, text: str, context_id: str) -> AsyncGenerator[Frame | None, None]:
        """Send a token, or a sentence, of a turn."""
        try:
            turn = self._turns.get(context_id) or await self._begin(context_id)
            turn.written.write(text)
            await turn.speech.send(text)
            if not self._is_streaming_tokens:
                await turn.speech.flush()
            await self.start_tts_usage_metrics(text)
        except GatewayError as exc:
            await self._report(exc)
            await self._end_audio(context_id)
        yield None  # the sound comes by ``_hear``

    async def flush_audio(self, context_id: str | None = None) -> None:
        """Say that a turn has no more text."""
        turn = self._turns.get(context_id or self.get_active_audio_context_id() or "")
        if turn is not None:
            await turn.speech.end()

    async def on_audio_context_interrupted(self, context_id: str) -> None:
        """Cancel a turn at the gateway, and tell it what was heard."""
        await self.stop_all_metrics()
        if (turn := self._turns.get(context_id)) is not None:
            await turn.speech.cancel(self._played_ms(turn))
        await super().on_audio_context_interrupted(context_id)

    async def _begin(self, context_id: str) -> _Turn:
        connection = await self._line.connection(SPEECH_PATIENCE_S)
        chosen: Any = self._settings  # complete, so nothing in it is ``NOT_GIVEN``
        turn = self._turns[context_id] = _Turn(
            connection.speak(
                voice=chosen.voice,
                language=chosen.language,
                speed=chosen.speed,
                instructions=chosen.instructions,
                timestamps="word",
            )
        )
        self.create_task(self._hear(context_id, turn), name=f"hear {context_id}")
        return turn

    # -- sound ---------------------------------------------------------------------------------------------------------

    async def _hear(self, context_id: str, turn: _Turn) -> None:
        """Hand a turn's sound and words on."""
        try:
            async with turn.speech as speech:
                async for event in speech:
                    match event:
                        case AudioFrame(payload=payload):
                            assert speech.started is not None  # noqa: S101 - it comes before its frames
                            rate_hz = speech.started.sample_rate
                            turn.received_ms += 1000 * (len(payload) // 2) / rate_hz
                            sound = TTSAudioRawFrame(payload, rate_hz, 1, context_id=context_id)
                            await self.append_to_audio_context(context_id, sound)
                        case SegmentStarted(char_start=char_start):
                            turn.written.read_from(char_start)
                        case Words(words=words):
                            for word in words:
                                if text := turn.written.take(word.text).strip():
                                    turn.waiting.append(_Word(text, word.start_ms / 1000, turn.written.told))
                            await self._tell_words(context_id, turn)
                        case ContextDone(reason="cancel", text_spoken=heard, text_remaining=rest):
                            await self._call_event_handler("on_speech_interrupted", heard, rest)
                        case ContextDone(reason="end") if not turn.received_ms:
                            # Pipecat takes a turn without sound for a failure; here it had nothing to pronounce.
                            silence = bytes(2 * self.sample_rate * _NOTHING_MS // 1000)
                            sound = TTSAudioRawFrame(silence, self.sample_rate, 1, context_id=context_id)
                            await self.append_to_audio_context(context_id, sound)
        except GatewayError as exc:
            await self._report(exc)
        finally:
            self._turns.pop(context_id, None)
        self._sentences[context_id] = turn.written.told  # what still waits is behind a transform that changes lengths
        await self._tell_words(context_id, turn)
        await self._end_audio(context_id)

    async def append_to_audio_context(self, context_id: str | None, frame: Frame | WordTimestamp | None) -> None:
        """Put something into a turn's queue, and behind a new sentence of it the words that have waited for it."""
        await super().append_to_audio_context(context_id, frame)
        is_word = isinstance(frame, TTSTextFrame)
        if context_id and isinstance(frame, AggregatedTextFrame) and frame.will_be_spoken and not is_word:
            self._sentences[context_id] += len(frame.text)
            if (turn := self._turns.get(context_id)) is not None:
                await self._tell_words(context_id, turn)

    async def _tell_words(self, context_id: str, turn: _Turn) -> None:
        """Give Pipecat the words of the sentences that it knows.

        Of tokens it makes sentences, each once the next one begins. A word that comes before its sentence it puts
        aside, and queues it anew when the sentence is there: behind words that came later.
        """
        async with turn.telling:
            while turn.waiting and (
                not self._is_streaming_tokens or turn.waiting[0].end <= self._sentences[context_id]
            ):
                word = turn.waiting.popleft()
                is_dense = bool(_WITHOUT_BLANKS.search(word.text))
                await self.add_word_timestamps([(word.text, word.start_s)], context_id, is_dense)

    async def _report(self, exc: GatewayError) -> None:
        if not self._is_over:
            is_lost_for_good = isinstance(exc, ConnectionFailed) and not exc.retryable
            await self.push_error(error_msg=f"{self}: {exc}", exception=exc, force_treat_as_permanent=is_lost_for_good)

    async def _end_audio(self, context_id: str) -> None:
        self._sentences.pop(context_id, None)
        if self.audio_context_available(context_id):
            await self.append_to_audio_context(context_id, TTSStoppedFrame(context_id=context_id))
            await self.remove_audio_context(context_id)

    # -- what is heard -------------------------------------------------------------------------------------------------

    async def start_word_timestamps(self) -> None:
        """Note that the first sound of the playing turn goes to the transport."""
        await super().start_word_timestamps()
        if (turn := self._playing()) is not None and turn.heard_since_ns is None:
            turn.heard_since_ns = self.get_clock().get_time()

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Take the transport's word that it plays, and report it."""
        await super().process_frame(frame, direction)
        if isinstance(frame, BotSpeakingFrame) and (turn := self._playing()) is not None:
            played_ms = self._played_ms(turn)
            await turn.speech.report_playback(played_ms, turn.received_ms - played_ms)

    def _playing(self) -> _Turn | None:
        return self._turns.get(self.get_active_audio_context_id() or "")

    def _played_ms(self, turn: _Turn) -> float:
        if turn.heard_since_ns is None:
            return 0.0
        return min(turn.received_ms, (self.get_clock().get_time() - turn.heard_since_ns) / _NS_PER_MS)
