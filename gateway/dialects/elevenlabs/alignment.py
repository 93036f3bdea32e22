"""When each character of a speech is heard, as this dialect tells it: with the sound, relative to a chunk's start.

The vendor tells the characters of a chunk with the chunk, and counts their times from its start. Its clients add what
came before, some by the length of the sound, some by where the last character of the chunk before ended. Here both find
the same time: the stretches that are told lie end to end, each goes out with the message whose sound begins with it,
and each ends with the blank behind its last word::

    sound      |--------------|--------------|--------------|--------------|
    stretches  |The first words |                |and the rest of it |
               ▲ told with the sound that begins here ▲
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ....synthesis.interface import Segment

# Any: what JSON can hold.
Json = dict[str, Any]


@dataclass(slots=True)
class Characters:
    """Characters and when they are heard, in ms from the context's start; the three lists have one length."""

    chars: list[str] = field(default_factory=list)
    starts_ms: list[float] = field(default_factory=list)
    ends_ms: list[float] = field(default_factory=list)

    def add(self, text: str, start_ms: float, end_ms: float) -> None:
        """Add characters that share a time evenly."""
        each_ms = (end_ms - start_ms) / len(text)
        for place, char in enumerate(text):
            self.chars.append(char)
            self.starts_ms.append(start_ms + place * each_ms)
            self.ends_ms.append(start_ms + (place + 1) * each_ms)

    def take(self, count: int) -> Characters:
        """Take the first ones out."""
        taken = Characters(self.chars[:count], self.starts_ms[:count], self.ends_ms[:count])
        del self.chars[:count], self.starts_ms[:count], self.ends_ms[:count]
        return taken

    def since(self, begins_ms: int) -> Json:
        """Write them as messages have them: in whole milliseconds from there; each ends where the next begins."""
        starts = [round(start_ms - begins_ms) for start_ms in self.starts_ms]
        ends = [round(end_ms - begins_ms) for end_ms in self.ends_ms]
        durations = [end - start for start, end in zip(starts, ends, strict=True)]
        return {"chars": self.chars, "charStartTimesMs": starts, "charDurationsMs": durations}

    def in_seconds(self) -> Json:
        """Write them as HTTP has them: in seconds from the speech's start."""
        return {
            "characters": self.chars,
            "character_start_times_seconds": [round(start_ms / 1000, 3) for start_ms in self.starts_ms],
            "character_end_times_seconds": [round(end_ms / 1000, 3) for end_ms in self.ends_ms],
        }


@dataclass(frozen=True, slots=True)
class Stretch:
    """Characters that are told together: as the client wrote them, and as they are spoken.

    Attributes:
        begins_ms: where the stretch before it ended.
    """

    begins_ms: int
    written: Characters
    spoken: Characters


class Alignment:
    """The characters of one context that are not told yet: as the client wrote them, and as they are spoken.

    Attributes:
        told_ms: up to here all is told.
    """

    def __init__(self) -> None:
        self.told_ms = 0
        self._written = Characters()
        self._spoken = Characters()
        self._whole = (0, 0)  # of each, those up to the last blank
        self._segment: Segment | None = None
        self._place = 0  # in what is spoken of the segment: what comes before has its time
        self._source: list[str] = []  # what is written in the place of each word, if that can be told

    def segment_started(self, segment: Segment) -> None:
        """Words that come next are this segment's."""
        self._segment = segment
        self._place = 0
        written, spoken = segment.text.split(), segment.spoken.split()
        self._source = written[::-1] if len(written) == len(spoken) else []

    def words_placed(self, words: Sequence[tuple[str, float, float]]) -> None:
        """Note when words are heard: (word, start, end) each, in ms from the context's start.

        A word brings the signs before and behind it. A blank follows it if one does in what is spoken, and at the
        segment's end.
        """
        spoken = self._segment.spoken if self._segment is not None else ""
        for word, start_ms, end_ms in words:
            found = spoken.find(word, self._place)
            if found < 0 or not word.strip():  # an engine that speaks something else than it was given
                continue
            end = found + len(word)
            while end < len(spoken) and not spoken[end].isspace() and not spoken[end].isalnum():
                end += 1
            text = spoken[self._place : end].strip()
            self._place = end
            blank = " " if not spoken[end:].strip() or spoken[end].isspace() else ""
            self._spoken.add(text + blank, start_ms, end_ms)
            self._written.add(self._source_of(text, is_whole=bool(blank)) + blank, start_ms, end_ms)
            if blank:
                self._whole = len(self._written.chars), len(self._spoken.chars)

    @property
    def has_more(self) -> bool:
        """Something is to be told, now or with later sound."""
        return self._whole[1] > 0

    def take(self, sound_ms: float = math.inf) -> Stretch | None:
        """Take what goes out with sound that begins here; None if nothing does.

        Args:
            sound_ms: where the sound begins, in ms from the context's start.
        """
        if not self._whole[1] or sound_ms < self.told_ms:
            return None
        begins_ms = self.told_ms
        written, spoken = self._written.take(self._whole[0]), self._spoken.take(self._whole[1])
        self._whole = 0, 0
        self.told_ms = begins_ms + round(spoken.ends_ms[-1] - begins_ms)
        return Stretch(begins_ms, written, spoken)

    def _source_of(self, text: str, *, is_whole: bool) -> str:
        """Tell what the client wrote in the place of spoken words; what is spoken, if that cannot be told."""
        count = len(text.split())
        if not is_whole or len(self._source) < count:
            self._source = []
            return text
        return " ".join(self._source.pop() for _ in range(count))
