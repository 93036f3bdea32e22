"""Cuts a stream of samples into whole frames. Pure: no codec, no clock.

The slicer holds a frame back until it knows whether anything follows it, so that the sender can mark the last frame
as last on the frame itself::

    pushed   |----frame----|----frame----|-|        two frames ready: a sample lies behind both
    pushed   |----frame----|----frame----|          one ready, until another sample or the end comes
    ended    |----frame----|----frame----|          two ready
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Pcm = npt.NDArray[np.int16]  # (n,) mono samples

EMPTY: Pcm = np.zeros(0, np.int16)


class FrameSlicer:
    """Frames of one stream.

    Attributes:
        frame_samples: samples per frame.
        pushed: samples that have come in, padding included.
        taken: samples that have gone out.
    """

    def __init__(self, frame_samples: int, *, partial_tail: bool = False) -> None:
        """Start a stream.

        Args:
            frame_samples: samples per frame.
            partial_tail: a release may end in a shorter frame, for codecs that need no padding.
        """
        if frame_samples < 1:
            raise ValueError(f"a frame has at least one sample, not {frame_samples}")
        self.frame_samples = frame_samples
        self.pushed = 0
        self.taken = 0
        self._partial_tail = partial_tail
        self._kept = EMPTY  # samples not yet taken, from _start on
        self._start = 0
        self._released = 0  # value of `pushed` when the last release was

    def begin_at(self, pushed: int, taken: int) -> None:
        """Go on in place of another slicer, which had seen ``pushed`` samples, and whose frames end at ``taken``.

        The first frame is the last that begins before ``pushed``; what is missing of it is silence.
        """
        before = pushed - taken
        self.taken = taken + before // self.frame_samples * self.frame_samples
        self.pushed = self.taken
        self.push(np.zeros(pushed - self.taken, np.int16))

    def push(self, samples: Pcm) -> None:
        """Add (n,) int16 samples to the stream's end."""
        if not len(samples):
            return
        rest = self._kept[self._start :]
        # Copied once either way: the producer may reuse its buffer.
        self._kept = np.concatenate((rest, samples)) if len(rest) else samples.copy()
        self._start = 0
        self.pushed += len(samples)

    def pad_tail(self, least: int = 0) -> int:
        """Complete a partial frame with silence, and release it.

        Args:
            least: samples of silence that are needed behind the sound; further silence completes the frame.

        Returns:
            How many samples of silence were added: 0 if a partial tail may go out as it is.
        """
        missing = 0 if self._partial_tail else least + -(self.pushed + least) % self.frame_samples
        self.push(np.zeros(missing, np.int16))
        self.release()
        return missing

    def release(self) -> None:
        """Hold back nothing that has come in so far."""
        self._released = self.pushed

    @property
    def frames_ready(self) -> int:
        """Frames that may be taken now."""
        waiting = self.pushed - self.taken
        if self.pushed > self._released:
            return max(0, waiting - 1) // self.frame_samples
        return (waiting + (self.frame_samples - 1 if self._partial_tail else 0)) // self.frame_samples

    def take(self, max_frames: int) -> Pcm:
        """Take up to ``max_frames`` of the frames that are ready.

        Returns:
            (n · frame_samples,) int16, one frame after the other; a released partial tail is shorter.
        """
        start = self._start
        stop = min(start + min(max_frames, self.frames_ready) * self.frame_samples, len(self._kept))
        self._start = stop
        self.taken += stop - start
        return self._kept[start:stop]

    def take_until(self, taken: int) -> Pcm:
        """Take whole frames that lie before ``taken``, ready or not: they were taken from another slicer before."""
        frames = min(taken - self.taken, self.pushed - self.taken) // self.frame_samples
        stop = self._start + max(0, frames) * self.frame_samples
        samples = self._kept[self._start : stop]
        self.taken += stop - self._start
        self._start = stop
        return samples
