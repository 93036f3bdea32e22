"""How far what was heard is from what was said: by words, by characters, or by how they are read; and where.

Both texts are first brought to one spelling, as is usual for figures that are to be compared: case, punctuation,
contractions, British spelling, numbers, and which of its two scripts Chinese is written in make no difference.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Unit = Literal["word", "character", "kana"]

# Written without spaces between words, or with spaces that writers set as they like.
_BY_CHARACTER: Final = frozenset({"zh", "cmn", "yue", "ko", "th", "lo", "km", "my"})
_DIGITS: Final = "零一二三四五六七八九"
_PLACES: Final = ("", "十", "百", "千")
_NUMBER: Final = re.compile(r"[0-9]+")
_MOST_DIGITS: Final = 4  # longer numbers are read digit by digit: telephone numbers, years


@dataclass(frozen=True, slots=True)
class Mishearing:
    """One place where something else was heard than said.

    Attributes:
        sentence: which one, by its position.
        said: the token that was said; empty if one was heard beyond what was said.
        heard: the token that was heard; empty if none was.
    """

    sentence: int
    said: str
    heard: str

    def __str__(self) -> str:
        if not self.heard:
            return f"{self.said} not heard"
        return f"{self.said} heard as {self.heard}" if self.said else f"{self.heard} heard beyond the text"


def unit_of(language: str) -> Unit:
    """Tell what is counted in a language."""
    primary = language.lower().partition("-")[0]
    if primary == "ja":
        return "kana"
    return "character" if primary in _BY_CHARACTER else "word"


def tokens(text: str, language: str) -> list[str]:
    """Split a text into what is counted, in one spelling.

    Raises:
        ImportError: the package that knows the language's spelling is not installed.
    """
    unit = unit_of(language)
    if unit == "word":
        return _word_normalizer(language.lower().partition("-")[0])(text).split()
    if unit == "kana":
        text = _kana(text)
    folded = unicodedata.normalize("NFKC", text).lower()
    if language.lower().startswith(("zh", "cmn", "yue")):
        folded = _NUMBER.sub(lambda found: _read_number(found[0]), _simplified()(folded)).replace("两", "二")
    return [character for character in folded if character.isalnum() or character == "ー"]


def mishearings(said: Sequence[Sequence[str]], heard: Sequence[str]) -> list[Mishearing]:
    """Compare sentences, said one after another, with all that was heard.

    Args:
        said: each sentence's tokens.
        heard: all tokens that were heard, without marks between sentences.
    """
    import jiwer  # noqa: PLC0415 - of an extra

    ends = list(accumulate(map(len, said)))
    flat = [token for sentence in said for token in sentence]
    if not flat:
        return [Mishearing(0, "", token) for token in heard]

    def owner(position: int) -> int:
        return min(bisect_right(ends, min(max(position, 0), len(flat) - 1)), len(said) - 1)

    found: list[Mishearing] = []
    for chunk in jiwer.process_words(" ".join(flat), " ".join(heard)).alignments[0]:
        if chunk.type == "equal":
            continue
        mine = flat[chunk.ref_start_idx : chunk.ref_end_idx]
        theirs = heard[chunk.hyp_start_idx : chunk.hyp_end_idx]
        for number in range(max(len(mine), len(theirs))):
            # What was heard beyond the text belongs to the sentence before it.
            at = chunk.ref_start_idx + number if number < len(mine) else chunk.ref_start_idx - 1
            found.append(
                Mishearing(
                    owner(at),
                    mine[number] if number < len(mine) else "",
                    theirs[number] if number < len(theirs) else "",
                )
            )
    return found


@lru_cache(maxsize=4)
def _word_normalizer(primary: str) -> Callable[[str], str]:
    # Of an extra, and without annotations.
    if primary == "en":
        from whisper_normalizer.english import EnglishTextNormalizer  # type: ignore[import-untyped]  # noqa: PLC0415

        english: Callable[[str], str] = EnglishTextNormalizer()
        return english
    from whisper_normalizer.basic import BasicTextNormalizer  # type: ignore[import-untyped]  # noqa: PLC0415

    basic: Callable[[str], str] = BasicTextNormalizer()
    return basic


@lru_cache(maxsize=1)
def _simplified() -> Callable[[str], str]:
    """Load what writes traditional characters as simplified ones: a recogniser of Chinese writes either."""
    from opencc import OpenCC  # noqa: PLC0415 - of an extra

    convert: Callable[[str], str] = OpenCC("t2s").convert
    return convert


def _read_number(digits: str) -> str:
    """Write a number as it is read in Chinese: 24 is 二十四."""
    if len(digits) > _MOST_DIGITS or digits.startswith("0"):
        return "".join(_DIGITS[int(digit)] for digit in digits)
    read, is_skipped = "", False
    for place, digit in zip(range(len(digits) - 1, -1, -1), digits, strict=True):
        if digit == "0":
            is_skipped = True
            continue
        read += ("零" if is_skipped and read else "") + _DIGITS[int(digit)] + _PLACES[place]
        is_skipped = False
    return read.removeprefix("一") if read.startswith("一十") else read


def _kana(text: str) -> str:
    """Write Japanese as it is read, in katakana, if a package that reads it is installed; else leave it as written."""
    try:
        import pyopenjtalk  # noqa: PLC0415 - of another extra
    except ImportError:
        return text
    reader: Any = pyopenjtalk
    return str(reader.g2p(text, kana=True))
