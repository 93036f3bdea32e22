"""What a language brings to be read: its customs, and its words for each token."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

from .scanner import scan
from .tokens import NOWHERE, Around

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .customs import Customs
    from .tokens import Formula, Found, Token


class Words(ABC):
    """Says tokens in one language; stateless, and shared by every text.

    Attributes:
        customs: by which the language's tokens are found.
        formulas: what is said of each kind of ``Formula``, with ``{}`` for each of its parts; a kind that is missing is
            said by its parts alone.
        functions: what "sin" and its kin are called; one that is missing is said by its letters.
        of_functions: what is said between such a name and "(", or "x", any other operand.
    """

    customs: Customs
    formulas: ClassVar[Mapping[str, str]] = {}
    functions: ClassVar[Mapping[str, str]] = {}
    of_functions: ClassVar[Mapping[str, str]] = {}

    def find(self, text: str) -> Iterator[Found]:
        """Find what is not read as it is spelt, ascending and disjoint."""
        return scan(text, self.customs)

    @abstractmethod
    def say(self, token: Token, around: Around = NOWHERE) -> str:
        """Say a token, without a blank at either end; blanks between words are the reader's business.

        The value never changes: what has no good reading is said digit by digit. Nothing is said of what is not meant
        for the ear (an emoji): the answer is empty.

        Args:
            token: what was found.
            around: the text on both sides of it, as it was written.
        """

    def said(self, text: str) -> str:
        """Say a short text that is a part of something."""
        said, at = [], 0
        for start, end, token in self.find(text):
            said += [text[at:start], self.say(token, Around(text[:start], text[end:]))]
            at = end
        blank = " " if self.customs.is_spaced else ""
        return blank.join(part for one in (*said, text[at:]) if (part := one.strip()))

    def say_formula(self, formula: Formula, around: Around) -> str:
        """Say a part of a formula; a word that stands in front of it already is not said again."""
        if formula.kind == "function":
            name, follows = formula.parts
            of = self.of_functions.get(follows, "") if name in self.functions else ""
            return f"{self.functions.get(name, name)} {of}".rstrip()
        parts = [self.say_part(formula, place) for place in range(len(formula.parts))]
        said = self.formulas.get(formula.kind, "{} " * len(parts)).format(*parts).strip()
        first, _, rest = said.partition(" ")
        is_said = rest and re.search(rf"\b{re.escape(first)}\s\Z", around.before, re.IGNORECASE)
        return rest if is_said else said  # "the angle ∠ABC"

    def say_part(self, formula: Formula, place: int) -> str:
        """Say one of a formula's parts, in the case in which it stands."""
        return self.said(formula.parts[place])

    def behind(self, _said: str, _after: str) -> tuple[int, str] | None:
        """Tell what must agree with a token as it is said: how many characters behind it, and what they become.

        Args:
            _said: by ``say``, not empty.
            _after: the text behind the token, as it was written.
        """
        return None
