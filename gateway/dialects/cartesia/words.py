"""Word times as Cartesia's clients expect them: each word with the signs around it, as it stands in the text.

Clients make the text that a listener has heard out of these words, so it must not lose its punctuation. The
conversation's words are what an engine pronounces, without signs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...conversation.events import SegmentStarted, Words


class SignedWords:
    """Gives the words of one context their signs back."""

    def __init__(self) -> None:
        self._spoken = ""  # what is spoken of the segment that sounds
        self._at = 0  # the place in it behind the last word

    def begin(self, event: SegmentStarted) -> None:
        """Note what the next words are words of."""
        self._spoken, self._at = event.segment.spoken, 0

    def times(self, event: Words) -> dict[str, list[str] | list[float]]:
        """Write when words are heard, in seconds from their context's start."""
        return {
            "words": [self._with_signs(word) for word, _, _ in event.words],
            "start": [round(start_ms / 1000, 3) for _, start_ms, _ in event.words],
            "end": [round(end_ms / 1000, 3) for _, _, end_ms in event.words],
        }

    def _with_signs(self, word: str) -> str:
        text, behind = self._spoken, self._at
        start = text.find(word, behind)
        if start < 0:  # the engine says something else than what is written
            return word
        end = start + len(word)
        while start > behind and _is_sign(text[start - 1]):
            start -= 1
        while end < len(text) and _is_sign(text[end]):
            end += 1
        self._at = end
        return text[start:end]


def _is_sign(char: str) -> bool:
    return not char.isspace() and not char.isalnum()
