"""What the lexicons say of a segment's words, and what its voice takes of that: phonemes, or another spelling. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from ..alignment import Edit
from ..interface import Wish
from ..language import primary, scripts
from ..phonemes import BadPhonemes, Phonemes, exactly, read_phonemes
from .lexicon import find
from .reader import markup

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from ..interface import Segment, Voice
    from ..phonemes import Alphabet
    from .lexicon import Lexicon

# Wishes of the writer that go before a lexicon.
_SAID_OTHERWISE: Final = ("characters", "say-as", "phonemes")


def taken_by(voice: Voice, language: str | None) -> frozenset[Alphabet]:
    """Tell which phonemes a voice takes in text of a language: CMU phones not in another one of Latin script."""
    is_foreign = language is not None and primary(language) != "en" and "Latn" in scripts((language,))
    return voice.alphabets - {"cmu"} if is_foreign and voice.alphabets else voice.alphabets


def pronounced(
    segment: Segment,
    language: str | None,
    lexicons: Iterable[Lexicon],
    taken: Collection[Alphabet],
    *,
    has_markup: bool,
) -> tuple[Segment, list[Edit]]:
    """Look a segment's words up.

    Args:
        segment: as the conversation has it.
        language: in which it is read.
        lexicons: at each place the longest word counts; of two of one length, that of the earlier lexicon.
        taken: alphabets of the phonemes that the voice takes.
        has_markup: leave the engine's own markup as it is.

    Returns:
        The segment with wishes for those phonemes only that the voice takes, and what is said in the place of words.
    """
    text = segment.spoken
    matches = list(find(text, language, lexicons))
    if not matches and all(wish.kind != "phonemes" for wish in segment.wishes):
        return segment, []
    closed = [(wish.start, wish.end) for wish in segment.wishes if wish.kind in _SAID_OTHERWISE]
    closed += markup(text) if has_markup else []
    wishes = [taking for wish in segment.wishes if (taking := _as_taken(wish, taken)) is not None]
    edits = []
    for start, end, pronunciation in matches:
        if any(first < end and start < last for first, last in closed):
            continue
        said = pronunciation.said_by(taken)
        if isinstance(said, Phonemes):
            wishes.append(Wish(start, end, "phonemes", str(said)))
        elif said is not None:
            edits.append(Edit(start, end, said))
    wishes.sort(key=lambda wish: (wish.start, -wish.end))
    return replace(segment, wishes=tuple(wishes)), edits


def _as_taken(wish: Wish, taken: Collection[Alphabet]) -> Wish | None:
    """Write the phonemes that a writer wishes for as the voice takes them; None if it does not."""
    if wish.kind != "phonemes":
        return wish
    try:
        exact = exactly(read_phonemes(wish.value), taken)
    except BadPhonemes:
        return None
    return None if exact is None else replace(wish, value=str(exact))
