"""Cuts a segment where the writer wishes for another pace, another loudness or emphasis. Pure."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..interface import Segment, Style

# What ends a phrase stays with it: nobody speaks a full stop alone.
_CLOSES: Final = frozenset(" \t\n.,;:!?…)]}\"'”’»。，、；：！？」』）】،؛؟।")
_SLOWEST, _FASTEST = 0.5, 2.0
_LOUDEST: Final = 2.0
_MANNERS: Final = ("rate", "volume", "emphasis")
# Emphasis is loudness, which every voice has: 3.5 dB, 2 dB and -2.5 dB. What is stressed in speech is 2 to 6 dB louder.
_EMPHASES: Final = {"strong": 1.5, "moderate": 1.25, "reduced": 0.75}


class Part(NamedTuple):
    """A stretch of a segment that is spoken in one way.

    Attributes:
        start: offset of its text in the segment's ``spoken``.
        segment: the stretch as a segment of its own, with the other wishes for it and without a pause.
        style: how it is spoken.
    """

    start: int
    segment: Segment
    style: Style


def parts(segment: Segment, style: Style) -> Iterator[Part]:
    """Cut a segment into parts of one pace and one loudness each; parts without a word are left out."""
    spoken = segment.spoken
    paced = [wish for wish in segment.wishes if wish.kind in _MANNERS]
    places = {_phrase_end(spoken, place) for wish in paced for place in (wish.start, wish.end)}
    bounds = sorted({0, len(spoken)} | places)
    for start, end in pairwise(bounds):
        if not any(map(str.isalnum, spoken[start:end])):
            continue
        speed, volume = style.speed, style.volume
        for wish in paced:
            if wish.start < end and _phrase_end(spoken, wish.end) > start and _phrase_end(spoken, wish.start) <= start:
                if wish.kind == "rate":
                    speed *= float(wish.value)
                else:
                    volume *= _EMPHASES.get(wish.value, 1.0) if wish.kind == "emphasis" else float(wish.value)
        manner = replace(style, speed=min(max(speed, _SLOWEST), _FASTEST), volume=min(max(volume, 0.0), _LOUDEST))
        part = segment.part(start, end)
        others = tuple(wish for wish in part.wishes if wish.kind not in _MANNERS)
        yield Part(start, replace(part, wishes=others, pause_ms=0), manner)


def _phrase_end(spoken: str, place: int) -> int:
    while 0 < place < len(spoken) and spoken[place] in _CLOSES:
        place += 1
    return place
