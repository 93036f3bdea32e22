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
    from collections.abc import Callable, Iterator

# Words behind which something follows: "XIX. Jahrhundert", "JPY 5", "SU 1420", the weekdays of "Mo.–Fr.", "sq. ft",
# "Jan 5, 2021", "Mon 8/17", "Rm 4207", "I República", "W 53rd St", "s/ juros", "XVIII–XIX вв.", "sin 30°"; letters with
# stops, of "b. 1971", "z. B.", "t.a.b." and "r.-d.-c.".
_LEADS_ON: Final = re.compile(
    r"(?:[^\W\d_A-ZÀ-ÞА-Я]\.-?)+|ж/д|[cs]/|Best\.|li\.|[INSEW]|[IVXLCDM]{2,}\.?|[IVXLCDM]+[-–][IVXLCDM]+|"
    r"[A-Z]{2,3}|sin|cos|tan|log|ln|lim|(?:Mo|Di|Mi|Do|Fr|Sa|So|Wo)\.|(?:sq|cu|"
    r"fl)\.?|"
    r"Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|Mon|Tues?|Wed|Thu(?:rs?)?|Fri|Sat|Sun|"
    r"Rm|Ste|Apt|Bldg|Ext|Ver|Vol"
)
FRACTIONS: Final = frozenset("½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞")
ENDS_CLAUSES: Final = frozenset(',;:!?"”»、，；：。！？」』，؛؟।')
LONGEST_UNIT_CHARS: Final = 3  # "km", "p.m", "h", "de", "of"
_TOKEN: Final = re.compile(r"\S+")
_UNSETTLED: Final = 4  # so many characters of a script without blanks may yet become parts of another word
_BEHIND_NUMBER: Final = re.compile(r"[%‰°℃℉€£¥₽₴₩₹$]+")
# "5%", "20€" are over, unlike "$20", which may be millions.
_AMOUNT: Final = re.compile(r"[-+\u2212]?[0-9][0-9.,]*[%‰℃℉€£¥₽₴₩₹]")
_TIMES: Final = frozenset("xXхХ")  # between numbers: "3 x 1", "61.1 x 36.5 cm"; the last two are Cyrillic
# Between two terms, as words: no cut comes in front of one, as "2x" of "2x + 1" is no "twice".
OPERATORS: Final = frozenset("=+-\u2212×÷≈<>≤≥≠*/→")
# Of them those said at the end of a text as well: "six plus seven equals". "5 × " may go on with "3 m", and Korean says
# ">" behind its number.
DANGLING: Final = frozenset("=+÷≈*/")
_DANGLING_CLOSE: Final = frozenset("=≈")  # without blanks, too, where others are a part of their number: "3+", "10−"
# In front of a place: an operator, an open range or bracket, a Roman number, a cell:
# "7×|24", "(|月)", "II|種", "A2:|A50", "p.|128".
_AWAITS: Final = re.compile(
    r"(?:[-+\u2212×÷*/<>±~～〜∼·→(\[{（［｛「『〈《【〔“‘]|(?<![—–])[—–]|(?<![A-Za-z])[IVX]+"
    r"|(?<![A-Za-z0-9])[A-Za-z]{1,2}[0-9]{0,5}:|(?<![A-Za-z0-9])[A-Za-z]{1,4}\.)\Z"
)
# In front of a number that ends a range: "221—前|206", "22時〜翌|5時".
_OPEN_RANGE: Final = re.compile(r"[0-9][^\W\d_]{0,2}[-—–~～〜][^\W\d_]{1,4}\Z")
# Behind a place: what stands between two amounts, "35|~75", "2ml|:1mg", and no dash of prose; the "@" of an address; a
# plus or minus only behind a term, not in "电话|+86" and "气温|-5℃".
_BINDS: Final = re.compile(
    r"[×÷*/~～〜∼@]|[:：.](?=[0-9])|[—–](?![—–])|(?:(?<=[0-9A-Za-z²³])|(?<=[0-9]\w)|(?<=[0-9]\w\w))[-+\u2212]"
)
_SIGNED: Final = re.compile(WITHOUT_BLANKS.pattern + r"[-+\u2212][0-9]")
_REACH: Final = 10  # characters that hold any of these


def last_joint(text: str, is_inside_formula: Callable[[int], bool]) -> int:
    """Return the last place inside a text whose sides are read apart; 0 if there is none.

    Args:
        text: from the last cut on; what follows it is not known.
        is_inside_formula: whether a place lies in a formula, which falls apart behind "=" alone.
    """
    found = dangling = 0
    before, number_before = "", False  # the piece before the place, and whether a number stands before that one
    for start, piece in _pieces(text):
        is_joint = before and _parts(before, piece, is_behind_number=number_before) and not hangs_over(text, start)
        if is_joint and not is_inside_formula(start):
            found = start
        elif before in DANGLING and number_before and (text[start - 1].isspace() or before in _DANGLING_CLOSE):
            is_inside = text.count("(", 0, start) > text.count(")", 0, start)  # "3 × (8 − "
            dangling = dangling if is_inside else start
        goes_on = number_before and before[-1:] == "." and len(before) == len("c.")  # "2 c. à s."
        is_term = _is_number(before) or before[-1:] == "!"  # "n! = "
        number_before, before = goes_on or is_term or leads_on(before), piece  # "s. XIII y XX"
    return found or dangling


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """Give what stands between blanks and, in scripts without them, between words; each with its place."""
    for token in _TOKEN.finditer(text):
        start, whole = token.span()[0], token.group()
        settled = len(text) - start - _UNSETTLED
        at = 0
        for place in [*word_breaks(whole), len(whole)]:
            sides = whole[place - 1 : place + 1]
            if _SIGNED.match(whole, max(0, place - 2)):
                continue  # "电话|+86"
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
        return before[-1] != "!" or behind[0] not in OPERATORS  # "n! = 6"
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
    is_bracketed = behind[0] == "(" and is_behind_number and before.isalpha()  # "9:00 AM PT | (12:00 PM ET)"
    if (leads_on(before) and not is_bracketed) or unicodedata.category(before[-1]) == "Sc" or before == "S/":
        return False  # "No. | 5", "JPY | 5", "US$ | 5"
    is_unit = len(before) <= LONGEST_UNIT_CHARS and not WITHOUT_BLANKS.match(before[-1])
    return not is_behind_number or not is_unit or _is_number(behind)


def hangs_over(text: str, place: int) -> bool:
    """Tell whether what stands in front of a place inside a text is read with what follows it.

    Args:
        text: a text or a part of it.
        place: between two of its words.
    """
    if unicodedata.category(text[place]) in ("Pe", "Pf") or text[place] in FRACTIONS:
        return True  # "(a+b|)²", "(月|)", "1 |½"
    if unicodedata.category(text[place]) == "Sc" and "A" <= text[place - 1] <= "Z":
        return True  # "到账US|$45"
    if text.count("|", 0, place) % 2 and text.rfind("|", 0, place) >= place - _REACH:
        return True  # "|x|" in "若|x|≤3"
    if text[place - 1].isalnum() and _BINDS.match(text, place):
        return True
    before = text[max(0, place - _REACH) : place]
    return _AWAITS.search(before) is not None or (text[place].isdigit() and _OPEN_RANGE.search(before) is not None)


def leads_on(word: str) -> bool:
    """Tell whether a word is one behind which something follows: a title, "No.", "XIX."."""
    return cannot_end(word) or _LEADS_ON.fullmatch(word.lstrip("([„“«")) is not None


def _is_number(piece: str) -> bool:
    return any(map(str.isdigit, piece))
