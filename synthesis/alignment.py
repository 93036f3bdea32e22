"""Which stretch of one text stands for which of another: what is spoken for what was read, what was read for what came.

An alignment tiles both texts with runs, in order. A run is exact, character for character, or its two stretches stand
for each other as a whole::

    here   "Call |five dollars|."         what is spoken
    there  "Call |$5|."                   what was written

``Rewriting`` changes a text step by step and knows at every step where its characters come from.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterable, Sequence


class Run(NamedTuple):
    """Two stretches that stand for each other; one of them may be empty, for what was left out or put in.

    Attributes:
        here_start: offsets are in code points.
        is_exact: both are equally long and map character for character.
    """

    here_start: int
    here_end: int
    there_start: int
    there_end: int
    is_exact: bool


class Edit(NamedTuple):
    """A stretch of a text, and what takes its place."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Alignment:
    """A map between two texts. Equal maps are equal: neighbouring exact runs are one.

    Attributes:
        runs: ascending; they tile both texts.
    """

    runs: tuple[Run, ...] = ()

    @classmethod
    def identity(cls, length: int) -> Alignment:
        """Align a text with itself."""
        return Tiling().exact(length).alignment()

    @classmethod
    def whole(cls, here: int, there: int) -> Alignment:
        """Align two texts of these lengths of which no more is known."""
        return Tiling().whole(here, there).alignment()

    @property
    def here_length(self) -> int:
        """Code points of the text that the map leads from."""
        return self.runs[-1].here_end if self.runs else 0

    @property
    def there_length(self) -> int:
        """Code points of the text that the map leads to."""
        return self.runs[-1].there_end if self.runs else 0

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the stretch there that ``here[start:end]`` stands for, with the whole of each run that it touches.

        Offsets past an end of the text are taken for that end. An empty stretch becomes an empty one.
        """
        start, end = max(0, start), min(end, self.here_length)
        if start >= end:
            position = self.until(start)
            return position, position
        first, last = self._run_of(start), self._run_of(end - 1)
        return (
            first.there_start + (start - first.here_start if first.is_exact else 0),
            last.there_end - (last.here_end - end if last.is_exact else 0),
        )

    def until(self, position: int) -> int:
        """Return how far the text there is complete if the one here is complete up to the position.

        A run that is not exact is complete with its last character.
        """
        position = min(position, self.here_length)
        if position <= 0:
            return 0
        run = self._run_of(position - 1)
        if position == run.here_end:
            return run.there_end
        return run.there_start + (position - run.here_start if run.is_exact else 0)

    def back(self, start: int, end: int) -> tuple[int, int]:
        """Return the stretch here that ``there[start:end]`` stands for; see ``span``."""
        return self.inverse().span(start, end)

    def inverse(self) -> Alignment:
        """Return the same map, read from the other side."""
        return Alignment(tuple(Run(*run[2:4], *run[:2], run.is_exact) for run in self.runs))

    def then(self, other: Alignment) -> Alignment:
        """Return the map from here to where the other one leads, which begins where this one ends.

        Raises:
            ValueError: the text between the two is not one.
        """
        if self.there_length != other.here_length:
            raise ValueError(f"alignments meet in texts of {self.there_length} and {other.here_length} characters")
        if len(self.runs) == 1 and self.runs[0].is_exact:
            return other
        if len(other.runs) == 1 and other.runs[0].is_exact:
            return self
        return _compose(self.runs, other.runs)

    def _run_of(self, char: int) -> Run:
        """Return the run that holds a character of the text here."""
        return self.runs[bisect_right(self.runs, char, key=_start_of) - 1]


def _start_of(run: Run) -> int:
    return run.here_start


class Tiling:
    """Makes an alignment, run behind run."""

    def __init__(self) -> None:
        self._runs: list[Run] = []
        self._here = 0
        self._there = 0

    def exact(self, length: int) -> Tiling:
        """Let the next characters of both texts be each other's."""
        return self._add(length, length, is_exact=True)

    def whole(self, here: int, there: int) -> Tiling:
        """Let the next characters of both texts stand for each other as a whole."""
        return self._add(here, there, is_exact=here == there == 1)

    def alignment(self) -> Alignment:
        """Return what was made so far."""
        return Alignment(tuple(self._runs))

    def _add(self, here: int, there: int, *, is_exact: bool) -> Tiling:
        if not here and not there:
            return self
        here_start, there_start = self._here, self._there
        if is_exact and self._runs and self._runs[-1].is_exact:
            here_start, _, there_start, _, _ = self._runs.pop()
        self._here += here
        self._there += there
        self._runs.append(Run(here_start, self._here, there_start, self._there, is_exact))
        return self


class _Rest:
    """What is left of a row of runs: their lengths on the side where two rows meet, and on the other."""

    def __init__(self, pairs: Iterable[tuple[int, int, bool]]) -> None:
        self._pairs = iter(pairs)
        self.has_more = True
        self.inner = self.outer = 0
        self.is_exact = False
        self.next()

    def next(self) -> None:
        """Go to the next run."""
        self.inner, self.outer, self.is_exact = next(self._pairs, (0, 0, False))
        self.has_more = bool(self.inner or self.outer)

    def take(self, most: int) -> tuple[int, int]:
        """Take the run or, if it is exact, no more of it than that; (inner, outer) of what was taken."""
        if not self.is_exact or self.inner <= most:
            taken = self.inner, self.outer
            self.next()
            return taken
        self.inner -= most
        self.outer -= most
        return most, most


def _compose(first: Sequence[Run], second: Sequence[Run]) -> Alignment:
    """Join two rows of runs; where their ends lie across each other, what they cover together becomes one run."""
    left = _Rest((run.there_end - run.there_start, run.here_end - run.here_start, run.is_exact) for run in first)
    right = _Rest((run.here_end - run.here_start, run.there_end - run.there_start, run.is_exact) for run in second)
    made = Tiling()
    while left.has_more or right.has_more:
        if left.has_more and not left.inner:
            made.whole(left.take(0)[1], 0)
        elif right.has_more and not right.inner:
            made.whole(0, right.take(0)[1])
        elif left.is_exact and right.is_exact:
            length = min(left.inner, right.inner)
            left.take(length)
            right.take(length)
            made.exact(length)
        else:
            here = there = ahead = 0  # ahead: by how many characters between them the left row has gone further
            while True:
                if ahead > 0 or (not ahead and left.is_exact):
                    inner, outer = right.take(ahead)
                    there += outer
                    ahead -= inner
                else:
                    inner, outer = left.take(-ahead)
                    here += outer
                    ahead += inner
                if not ahead:
                    break
            made.whole(here, there)
    return made.alignment()


class Rewriting:
    """A text that is changed step by step.

    Attributes:
        text: as it is now.
        alignment: from there to the text as it was at first.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.alignment = Alignment.identity(len(text))

    def replace(self, edits: Iterable[Edit | tuple[int, int, str]]) -> None:
        """Put texts in the place of stretches, which are ascending and do not overlap; each stands for the whole."""
        text = self.text
        parts: list[str] = []
        step = Tiling()
        at = 0
        for start, end, new in edits:
            if text[start:end] == new:
                continue
            parts += (text[at:start], new)
            step.exact(start - at).whole(len(new), end - start)
            at = end
        if not parts:
            return
        parts.append(text[at:])
        step.exact(len(text) - at)
        self.text = "".join(parts)
        self.alignment = step.alignment().then(self.alignment)

    def sub(self, pattern: re.Pattern[str], new: str | Callable[[re.Match[str]], str]) -> None:
        """Replace each match of a pattern, as ``re.sub`` does."""
        self.replace(
            Edit(*match.span(), match.expand(new) if isinstance(new, str) else new(match))
            for match in pattern.finditer(self.text)
        )
