"""Finds the words of a lexicon in a text, the longest at each place.

Words are kept as a tree of their characters, so a text costs what its own length costs, however many words there are.
"""

from __future__ import annotations

import functools
import unicodedata
from typing import TYPE_CHECKING, Final, NamedTuple

from ..language import lookup

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..pronunciation import Pronunciation

# Contexts whose lexicons are kept ready. A context that comes back after so many others have its words put in order
# once more, which takes 10 µs for each.
_KEPT_LEXICONS: Final = 256

# Scripts in which a word is not parted from the next by a blank: Thai to Khmer, Kana, Han.
_UNPARTED: Final = (
    *((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x3040, 0x30FF), (0x31F0, 0x31FF), (0x3400, 0x9FFF)),
    *((0xF900, 0xFAFF), (0xFF66, 0xFF9F), (0x20000, 0x323AF)),
)
_HANGUL: Final = (0xAC00, 0xD7A3)  # its words stand apart, but particles follow them without a blank


class Match(NamedTuple):
    """``text[start:end]`` is a word that the lexicon says how to say."""

    start: int
    end: int
    pronunciation: Pronunciation


class _Node:
    """A place in the tree: which characters go on from here, and what ends here."""

    __slots__ = ("ends", "next")

    def __init__(self) -> None:
        self.next: dict[str, _Node] = {}
        self.ends: list[Pronunciation] = []


class Lexicon:
    """Words and how they are said; immutable.

    Args:
        pronunciations: of two for the same word, the earlier one counts.
    """

    def __init__(self, pronunciations: Iterable[Pronunciation] = ()) -> None:
        self._root = _Node()
        self.size = 0
        for pronunciation in pronunciations:
            self.size += 1
            word = " ".join(pronunciation.word.split())
            for form in {unicodedata.normalize("NFC", word), unicodedata.normalize("NFD", word)}:
                node = self._root
                for character in form:
                    node = node.next.setdefault(_fold(character), _Node())
                node.ends.append(pronunciation)

    def longest_at(self, text: str, start: int, language: str | None) -> Match | None:
        """Find the longest word that begins exactly here and ends where a word may end."""
        node = self._root.next.get(_fold(text[start]))
        if node is None or (start and _is_joined(text[start - 1], text[start])):
            return None
        found = None
        at, is_blank = start + 1, False
        while node is not None:
            if node.ends and (at == len(text) or _may_end(text[at - 1], text[at])):
                written = text[start:at]
                if ends := [end for end in node.ends if _is_meant(end, written, language)]:
                    # "US" goes before "us", which stands for any case.
                    found = Match(start, at, min(ends, key=lambda end: end.word.split() != written.split()))
            # A run of blanks, or a line's end, is one blank.
            while is_blank and at < len(text) and text[at].isspace():
                at += 1
            if at == len(text):
                break
            is_blank = text[at].isspace()
            node = node.next.get(" " if is_blank else _fold(text[at]))
            at += 1
        return found


def find(text: str, language: str | None, lexicons: Iterable[Lexicon]) -> Iterator[Match]:
    """Find all words, ascending and disjoint.

    Args:
        text: in which they stand.
        language: of the text; None: words that are meant in one language only are not found.
        lexicons: at each place the longest word counts; of two of one length, that of the earlier lexicon.
    """
    used = [lexicon for lexicon in lexicons if lexicon.size]
    at = 0
    while used and at < len(text):
        matches = (lexicon.longest_at(text, at, language) for lexicon in used)
        best = max((match for match in matches if match), key=lambda match: match.end, default=None)
        if best is None:
            at += 1
        else:
            yield best
            at = best.end


@functools.lru_cache(maxsize=_KEPT_LEXICONS)
def lexicon_of(pronunciations: tuple[Pronunciation, ...]) -> Lexicon:
    """Put the words of a context in order; kept for its next segment."""
    return Lexicon(pronunciations)


def _fold(character: str) -> str:
    """Write a character as the tree has it: small if that is one character too."""
    small = character.lower()
    return small if len(small) == 1 else character


def _is_meant(pronunciation: Pronunciation, written: str, language: str | None) -> bool:
    word = pronunciation.word
    if word != word.lower() and unicodedata.normalize("NFC", " ".join(written.split())) != unicodedata.normalize(
        "NFC", " ".join(word.split())
    ):
        return False
    if pronunciation.language is None:
        return True
    return language is not None and bool(lookup(language, {pronunciation.language.lower()}))


def _may_end(last: str, following: str) -> bool:
    if _is_within(last, (_HANGUL,)) and not unicodedata.combining(following):
        return True
    return not _is_joined(last, following)


def _is_joined(before: str, after: str) -> bool:
    """Tell whether two characters are of one word, or of one character as a reader sees it."""
    if unicodedata.category(after)[0] == "M" or after == "\u200d":
        return True
    if not (_is_of_words(before) and _is_of_words(after)):
        return False
    return not (_is_within(before, _UNPARTED) or _is_within(after, _UNPARTED))


def _is_of_words(character: str) -> bool:
    return character.isalnum() or character == "_" or unicodedata.category(character)[0] == "M"


def _is_within(character: str, blocks: Iterable[tuple[int, int]]) -> bool:
    return any(first <= ord(character) <= last for first, last in blocks)
