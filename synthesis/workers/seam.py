"""Where redone speech goes on behind what the listener has: found by the last 20 ms that were handed over.

An engine that always makes the same sound for a text goes on to the sample. espeak-ng's timing jitters by some samples
a clause, so the place is looked for nearby, where the wave fits best: a cut elsewhere would click.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from ..interface import Pcm

TAIL_MS: Final = 20  # two periods of the deepest voice
# espeak-ng drifted by 10 ms over a sentence of nine seconds, and a segment is rarely longer.
SEARCH_MS: Final = 20


class Seam:
    """A place in a segment's sound.

    Args:
        tail: the last samples that were handed over.
        given: how many samples of the segment were, in all.
        rate_hz: their rate.
    """

    def __init__(self, tail: Pcm, given: int, rate_hz: int) -> None:
        self._tail = tail[-(rate_hz * TAIL_MS // 1000) :] if given else tail[:0]
        self._search = rate_hz * SEARCH_MS // 1000 if given else 0
        self._begin = given - len(self._tail)  # where the tail lay
        self.given = given

    @property
    def from_sample(self) -> int:
        """From where on the redone sound is needed."""
        return max(0, self._begin - self._search)

    @property
    def needed(self) -> int:
        """How many redone samples are needed to find the place."""
        return self.given + self._search - self.from_sample if self.given else 0

    def find(self, redone: Pcm) -> int:
        """Return where in the redone sound, which begins at ``from_sample``, the listener goes on."""
        size = len(self._tail)
        expected = self._begin - self.from_sample
        if not size or len(redone) < size:
            return min(expected + size, len(redone))
        if np.array_equal(redone[expected : expected + size], self._tail):
            return expected + size
        windows = np.lib.stride_tricks.sliding_window_view(redone[: self.needed].astype(np.float32), size)
        tail = self._tail.astype(np.float32)
        # The nearest in the sense of least squares; of equal places, as in silence, the one nearest to the expected.
        distance = np.square(windows - tail).sum(axis=1)
        best = np.flatnonzero(distance <= distance.min())
        return int(best[np.argmin(np.abs(best - expected))]) + size
