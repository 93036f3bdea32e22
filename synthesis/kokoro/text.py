"""Where a text is cut into turns, and which language is whose. No model, no sound."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from ..language import primary

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

CHINESE: Final = frozenset({"zh", "cmn"})
JAPANESE: Final = frozenset({"ja"})
# Longest turn: 6 s of speech, 4 s of work on one core. A turn under way is not interrupted, so a listener who leaves
# costs that much.
TURN_CHARACTERS: Final = 30
# A first clause of so many characters is worth a turn of its own, because its listener waits for it. The model says
# shorter ones less clearly: 北方下雪, 医生让我多喝水 were misheard alone.
SHORTEST_CLAUSE: Final = 8
SENTENCE_PAUSE_MS: Final = 330
CLAUSE_PAUSE_MS: Final = 130

_SENTENCE_END: Final = re.compile(r"[。！？!?…]+[」』”’）)\]]*|[.](?=\s|\Z)")
_CLAUSE_END: Final = re.compile(r"[，、；：,;:—]+[」』”’）)\]]*")
_ENDS_SENTENCE: Final = re.compile(r"[。！？!?….][」』”’）)\]\s]*\Z")
_ENDS_CLAUSE: Final = re.compile(r"[，、；：,;:—][」』”’）)\]\s]*\Z")
_WORD: Final = re.compile(r"[^\W_]")


def is_spoken(language: str | None) -> bool:
    """Tell whether a language is one of Kokoro's here."""
    return language is not None and primary(language) in CHINESE | JAPANESE


def is_japanese(language: str) -> bool:
    """Tell Japanese from Chinese."""
    return primary(language) in JAPANESE


def has_words(text: str) -> bool:
    """Tell whether there is anything to say in a text."""
    return _WORD.search(text) is not None


def turns(text: str, whole: Sequence[tuple[int, int]] = ()) -> Iterator[tuple[int, int]]:
    """Cut a text: a first clause, then sentences, or clauses of a long one; the stretches tile it.

    Args:
        text: what is said.
        whole: stretches that are not cut.
    """
    start = 0
    while start < len(text):
        end = _end(text, start)
        end = next((last for first, last in whole if first < end < last), end)
        yield start, end
        start = end


def pause_ms(said: str) -> float:
    """Tell how long a person pauses behind a turn."""
    if _ENDS_SENTENCE.search(said):
        return SENTENCE_PAUSE_MS
    return CLAUSE_PAUSE_MS if _ENDS_CLAUSE.search(said) else 0.0


def _end(text: str, start: int) -> int:
    limit = min(len(text), start + TURN_CHARACTERS)
    sentence = next(
        (match.end() for match in _SENTENCE_END.finditer(text, start) if has_words(text[start : match.end()])),
        len(text),
    )
    clauses = [match.end() for match in _CLAUSE_END.finditer(text, start, min(sentence, limit))]
    if start == 0:
        for end in clauses:
            if end > SHORTEST_CLAUSE and sentence - end >= SHORTEST_CLAUSE:
                return end
    if sentence <= limit:
        return sentence
    return clauses[-1] if clauses else limit
