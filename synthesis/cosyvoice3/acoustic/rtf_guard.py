"""Forecasts from measured times whether the GPU keeps all listeners in real time, and what to give up if it does not.

There are two measures. *Pace* is how many seconds of speech the engine makes a second at a full batch: the step times
measured at start and in quiet times since, slowed down as recent steps were. Anything that slows the GPU (a neighbour,
the language model, the vocoder) shows in the pace before any listener runs dry. Listeners divided by pace is the
forecast real-time factor.
*Ease* covers what pace cannot tell, such as tokens that come late and pages that run out. It is the share that is left
of the time that the hardest pressed listener gave. 1: no sound is wanted; 0: a listener runs dry.

The guard gives up, in this order: short hops; short first hops and solver steps, down to a floor, of speech that
begins; new speech, which waits at the gateway, and is refused there if too much waits. It takes these back in reverse
once there has been ease for a while. Admitted listeners are never slowed down to let others in. Pure: time is an
argument.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from enum import IntEnum
from typing import TYPE_CHECKING, Final

from ..release.model_facts import SOLVER_STEPS
from .scheduler import STEADY_BATCH

if TYPE_CHECKING:
    from collections.abc import Mapping


class Pressure(IntEnum):
    """What the guard gives up; each level includes those before it."""

    NONE = 0
    LONG_HOPS = 1
    FEWER_STEPS = 2
    NO_NEWCOMERS = 3


# Ease below which each is given up. A hop that takes half of its listener's lead leaves the other half for a stall.
_GIVEN_UP_BELOW: Final = {Pressure.LONG_HOPS: 0.5, Pressure.FEWER_STEPS: 0.35, Pressure.NO_NEWCOMERS: 0.25}
# Only short hops are given up at once, because that costs nothing: a brief stall must not change how speech sounds, nor
# keep listeners out for seconds. The others follow one by one, each after this many seconds without a return of ease.
_GIVEN_UP_AFTER_S: Final = 0.3
# Each is taken back after this many seconds with this much more ease: two leads, so that the measure has had time to
# show its effect. New streams come back sooner, because they come back little by little. By benchmarks/scheduling.py
# --slow 3.3 --pages 560 --guard --seconds 130, 95 % of 128 listeners wait at most 0.9 s for their first sound; 3.4 s if
# new streams too are kept out for 4 s.
_TAKEN_BACK_AFTER_S: Final = {Pressure.LONG_HOPS: 4.0, Pressure.FEWER_STEPS: 4.0, Pressure.NO_NEWCOMERS: 1.0}
_TAKEN_BACK_ABOVE: Final = 0.05
# Listeners by pace (the forecast real-time factor) up to which the guard admits. Many batches are far from full, and
# tokens come more slowly the more streams speak. With 320 and 400 listeners on an H200 the pace is 430 to 460, and no
# listener had a hole. With 0.6, and eight first hops at once, the median of 400 first sounds was 1,854 ms in place of
# 1,158 (docs/BENCHMARKS.md, "Larger steps for many"). On the simulated clock a GPU that is 3.3 times slower has no hole
# either (benchmarks/scheduling.py --guard --rate 16 --slow 3.3 --pages 560, three seeds).
HIGHEST_RTF: Final = 0.8
# Time after which as many listeners as forecast may begin, once listeners may begin again. Otherwise all that had to
# wait would come at once and bring the next pressure with them.
_RETURN_S: Final = 8.0
# Work, in seconds, over which the slowdown is averaged: about a hundred steps.
_MEMORY_S: Final = 0.5
# The largest slowdown that is believed; with it a GPU is hardly there. After minutes in which the process was stopped,
# older work weighs nothing, and a call of the vocoder alone is expected to take no time, so the quotient has no bound.
_WORST_SLOWDOWN: Final = 1000.0
# Assumed duration of a step before the first is measured: that of a few streams on an H200.
_FIRST_STEP_S: Final = 0.002
_STEP_WEIGHT: Final = 0.1  # weight of the newest step in the running mean of step durations


class RtfGuard:
    """Judges pace and ease; see the module.

    Args:
        step_s: how long a solver step takes with no other work on the GPU, seconds, by chunks in it, ascending.
        is_on: the guard forecasts and gives up; if not, it only measures.
        steps: solver steps of a chunk.
        highest_rtf: listeners by pace up to which it admits.
    """

    def __init__(
        self,
        step_s: Mapping[int, float],
        *,
        is_on: bool = True,
        steps: int = SOLVER_STEPS,
        highest_rtf: float = HIGHEST_RTF,
    ) -> None:
        self._is_on = is_on
        self._steps = steps
        self._highest_rtf = highest_rtf
        self._sizes = tuple(step_s)
        self._alone_s = tuple(step_s.values())  # the least that was measured
        self._took_s = self._expected_s = _MEMORY_S  # sums over recent work; older work counts less
        self._calm_since = -math.inf
        self._hard_since = -math.inf
        self._judged_at = math.inf
        self._share_let_in = 1.0  # of the forecast listeners, the share that may be in
        self.step_s = _FIRST_STEP_S  # what a step takes at present, of any size
        self.pressure = Pressure.NONE

    @property
    def slowdown(self) -> float:
        """How many times longer work takes than it would with no other work on the GPU."""
        return max(1.0, self._took_s / max(self._expected_s, self._took_s / _WORST_SLOWDOWN))

    @property
    def pace(self) -> float:
        """Seconds of speech a second that a full batch makes at present."""
        return STEADY_BATCH / (self._steps * self.step_s_with(STEADY_BATCH))

    @property
    def sustainable(self) -> int | None:
        """How many listeners the engine keeps in real time; 0 while none should begin; None if the guard is off."""
        return int(self._share_let_in * self._highest_rtf * self.pace) if self._is_on else None

    def step_s_with(self, chunks: int) -> float:
        """Tell how long a step of this many chunks would take at present, s."""
        return self._expected(chunks) * self.slowdown

    def measured(self, step_s: Mapping[int, float]) -> None:
        """Take in steps that were measured once more with nothing else to do, seconds, by chunks.

        Other work on the GPU only makes a step longer. So the least counts, and a start beside another program does not
        spoil the forecast for good.
        """
        known = dict(zip(self._sizes, self._alone_s, strict=True))
        least = {size: min(known.get(size, math.inf), took_s) for size, took_s in step_s.items()}
        kept = dict(sorted((known | least).items()))
        self._sizes, self._alone_s = tuple(kept), tuple(kept.values())

    def worked(self, chunks: int, took_s: float) -> None:
        """Note how long a step of this many chunks took, together with all that was done beside it."""
        kept = math.exp(-took_s / _MEMORY_S)
        self._took_s = self._took_s * kept + took_s
        self._expected_s = self._expected_s * kept + self._expected(chunks)
        self.step_s += _STEP_WEIGHT * (took_s - self.step_s)

    def judge(self, ease: float, now: float) -> None:
        """Decide what to give up, or to take back.

        Args:
            ease: see the module.
            now: on any monotonic clock, seconds.
        """
        if self._is_on:
            self._settle_pressure(ease, now)
            passed_s, self._judged_at = max(0.0, now - self._judged_at), now
            is_closed = self.pressure is Pressure.NO_NEWCOMERS
            self._share_let_in = 0.0 if is_closed else min(1.0, self._share_let_in + passed_s / _RETURN_S)

    def _settle_pressure(self, ease: float, now: float) -> None:
        fitting = max((level for level, below in _GIVEN_UP_BELOW.items() if ease < below), default=Pressure.NONE)
        if fitting <= self.pressure:
            self._hard_since = now
        elif self.pressure is Pressure.NONE or now >= self._hard_since + _GIVEN_UP_AFTER_S:
            self.pressure = Pressure(self.pressure + 1)
            self._hard_since = now
        if self.pressure is Pressure.NONE:
            return
        if ease < _GIVEN_UP_BELOW[self.pressure] + _TAKEN_BACK_ABOVE:
            self._calm_since = now
        elif now >= self._calm_since + _TAKEN_BACK_AFTER_S[self.pressure]:
            self.pressure = Pressure(self.pressure - 1)
            self._calm_since = now

    def _expected(self, chunks: int) -> float:
        """Tell how long a step of this many chunks takes alone: interpolated, and in proportion beyond the largest."""
        if chunks == 0:
            return 0.0
        above = bisect_left(self._sizes, chunks)
        if above == len(self._sizes):
            return self._alone_s[-1] * chunks / self._sizes[-1]
        if above == 0:
            return self._alone_s[0]
        low, high = self._sizes[above - 1], self._sizes[above]
        share = (chunks - low) / (high - low)
        return self._alone_s[above - 1] * (1 - share) + self._alone_s[above] * share
