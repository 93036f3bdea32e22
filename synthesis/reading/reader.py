"""Reads a text in one language: each token that stands in it becomes words, the rest stays as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .notation.scanner import scan
from .notation.tokens import Around

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .notation.words import Words

# How much of the text on either side of a token may decide how it is said: a sentence's worth.
_AROUND = 120


class Edit(NamedTuple):
    """``text[start:end]``, and what is said for it."""

    start: int
    end: int
    said: str


def edits(text: str, words: Words) -> Iterator[Edit]:
    """Find what is said otherwise than it is written; ascending and disjoint."""
    for start, end, token in scan(text, words.customs):
        around = Around(text[max(0, start - _AROUND) : start], text[end : end + _AROUND])
        said = words.say(token, around)
        if words.customs.is_spaced and not said:
            said = " " if _touch(text[start - 1 : start], text[end : end + 1]) else ""
        elif words.customs.is_spaced:
            if _touch(text[start - 1 : start], said[0]):
                said = f" {said}"
            if _touch(said[-1], text[end : end + 1]):
                said = f"{said} "
        if said != text[start:end]:
            yield Edit(start, end, said)


def read(text: str, words: Words) -> str:
    """Say a text in words."""
    parts: list[str] = []
    at = 0
    for start, end, said in edits(text, words):
        parts += (text[at:start], said)
        at = end
    return "".join((*parts, text[at:]))


def _touch(left: str, right: str) -> bool:
    """Whether two words that are written without a blank would become one."""
    return left.isalnum() and right.isalnum()
