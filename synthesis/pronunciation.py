"""How a word is said, as a lexicon has it (docs/READING.md): by another spelling, or by phonemes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from .phonemes import ALPHABETS, Phonemes, exactly, normal

if TYPE_CHECKING:
    from collections.abc import Collection

    from .phonemes import Alphabet

# Names of people, places and products, and the phrases that they stand in, are shorter.
MAX_WORD_CHARS: Final = 100
MAX_VALUE_CHARS: Final = 200


@dataclass(frozen=True, slots=True)
class Pronunciation:
    """How a word or a phrase is said. Phonemes that a voice takes go before the respelling.

    Attributes:
        word: as it is written. In small letters it stands for itself in any case, otherwise in this case alone.
        respelling: what to read in its place.
        ipa: how it sounds; the alphabets are those of ``phonemes``, whose normal form each value has.
        cmu: the same.
        pinyin: the same.
        language: a BCP 47 tag: only text in this language is meant; None: text in any.

    Raises:
        ValueError: it says nothing, or phonemes are not written in their alphabet; the message names the field.
    """

    word: str
    respelling: str | None = None
    ipa: str | None = None
    cmu: str | None = None
    pinyin: str | None = None
    language: str | None = None

    def __post_init__(self) -> None:
        """Bring phonemes into their normal forms."""
        if not any(map(str.isalnum, self.word)):
            raise ValueError("word: holds neither letter nor figure")
        if len(self.word) > MAX_WORD_CHARS:
            raise ValueError(f"word: is longer than {MAX_WORD_CHARS} characters")
        for field in ("respelling", *ALPHABETS):
            if len(getattr(self, field) or "") > MAX_VALUE_CHARS:
                raise ValueError(f"{field}: is longer than {MAX_VALUE_CHARS} characters")
        if self.respelling is not None and not any(map(str.isalnum, self.respelling)):
            raise ValueError("respelling: holds nothing to read")
        for alphabet in ALPHABETS:
            value = getattr(self, alphabet)
            if value is not None:
                try:
                    object.__setattr__(self, alphabet, normal(alphabet, value))
                except ValueError as exc:
                    raise ValueError(f"{alphabet}: {exc}") from None
        if self.respelling is None and not self.phonemes:
            raise ValueError("says neither respelling nor phonemes")

    @property
    def phonemes(self) -> list[Phonemes]:
        """All that it says of its sound."""
        values = ((alphabet, getattr(self, alphabet)) for alphabet in ALPHABETS)
        return [Phonemes(alphabet, value) for alphabet, value in values if value is not None]

    def said_by(self, alphabets: Collection[Alphabet]) -> Phonemes | str | None:
        """Choose what a voice that takes these is given: phonemes, the respelling; None: the word as it stands."""
        exact = (exactly(phonemes, alphabets) for phonemes in self.phonemes)
        return next((phonemes for phonemes in exact if phonemes), self.respelling)
