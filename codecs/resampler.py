"""Sample-rate conversion of one stream, by soxr."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import soxr  # type: ignore[import-untyped]  # it ships stubs without the py.typed marker

if TYPE_CHECKING:
    import numpy.typing as npt

    Pcm = npt.NDArray[np.int16]  # (n,) mono samples

# soxr's 20-bit grade. The lower grades cost the same within noise at these rates, and the pass band of MQ ends audibly
# earlier. The price is about 30 ms of look-ahead in the sound; the listener waits no longer for it, because the
# synthesizer is far ahead.
QUALITY: Final = "HQ"

# soxr's buffers grow with the size of a push: 219 KB a stream at 400 ms, 132 KB at 80 ms, at the same speed.
_PIECE_SAMPLES: Final = 1764


class Resampler:
    """Converts int16 mono from one rate to another, in pieces of any size.

    A stretch ends with ``last=True``; the next push begins a fresh stretch, whose sound does not depend on the last
    one.
    """

    def __init__(self, source_rate_hz: int, target_rate_hz: int) -> None:
        self._stream = (
            None
            if source_rate_hz == target_rate_hz
            else soxr.ResampleStream(source_rate_hz, target_rate_hz, 1, "int16", QUALITY)
        )
        # The stretch is over. The next push clears soxr, if one comes: most resamplers serve only one stretch.
        self._ended = False

    @property
    def is_needed(self) -> bool:
        """The rates differ; otherwise ``push`` returns its samples unchanged."""
        return self._stream is not None

    def push(self, samples: Pcm, *, last: bool = False) -> Pcm:
        """Convert what can be converted so far; with ``last``, everything.

        Args:
            samples: (n,) int16 at the source rate.
            last: the stretch ends here.

        Returns:
            (m,) int16 at the target rate. Over a whole stretch m is n · target / source, rounded.
        """
        if self._stream is None:
            return samples
        if self._ended:
            if not len(samples):  # nothing came since the last stretch ended, so there is nothing to end
                return samples
            self._stream.clear()
        self._ended = last
        if len(samples) <= _PIECE_SAMPLES:
            return self._convert(samples, last=last)
        cuts = range(_PIECE_SAMPLES, len(samples), _PIECE_SAMPLES)
        pieces = np.split(samples, cuts)
        ends = [False] * (len(pieces) - 1) + [last]
        return np.concatenate([self._convert(piece, last=end) for piece, end in zip(pieces, ends, strict=True)])

    def _convert(self, samples: Pcm, *, last: bool) -> Pcm:
        assert self._stream is not None  # noqa: S101 - for the type checker: push() returned before
        converted: Pcm = self._stream.resample_chunk(samples, last)
        return converted
