"""How a benchmark's listener plays: what came when, against when it should have been heard. Time is an argument.

It starts with the first frame and goes on in real time. Where the next frame comes after the moment at which it should
have been heard, there is a *hole*, and playing resumes with that frame::

    arrivals   |1||2||3|              |4||5|
    heard      [ 1 ][ 2 ][ 3 ]  hole  [ 4 ][ 5 ]
                              ^ dry_at

A hole is an *underrun* if the text of the late frame had been written before the listener ran dry; otherwise it was
the writer who was slow.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from ....codecs.base import WIRE_RATE_HZ
from ...conversation.playout_clock import FILL_RATE, START_LEAD_MS
from ...dialects.tts_v1.frames import HEADER_BYTES

if TYPE_CHECKING:
    from array import array

    from websockets.typing import BytesLike

_START_LEAD_S: Final = START_LEAD_MS / 1000
_OPENING_FRAMES: Final = 50  # kept for finding the first audible sample: 1 s, more than any voice's leading silence


@dataclass(slots=True)
class ContextRecord:
    """One utterance as its listener met it; times are ``time.perf_counter``, None if it did not happen.

    Attributes:
        text_at: the first text left.
        sentence_at: the last of the first sentence's text left.
        segment_at: the last of the first *segment's* text left, as the gateway cut it: what it had to wait for.
        audio_at: the first frame came.
        last_audio_at: the last frame came.
        done: the reason in ``context.done``.
        audio_s: sound received.
        underruns: length of each, in seconds.
        writer_gaps: holes that were the writer's.
        opening: arrival and payload of the first packets.
        fault: why it failed.
    """

    text_at: float | None = None
    sentence_at: float | None = None
    segment_at: float | None = None
    audio_at: float | None = None
    last_audio_at: float | None = None
    done: str | None = None
    audio_s: float = 0.0
    frames: int = 0
    underruns: list[float] = field(default_factory=list)
    writer_gaps: int = 0
    opening: list[tuple[float, bytes]] = field(default_factory=list)
    fault: str | None = None


class Listener:
    """Plays one context.

    Attributes:
        dry_at: until then there is something to play.
    """

    def __init__(self, record: ContextRecord, lateness_s: array[float], max_lead_s: float) -> None:
        """Wait for the first frame.

        Args:
            record: where the outcome goes.
            lateness_s: gets a value for each frame after the first: how long after the pacing rule allowed it, and its
                segment had begun, it came; 0 if it was on time. Shared by all listeners.
            max_lead_s: the pacing rule's end; ``playout_clock.py`` says how a lead may grow towards it. 0 if
                there is no pacing, and then nothing can be late.
        """
        self.dry_at = 0.0
        self._record = record
        self._lateness_s = lateness_s
        self._max_lead_s = max_lead_s
        self._play_start = 0.0  # a frame is heard at play_start + pts
        self._filling_since = 0.0  # the lead grows from nothing since then ...
        self._filled_s = 0.0  # ... when this much had come
        self._text_ready_at = 0.0  # when the current segment's text was complete, and known to be
        self._began_at = 0.0  # when the gateway said that the current segment begins

    def segment_began(self, now: float, text_ready_at: float) -> None:
        """The frames that follow are a new segment's, whose text was complete at ``text_ready_at``."""
        self._began_at = now
        self._text_ready_at = text_ready_at

    def frame_came(self, now: float, sequence: int, pts: int, duration: int, frame: BytesLike) -> None:
        """Take a frame; this runs for every one, so it is flat."""
        record = self._record
        if sequence != record.frames:
            record.fault = record.fault or f"frame {sequence} came where {record.frames} was due"
        if record.audio_at is None:
            record.audio_at = self._play_start = self.dry_at = self._filling_since = now
        else:
            if now > self.dry_at:
                self._hole(now)
            if self._max_lead_s:
                end_s = (pts + duration) / WIRE_RATE_HZ
                filled_at = self._filling_since + (end_s - self._filled_s - _START_LEAD_S) / FILL_RATE
                late = now - max(self._play_start + end_s - self._max_lead_s, filled_at, self._began_at)
                self._lateness_s.append(late if late > 0 else 0.0)
        record.frames += 1
        if record.frames <= _OPENING_FRAMES:
            record.opening.append((now, bytes(frame[HEADER_BYTES:])))
        record.last_audio_at = now
        record.audio_s += duration / WIRE_RATE_HZ
        self.dry_at += duration / WIRE_RATE_HZ

    def _hole(self, now: float) -> None:
        hole_s = now - self.dry_at
        if self._text_ready_at <= self.dry_at:
            self._record.underruns.append(hole_s)
        else:
            self._record.writer_gaps += 1
        self._play_start += hole_s
        self._filled_s = now - self._play_start
        self.dry_at = self._filling_since = now
