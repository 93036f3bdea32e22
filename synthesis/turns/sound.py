"""What is done to sound that a network made of a turn: silence cut at its edges, words placed, loudness levelled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from ..rates import MODEL_SAMPLE_RATE_HZ

if TYPE_CHECKING:
    import numpy.typing as npt

    from ..interface import Pcm

    Samples = npt.NDArray[np.float32]  # (n,) mono at 24 kHz

MS: Final = MODEL_SAMPLE_RATE_HZ // 1000  # samples
PEAK: Final = 0.97  # of full scale; a sound that is louder all the same is turned down as a whole, which no ear notices
# What is kept around a turn's sound: such networks make hundreds of milliseconds of silence before and behind it.
LEAD_MS: Final = 30
TAIL_MS: Final = 40
# A phoneme is heard before the time that its durations give: the sound is made in windows of 50 ms, which begin 25 ms
# before their middle. By the energy's onset, over 32 words behind a pause, 8 to 35 ms at thresholds of -34 to -40 dBFS.
_HEARD_BEFORE_SAMPLES: Final = 20 * MS
_FADE_SAMPLES: Final = 5 * MS
_FRAME_SAMPLES: Final = 5 * MS  # of energy, by which silence is told
_SILENT_RMS: Final = 0.0025  # -52 dBFS, 26 dB below the voices; their silence lies below -65


def mark_starts(durations: Samples | None, unit_samples: int, samples: int) -> list[int]:
    """Tell at which sample each phoneme is heard; nothing if the durations are not those of this sound.

    Args:
        durations: of each phoneme, in units.
        unit_samples: samples in a unit.
        samples: how long the sound is.
    """
    if durations is None or round(float(durations.sum())) * unit_samples != samples:
        return []
    ends = np.cumsum(durations.reshape(-1)) * unit_samples
    return [0, *(max(0, round(end) - _HEARD_BEFORE_SAMPLES) for end in ends[:-1].tolist())]


def without_silence(sound: Samples, voiced_at: int) -> tuple[Samples, int]:
    """Cut the silence at the edges, all but what ``LEAD_MS`` and ``TAIL_MS`` say; tells how much at the front.

    Args:
        sound: as the network made it.
        voiced_at: where the first phoneme begins; a soft one is kept whole.
    """
    frames = len(sound) // _FRAME_SAMPLES
    energy = np.square(sound[: frames * _FRAME_SAMPLES].reshape(frames, _FRAME_SAMPLES)).mean(axis=1)
    loud = np.flatnonzero(energy > _SILENT_RMS**2)
    if not len(loud):
        return sound, 0
    begin = max(0, min(voiced_at, int(loud[0]) * _FRAME_SAMPLES) - LEAD_MS * MS)
    end = min(len(sound), (int(loud[-1]) + 1) * _FRAME_SAMPLES + TAIL_MS * MS)
    kept = sound[begin:end].copy()
    ramp = np.linspace(0.0, 1.0, min(_FADE_SAMPLES, len(kept)), dtype=np.float32)
    kept[: len(ramp)] *= ramp
    kept[len(kept) - len(ramp) :] *= ramp[::-1]
    return kept, begin


def as_int16(sound: Samples, gain: float) -> Pcm:
    """Level a sound, and write it as samples are written."""
    peak = float(np.abs(sound).max(initial=0.0)) * gain
    if peak > PEAK:
        gain *= PEAK / peak
    return (sound * (gain * 32_767)).astype(np.int16)
