"""Finds what stands in a text: at each word, digit and sign the rules are tried in order; the first that holds wins.

A rule looks at a text from one position on and gives a token and its end, or None, so that the next rule is tried; what
no rule knows stays as it is. Digits, letters and signs of full width are taken for those of ASCII.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeAlias

from . import addresses, mathematics
from .amounts import Amounts
from .codes import Codes, read_pairs
from .cues import read_primes
from .times import Times
from .tokens import Abbreviation, Code, Found, Roman, Said

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from .customs import Customs
    from .tokens import Token

    Match: TypeAlias = tuple[int, Token] | None

# Full width to ASCII, but for marks of Chinese and Japanese punctuation: a full-width comma never groups digits.
_NARROW: Final = (
    {
        wide: wide - 0xFEE0
        for wide in range(0xFF01, 0xFF5F)
        if chr(wide - 0xFEE0).isalnum() or chr(wide - 0xFEE0) in "%+-=.:/#@&$<>~^_"
    }
    | {0xFFE5: "¥", 0x2212: "-", 0x2266: "≤", 0x2267: "≥"}
    | dict(zip(map(ord, "ᵃᵈᵉᵍʰˡᵐʳˢᵗ"), "adeghlmrst", strict=True))  # "1ᵉʳ", "Mᵐᵉ", "1ˢᵗ"
)
# Signs that count as letters, but are figures: superscripts, subscripts, fractions, Roman and circled numbers.
_FIGURES: Final = "²³¹⁰⁴-⁹ⁿ₀-₉ₐ-ₜᵢᵣᵤᵥⱼ¼-¾⅐-⅞Ⅰ-Ⅻⅰ-ⅻ①-⑳❶-➓⓵-⓾"
# Letters of formulas, each a sign of its own where the language has another script; but for those of units, μ and Ω.
_GREEK: Final = "ΓΔΘΛΠΣΦΨα-λν-ω"
_GREEK_WORD: Final = re.compile(r"[Ͱ-Ͽἀ-῿]{2}")
_ROMAN: Final = re.compile(r"(?=[IVXLCDM])M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})(?!\w)")
_OF_A_NAME: Final = frozenset("IVX")
# Words that begin a sentence, and are nobody's name: "The III amendment".
_NO_NAMES: Final = frozenset("the and for use les una der die das den und los las dos das что при для".split())
_WORTH: Final = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
# A rule sees so many characters at once, of which so many may be behind the place at which it is asked, and so many are
# in front: what a rule costs has a bound, and what a text costs is in proportion to its length.
_VIEW: Final = 800
_BEHIND: Final = 200
_AHEAD: Final = 300
_LAST_WORD: Final = re.compile(r"([^\W\d_]+)[.]?\s\Z")
# Behind a word, these may make an address, a code or an amount of it.
_MARKS_OF_A_WORD: Final = frozenset("@._/-\\&0123456789₀₁₂₃₄₅₆₇₈₉($€£¥")
# Behind a letter, these may make a part of a formula of it: "f'(x)", "x̄".
_MARKS_OF_A_LETTER: Final = mathematics.ACCENTS | frozenset("'’′″(")


def scan(text: str, customs: Customs) -> Iterator[Found]:
    """Find the tokens of a text, ascending and disjoint."""
    return _scanner(customs).scan(text)


@lru_cache
def _scanner(customs: Customs) -> _Scanner:
    return _Scanner(customs)


class _Scanner:
    """The rules, made for a language's customs."""

    def __init__(self, customs: Customs) -> None:
        self._customs = customs
        amounts = Amounts(customs)
        times = Times(customs)
        codes = Codes(customs)
        self._start = re.compile(rf"[0-9]+|[^\W\d_{_FIGURES}]{{1,{_BEHIND}}}|[^\w\s]|[{_FIGURES}]|_+")
        figures = _FIGURES if customs.is_spaced else _FIGURES + _GREEK
        self._figure = re.compile(f"[{figures}]")
        self._abbreviations = _any_of(customs.abbreviations)
        # Words at which a rule may hold even if they are followed by a blank.
        self._heads = {
            word.lower()
            for words in (customs.abbreviations, times.heads, amounts.heads)
            for key in words
            for word in self._start.findall(key)[:1]
        } | {"http", "https", "ftp", *mathematics.HEADS}
        if not customs.is_spaced:  # of the letters that run on without blanks, only those with which a rule may begin
            others = "".join({head[0] for head in self._heads if not head[0].isascii()})
            letters = "[A-Za-zÀ-ÖØ-öø-ɏ]+" + (f"|[{others}]" if others else "")
            self._start = re.compile(rf"[0-9]+|{letters}|[^\w\s]|[{figures}]|_+")
        rules, shared = customs.rules, (read_primes, addresses.read, read_pairs, times.read)
        own = (*customs.figure_rules, *rules)
        at_digit = (*shared, codes.read_phone, codes.read_secret, amounts.read, codes.read)
        self._at_digit = (*own, *at_digit)
        self._at_quantity = (*own, mathematics.read_quantity, *at_digit)
        at_sign = (codes.read_phone, codes.read, amounts.read, mathematics.read)
        self._at_sign = (*own, *shared, *at_sign)
        self._at_formula = (*own, mathematics.read_sign, *shared, *at_sign)
        at_letter = (self._read_abbreviation, amounts.read, self._read_roman, codes.read)
        self._at_letter = (*rules, *shared, *at_letter)
        self._at_letter_of_formulas = (*rules, mathematics.read_letter, *shared, *at_letter)

    def scan(self, text: str) -> Iterator[Found]:
        text = text.translate(_NARROW)
        greek = self._customs.greek
        at = base = 0
        view = text[:_VIEW]  # of the text from ``base`` on
        while (start := self._start.search(text, at)) is not None:
            at, after = start.span()
            if after - at > _AHEAD and text[at].isdecimal():
                yield Found(at, after, Code((text[at:after],), is_secret=True))
                at = after
                continue
            if at + _AHEAD > base + len(view) < len(text):
                base = max(0, at - _BEHIND)
                view = text[base : base + _VIEW]
            first = text[at]
            if first in greek and _GREEK_WORD.search(text, max(0, at - 1), at + 2) is None:
                yield Found(at, at + 1, Said(greek[first]))
                at += 1
                continue
            # Latin and Cyrillic letters are no figures; to ask the pattern about each of them costs a call.
            if first.isalpha() and (first <= "z" or "А" <= first <= "я" or not self._figure.match(first)):
                rules = self._customs.rules
                if self._is_of_interest(text, at, after):
                    is_of_formulas = first <= "z" or text[at + 1 : at + 2] in mathematics.ACCENTS
                    rules = self._at_letter_of_formulas if is_of_formulas else self._at_letter
            elif "0" <= first <= "9":
                rules = self._at_quantity if "=" in view or "≈" in view else self._at_digit
            else:
                rules = self._at_formula if first in mathematics.SIGNS else self._at_sign
            for rule in rules:
                if (found := rule(view, at - base)) is not None:
                    end, token = found
                    yield Found(at, base + end, token)
                    at = base + end
                    break
            else:
                at = after

    def _is_of_interest(self, text: str, at: int, after: int) -> bool:
        """Whether a rule may hold at a word; of most words nobody needs to ask."""
        word, behind = text[at:after], text[after : after + 1]
        if behind in _MARKS_OF_A_LETTER and after == at + 1:
            return True
        return behind in _MARKS_OF_A_WORD or word.lower() in self._heads or word.isupper()

    def _read_abbreviation(self, text: str, at: int) -> Match:
        if not self._abbreviations or (at and text[at - 1].isalnum() and self._customs.is_spaced):
            return None
        found = self._abbreviations.match(text, at)
        if found is None:
            return None
        written = found[0]
        ends = written.endswith(".") and not text[found.end() :].strip(" \"'”’)»")
        return found.end(), Abbreviation(written, self._customs.abbreviations[written], ends)

    def _read_roman(self, text: str, at: int) -> Match:
        """Read "IV" behind a name, or behind a word that numbers things; nothing else: "MIX", "CD", "I"."""
        found = _ROMAN.match(text, at)
        if found is None or (at and text[at - 1].isalnum()):
            return None
        if len(found[0]) == 1 and (found[0] not in _OF_A_NAME or text[found.end() : found.end() + 1] in ("'", "’")):
            return None  # "Appendix C", "Chapter I'd like"
        before = _LAST_WORD.search(text, max(0, at - 40), at)
        if before is None:
            return None
        word, written = before[1], found[0]
        is_counted = word.lower() in self._customs.number_cues
        is_name = self._customs.regnal_names and word.istitle() and len(word) > 2 and word.lower() not in _NO_NAMES
        is_name = is_name and len(written) > 1 and _OF_A_NAME.issuperset(written)  # "The CD", "Washington DC"
        if not is_counted and not is_name:
            return None
        return found.end(), Roman(worth(written), written, is_ordinal=not is_counted)


def _any_of(written: Iterable[str]) -> re.Pattern[str] | None:
    """A pattern for the longest of several strings; what ends in a letter ends a word."""
    strings = sorted(written, key=len, reverse=True)
    return (
        re.compile("|".join(re.escape(one) + (r"(?!\w)" if one[-1].isalnum() else "") for one in strings))
        if strings
        else None
    )


def worth(roman: str) -> int:
    """Return what a Roman number is worth."""
    values = [_WORTH[letter] for letter in roman]
    return sum(-value if value < max(values[at:]) else value for at, value in enumerate(values))
