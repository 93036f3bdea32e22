"""Finds what stands in a text: at each word, digit and sign the rules are tried in order; the first that holds wins.

A rule looks at a text from one position on and gives a token and its end, or None; what no rule knows stays as it is.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from .tokens import Found, Number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .customs import Customs
    from .tokens import PlusMinus, Token

    Match = tuple[int, Token] | None

# Blanks that stand between groups of digits: no-break, figure, thin and narrow no-break space.
_GROUP_BLANKS: Final = "\u00a0\u2007\u2009\u202f"
_SIGNS: Final[dict[str, PlusMinus]] = {"": "", "-": "-", "\u2212": "-", "+": "+", "\u00b1": "\u00b1"}


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
        blanks = _GROUP_BLANKS + (" " if customs.has_blank_groups else "")
        groups = rf"[{re.escape(customs.thousands)}{blanks}]"
        self._start = re.compile(r"\d+|[^\W\d_]+|[^\w\s]")
        self._number = re.compile(
            rf"(?P<sign>[-\u2212+\u00b1])?(?:(?P<grouped>\d{{1,3}}(?:{groups}\d{{3}})+)(?!\d)|(?P<plain>\d+))"
            rf"(?:(?P<mark>{re.escape(customs.decimal)})(?P<fraction>\d+))?"
        )
        self._rules = (*customs.rules, self._read_number)

    def scan(self, text: str) -> Iterator[Found]:
        at = 0
        while (start := self._start.search(text, at)) is not None:
            at = start.start()
            for rule in self._rules:
                if (found := rule(text, at)) is not None:
                    end, token = found
                    yield Found(at, end, token)
                    at = end
                    break
            else:
                at = start.end()

    def _read_number(self, text: str, at: int) -> Match:
        found = self._number.match(text, at)
        if found is None or (found["sign"] and text[at - 1 : at].strip()):
            return None
        whole = re.sub(r"\D", "", found["grouped"]) if found["grouped"] else found["plain"]
        sign = _SIGNS[found["sign"] or ""]
        return found.end(), Number(whole, found["fraction"] or "", sign, found["mark"] or "")
