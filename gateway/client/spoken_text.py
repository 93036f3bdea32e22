"""When each part of a speech's text is heard, from what was written and what the gateway told. Pure.

The Python twin of web_demo/client/spoken_text.js.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .wire.messages import SegmentDone, SegmentStarted, Words

# Messages round times to whole milliseconds, durations of frames do not.
_ROUNDING_MS: Final = 1.0


@dataclass(slots=True)
class _Word:
    start: int  # offsets in the text
    end: int
    start_ms: int
    end_ms: int


@dataclass(slots=True)
class _Segment:
    id: int
    start: int  # offsets in the text
    end: int
    start_ms: int
    search_from: int  # where the search for the next word begins
    end_ms: int | None = None  # None while it is being spoken
    words: list[_Word] = field(default_factory=list)


class SpokenText:
    """The segments and words of one speech, by their place in its text and in its sound."""

    def __init__(self) -> None:
        self._segments: list[_Segment] = []  # in order

    @property
    def segment_count(self) -> int:
        """How many segments were announced."""
        return len(self._segments)

    def add_segment(self, message: SegmentStarted) -> None:
        """Take a segment that begins."""
        start = message.char_start
        self._segments.append(_Segment(message.segment_id, start, message.char_end, message.start_ms, start))

    def add_words(self, message: Words, text: str) -> None:
        """Take word times. The search for a word begins at the last one's end: the text has words as they are spoken.

        Args:
            message: the words.
            text: of the whole speech.
        """
        segment = self._segment(message.segment_id)
        if segment is None:
            return
        for word in message.words:
            start = text.find(word.text, segment.search_from, segment.end)
            if start >= 0:  # otherwise the word is written differently, such as a number
                segment.search_from = start + len(word.text)
                segment.words.append(_Word(start, segment.search_from, word.start_ms, word.end_ms))

    def end_segment(self, message: SegmentDone) -> None:
        """Take a segment's end."""
        if (segment := self._segment(message.segment_id)) is not None:
            segment.end_ms = message.end_ms

    def cut(self, heard: int, ms: float) -> list[tuple[int, int]]:
        """End the segments that are being spoken here; the text that follows is spoken in new segments.

        Args:
            heard: where the text that was heard ends.
            ms: where the sound ends.

        Returns:
            Number and end, in milliseconds, of each segment that was cut. There may be two, because a segment is
            announced with the frame in which the segment before it ends.
        """
        cut = []
        end_ms = round(ms)
        for segment in reversed(self._segments):
            if segment.end_ms is not None:
                break
            segment.end_ms = max(segment.start_ms, end_ms)
            segment.end = max(segment.start, min(segment.end, heard))
            cut.append((segment.id, segment.end_ms))
            end_ms = min(end_ms, segment.start_ms)
        return cut[::-1]

    def heard_until(self, ms: float) -> int:
        """Tell up to which offset every word of the text was heard by a position of the sound."""
        begun = [each for each in self._segments if each.start_ms <= ms and each.end_ms != each.start_ms]
        if not begun:
            return 0
        segment = begun[-1]
        if segment.end_ms is not None and ms + _ROUNDING_MS >= segment.end_ms:
            return segment.end
        heard = [word for word in segment.words if word.start_ms <= ms]
        if heard:
            return heard[-1].end if ms + _ROUNDING_MS >= heard[-1].end_ms else heard[-1].start
        return segment.start

    def _segment(self, segment_id: int) -> _Segment | None:
        return next((each for each in reversed(self._segments) if each.id == segment_id), None)
