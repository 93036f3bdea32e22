"""G.711, the telephone's coding: µ-law and A-law, a byte for each sample at any rate.

Both halve the step between values with each halving of the loudness. A sample's code is looked up in a table of all
65,536 samples, which is computed once from the recommendation's segments (ITU-T G.711, tables 1 and 2). A sample that
lies exactly between two values is coded as ITU's own programs code it (ITU-T G.191): negative samples are inverted bit
by bit, so -1 is as far from the middle as 0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from .base import Coding

if TYPE_CHECKING:
    import numpy.typing as npt

    from .opus import OpusSettings

    Pcm = npt.NDArray[np.int16]  # (n,) mono samples
    Table = npt.NDArray[np.uint8]  # (65536,) codes, by the sample's bits read as an unsigned number

_SEGMENT_STEPS: Final = 4  # bits: a segment has 16 steps of equal size
_MULAW_BIAS: Final = 33  # moves the segments' bounds to powers of two, in µ-law's 14-bit units
_MULAW_LOUDEST: Final = 8158  # the last value before the virtual bound 8159; louder samples are coded like it
_ALAW_EVEN_BITS: Final = 0x55  # A-law inverts every second bit, so that silence has edges for a line's clock


def _magnitudes() -> tuple[npt.NDArray[np.int32], npt.NDArray[np.bool_]]:
    samples = np.arange(1 << 16, dtype=np.uint16).view(np.int16).astype(np.int32)
    return np.where(samples < 0, ~samples, samples), samples < 0


def _segments(magnitudes: npt.NDArray[np.int32], first_bound: int) -> npt.NDArray[np.int32]:
    """Number the segments, each twice as wide as the one before, from the one that ends at ``first_bound``."""
    bounds = first_bound << np.arange(7)
    return np.searchsorted(bounds, magnitudes, side="right").astype(np.int32)


def _mulaw_table() -> Table:
    magnitudes, is_negative = _magnitudes()
    biased = np.minimum(magnitudes >> 2, _MULAW_LOUDEST) + _MULAW_BIAS
    segments = _segments(biased, 64)
    steps = (biased >> (segments + 1)) & 15
    code: npt.NDArray[np.int32] = ~(is_negative << 7 | segments << _SEGMENT_STEPS | steps)  # all bits are inverted
    return (code & 0xFF).astype(np.uint8)


def _alaw_table() -> Table:
    magnitudes, is_negative = _magnitudes()
    scaled = magnitudes >> 4
    doublings = _segments(scaled, 32)  # the first two segments have steps of one size
    segments = doublings + (scaled >= 16)
    steps = (scaled >> doublings) & 15
    code: npt.NDArray[np.int32] = (~is_negative << 7 | segments << _SEGMENT_STEPS | steps) ^ _ALAW_EVEN_BITS
    return (code & 0xFF).astype(np.uint8)


MULAW: Final = _mulaw_table()
ALAW: Final = _alaw_table()


class G711Encoder:
    """Cuts samples into frames and looks their codes up; see ``base.FrameEncoder``."""

    preskip = 0

    def __init__(self, table: Table, frame_samples: int) -> None:
        self._table = table
        self._frame_samples = frame_samples

    def encode(self, samples: Pcm) -> list[bytes]:
        """Encode frame by frame; the last frame may be shorter."""
        codes = self._table[samples.astype(np.int16, copy=False).view(np.uint16)]
        size = self._frame_samples
        return [codes[at : at + size].tobytes() for at in range(0, len(codes), size)]


def _new_mulaw(sample_rate_hz: int, frame_ms: int, opus: OpusSettings) -> G711Encoder:  # noqa: ARG001 - it is no Opus
    return G711Encoder(MULAW, sample_rate_hz * frame_ms // 1000)


def _new_alaw(sample_rate_hz: int, frame_ms: int, opus: OpusSettings) -> G711Encoder:  # noqa: ARG001 - it is no Opus
    return G711Encoder(ALAW, sample_rate_hz * frame_ms // 1000)


MULAW_CODING: Final = Coding(_new_mulaw, takes_partial=True)
ALAW_CODING: Final = Coding(_new_alaw, takes_partial=True)
