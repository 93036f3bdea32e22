"""Which chunks take part in the next solver step: earliest deadline first, without making new listeners wait.

A stream's deadline is the instant at which its listener would run dry. A hole in speech is worse than a late start, so
chunks near their deadline come first. Then come the first hops of new streams, whose listeners wait in silence; then
wanted chunks, of which no sound lies ready and whose listener's lead has begun to shrink; then the rest, by deadline. A
stream that waits comes nearer to its deadline and so becomes urgent by itself: no stream starves.

A step takes longer the more chunks take part, and a new listener waits for ten steps; but a step of one chunk takes
nearly as long as a step of eight. So while a listener waits, steps are small: of the wanted chunks only a backlog makes
them larger, and chunks that are not yet wanted join only if many of them wait, and then so few that they cost next to
nothing. If a deadline is near, only as many chunks take part as keep the steps short enough for it. While no chunk is
wanted, the rest waits for company; meanwhile the GPU is free for the language model or a neighbour. Pure: time is an
argument.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# Slack under which a chunk is urgent: the time of several steps of a full batch (16 ms on an H200) beside a neighbour
# that takes half of the GPU.
URGENT_SLACK_S: Final = 0.15
# Slack under which a chunk is wanted, out of the two seconds that a gateway sends ahead. That leaves half a second in
# which company may come, since a step of one chunk costs as much as a step of sixteen.
WANTED_SLACK_S: Final = 1.5
# Chunks up to which a step takes little longer than for one (docs/BENCHMARKS.md: 1.1 ms for 1, 1.6 ms for 8).
QUICK_BATCH: Final = 8
# Chunks that a waiting listener may keep waiting. Of those not yet wanted, some join its steps if so many wait. They
# cost that listener a little: eight in a step take half as long again as one. 64 listeners have no more than 32 such
# chunks at any time, since each is wanted after half a second. With many more, steps without a waiting listener are too
# rare for all. Of the wanted ones, all beyond so many join: a GPU that only ever makes small steps falls behind with
# 300 listeners, and then newcomers wait longest (docs/BENCHMARKS.md, "Larger steps for many").
BACKLOG: Final = 32
# Chunks in a step while no listener waits. Larger batches gain little (728 s of audio a second with 32, 841 with 64,
# 894 with 128), and a stream that arrives during a step (8 ms) waits for its end.
STEADY_BATCH: Final = 64
# Chunks in a step while a listener waits in silence for ten steps, and no backlog asks for more: 2.7 ms each on an
# H200. By benchmarks/scheduling.py --slow 2 --pages 560 --guard --seconds 130, 95 % of 160 listeners wait at most 162
# ms with it, and 231 ms with 32.
PATIENT_BATCH: Final = 16
# Chunks that are company enough: sixteen in one step cost a seventh of sixteen steps of one.
COMPANY: Final = 16
# Finished hops that are company enough for the vocoder, and the slack with which they may wait for company: one call
# for eight costs a third of eight calls.
SOUND_COMPANY: Final = 8
SOUND_SLACK_S: Final = 1.0
# What a hop takes beyond tokens and solver steps, seconds: a call of the vocoder (1.3 to 5 ms on an H200), and the way
# to the listener.
SOUND_S: Final = 0.01


class Candidate(NamedTuple):
    """A chunk that could do a step.

    Attributes:
        key: the caller's name for it.
        deadline: when its sound must be there, on the caller's clock, seconds. For a first hop: when it was asked for.
            inf if the listener does not listen in real time.
        is_first: the listener has heard nothing of this stream.
        is_wanted: no sound of its stream lies ready and its slack is below WANTED_SLACK_S, or its pages are wanted.
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
    """Choose the chunks of the next step, the most urgent first; none if all of them wait for company.

    A chunk that waits will get company, or will be wanted once the listener has taken the sound that lies ready.

    Args:
        candidates: all chunks that could do a step.
        now: on the caller's clock, seconds.
        step_s: what a step takes at present, seconds.
        largest: the most chunks that one step can do.
        step_s_with: what a step of so many chunks would take at present, seconds.
        may_wait: nothing else needs what the candidates hold meanwhile.
        is_hurried: all listeners gain if the wanted chunks are done sooner, those that wait in silence included.
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
        takes_others_along = not may_wait or len(ranked) - wanted >= BACKLOG
        least = max(pressing, QUICK_BATCH if takes_others_along else min(wanted, QUICK_BATCH))
        patient = STEADY_BATCH if is_hurried else max(PATIENT_BATCH, min(wanted - BACKLOG, STEADY_BATCH))
        size = max(least, min(wanted, patient))
        urgent = (candidate for (group, _), candidate in ranked if group == 0)
        step_fits_s = min(((each.deadline - SOUND_S - now) / each.steps_left for each in urgent), default=math.inf)
        while size > least and step_s_with(size) > step_fits_s:
            size = max(least, size // 2)
    return [candidate for _, candidate in ranked[: min(size, largest)]]


def may_sound_later(deadlines: Sequence[float], now: float) -> bool:
    """Tell whether finished hops may wait for others, so that one vocoder call turns them into sound together.

    Args:
        deadlines: as ``Candidate.deadline``; a listener that does not listen in real time takes sound as it comes.
        now: on the caller's clock, seconds.
    """
    return len(deadlines) < SOUND_COMPANY and all(now + SOUND_SLACK_S < deadline < math.inf for deadline in deadlines)
