"""Words as they were written, found by the words that are spoken: with their punctuation and their blanks. Pure."""

from __future__ import annotations


class WrittenWords:
    """The text of one turn, handed out once, from its beginning to its end."""

    def __init__(self) -> None:
        self._text = ""
        self._told = 0  # up to here it was handed out
        self._read = 0  # up to here its words have been found; less if a lost speech is spoken again from further back

    def write(self, delta: str) -> None:
        """Write on."""
        self._text += delta

    @property
    def told(self) -> int:
        """Up to which character the text was handed out."""
        return self._told

    def read_from(self, position: int) -> None:
        """Look for the next words from here on: a segment begins there, perhaps once more."""
        self._read = position

    def take(self, spoken: str) -> str:
        """Return the text up to the end of a word and of the punctuation that hangs on it.

        Empty if the word is written otherwise, such as a number (its text then comes with the next word's), or if the
        text was handed out before.
        """
        at = self._text.find(spoken, self._read)
        if at < 0:
            return ""
        end = at + len(spoken)
        while end < len(self._text) and not (self._text[end].isalnum() or self._text[end].isspace()):
            end += 1
        self._read = end
        return self._take_to(end)

    def rest(self) -> str:
        """Return what was not handed out."""
        return self._take_to(len(self._text))

    def _take_to(self, end: int) -> str:
        text, self._told = self._text[self._told : end], max(end, self._told)
        return text
