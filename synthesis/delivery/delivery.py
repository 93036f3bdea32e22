"""An engine whose every voice obeys ``speed`` and ``volume``, whatever the engine itself can do.

Sound of a voice that does not obey ``speed`` is stretched, and its word marks move with it. A segment whose writer
wishes for another pace or loudness in places is spoken in parts, and the silence behind it is appended here. A style
and a segment that wish for nothing cost nothing: the engine's own generator is handed out.
"""

from __future__ import annotations

from collections import deque
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from ..interface import PcmChunk, never
from .loudness import at_volume
from .parts import parts
from .stretcher import Stretcher

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping

    from ..interface import Segment, Style, Synthesizer, WordMark

# Sound that is stretched in one go, 0.5 ms of work: a hop of four seconds would keep the event loop too long.
_PIECE_MS: Final = 240
_SILENCE: Final = 24_000  # samples of silence in one chunk, about a second, as engines give sound


class Delivery:
    """See the module, and ``interface.Synthesizer``.

    Args:
        engine: owned, started and closed here.
    """

    def __init__(self, engine: Synthesizer) -> None:
        self._engine = engine
        # Whether a voice obeys ``speed``: kept, because a context speaks on with a voice that was removed meanwhile.
        self._obeys_speed: dict[str, bool] = {}
        self.voices = engine.voices
        self.status = engine.status
        self.watch = engine.watch
        self.close = engine.close

    @property
    def sample_rate_hz(self) -> int:
        """Rate of every ``PcmChunk``."""
        return self._engine.sample_rate_hz

    @property
    def default_max_concurrent_requests(self) -> int:
        """As many as the engine says."""
        return self._engine.default_max_concurrent_requests

    async def start(self) -> None:
        """Start the engine.

        Raises:
            EngineUnavailable: it cannot run here.
        """
        await self._engine.start()
        self._look_at_voices()

    def speak(
        self, segment: Segment, style: Style, runs_dry_at: Callable[[], float] = never
    ) -> AsyncGenerator[PcmChunk, None]:
        """Speak one segment; see ``interface.Synthesizer``."""
        if not segment.pause_ms and not segment.wishes:
            return self._speak(segment, style, runs_dry_at)
        return self._as_wished(segment, style, runs_dry_at)

    async def _as_wished(
        self, segment: Segment, style: Style, runs_dry_at: Callable[[], float]
    ) -> AsyncGenerator[PcmChunk, None]:
        """Speak a segment part by part, then be silent for as long as its writer wishes, at whatever pace."""
        given = 0
        for part in parts(segment, style):
            before = given
            async with aclosing(self._speak(part.segment, part.style, runs_dry_at)) as chunks:
                async for chunk in chunks:
                    given += len(chunk.samples)
                    yield replace(chunk, words=tuple(_moved(word, part.start, before) for word in chunk.words))
        silence = round(segment.pause_ms * self.sample_rate_hz / 1000)
        for at in range(0, silence, _SILENCE):
            yield PcmChunk(np.zeros(min(_SILENCE, silence - at), np.int16))

    def _speak(
        self, segment: Segment, style: Style, runs_dry_at: Callable[[], float]
    ) -> AsyncGenerator[PcmChunk, None]:
        chunks = self._engine.speak(segment, style, runs_dry_at)
        if style.speed != 1.0 and not self._is_obeyed(style.voice):
            chunks = _stretched(chunks, self.sample_rate_hz, style.speed)
        return chunks if style.volume == 1.0 else _louder(chunks, style.volume)

    def _is_obeyed(self, name: str) -> bool:
        if name not in self._obeys_speed:
            self._look_at_voices()
        return self._obeys_speed.get(name, False)

    def _look_at_voices(self) -> None:
        self._obeys_speed |= {voice.name: "speed" in voice.obeys for voice in self.voices()}


async def _stretched(
    chunks: AsyncGenerator[PcmChunk, None], rate_hz: int, speed: float
) -> AsyncGenerator[PcmChunk, None]:
    """Stretch a segment; each word comes with the sound in which it begins."""
    stretcher = Stretcher(rate_hz, speed)
    words: deque[WordMark] = deque()
    piece = rate_hz * _PIECE_MS // 1000
    stages: Mapping[str, float] = {}

    def due() -> tuple[WordMark, ...]:
        begun = []
        while words and words[0].start_sample < stretcher.given:
            begun.append(words.popleft())
        return tuple(begun)

    async with aclosing(chunks):
        async for chunk in chunks:
            words.extend(replace(word, start_sample=stretcher.position(word.start_sample)) for word in chunk.words)
            stages = chunk.stages_ms or stages
            for at in range(0, len(chunk.samples), piece):
                sound = stretcher.feed(chunk.samples[at : at + piece])
                if len(sound):
                    yield PcmChunk(sound, due(), stages)
                    stages = {}
    sound = stretcher.finish()
    yield PcmChunk(sound, (*due(), *words), stages)


async def _louder(chunks: AsyncGenerator[PcmChunk, None], volume: float) -> AsyncGenerator[PcmChunk, None]:
    async with aclosing(chunks):
        async for chunk in chunks:
            yield replace(chunk, samples=at_volume(chunk.samples, volume))


def _moved(word: WordMark, chars: int, samples: int) -> WordMark:
    return replace(
        word,
        char_start=word.char_start + chars,
        char_end=word.char_end + chars,
        start_sample=word.start_sample + samples,
    )
