"""What the reader of markup tells the accumulator beside characters: where wishes begin and end, and where to pause.

A mark lies between two characters that are spoken. ``OpenWishes`` keeps those of one context until the segment with
their characters is released; a wish that reaches over several segments is given to each of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...synthesis.interface import WishKind

MAX_OPEN: Final = 32  # wishes begun and not ended; only text that is no prose nests deeper

MAX_UNCLOSED_CHARS: Final = 100  # what is to be spelled is short: a tag that is not closed spells no more


@dataclass(frozen=True, slots=True)
class Begin:
    """A wish begins. ``number`` names it among those of the context."""

    number: int
    kind: WishKind
    value: str


@dataclass(frozen=True, slots=True)
class End:
    """The wish of this number ends."""

    number: int


@dataclass(frozen=True, slots=True)
class Pause:
    """What was said so far is followed by silence, of ``ms`` milliseconds."""

    ms: int


Mark = Begin | End | Pause


@dataclass(slots=True)
class _Stretch:
    """A wish and the stretch of spoken characters that it is for; ``end`` is None while it is open."""

    number: int
    kind: WishKind
    value: str
    start: int
    end: int | None = None


class OpenWishes:
    """The wishes of one context for characters that are not released yet. Positions count its spoken characters."""

    def __init__(self) -> None:
        self._stretches: list[_Stretch] = []

    def take(self, mark: Begin | End, position: int) -> None:
        """Take a mark that lies before the character at the position."""
        if isinstance(mark, Begin):
            if len(self._stretches) < MAX_OPEN:
                self._stretches.append(_Stretch(mark.number, mark.kind, mark.value, position))
            return
        for stretch in self._stretches:
            if stretch.number == mark.number and stretch.end is None:
                stretch.end = position

    def release(self, start: int, end: int) -> Iterator[tuple[int, int, WishKind, str]]:
        """Give those for the characters from ``start`` up to ``end``, clipped, counted from ``start``; forget the past.

        The generator is to be exhausted.
        """
        for stretch in self._stretches:
            last = end if stretch.end is None else min(stretch.end, end)
            if stretch.kind == "phonemes" and (last != stretch.end or stretch.start < start):
                continue  # never closed, or not in one segment: they would be said in the place of other words
            if stretch.kind in ("characters", "say-as") and stretch.end is None:
                last = min(last, stretch.start + MAX_UNCLOSED_CHARS)
            if stretch.start < last:
                yield max(stretch.start, start) - start, last - start, stretch.kind, stretch.value
        self._stretches = [stretch for stretch in self._stretches if stretch.end is None or stretch.end > end]
