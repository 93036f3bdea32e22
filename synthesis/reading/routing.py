"""Which language a segment is read in: the context's, else the voice's, else the one that its script tells.

A whole segment is read in one language, because a number beside a name in another script belongs to the sentence: in
"有 GPU 8 个" the 8 is Chinese.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from ..language import is_written_in, of_sentence

if TYPE_CHECKING:
    from collections.abc import Sequence

# As many words of another script, and none of its own, make a sentence in another language than the context's. Fewer
# may be a name: "iPhone 15."
_SENTENCE_WORDS: Final = 3
_WORD: Final = re.compile(r"[^\W\d_]+")


def language_of(spoken: str, asked: str | None, languages: Sequence[str], remembered: str | None) -> str | None:
    """Choose the language that a segment is read in; None if nothing tells it.

    Args:
        spoken: the segment's text.
        asked: the context's language.
        languages: those of the voice; ``mul`` says nothing.
        remembered: what the context's segments up to this one were written in, as far as their scripts tell.
    """
    if asked is not None:
        if is_written_in(asked, spoken) or len(_WORD.findall(spoken)) < _SENTENCE_WORDS:
            return asked
        return of_sentence(spoken) or asked
    told = of_sentence(spoken) or remembered
    own = [language for language in languages if language != "mul"]
    if told is None:
        return own[0] if len(own) == 1 else None
    # A voice of German reads Latin letters in German, whatever they stand for elsewhere.
    return told if told in own else next((tag for tag in own if is_written_in(tag, spoken)), told)
