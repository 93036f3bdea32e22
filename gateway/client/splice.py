"""Makes one speech out of several contexts, one on each of successive connections. Pure.

Each context counts from zero: characters, milliseconds, segments, frames. A caller sees counts that go on::

    first connection     | seg 0 | seg 1 ...x  lost: up to here it was received
    next connection                        | seg 0 | seg 1 |
    what the caller sees | seg 0 | seg 1   | seg 2 | seg 3 |
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from ...codecs.base import WIRE_RATE_HZ
from ..dialects.tts_v1.frames import AudioFrame, Flags
from .spoken_text import SpokenText
from .wire.messages import ContextDone, SegmentDone, SegmentStarted, Words

if TYPE_CHECKING:
    from .wire.messages import ContextStarted, DoneReason

    Event = AudioFrame | SegmentStarted | Words | SegmentDone | ContextDone

_SAMPLES_PER_MS: Final = WIRE_RATE_HZ // 1000


class Splice:
    """The counts of one speech, and how much of its text was heard."""

    def __init__(self) -> None:
        self._spoken = SpokenText()
        # Where the present context's counts begin in those of the speech.
        self._chars = 0
        self._ms = 0.0
        self._segments = 0
        self._pts = 0
        self._frames = 0
        # Of the present context alone.
        self._context_samples = 0
        self._context_frames = 0
        self._preskip = 0
        self._is_resumed = False
        self._cancelled_at_ms: float | None = None  # what the listener had heard then

    @property
    def received_ms(self) -> float:
        """How much sound of the whole speech has come."""
        return self._ms + max(0, self._context_samples - self._preskip) / _SAMPLES_PER_MS

    def begin(self, started: ContextStarted) -> None:
        """Take a context's start."""
        self._preskip = started.preskip

    def take(self, event: Event, text: str) -> Event:
        """Return an event in the speech's own counts.

        Args:
            event: in the present context's.
            text: of the whole speech, as far as it is written.
        """
        match event:
            case AudioFrame():
                flags = event.flags
                if self._is_resumed and self._context_frames == 0:
                    flags = flags & ~Flags.FIRST_OF_CONTEXT | Flags.DISCONTINUITY
                event = replace(event, sequence=self._frames + event.sequence, pts=self._pts + event.pts, flags=flags)
                self._context_samples += event.duration
                self._context_frames += 1
            case SegmentStarted():
                event = replace(
                    event,
                    segment_id=self._segments + event.segment_id,
                    char_start=self._chars + event.char_start,
                    char_end=self._chars + event.char_end,
                    start_ms=round(self._ms + event.start_ms),
                )
                self._spoken.add_segment(event)
            case Words():
                words = tuple(
                    replace(word, start_ms=round(self._ms + word.start_ms), end_ms=round(self._ms + word.end_ms))
                    for word in event.words
                )
                event = replace(event, segment_id=self._segments + event.segment_id, words=words)
                self._spoken.add_words(event, text)
            case SegmentDone():
                event = replace(
                    event, segment_id=self._segments + event.segment_id, end_ms=round(self._ms + event.end_ms)
                )
                self._spoken.end_segment(event)
            case ContextDone():
                spoken, remaining = text[: self._chars] + event.text_spoken, event.text_remaining
                if self._cancelled_at_ms is not None and self._cancelled_at_ms < self._ms:
                    # It was cancelled before the listener had come to what this context speaks.
                    heard = self._spoken.heard_until(self._cancelled_at_ms)
                    spoken, remaining = text[:heard], text[heard:]
                event = replace(
                    event, audio_ms=round(self._ms + event.audio_ms), text_spoken=spoken, text_remaining=remaining
                )
        return event

    def context_played_ms(self, played_ms: float) -> float:
        """Tell how much of the present context was heard, by how much of the speech was."""
        return max(0.0, played_ms - self._ms)

    def cancel(self, played_ms: float | None) -> None:
        """Note what the listener had heard when the speech was cancelled."""
        self._cancelled_at_ms = played_ms

    def cut(self, context_id: str) -> tuple[int, list[SegmentDone]]:
        """End the present context: its connection is gone.

        Returns:
            Where the next context's text begins: at the first word whose sound has not come whole. And the ends of the
            segments that were cut off. Their words behind these ends were not heard.
        """
        received_ms = self.received_ms
        # If nothing of the context was announced, the counts stay as they are.
        self._chars = max(self._chars, self._spoken.heard_until(received_ms))
        ended = [
            SegmentDone(context_id=context_id, segment_id=segment_id, end_ms=end_ms)
            for segment_id, end_ms in self._spoken.cut(self._chars, received_ms)
        ]
        self._ms = received_ms
        self._segments = self._spoken.segment_count
        self._pts += self._context_samples
        self._frames += self._context_frames
        self._context_samples = self._context_frames = self._preskip = 0
        self._is_resumed = self._frames > 0
        return self._chars, ended

    def done(self, context_id: str, reason: DoneReason, text: str) -> ContextDone:
        """Write the ``ContextDone`` of a speech whose gateway is gone and cannot send it.

        Args:
            context_id: the speech's.
            reason: how it ended.
            text: of the whole speech.
        """
        received_ms = self.received_ms
        heard_ms = received_ms if self._cancelled_at_ms is None else min(self._cancelled_at_ms, received_ms)
        heard = len(text) if reason == "end" else self._spoken.heard_until(heard_ms)
        return ContextDone(
            context_id=context_id,
            reason=reason,
            audio_ms=round(received_ms),
            text_spoken=text[:heard],
            text_remaining=text[heard:],
        )
