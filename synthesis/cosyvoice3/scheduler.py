"""Which chunks take part in the next solver step: earliest deadline first, without leaving new listeners waiting.

A stream's deadline is the instant its listener would run dry. A hole in speech is worse than a late start, so chunks
whose deadline is near come first; then the first hops of new streams, which somebody is waiting for in silence; then
the rest, by deadline. A stream that waits comes nearer to its deadline and so becomes urgent by itself: nobody starves.

A step takes the longer the more chunks take part in it, and a new listener waits for ten of them. So while anybody
waits, the rest only fill up what costs next to nothing. Pure: time is an argument.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

# Slack under which a chunk is urgent: several steps of a full batch (16 ms on an H200) beside a neighbour that takes
# half of the GPU.
URGENT_SLACK_S: Final = 0.15
# Chunks up to which a step takes little longer than for one (docs/BENCHMARKS.md: 1.4 ms for 1, 1.9 ms for 8).
QUICK_BATCH: Final = 8
# Chunks in a step when nobody waits: larger batches gain little (690 s of audio a second with 32, 840 with 128), and
# who comes during a step waits for its end.
STEADY_BATCH: Final = 32


@dataclass(frozen=True, slots=True)
class Candidate:
    """A chunk that could do a step.

    Attributes:
        key: the caller's name for it.
        deadline: when its sound must be there, on the caller's clock, seconds; for a first hop, when it was asked for.
        is_first: nothing of its stream has been heard.
        steps_left: solver steps until its hop is complete.
    """

    key: int
    deadline: float
    is_first: bool
    steps_left: int


def choose(candidates: Sequence[Candidate], now: float, step_s: float, largest: int) -> list[Candidate]:
    """Choose who takes part in the next step, the most pressing first.

    Args:
        candidates: all chunks that could.
        now: on the caller's clock, seconds.
        step_s: what a step takes at present, seconds.
        largest: the most chunks one step can do.
    """

    def rank(candidate: Candidate) -> tuple[int, float]:
        if candidate.is_first:
            return 1, candidate.deadline
        slack_s = candidate.deadline - now - candidate.steps_left * step_s
        return (0 if slack_s < URGENT_SLACK_S else 2), candidate.deadline

    ranked = sorted(((rank(candidate), candidate) for candidate in candidates), key=lambda pair: pair[0])
    pressing = sum(1 for (group, _), _ in ranked if group < 2)
    size = max(pressing, QUICK_BATCH) if pressing else STEADY_BATCH
    return [candidate for _, candidate in ranked[: min(size, largest)]]
