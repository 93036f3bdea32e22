"""Languages that nobody reads yet: only addresses are said, in the language's own words where those are known.

All else stays as it is written; engines have rules of their own for that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..notation import addresses
from ..notation.customs import Customs
from ..notation.tokens import NOWHERE, Address, Around, Found
from ..notation.words import Words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..notation.tokens import Token

# "at" and "dot"; a language not listed gets the English words, which are understood most widely.
ADDRESS_WORDS: Final = {
    "cs": ("zavináč", "tečka"),
    "da": ("snabel-a", "punktum"),
    "nl": ("apenstaartje", "punt"),
    "pl": ("małpa", "kropka"),
    "sv": ("snabel-a", "punkt"),
}
ENGLISH: Final = ("at", "dot")


class Plain(Words):
    """See the module.

    Args:
        at: what is said for "@".
        dot: what is said for "." in an address.
    """

    customs = Customs()

    def __init__(self, at: str, dot: str) -> None:
        self._at = at
        self._dot = dot

    def find(self, text: str) -> Iterator[Found]:
        """Find e-mail and web addresses, and names of files."""
        return addresses.find(text)

    def say(self, token: Token, around: Around = NOWHERE) -> str:  # noqa: ARG002 - an address is said alike everywhere
        """Say an address."""
        if not isinstance(token, Address):
            raise TypeError(type(token).__name__)
        return token.text.replace("@", f" {self._at} ").replace(".", f" {self._dot} ")
