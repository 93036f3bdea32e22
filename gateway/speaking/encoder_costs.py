"""What each format costs the encoders, as measured on this machine, and how much of their time the streams of now need.

MP3 takes several times what Opus takes, and PCM next to nothing. So the number of streams that an encoder process bears
depends on their formats. Admission asks for the share of the processes' time that is spoken for, and refuses newcomers
before the listeners of now would have holes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ...codecs.base import WIRE_RATE_HZ

if TYPE_CHECKING:
    from ...codecs.formats import FormatName

# Before a format has been measured: what Opus costs in docs/BENCHMARKS.md, where one process serves 200 streams. It
# counts as much as ten seconds of measured sound.
_GUESSED_US_PER_S: Final = 5_000
_GUESS_S: Final = 10


class FormatCost:
    """What one format has cost so far.

    Attributes:
        streams: that are being encoded now.
        busy_us: processor time that its streams have taken, in microseconds.
        samples: of sound that they were fed, at ``WIRE_RATE_HZ``.
    """

    def __init__(self) -> None:
        self.streams = 0
        self.busy_us = _GUESSED_US_PER_S * _GUESS_S
        self.samples = WIRE_RATE_HZ * _GUESS_S

    @property
    def share(self) -> float:
        """The share of a processor that a stream needs in real time."""
        return self.busy_us / self.samples * WIRE_RATE_HZ / 1e6


class EncoderCosts:
    """All formats of one gateway process.

    Args:
        processes: how many encode.
    """

    def __init__(self, processes: int) -> None:
        self._processes = processes
        self._formats: dict[FormatName, FormatCost] = {}

    def of(self, name: FormatName) -> FormatCost:
        """What a format has cost."""
        return self._formats.setdefault(name, FormatCost())

    @property
    def load(self) -> float:
        """The share of the processes' time that the streams of now need: 1 is all of it."""
        return sum(cost.streams * cost.share for cost in self._formats.values()) / self._processes
