"""A segment in parts that different engines speak: where a pause belongs, and how their sound becomes one segment's."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from ..interface import EngineUnavailable, PcmChunk, WordMark

if TYPE_CHECKING:
    from ..interface import Synthesizer

_SENTENCE_ENDS: Final = (".", "!", "?", "…", "。", "！", "？", "۔", "।", "॥", "؟")
_CLOSING: Final = " \n\t\"'”’»)]}』」》）"


def ends_sentence(text: str) -> bool:
    """Tell whether a sentence ends with a part, so that a pause as between sentences follows."""
    return text.rstrip(_CLOSING).endswith(_SENTENCE_ENDS)


def moved(chunk: PcmChunk, characters: int, samples: int) -> PcmChunk:
    """Let a part's word marks count from the whole segment's beginning.

    Args:
        chunk: of a part.
        characters: of the segment's spoken text before the part.
        samples: of the segment's sound before the part.
    """
    if not (chunk.words and (characters or samples)):
        return chunk
    words = (
        WordMark(word.char_start + characters, word.char_end + characters, word.start_sample + samples)
        for word in chunk.words
    )
    return replace(chunk, words=tuple(words))


async def why_not(engine: Synthesizer) -> str:
    """Start an engine; why it cannot run here, empty if it can."""
    try:
        await engine.start()
    except EngineUnavailable as exc:
        return str(exc)
    return ""
