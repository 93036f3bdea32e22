"""A stand-in voice that needs no engine: each segment is a tone whose samples any test can compute for itself.

``tone_for(segment, style)`` computes the whole sound; the synthesizer only cuts it into chunks. So a load test or a
gateway test can compare the sound that arrived with the sound that was meant, sample by sample.
"""

from __future__ import annotations

import re
import zlib
from typing import TYPE_CHECKING, Final

import numpy as np

from .interface import EngineStatus, EngineUnavailable, NoSuchVoice, PcmChunk, Voice, WordMark, never
from .rates import MODEL_SAMPLE_RATE_HZ, exact_div

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Sequence

    from .interface import Pcm, Segment, Style

MS_PER_CHARACTER: Final = 60  # at speed 1: about how fast English is read aloud, 16 characters per second
CHUNK_MS: Final = 200
FADE_MS: Final = 5  # a tone that starts or stops abruptly clicks, and a click lowers the correlation after encoding
AMPLITUDE: Final = 8_000  # of 32,767: -12 dBFS, as loud as speech
LOWEST_HZ: Final = 200  # inside the band of every encoder, those at 8 kHz too
STEP_HZ: Final = 10
STEPS: Final = 60  # pitches from 200 to 790 Hz: segments of a context differ, so a test notices swapped ones
VOICE: Final = "tone"

_SAMPLES_PER_MS: Final = exact_div(MODEL_SAMPLE_RATE_HZ, 1000)


def tone_for(segment: Segment, style: Style) -> Pcm:
    """Compute a segment's sound: a pitch derived from the text, with its octave, faded in and out.

    Returns:
        (n,) int16 at 24 kHz, n proportional to the number of code points in ``segment.spoken``.
    """
    return _tone(segment, style, 0, _length(len(segment.spoken), style))


def _tone(segment: Segment, style: Style, start: int, stop: int) -> Pcm:
    """Compute samples ``start`` to ``stop`` of the segment's sound."""
    n = _length(len(segment.spoken), style)
    at = np.arange(start, min(stop, n))
    pitch_hz = LOWEST_HZ + STEP_HZ * (zlib.crc32(segment.spoken.encode("utf-8", "surrogatepass")) % STEPS)
    phase = 2 * np.pi * pitch_hz / MODEL_SAMPLE_RATE_HZ * at
    envelope = np.minimum(1.0, np.minimum(at, n - 1 - at) / (FADE_MS * _SAMPLES_PER_MS))
    sound: Pcm = (AMPLITUDE * envelope * (0.7 * np.sin(phase) + 0.3 * np.sin(2 * phase))).astype(np.int16)
    return sound


def words_for(segment: Segment, style: Style) -> tuple[WordMark, ...]:
    """Compute when each word of a segment begins: at the place in the tone that its first character has in the text."""
    return tuple(
        WordMark(word.start(), word.end(), _length(word.start(), style)) for word in re.finditer(r"\S+", segment.spoken)
    )


class ToneSynthesizer:
    """Speaks any text, in any language, as tones; instructions and seed change nothing."""

    def __init__(self) -> None:
        self._running = False

    @property
    def sample_rate_hz(self) -> int:
        """Rate of every ``PcmChunk``: 24 kHz, as the acoustic models have it."""
        return MODEL_SAMPLE_RATE_HZ

    @property
    def default_max_concurrent_requests(self) -> int:
        """As many contexts as one core can serve: a second of tone takes about a millisecond."""
        return 500

    def voices(self) -> Sequence[Voice]:
        """List the one voice."""
        description = "Test tones, one pitch per segment; no speech"
        return (Voice(VOICE, description, ("mul",), obeys=frozenset({"speed"}), has_word_times=True),)

    def status(self) -> EngineStatus:
        """Tell whether ``start`` was called."""
        return EngineStatus("tone", "ready" if self._running else "loading", "test tones")

    def watch(self, changed: Callable[[], None]) -> None:
        """Keep no callback: this engine makes no forecast that could change."""

    async def start(self) -> None:
        """Do nothing: this engine has nothing to load."""
        self._running = True

    async def speak(
        self,
        segment: Segment,
        style: Style,
        runs_dry_at: Callable[[], float] = never,  # noqa: ARG002 - no listener of a tone runs dry: it is made faster than heard
    ) -> AsyncGenerator[PcmChunk, None]:
        """Yield ``tone_for(segment, style)`` in chunks of ``CHUNK_MS``."""
        if not self._running:
            raise EngineUnavailable("the tone engine is not started")
        if style.voice != VOICE:
            raise NoSuchVoice(f"there is no voice {style.voice!r}; the tone engine has {VOICE!r}")
        words = words_for(segment, style)
        step = CHUNK_MS * _SAMPLES_PER_MS
        for start in range(0, _length(len(segment.spoken), style), step):
            inside = tuple(word for word in words if start <= word.start_sample < start + step)
            yield PcmChunk(_tone(segment, style, start, start + step), inside)

    async def close(self) -> None:
        """Stop; idempotent."""
        self._running = False


def _length(characters: int, style: Style) -> int:
    return round(characters * MS_PER_CHARACTER * _SAMPLES_PER_MS / style.speed)
