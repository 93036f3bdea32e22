"""Writes phonemes into a text as an engine has them there, and names words by the text that was there before. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from .alignment import Edit, Rewriting
from .interface import WordMark
from .phonemes import read_phonemes

if TYPE_CHECKING:
    import re
    from collections.abc import Callable

    from .alignment import Alignment
    from .interface import PcmChunk, Segment
    from .phonemes import Phonemes


def marked(
    segment: Segment, write: Callable[[Phonemes], str | None], *, foreign: re.Pattern[str] | None = None
) -> tuple[Segment, Alignment]:
    """Write the phonemes that a segment's wishes ask for into its text.

    Args:
        segment: as the reading stage gives it: its phonemes are in an alphabet that the voice takes.
        write: makes what stands for a word, of its phonemes; None: the word stays as it is.
        foreign: marks that somebody else wrote and that shall not be obeyed: their brackets become round ones.

    Returns:
        The segment without these wishes, and the map from its text to the one before. The segment itself if no wish
        could be written.
    """
    text = segment.spoken
    said = Rewriting(text)
    edits: list[Edit] = []
    for wish in segment.wishes:
        if wish.kind == "phonemes" and (not edits or wish.start >= edits[-1].end):
            written = write(read_phonemes(wish.value))
            if written is not None:
                edits.append(Edit(wish.start, wish.end, written))
    if not edits:
        return segment, said.alignment
    for match in foreign.finditer(text) if foreign is not None else ():
        start, end = match.span()
        if all(end <= edit.start or edit.end <= start for edit in edits):
            edits.append(Edit(start, end, match.group().translate(_ROUND)))
    said.replace(sorted(edits))
    plain = tuple(wish for wish in segment.wishes if wish.kind != "phonemes")
    return replace(segment, spoken=said.text, wishes=plain), said.alignment


_ROUND: Final = str.maketrans("[]<>/", "()()-")


class Naming:
    """Lets word marks name what was written: each stretch once, when its first word is heard.

    Args:
        alignment: from the text whose words are marked to what was written.
    """

    def __init__(self, alignment: Alignment) -> None:
        self._alignment = alignment
        self._named = 0

    def named(self, chunk: PcmChunk) -> PcmChunk:
        """Take the chunks of one segment, in order."""
        if not chunk.words:
            return chunk
        words = []
        for word in chunk.words:
            start, end = self._alignment.span(word.char_start, word.char_end)
            start = max(start, self._named)
            if start < end:
                words.append(WordMark(start, end, word.start_sample))
                self._named = end
        return replace(chunk, words=tuple(words))
