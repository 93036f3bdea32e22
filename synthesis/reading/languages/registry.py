"""The one list of the languages that are read. Of a text in any other language, only addresses are said in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ...language import lookup
from .chinese import Chinese
from .english import English
from .french import French
from .german import German
from .italian import Italian
from .japanese import Japanese
from .korean import Korean
from .plain import ADDRESS_WORDS, ENGLISH, Plain
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
    "ja": Japanese(),
    "ko": Korean(),
    "pt": Portuguese(),
    "pt-pt": PortugalPortuguese(),
    "ru": Russian(),
    "zh": Chinese(),
}

# Tags that stand for another one of the list.
_SAME: Final = {"cmn": "zh"}


_PLAIN: Final = {tag: Plain(*words) for tag, words in ADDRESS_WORDS.items()}
_UNKNOWN: Final = Plain(*ENGLISH)


def words_of(language: str | None) -> Words:
    """Find who says the tokens of a language, or at least its addresses.

    Args:
        language: a BCP 47 tag; a shorter form of it will do (RFC 4647, 3.4). None: nobody knows.
    """
    main, _, rest = (language or "").partition("-")
    tag = f"{_SAME.get(main, main)}-{rest}".rstrip("-")
    known = lookup(tag, LANGUAGES)
    return LANGUAGES[known] if known else _PLAIN.get(main.lower(), _UNKNOWN)
