"""Stretches sound in time and keeps its pitch: Sonic, as a stream.

Sonic leaves out or repeats whole periods of the voice, each laid over its neighbour, so speech stays clear at twice its
speed. A recogniser mishears less of it than with FFmpeg's ``atempo``, which lays windows of one length over each other
(docs/HEARING.md). Its own length is off by a few milliseconds. The stretcher gives exactly the length that the speed
says, because positions in the text are counted in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from ..interface import UnsupportedRequest

try:
    from libsonic import SonicStream  # type: ignore[import-untyped] # it has no annotations
except ImportError:  # there is no wheel of it for Macs of before 2020
    SonicStream = None

if TYPE_CHECKING:
    from ..interface import Pcm

# Sonic is given pieces of one length, or its sound would depend on how the sound is cut that comes.
PIECE_MS: Final = 10
# What is held back of the sound that comes: two of the longest periods that Sonic looks for (65 Hz), and a piece.
HELD_BACK_MS: Final = 65
_FULL_SCALE: Final = 32_768
# Silence behind the last sample: more than is held back, so that all that is before comes out.
_PUSH_MS: Final = 200

_NO_SOUND: Final = np.zeros(0, np.int16)


class Stretcher:
    """One stream of sound on its way to another length.

    Args:
        rate_hz: the sound's sample rate.
        speed: 2 makes it half as long; 0.5 to 2.

    Raises:
        UnsupportedRequest: Sonic is not installed here.
    """

    def __init__(self, rate_hz: int, speed: float) -> None:
        if SonicStream is None:
            raise UnsupportedRequest("this voice has no other speed here: the package libsonic is missing")
        self.rate_hz = rate_hz
        self._speed = speed
        self._sonic = SonicStream(rate_hz, 1)
        self._sonic.set_speed(speed)
        self._piece = rate_hz * PIECE_MS // 1000
        self._rest = _NO_SOUND  # less than a piece
        self._made = _NO_SOUND  # by Sonic, which may be some milliseconds ahead of the speed
        self._fed = 0
        self._given = 0

    def position(self, sample: int) -> int:
        """Tell where a sample of the sound that is fed lies in the sound that is given."""
        return round(sample / self._speed)

    @property
    def given(self) -> int:
        """Samples given so far."""
        return self._given

    def feed(self, samples: Pcm) -> Pcm:
        """Take more sound; give what is ready."""
        self._fed += len(samples)
        waiting = np.concatenate((self._rest, samples))
        whole = len(waiting) - len(waiting) % self._piece
        self._rest = waiting[whole:].copy()
        return self._push(waiting[:whole])

    def finish(self) -> Pcm:
        """Give all that is left, once."""
        return self._push(np.concatenate((self._rest, np.zeros(self.rate_hz * _PUSH_MS // 1000, np.int16))))

    def _push(self, samples: Pcm) -> Pcm:
        """Push samples in; give what is made, but no more than the sound that was fed is long when stretched."""
        scaled = samples.astype(np.float32) / _FULL_SCALE
        for at in range(0, len(scaled), self._piece):
            self._sonic.write(scaled[at : at + self._piece])
        made = np.array(self._sonic.read(self._sonic.available_frames()), np.float32)
        fresh = np.rint(made * _FULL_SCALE).clip(-_FULL_SCALE, _FULL_SCALE - 1).astype(np.int16)
        waiting: Pcm = np.concatenate((self._made, fresh))
        most = self.position(self._fed) - self._given
        sound, self._made = waiting[:most], waiting[most:].copy()
        self._given += len(sound)
        return sound
