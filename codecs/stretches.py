"""Which source sample lies behind which sample of a stream's sound, so that another encoder can go on from there.

A stream's sound is stretches, one after the other, with silence between some of them. In a stretch the sound is the
source's samples at another rate, and the resampler begins each stretch anew::

    source   |------- stretch 1 -------|------ stretch 2 ------|
    sound    |----------- stretch 1 -----------|0000|--------- stretch 2 ---------|

Two rates meet every so many samples: 80 at 24 kHz last as long as 147 at 44.1 kHz. A resampler that is fed from such a
place on gives what one gives that was fed from the start, but for the first milliseconds, which its filter still
hears. Pure: no codec, no clock.
"""

from __future__ import annotations

import math
from typing import NamedTuple


class Place(NamedTuple):
    """A place in a stream: so many samples of the source lie before it, and so many of the sound."""

    source: int
    sound: int


class Stretches:
    """The stretches of one stream, from the one that was last asked for on.

    Args:
        source_rate_hz: of what is fed.
        rate_hz: of the sound.
    """

    def __init__(self, source_rate_hz: int, rate_hz: int) -> None:
        common = math.gcd(source_rate_hz, rate_hz)
        self._source_step = source_rate_hz // common
        self._sound_step = rate_hz // common
        self._begun: list[Place] = []

    def begin(self, at: Place) -> None:
        """Note where a stretch begins."""
        self._begun.append(at)

    def last_before(self, sound: int, fed: int) -> Place:
        """Find the last place, not behind this sample of the sound, from which the stream can be fed again.

        Earlier places cannot be asked for afterwards.

        Args:
            sound: a sample of the sound, or less than 0.
            fed: samples of the source so far.

        Returns:
            The place. Some source samples of its stretch follow it, unless nothing was fed.
        """
        while len(self._begun) > 1 and self._begun[1].sound <= sound:
            del self._begun[0]
        if not self._begun:
            return Place(0, 0)
        stretch = self._begun[0]
        end = self._begun[1].source if len(self._begun) > 1 else fed
        steps = min(max(0, sound - stretch.sound) // self._sound_step, (end - stretch.source - 1) // self._source_step)
        return Place(stretch.source + steps * self._source_step, stretch.sound + steps * self._sound_step)
