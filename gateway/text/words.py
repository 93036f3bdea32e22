"""Where the words of a text begin and end, in every script: for cuts, for word times, and for what was heard.

Words stand between blanks in most scripts. In the others libraries know them: BudouX the phrases of Japanese, which ICU
cuts behind the stem ("集|ま|って"); ICU, if ``sayline[words]`` is installed (44 MB), those of Chinese, Lao, Khmer and
Burmese. In Thai both must agree: ICU cuts names, and words that are still being written, into letters ("กระ|เป๋า|ส"),
BudouX cuts syllables ("ตะ|วัน"). Without ICU BudouX alone cuts Chinese and Thai, and a character is a word elsewhere.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

import regex

from .speakable import is_pronounced

if TYPE_CHECKING:
    from collections.abc import Callable

    Parse = Callable[[str], list[str]]

# Scripts without blanks between words: Thai, Lao, Tibetan; Burmese; Khmer; kana; Han.
WITHOUT_BLANKS: Final = re.compile(
    "[\u0e00-\u0fff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff]"
)
_THAI: Final = re.compile("[\u0e00-\u0e7f]")
_KANA: Final = re.compile("[\u3040-\u30ff\uff66-\uff9f]")
# Stretches of one kind, as BudouX wants them: Thai; Lao, Tibetan, Burmese, Khmer; Han; all else.
_STRETCH: Final = re.compile(
    "(?P<th>[\u0e00-\u0e7f]+)|(?P<unknown>[\u0e80-\u0fff\u1000-\u109f\u1780-\u17ff]+)"
    f"|(?P<zh>(?:(?![\u0e00-\u17ff]){WITHOUT_BLANKS.pattern})+)|(?:(?!{WITHOUT_BLANKS.pattern}).)+",
    re.DOTALL,
)
# Words are also parted by a dash or dots between letters: "yes—no", "well...maybe".
_TOKEN: Final = re.compile(r"[^\s—…]+?(?=\.{3}|[\s—…]|\Z)|[—…]|\.{3,}")
_INSIDE_NUMBER: Final = re.compile(r"[0-9.:,/][0-9]|[0-9](?:%|[.:/](?=[0-9]))")  # "19:30", three words for ICU
_BEHIND_SIGN: Final = re.compile(r"[」』）】〉》”’、。，！？：；](?=\w)")
_STANDS_ALONE: Final = ("\u3400", "\u9fff")  # no character here joins another
_CHARACTER: Final = regex.compile(r"\X")
_CLUSTER_REACH: Final = 64  # no writing system has longer characters; what is longer is hostile


class Word(NamedTuple):
    """A word, in code points of its text.

    Attributes:
        start: of the word, without the signs before it.
        end: just past it, without the signs behind it.
        reach: just past the signs that hang on it: "(so)." is heard with its bracket and its full stop.
    """

    start: int
    end: int
    reach: int


def find_words(text: str) -> list[Word]:
    """Find the words that a person reading a text aloud would say, in order."""
    words: list[Word] = []
    for token in _TOKEN.finditer(text):
        start = token.start()
        breaks = word_breaks(token.group())
        for first, last in pairwise((0, *breaks, len(token.group()))):
            _take_word(text, start + first, start + last, words)
    return words


def _take_word(text: str, start: int, end: int, words: list[Word]) -> None:
    """Take what lies between two word boundaries: a word with signs around it, or signs, which belong to a word."""
    first, last = start, end
    while first < last and _is_sign(text[first]):
        first += 1
    while last > first and _is_sign(text[last - 1]):
        last -= 1
    closed = start if first == last else last
    while closed < end and unicodedata.category(text[closed]) not in _OPENING:
        closed += 1
    if first < last:
        words.append(Word(first, last, closed))
    elif words and words[-1].reach == start:
        words[-1] = words[-1]._replace(reach=closed)


_OPENING: Final = ("Ps", "Pi")


def _is_sign(char: str) -> bool:
    return unicodedata.category(char)[0] in "PZCS" and not is_pronounced(char)


def word_breaks(token: str) -> list[int]:
    """Find the boundaries between words inside a stretch of text without blanks, without its start and end."""
    if not WITHOUT_BLANKS.search(token):
        return []
    ends = _ends(_budoux("ja") if _KANA.search(token) else _icu(), token)
    if _THAI.search(token):
        ends &= _ends(_budoux("th"), token)
    ends.update(match.end() for match in _BEHIND_SIGN.finditer(token))
    return [
        at
        for at in sorted(ends)
        if at < len(token)
        and token[at] not in _RAISED
        and not _is_inside_character(token, at)
        and not _INSIDE_NUMBER.match(token, at - 1)
    ]


# Part of the word before them, which ICU parts from it: a number of cubic metres is none of metres.
_RAISED: Final = frozenset("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿ₀₁₂₃₄₅₆₇₈₉₊₋₍₎")


def _ends(parse: Parse, token: str) -> set[int]:
    return set(accumulate(map(len, parse(token))))


def character_end(text: str, position: int) -> int:
    """Move a position that lies inside a character, as readers see it, behind that character."""
    if position in {0, len(text)} or not _is_inside_character(text, position):
        return position
    start = max(0, position - _CLUSTER_REACH)
    for character in _CHARACTER.finditer(text, start, position + _CLUSTER_REACH):
        if character.end() >= position:
            return int(character.end())
    return position


def _is_inside_character(text: str, position: int) -> bool:
    """Tell whether a character goes on over the position; most are told by their neighbours alone."""
    before, behind = text[position - 1], text[position]
    if before.isascii() and behind.isascii() and behind != "\n":
        return False
    if _STANDS_ALONE[0] <= before <= _STANDS_ALONE[1] and _STANDS_ALONE[0] <= behind <= _STANDS_ALONE[1]:
        return False
    start = max(0, position - _CLUSTER_REACH)
    return all(match.end() != position for match in _CHARACTER.finditer(text, start, position + _CLUSTER_REACH))


@functools.cache
def _budoux(language: str) -> Parse:
    import budoux  # noqa: PLC0415 - most servers never speak these languages

    models = {
        "ja": budoux.load_default_japanese_parser,
        "th": budoux.load_default_thai_parser,
        "zh": budoux.load_default_simplified_chinese_parser,
    }
    return models[language]().parse


@functools.cache
def _icu() -> Parse:
    try:
        from icu4py.breakers import WordBreaker  # noqa: PLC0415 - it may be missing, and most servers never need it
    except ImportError:
        return _without_icu
    return lambda token: list(WordBreaker(token, "zh"))  # whatever the locale, it knows all of its scripts


def _without_icu(token: str) -> list[str]:
    pieces: list[str] = []
    for stretch in _STRETCH.finditer(token):
        match stretch.lastgroup:
            case "th" | "zh" as language:
                pieces += _budoux(language)(stretch.group())
            case "unknown":
                pieces += _CHARACTER.findall(stretch.group())
            case _:
                pieces.append(stretch.group())
    return pieces
