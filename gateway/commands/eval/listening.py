"""A listener who writes down all that comes: the sound, where its segments begin, and what was missing on the wire."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from ...client.audio_out import SpeechDecoder
from ...client.wire.messages import SegmentStarted
from ...dialects.tts_v1.frames import AudioFrame, Flags
from ...errors import GatewayError

if TYPE_CHECKING:
    import numpy.typing as npt

    from ...client.connection import Connection
    from .sentences import Sentence

    Pcm = npt.NDArray[np.int16]

_MS: Final = 1000


@dataclass(frozen=True, slots=True)
class Wish:
    """How the sentences are to be spoken; None leaves it to the gateway."""

    voice: str | None = None
    speed: float | None = None
    seed: int | None = None


@dataclass(frozen=True, slots=True)
class Take:
    """One sentence as it was heard.

    Attributes:
        sentence: which.
        pcm: (N,) its sound.
        rate_hz: of the sound.
        segments: the first sample of each segment.
        discontinuities: frames that came after a hole, by the gateway's own word or by their times.
    """

    sentence: Sentence
    pcm: Pcm
    rate_hz: int
    segments: tuple[int, ...]
    discontinuities: int

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.pcm) / self.rate_hz


async def listen(connection: Connection, sentence: Sentence, wish: Wish) -> Take:
    """Have a sentence spoken, and hear it to its end.

    Raises:
        GatewayError: it could not be spoken, or nothing of it can be heard.
    """
    speech = connection.speak(
        sentence.text,
        voice=wish.voice,
        language=sentence.language,
        speed=1.0 if wish.speed is None else wish.speed,
        seed=wish.seed,
        timestamps="segment",
    )
    pieces: list[Pcm] = []
    starts_ms: list[float] = []
    decoder: SpeechDecoder | None = None
    discontinuities, expected_pts = 0, 0
    async with speech:
        async for event in speech:
            if isinstance(event, SegmentStarted):
                starts_ms.append(event.start_ms)
            elif isinstance(event, AudioFrame):
                if decoder is None:
                    assert speech.started is not None  # noqa: S101 - a context starts before its frames come
                    decoder = SpeechDecoder(speech.started)
                discontinuities += bool(event.flags & Flags.DISCONTINUITY) or event.pts != expected_pts
                expected_pts = event.pts + event.duration
                pieces.append(np.frombuffer(decoder.decode(event), "<i2").astype(np.int16, copy=False))
    if speech.started is None or not pieces:
        raise GatewayError(f"{sentence.name}: nothing was spoken of {sentence.text!r}")
    rate_hz = speech.started.sample_rate
    segments = tuple(round(start * rate_hz / _MS) for start in starts_ms)
    return Take(sentence, np.concatenate(pieces), rate_hz, segments, discontinuities)
