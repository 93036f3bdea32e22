"""What of a peer's wishes for a context the voice can grant. Pure."""

from __future__ import annotations

import difflib
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from ...synthesis.interface import Style
from ..errors import Unsupported

if TYPE_CHECKING:
    from ...synthesis.interface import StyleWish, Voice
    from .messages import Open

# What a context gets in place of a wish that its voice does not obey. Speed and volume are not here: sound can be
# stretched and made louder after it was made, so they are granted with every voice. Any: of the field's own type.
_WITHOUT: Final[dict[StyleWish, Any]] = {"instructions": None, "seed": None, "allow_markup": False}


_MOST_NAMED: Final = 5  # words in one answer


def style_of(start: Open, voice: str, utterance: str) -> Style:
    """Take the style that a peer wishes for; ``utterance`` names the context among those of all peers."""
    return Style(
        voice=voice,
        language=start.language,
        instructions=start.instructions or None,
        speed=start.speed,
        volume=start.volume,
        seed=start.seed,
        allow_markup=start.allow_markup,
        utterance=utterance,
        lexicon=start.lexicon,
    )


def grant(wished: Style, voice: Voice) -> tuple[Style, list[Unsupported]]:
    """Grant what the voice can do.

    Returns:
        The style without the other wishes, and an answer for each of these.
    """
    refused: dict[str, Any] = {}  # Any: as above
    answers = []
    if wished.language is not None and not voice.speaks(wished.language):
        refused["language"] = None
        answers.append(Unsupported("language", _unspoken(wished.language, voice)))
    for wish, nothing in _WITHOUT.items():
        if getattr(wished, wish) != nothing and wish not in voice.obeys:
            refused[wish] = nothing
            answers.append(Unsupported(wish, f"the voice {voice.name!r} does not support it"))
    unsaid = [word.word for word in wished.lexicon if word.said_by(voice.alphabets) is None]
    if unsaid:
        answers.append(Unsupported("lexicon", _untaken(unsaid, voice)))
    return replace(wished, **refused) if refused else wished, answers


def _untaken(words: list[str], voice: Voice) -> str:
    named = ", ".join(words[:_MOST_NAMED]) + (" and others" if len(words) > _MOST_NAMED else "")
    return f"the voice {voice.name!r} does not take the phonemes of {named}, and no respelling is given"


def _unspoken(language: str, voice: Voice) -> str:
    close = difflib.get_close_matches(language.lower(), voice.languages, n=3, cutoff=0.4)
    hint = f" (did you mean {' or '.join(close)}?)" if close else ""
    return f"the voice {voice.name!r} does not speak {language!r}{hint}; it goes by the text's script"
