"""The words of one segment: each is told once, in order, with the time at which it is heard.

An engine's marks anchor the words in which they begin. A mark may be for two words ("of the") or for a part of one,
and a word may have none, so words without an anchor share the time between their neighbours by length.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, NamedTuple

from ..text.words import find_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...synthesis.interface import Segment
    from ..text.words import Word


class TimedWord(NamedTuple):
    """A word and when it is heard, in milliseconds of the context's sound.

    Attributes:
        is_guessed: no mark of the engine tells when it begins.
    """

    text: str
    start_ms: float
    end_ms: float
    is_guessed: bool


class SpokenWords:
    """The words of a segment that is being spoken.

    Attributes:
        has_anchors: the engine has told when one of them begins.
    """

    def __init__(self, segment: Segment, start_ms: float) -> None:
        self.has_anchors = False
        self._segment = segment
        self._words = find_words(segment.spoken)
        self._timed = 0  # words that have their time
        self._has_begun = False  # a mark told when the next of them begins
        self._since_ms = start_ms  # when the next of them begins, as far as is known
        self._heard: list[tuple[float, int]] = []  # (when a word ends, offset in the context's text), ascending

    def anchor(self, start: int, end: int, at_ms: float) -> list[TimedWord]:
        """Take an engine's mark for a stretch of what is spoken; return the words that have their time by it."""
        index = bisect_right(self._words, start, key=_end_of)
        # "每平方米" for "/㎡" may last longer than a word: what stands before it is over when it begins.
        is_sign = index == len(self._words) or self._words[index].start >= max(end, start + 1)
        if index < self._timed or (index == self._timed and (is_sign or self._has_begun)):
            return []  # the word has begun
        timed = self._share_until(index, at_ms)
        self.has_anchors, self._has_begun = True, not is_sign
        return timed

    def finish(self, end_ms: float) -> list[TimedWord]:
        """Give the last words their time: the segment's sound ends here."""
        return self._share_until(len(self._words), end_ms)

    def heard_until(self, ms: float) -> int:
        """Return how far the context's text was heard at a time, in whole words that have their time."""
        index = bisect_right(self._heard, ms, key=_time_of)
        return self._heard[index - 1][1] if index else self._segment.char_start

    def guess_heard_until(self, ms: float, end_ms: float) -> int:
        """Guess the same for words that have no time yet, if the segment's sound will end there."""
        heard = self.heard_until(ms)
        if self.has_anchors:  # the next word's mark comes with its sound, so the word before it is still being heard
            return heard
        for (_, word_end_ms), word in zip(self._shares(self._words, end_ms), self._words, strict=True):
            if word_end_ms > ms:
                break
            heard = self._source_end(word, heard)
        return heard

    def _share_until(self, index: int, end_ms: float) -> list[TimedWord]:
        """Give words up to an index their time, which ends there."""
        words = self._words[self._timed : index]
        end_ms = max(end_ms, self._since_ms)
        heard = self._heard[-1][1] if self._heard else self._segment.char_start
        is_guessed = not self.has_anchors
        timed: list[TimedWord] = []
        for word, (word_start_ms, word_end_ms) in zip(words, self._shares(words, end_ms), strict=True):
            heard = self._source_end(word, heard)
            self._heard.append((word_end_ms, heard))
            timed.append(TimedWord(self._segment.spoken[word.start : word.end], word_start_ms, word_end_ms, is_guessed))
            is_guessed = True
        self._timed = index
        self._since_ms = end_ms
        return timed

    def _shares(self, words: Sequence[Word], end_ms: float) -> list[tuple[float, float]]:
        """Share the time between now and then among words, by their length."""
        chars = sum(word.end - word.start for word in words)
        ms_per_char = (end_ms - self._since_ms) / max(1, chars)
        shares: list[tuple[float, float]] = []
        told = 0
        for word in words:
            start, told = told, told + word.end - word.start
            word_end_ms = end_ms if told == chars else self._since_ms + told * ms_per_char
            shares.append((self._since_ms + start * ms_per_char, word_end_ms))
        return shares

    def _source_end(self, word: Word, heard: int) -> int:
        """Return where a word ends in the context's text; ``heard`` if what is written for it has more words."""
        alignment = self._segment.alignment
        if alignment.until(word.end) < alignment.span(word.start, word.end)[1]:
            return heard
        return max(heard, self._segment.char_start + alignment.until(word.reach))


def _end_of(word: Word) -> int:
    return word.end


def _time_of(heard: tuple[float, int]) -> float:
    return heard[0]
