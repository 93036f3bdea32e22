"""Identifiers and telephone numbers: what is read digit by digit, or letter by letter."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, Final, TypeAlias

from .tokens import Code, Phone, Span
from .units import UNITS

if TYPE_CHECKING:
    from .customs import Customs
    from .tokens import Token

    Match: TypeAlias = tuple[int, Token] | None

_WITH_PLUS: Final = re.compile(
    r"\+([0-9]{1,3})[ \u00a0.-]?((?:\([0-9]{1,4}\)|[0-9]{1,4})(?:[ \u00a0./-]?[0-9]{2,4}){1,6})(?![0-9]|[.,:][0-9])"
)
_WITH_BRACKETS: Final = re.compile(
    r"\(([0-9]{2,5})\)[ \u00a0-]?([0-9]{2,5}(?:[ \u00a0./-][0-9]{2,5}){0,3})(?![\w]|[.,:][0-9])",
    re.ASCII,
)
_GROUPS: Final = re.compile(r"[0-9]{1,5}(?:(?:[ \u00a0]|-|\.|/)[0-9]{2,8}){1,5}(?![\w]|[-./,:][0-9])", re.ASCII)
_SEVEN: Final = re.compile(r"[2-9][0-9]{2}-[0-9]{3}[1-9](?![\w]|[-.,:/–][0-9])", re.ASCII)
_CARD: Final = re.compile(r"[0-9]{4}([ -])[0-9]{4}\1[0-9]{4}\1[0-9]{1,4}(?![0-9])")
_FEWEST_DIGITS: Final = 9
# So many digits in a row are no number that anybody writes without marks.
_LONG_CODE: Final = 5
_FEWEST_GROUPS: Final = 3
_MOST_DIGITS: Final = 16
_LONGEST_NUMBER: Final = 12
_PARTS: Final = re.compile(r"[0-9]+|[^\W\d_]+|.")
_IBAN: Final = re.compile(r"[A-Z]{2}[0-9]{2}(?:[ ]?[A-Z0-9]{4})+(?:[ ]?[A-Z0-9]{1,3})?(?![A-Za-z0-9])")
_STOP_OF_A_WORD: Final = re.compile(r"\b([^\W\d_]{2,5})\.\s?\Z")
_IBAN_CUE: Final = re.compile(r"\biban\b", re.IGNORECASE | re.ASCII)
# A whole account number needs no word in front of it.
_SHORTEST_IBAN: Final = 15
# Letters and digits mixed: "BA287", "GPT-4o", "A-10472", "iPhone15", "4K", "3f2a9c".
_MIXED: Final = re.compile(
    r"(?:[A-Za-z]{1,12}[0-9]+|[A-Z]{1,8}-[0-9]+|[0-9]+[A-Z]{1,4}(?![a-z])|[0-9]+[a-z](?![A-Za-z])|[0-9a-f]{7,}(?![g-z]))"
    r"[A-Za-z0-9]*(?:[-_/.](?=[A-Za-z0-9]*[0-9])[A-Za-z0-9]+)*"
)
_GROUPED_HEX: Final = re.compile(r"(?=[0-9a-fA-F-]*[0-9])[0-9a-fA-F]{4,}(?:-[0-9a-fA-F]{4,}){2,}(?![\w])", re.ASCII)
# The address of a device or of a host: pairs, or groups, of hexadecimal digits.
_PAIRS: Final = re.compile(
    r"[0-9A-F]{2}(?:([:-])[0-9A-F]{2})(?:\1[0-9A-F]{2}){4}(?![\w:])"
    r"|(?=[0-9A-F:]{0,40}(?:::|[A-F]))(?:[0-9A-F]{1,4}:{1,2}){2,7}[0-9A-F]{1,4}(?![\w:])",
    re.ASCII | re.IGNORECASE,
)
_LITERAL: Final = re.compile(r"0[xX][0-9A-Fa-f]+(?!\w)|0[bB][01]+(?!\w)", re.ASCII)
_LONG: Final = re.compile(
    r"(?=[A-Z0-9]*[0-9][A-Z])(?=[A-Z0-9]*[A-Z]+[0-9])[A-Z0-9]{6,}(?!\w)|(?=[a-f]*[0-9]+[a-f])(?=[0-9]*[a-f]+[0-9])[0-9a-f]{7,}(?!\w)",
    re.ASCII,
)
_LETTERS_THEN_DIGITS: Final = re.compile(
    r"#?[A-Z]{1,8}(?:-[A-Z0-9]{1,20}){0,8}-?[0-9](?:[A-Z0-9-]*(?:\.[0-9]{1,4}(?![0-9.]*[0-9]{5})[A-Z0-9-]*){0,3})(?![a-z0-9])"
)
# "4A7B", and "27L" behind a word that tells a code: elsewhere that is 27 liters.
_DIGITS_THEN_LETTERS: Final = re.compile(r"([0-9]{1,4}[A-Z]{1,3})(?:[0-9][0-9A-Z]*+)?(?![A-Za-z0-9])")
# "978-3-16-148410-0": groups of digits that are no telephone number, with a check digit that may be an X.
_DASHED: Final = re.compile(r"[0-9]{1,20}(?:-[0-9]{1,20}){3,12}(?:-X)?(?![\w-])")
_DIGITS: Final = re.compile(r"[0-9]++(?:[ -][0-9]++){0,12}(?![0-9]|[.,:/][0-9]|[.,]?[A-Za-z]|\s?[°%€$£₽])")
# "C6H12O6": however often letters and digits change, its numbers are numbers.
_FORMULA: Final = re.compile(
    r"(?:(?:H|C|N|O|S|P|K|F|I|B|U|V|W|He|Li|Be|Ne|Na|Mg|Al|Si|Cl|Ar|Ca|Cr|Mn|Fe|Co|Ni|Cu|Zn|Br|Ag|Sn|Ba|Au|Hg|Pb|Ti)"
    r"[0-9]{0,2}){2,12}"
)
_AREA: Final = re.compile(r"\s(?:sq(?:ft)?\b|square\b|k?m[²2]\b|ft[²2]\b)")  # "the apartment is 900 sq. ft."
# Names of firms and trades, whose letters are said one by one: "AT&T", "R&D", "M&Ms".
_AMPERSAND: Final = re.compile(r"[A-Z]{1,2}&[A-Z]{1,2}s?(?![\w&])")
_LETTERS_OF_FIRM: Final = re.compile(r"[A-Z]s?|&")
_CELLS: Final = re.compile(r"([A-Z]{1,2})([0-9]{1,5}):([A-Z]{1,2})([0-9]{1,5})(?![\w:])")  # of a sheet: "C2:C50"
_TICKET: Final = re.compile(
    r"#(?:[0-9]{2,12}(?:-[A-Z0-9]{1,12}){1,4}|(?=[0-9]*[A-Z])(?=[A-Z]*[0-9])[A-Z0-9]{5,24})(?![\w-])"
)
_CUE: Final = re.compile(
    r"([^\W\d_]+)(?:\s(?:is|are|ist|est|es|è|é|число|number|no\.))?\s?[:#=]?\s?#?\Z", re.IGNORECASE
)


def read_pairs(text: str, at: int) -> Match:
    """Read "00:1A:2B:3C:4D:5E" and "2001:db8::1"."""
    before = text[at - 1 : at]
    if before.isascii() and (before.isalnum() or before in tuple(":-")):
        return None
    found = _PAIRS.match(text, at)
    return None if found is None else (found.end(), Code(tuple(_PARTS.findall(found[0])), is_secret=True))


class Codes:
    """The rules, made for a language's customs."""

    def __init__(self, customs: Customs) -> None:
        self._customs = customs

    def read_phone(self, text: str, at: int) -> Match:
        """Read a number that is called, or a card's."""
        if (
            at
            and (text[at - 1].isalnum() or (text[at - 1] in "-–./,:" and text[at - 2 : at - 1].isalnum()))
            and self._customs.is_spaced
        ):
            return None
        if at and text[at - 1].isascii() and text[at - 1].isalnum():
            return None
        match text[at]:
            case "+":
                found = _WITH_PLUS.match(text, at)
                if found is None or sum(map(str.isdigit, found[0])) < _FEWEST_DIGITS - 1:
                    return None
                return found.end(), Phone((found[1], *re.findall("[0-9]+", found[2])), has_plus=True)
            case "(":
                found = _WITH_BRACKETS.match(text, at)
                if found is None or sum(map(str.isdigit, found[0])) < _FEWEST_DIGITS:
                    return None
                return found.end(), Phone((found[1], *re.findall("[0-9]+", found[2])))
            case _:
                return self._read_groups(text, at) if text[at].isdigit() else None

    def _read_groups(self, text: str, at: int) -> Match:
        card = _CARD.match(text, at)
        if card is not None:
            return card.end(), Phone(tuple(re.findall("[0-9]+", card[0])))
        found = _SEVEN.match(text, at)
        if found is not None:
            return found.end(), Phone(tuple(found[0].split("-")))
        found = _GROUPS.match(text, at)
        if found is None:
            return None
        groups = re.findall("[0-9]+", found[0])
        marks = set(re.findall("[^0-9]", found[0]))
        digits = sum(map(len, groups))
        if digits > _MOST_DIGITS or len(marks - {" ", "\u00a0"}) > 1:
            return None
        is_area = (
            groups[0][0] == "0"
            and groups[0] != "0"
            and digits >= _FEWEST_DIGITS - 1
            and (len(groups) > 2 or marks & {" ", "-", "/"})
        )
        is_long = (
            len(groups) >= _FEWEST_GROUPS and digits >= _FEWEST_DIGITS and groups[-1].isdigit() and len(groups[-1]) >= 3
        )
        if is_long and marks <= {" ", "\u00a0", "."} and all(len(group) == 3 for group in groups[1:]):
            is_long = False  # thousands
        return (found.end(), Phone(tuple(groups))) if is_area or is_long else None

    def read_secret(self, text: str, at: int) -> Match:
        """Read digits that are no number: behind a word that says so, with zeros in front, or of great length."""
        if at and text[at - 1].isalnum() and self._customs.is_spaced:
            return None
        if (hexadecimal := self._read_long(text, at)) is not None:
            return hexadecimal
        mixed = _DIGITS_THEN_LETTERS.match(text, at)
        is_measured = mixed is not None and len(letters := mixed[1].lstrip("0123456789")) > 1 and letters in UNITS
        if mixed is not None and not is_measured and (len(mixed[0]) > mixed.end(1) - at or self._is_cued(text, at)):
            return mixed.end(), Code(tuple(_PARTS.findall(mixed[0])))
        dashed = _DASHED.match(text, at)
        if dashed is not None:
            return dashed.end(), Code(tuple(_PARTS.findall(dashed[0])), is_secret=True)
        found = _DIGITS.match(text, at)
        if found is None:
            return None
        first = re.match("[0-9]+", found[0])[0]  # type: ignore[index]
        is_code = len(found[0]) > 2 or found[0][0] == "0"
        if is_code and self._is_cued(text, at, is_long=len(first) >= _LONG_CODE) and not _AREA.match(text, found.end()):
            return found.end(), Code(tuple(_PARTS.findall(found[0])), is_secret=True)
        end = at + len(first)
        if (first[0] == "0" and len(first) > 1) or len(first) > _LONGEST_NUMBER:
            return end, Code((first,), is_secret=True)
        return None

    @staticmethod
    def _read_long(text: str, at: int) -> Match:
        """Read an identifier whose digits and letters change so often that it is neither a number nor a word."""
        found = _GROUPED_HEX.match(text, at) or _LITERAL.match(text, at) or _LONG.match(text, at)
        return (found.end(), Code(tuple(_PARTS.findall(found[0])), is_secret=True)) if found is not None else None

    def _is_cued(self, text: str, at: int, *, is_long: bool = False) -> bool:
        before = text[max(0, at - 60) : at]
        if not self._customs.is_spaced:
            return any(before.rstrip(" :：是为はが、“「").endswith(cue) for cue in self._customs.code_cues)
        before = _STOP_OF_A_WORD.sub(r"\1 ", before)  # "ext. 4402"
        if is_long:
            before = before.rstrip(" ,—–")  # "el código, 731902"
        words = re.findall(r"[^\W\d_]+", before.lower())[-4:]
        tail = re.split(r"[.,;!?()]", before)[-1]
        if not words or re.search(r"[0-9]\s*\Z", before):
            return False
        near = re.findall(r"[^\W\d_]+", tail.lower())
        links = self._customs.cue_links
        while near and near[-1] in links:
            near.pop()
        # Between the word and many digits without a mark there may be others: "customer code", "codice cliente".
        return bool(self._customs.code_cues.intersection(near[-3 if is_long or not links else -1 :]))

    def read(self, text: str, at: int) -> Match:
        """Read letters and digits mixed."""
        if at and text[at - 1].isascii() and (text[at - 1].isalnum() or text[at - 1] == "_"):
            return None
        account = _IBAN.match(text, at)
        if account is not None and (
            len(account[0].replace(" ", "")) >= _SHORTEST_IBAN or _IBAN_CUE.search(text, max(0, at - 60), at)
        ):
            return account.end(), Code(tuple(_PARTS.findall(account[0])), is_secret=True)
        if self._customs.is_spaced and (firm := _AMPERSAND.match(text, at)) is not None:
            return firm.end(), Code(tuple(_LETTERS_OF_FIRM.findall(firm[0])))
        if self._customs.is_spaced and (cells := _CELLS.match(text, at)) is not None:
            return cells.end(), Span(Code((cells[1], cells[2])), Code((cells[3], cells[4])))
        found = (
            _GROUPED_HEX.match(text, at)
            or _LETTERS_THEN_DIGITS.match(text, at)
            or _MIXED.match(text, at)
            or _TICKET.match(text, at)
        )
        if found is None:
            return None
        written, end = found[0].rstrip("-"), at + len(found[0].rstrip("-"))
        if text[end : end + 1].isascii() and text[end : end + 1].isalnum():
            return None
        if written.startswith(("UTC-", "GMT-")):  # "UTC-5" is behind, and no code
            return end, Code((written[:3], "−", *_PARTS.findall(written[4:])))
        parts = tuple(_PARTS.findall(written))
        changes = sum(one.isdigit() != two.isdigit() for one, two in itertools.pairwise(parts))
        is_hexadecimal = (changes > 3 and not _FORMULA.fullmatch(written)) or bool(_GROUPED_HEX.fullmatch(written))
        if is_hexadecimal and parts[0] == "#":
            parts = parts[1:]
        return end, Code(parts, is_secret=is_hexadecimal)
