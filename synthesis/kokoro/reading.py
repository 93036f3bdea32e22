"""What a reader makes of a text: words, each with its phonemes and the place where it is written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

# The model's signs for what stands between words. It was taught with these; all others are left out.
PAUSES: Final = {
    **dict.fromkeys("，、,", ","),
    **dict.fromkeys("。．.", "."),
    **dict.fromkeys("！!", "!"),
    **dict.fromkeys("？?", "?"),
    **dict.fromkeys("；;", ";"),
    **dict.fromkeys("：:", ":"),
    **dict.fromkeys("…⋯", "…"),
    **dict.fromkeys("—―–〜~", "—"),
    **dict.fromkeys("「『《“【〈", "“"),
    **dict.fromkeys("」』》”】〉", "”"),
    **dict.fromkeys("（(", "("),
    **dict.fromkeys("）)", ")"),
}
_CLOSING: Final = frozenset(",.!?;:…”)")
_OPENING: Final = frozenset("“(")


@dataclass(frozen=True, slots=True)
class Word:
    """A word, or a sign between words.

    Attributes:
        phonemes: how it is said, in the model's alphabet.
        start: where it begins in the text.
        end: just past it.
        is_pause: a sign; it is no word that is heard.
    """

    phonemes: str
    start: int
    end: int
    is_pause: bool = False


def pause(character: str, at: int) -> Word | None:
    """Read a sign between words; None if the model knows none for it."""
    sign = PAUSES.get(character)
    return None if sign is None else Word(sign, at, at + 1, is_pause=True)


def joined(words: list[Word]) -> tuple[str, list[tuple[int, Word]]]:
    """Put words together as the model was taught: a blank between two words, signs close to the word that they end.

    Returns:
        The phonemes, and for each word the place where its own begin.
    """
    phonemes = ""
    places = []
    for word in words:
        if phonemes and word.phonemes not in _CLOSING and phonemes[-1] not in _OPENING:
            phonemes += " "
        if not word.is_pause:
            places.append((len(phonemes), word))
        phonemes += word.phonemes
    return phonemes, places
