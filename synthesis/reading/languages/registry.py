"""The one list of the languages that are read. A text in any other language stays as it is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ...language import lookup
from .english import English
from .french import French
from .german import German
from .italian import Italian
from .portuguese import PortugalPortuguese, Portuguese
from .russian import Russian
from .spanish import Spanish

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..notation.words import Words

LANGUAGES: Final[Mapping[str, Words]] = {  # by tag in lower case (BCP 47); ``pt`` serves ``pt-BR`` as well
    "de": German(),
    "en": English(),
    "es": Spanish(),
    "fr": French(),
    "it": Italian(),
    "pt": Portuguese(),
    "pt-pt": PortugalPortuguese(),
    "ru": Russian(),
}

# Tags that stand for another one of the list.
_SAME: Final = {"cmn": "zh"}


def words_of(language: str) -> Words | None:
    """Find who says the tokens of a language; None if nobody does.

    Args:
        language: a BCP 47 tag; a shorter form of it will do (RFC 4647, 3.4).
    """
    main, _, rest = language.partition("-")
    known = lookup(f"{_SAME.get(main, main)}-{rest}".rstrip("-"), LANGUAGES)
    return LANGUAGES[known] if known else None
