"""What a language brings to be read: its customs, and its words for each token."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from .scanner import scan
from .tokens import NOWHERE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .customs import Customs
    from .tokens import Around, Found, Token


class Words(ABC):
    """Says tokens in one language; stateless, and shared by every text.

    Attributes:
        customs: by which the language's tokens are found.
    """

    customs: Customs

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

    def behind(self, _said: str, _after: str) -> tuple[int, str] | None:
        """Tell what must agree with a token as it is said: how many characters behind it, and what they become.

        Args:
            _said: by ``say``, not empty.
            _after: the text behind the token, as it was written.
        """
        return None
