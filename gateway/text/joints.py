"""Where a text with numbers falls apart: "$20 und du | 1 €", and not between a number and what it is read with.

For a listener who can wait no longer, and a writer who may be in mid-number: what stands behind a place shows whether
the number before it is over. Nothing here knows a language; it is told by digits, signs and the length of words.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

from .boundaries import cannot_end
from .words import WITHOUT_BLANKS, word_breaks

if TYPE_CHECKING:
    from collections.abc import Iterator

# Words behind which something follows: "XIX. Jahrhundert", "JPY 5", "SU 1420", the weekdays of "Mo.–Fr.", "sq. ft",
# "Jan 5, 2021", "I República"; letters with stops, of "b. 1971", "z. B." and "t.a.b.".
_LEADS_ON: Final = re.compile(
    r"(?:[^\W\d_A-ZÀ-ÞА-Я]\.)+|I|[IVXLCDM]{2,}\.?|[A-Z]{2,3}|(?:Mo|Di|Mi|Do|Fr|Sa|So|Wo)\.|(?:sq|cu|fl)\.?|"
    r"Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec"
)
ENDS_CLAUSES: Final = frozenset(',;:!?"”»、，；：。！？」』，؛؟।')
LONGEST_UNIT_CHARS: Final = 3  # "km", "p.m", "h", "de", "of"
_TOKEN: Final = re.compile(r"\S+")
_UNSETTLED: Final = 4  # so many characters of a script without blanks may yet become parts of another word
_BEHIND_NUMBER: Final = re.compile(r"[%‰°℃℉€£¥₽₴₩₹$]+")
# "5%", "20€" are over, unlike "$20", which may be millions.
_AMOUNT: Final = re.compile(r"[-+\u2212]?[0-9][0-9.,]*[%‰℃℉€£¥₽₴₩₹]")
_TIMES: Final = frozenset("xXхХ")  # between numbers: "3 x 1", "61.1 x 36.5 cm"; the last two are Cyrillic
_DANGLING: Final = frozenset("=+\u2212×÷≈<>*/")  # said at the end of a text as well: "six times seven equals"


def last_joint(text: str) -> int:
    """Return the last place inside a text whose sides are read apart; 0 if there is none.

    Args:
        text: from the last cut on; what follows it is not known.
    """
    found = dangling = 0
    before, number_before = "", False  # the piece before the place, and whether a number stands before that one
    for start, piece in _pieces(text):
        if before and _parts(before, piece, is_behind_number=number_before):
            found = start
        elif before in _DANGLING and number_before:
            dangling = start
        goes_on = number_before and before[-1:] == "." and len(before) == len("c.")  # "2 c. à s."
        number_before, before = goes_on or _is_number(before) or leads_on(before), piece  # "s. XIII y XX"
    return found or dangling


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """Give what stands between blanks and, in scripts without them, between words; each with its place."""
    for token in _TOKEN.finditer(text):
        start, whole = token.span()[0], token.group()
        settled = len(text) - start - _UNSETTLED
        at = 0
        for place in [*word_breaks(whole), len(whole)]:
            sides = whole[place - 1 : place + 1]
            if place <= settled or place == len(whole) or not all(map(WITHOUT_BLANKS.match, sides)):
                yield start + at, whole[at:place]
                at = place


def _parts(before: str, behind: str, *, is_behind_number: bool) -> bool:
    """Tell whether two pieces are read apart.

    Args:
        before: the first of them.
        behind: the second.
        is_behind_number: a number, or a word behind which something follows, stands before the first one.
    """
    if before[-1] in ENDS_CLAUSES:
        return True
    if before[-1] == "°" and behind[0] in "CF":
        return False
    if not any(map(str.isalnum, behind)) and unicodedata.category(behind[0]) not in ("Ps", "Pi"):
        return False
    if _is_number(before):
        return _AMOUNT.fullmatch(before) is not None and behind[0].isalpha()
    if not any(map(str.isalpha, before)):
        return is_behind_number and _BEHIND_NUMBER.fullmatch(before) is not None and behind[0].isalpha()
    if is_behind_number and before in _TIMES:
        return False
    if leads_on(before) or unicodedata.category(before[-1]) == "Sc":
        return False  # "No. | 5", "JPY | 5", "US$ | 5"
    is_unit = len(before) <= LONGEST_UNIT_CHARS and not WITHOUT_BLANKS.match(before[-1])
    return not is_behind_number or not is_unit or _is_number(behind)


def leads_on(word: str) -> bool:
    """Tell whether a word is one behind which something follows: a title, "No.", "XIX."."""
    return cannot_end(word) or _LEADS_ON.fullmatch(word.lstrip("([„“«")) is not None


def _is_number(piece: str) -> bool:
    return any(map(str.isdigit, piece))
