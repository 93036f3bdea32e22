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

    from ..interface import Segment

# As many words of another script, and none of its own, make a sentence in another language than the context's. Fewer
# may be a name: "iPhone 15."
_SENTENCE_WORDS: Final = 3
_WORD: Final = re.compile(r"[^\W\d_]+")


def language_of(segment: Segment, asked: str | None, languages: Sequence[str]) -> str | None:
    """Choose the language that a segment is read in; None if nothing tells it.

    Args:
        segment: its own language is what its script and those of the segments before it tell, if that was looked at.
        asked: the context's language.
        languages: those of the voice; ``mul`` says nothing.
    """
    if asked is not None:
        spoken = segment.before + segment.spoken
        if is_written_in(asked, spoken) or len(_WORD.findall(spoken)) < _SENTENCE_WORDS:
            return asked
        return of_sentence(spoken) or asked
    told = segment.language or of_sentence(segment.spoken)
    own = [language for language in languages if language != "mul"]
    if told is None:
        return own[0] if len(own) == 1 else None
    # A voice of German reads Latin letters in German, whatever they stand for elsewhere.
    return told if told in own else next((tag for tag in own if is_written_in(tag, segment.spoken)), told)
