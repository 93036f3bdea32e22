"""Tells what of a text is not spoken, and why: for people who wonder. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from .boundaries import BREAK
from .speakable import MarkupReader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .asides import AsideKind

_ASIDES: Final[dict[AsideKind, str]] = {
    "front_matter": "front matter",
    "code": "a block of code",
    "tools": "a call of a tool, or its result",
    "reasoning": "reasoning",
}
_BLANK: Final = f"{BREAK} \t\n"
_WHY: Final = (
    (re.compile(r"<!--"), "a comment"),
    (re.compile(r"<(?:[A-Za-z.+-]+://|mailto:)"), "part of an address"),
    (re.compile(r"</?[A-Za-z!?|｜]"), "a tag"),
    (re.compile(r"\]?\(\S{3}|\]\["), "the target of a link"),
    (re.compile(r"(?:https?://|www\.|/)"), "part of an address"),
    (re.compile(r"[【\[]"), "a mark of a source, a note or a label"),
    (re.compile(r"[\u2190-\u2bff\ufe0f\u200d\U0001f000-\U0001faff]"), "an emoji or a sign"),
)


class Silence(NamedTuple):
    """``text[start:end]`` is not spoken."""

    start: int
    end: int
    why: str


def silences(text: str, also_spoken: frozenset[AsideKind] = frozenset()) -> list[Silence]:
    """Find what is not spoken of a text; marks that are near each other count as one.

    Args:
        text: as it was sent.
        also_spoken: what the operator has spoken.
    """
    heard = _heard(text, also_spoken)
    asides = {kind: _heard(text, also_spoken | {kind}) for kind in _ASIDES if kind not in also_spoken}
    found = [
        Silence(start, end, _ASIDES[kind] if kind else _why(text[start:end]))
        for first, last in _gaps(heard)
        for start, end, kind in _by_kind(first, last, asides)
    ]
    return [silence for silence in found if text[silence.start : silence.end].strip()]


def _by_kind(first: int, last: int, asides: dict[AsideKind, bytearray]) -> Iterator[tuple[int, int, AsideKind | None]]:
    """Cut a silence where another kind of aside begins; what is of none goes with what is before it."""
    start, kind = first, None
    for at in range(first, last):
        here = next((each for each, spoken in asides.items() if spoken[at]), None)
        if here is not None and kind is not None and here != kind:
            yield start, at, kind
            start = at
        kind = here or kind
    yield start, last, kind


def _heard(text: str, also_spoken: frozenset[AsideKind]) -> bytearray:
    reader = MarkupReader(also_spoken=also_spoken)
    heard = bytearray(len(text))
    for piece in (*reader.feed(text), *reader.settle()):
        if piece.text.strip(_BLANK):
            heard[piece.start : piece.end] = b"\x01" * (piece.end - piece.start)
    return heard


def _gaps(heard: bytearray) -> Iterator[tuple[int, int]]:
    for match in re.finditer(rb"\x00+", heard):
        yield match.span()


def _why(stretch: str) -> str:
    return next((why for pattern, why in _WHY if pattern.match(stretch.lstrip())), "marks around what is said")
