"""Stretches sound in time and keeps its pitch: FFmpeg's ``atempo``, as a stream.

``atempo`` lays waves over each other at the place where they fit best. It gives sound in frames, each as long as the
frame that it was given divided by the speed, and a frame only when it is full. So frames are short here: of what it is
given, it holds back about three. Its own length is off by a few milliseconds. The stretcher gives exactly the length
that the speed says, because positions in the text are counted in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from av.audio.frame import AudioFrame
from av.error import BlockingIOError as NothingYet
from av.error import EOFError as NothingMore
from av.filter import Graph

if TYPE_CHECKING:
    from ..interface import Pcm

# Costs 1 to 2 ms of CPU for each second of sound, and holds back 60 ms of it (10 ms: 4 ms and 50 ms; 100 ms: 0.7 ms
# and 200 ms).
FRAME_MS: Final = 20
# Silence that is pushed behind the last sample, so that ``atempo`` gives all that is before: twice what it holds back.
_PUSH_FRAMES: Final = 6

_NO_SOUND: Final = np.zeros(0, np.int16)


class Stretcher:
    """One stream of sound on its way to another length.

    Args:
        rate_hz: the sound's sample rate.
        speed: 2 makes it half as long; 0.5 to 2.
    """

    def __init__(self, rate_hz: int, speed: float) -> None:
        self.rate_hz = rate_hz
        self._speed = speed
        self._frame = rate_hz * FRAME_MS // 1000
        self._graph = Graph()
        source = self._graph.add_abuffer(sample_rate=rate_hz, format="s16", layout="mono")
        stretch = self._graph.add("atempo", str(speed))
        sink = self._graph.add("abuffersink")
        source.link_to(stretch)
        stretch.link_to(sink)
        self._graph.configure()
        self._rest = _NO_SOUND  # less than a frame
        self._fed = 0
        self._pushed = 0
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
        whole = len(waiting) - len(waiting) % self._frame
        self._rest = waiting[whole:].copy()
        return self._give([self._push(waiting[at : at + self._frame]) for at in range(0, whole, self._frame)])

    def finish(self) -> Pcm:
        """Give all that is left, once."""
        silence = np.zeros(self._frame * (_PUSH_FRAMES + 1) - len(self._rest), np.int16)
        behind = np.concatenate((self._rest, silence))
        pieces = [self._push(behind[at : at + self._frame]) for at in range(0, len(behind), self._frame)]
        self._graph.push(None)
        return self._give([*pieces, self._pull()])

    def _push(self, frame: Pcm) -> Pcm:
        pushed = AudioFrame.from_ndarray(frame[None], format="s16", layout="mono")
        pushed.sample_rate, pushed.pts = self.rate_hz, self._pushed
        self._pushed += len(frame)
        self._graph.push(pushed)
        return self._pull()

    def _pull(self) -> Pcm:
        pieces = []
        try:
            while True:
                pieces.append(self._graph.pull().to_ndarray()[0])
        except (NothingYet, NothingMore):
            return np.concatenate(pieces) if pieces else _NO_SOUND

    def _give(self, pieces: list[Pcm]) -> Pcm:
        """Put pieces together, and give no more than the sound that was fed is long when stretched."""
        most = self.position(self._fed) - self._given
        sound: Pcm = np.concatenate([_NO_SOUND, *pieces])[:most]
        self._given += len(sound)
        return sound
