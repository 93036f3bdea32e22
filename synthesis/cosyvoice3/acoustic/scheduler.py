"""Which chunks take part in the next solver step: earliest deadline first, without leaving new listeners waiting.

A stream's deadline is the instant its listener would run dry. A hole in speech is worse than a late start, so chunks
whose deadline is near come first; then the first hops of new streams, which somebody is waiting for in silence; then
those that are wanted, because no sound of theirs lies ready and their listener's has begun to shrink; then the rest, by
deadline. A stream that waits comes nearer to its deadline and so becomes urgent by itself: nobody starves.

A step takes the longer the more chunks take part in it, and a new listener waits for ten of them; but a step of one
takes nearly as long as a step of eight. So while anybody waits, what is not wanted yet only fills up what costs next to
nothing; with a deadline near, no more take part than leave the steps short enough for it; and while nothing is wanted,
the rest waits for company: the GPU is free meanwhile, for the language model or a neighbour. Pure: time is an argument.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# Slack under which a chunk is urgent: several steps of a full batch (16 ms on an H200) beside a neighbour that takes
# half of the GPU.
URGENT_SLACK_S: Final = 0.15
# Slack under which a chunk is wanted, of the two seconds that a gateway sends ahead: half a second in which company may
# come, which a step of one costs as much as sixteen in.
WANTED_SLACK_S: Final = 1.5
# Chunks up to which a step takes little longer than for one (docs/BENCHMARKS.md: 1.1 ms for 1, 1.6 ms for 8).
QUICK_BATCH: Final = 8
# Chunks in a step when nobody waits: larger batches gain little (728 s of audio a second with 32, 841 with 64, 894 with
# 128), and who comes during a step (8 ms) waits for its end.
STEADY_BATCH: Final = 64
# Chunks in a step while somebody waits for ten of them in silence: 2.7 ms each on an H200. By benchmarks/scheduling.py
# --slow 2 --pages 560 --guard --seconds 130, 95 % of 160 listeners wait up to 162 ms for it, and 231 with 32.
PATIENT_BATCH: Final = 16
# Chunks that are company enough: sixteen at once cost a seventh of what they cost one by one.
COMPANY: Final = 16
# Finished hops that are company enough for the vocoder, and the slack with which they may wait for it: one call for
# eight costs a third of eight calls.
SOUND_COMPANY: Final = 8
SOUND_SLACK_S: Final = 1.0
# What a hop takes beyond tokens and solver steps, seconds: a call of the vocoder (1.3 to 5 ms on an H200), and the way
# out.
SOUND_S: Final = 0.01


@dataclass(frozen=True, slots=True)
class Candidate:
    """A chunk that could do a step.

    Attributes:
        key: the caller's name for it.
        deadline: when its sound must be there, on the caller's clock, seconds; for a first hop, when it was asked for;
            inf where nobody listens in real time.
        is_first: nothing of its stream has been heard.
        is_wanted: no sound of its stream lies ready, and its slack is below WANTED_SLACK_S; or its pages are.
        steps_left: solver steps until its hop is complete.
    """

    key: int
    deadline: float
    is_first: bool
    is_wanted: bool
    steps_left: int


def choose(
    candidates: Sequence[Candidate],
    now: float,
    step_s: float,
    largest: int,
    step_s_with: Callable[[int], float],
    *,
    may_wait: bool = True,
    is_hurried: bool = False,
) -> list[Candidate]:
    """Choose who takes part in the next step, the most pressing first; nobody, where all wait for company.

    Who waits will have company, or be wanted once the sound that lies ready is taken.

    Args:
        candidates: all chunks that could.
        now: on the caller's clock, seconds.
        step_s: what a step takes at present, seconds.
        largest: the most chunks one step can do.
        step_s_with: what a step of so many chunks would take at present, seconds.
        may_wait: nobody else needs what they hold meanwhile.
        is_hurried: the sooner all that is wanted is done, the better for everybody, those who wait included.
    """

    def rank(candidate: Candidate) -> tuple[int, float]:
        if candidate.is_first:
            return 1, candidate.deadline
        is_urgent = candidate.deadline - now - candidate.steps_left * step_s < URGENT_SLACK_S
        return (0 if is_urgent else 2 if candidate.is_wanted else 3), candidate.deadline

    ranked = sorted(((rank(candidate), candidate) for candidate in candidates), key=lambda pair: pair[0])
    pressing = sum(1 for (group, _), _ in ranked if group < 2)
    wanted = sum(1 for (group, _), _ in ranked if group < 3)
    if may_wait and not wanted and len(ranked) < min(COMPANY, largest):
        return []
    size = STEADY_BATCH
    if pressing:
        least = max(pressing, QUICK_BATCH)
        size = max(least, min(wanted, STEADY_BATCH if is_hurried else PATIENT_BATCH))
        urgent = (candidate for (group, _), candidate in ranked if group == 0)
        step_fits_s = min(((each.deadline - SOUND_S - now) / each.steps_left for each in urgent), default=math.inf)
        while size > least and step_s_with(size) > step_fits_s:
            size = max(least, size // 2)
    return [candidate for _, candidate in ranked[: min(size, largest)]]


def may_sound_later(deadlines: Sequence[float], now: float) -> bool:
    """Tell whether finished hops may wait for others, to be turned into sound together.

    Args:
        deadlines: as ``Candidate.deadline``; who does not listen in real time takes sound as it comes.
        now: on the caller's clock, seconds.
    """
    return len(deadlines) < SOUND_COMPANY and all(now + SOUND_SLACK_S < deadline < math.inf for deadline in deadlines)
