"""Whether the GPU keeps everybody in real time, by what it was measured to do; and what is given up where it does not.

Two measures. *Pace*, seconds of speech a second, is what the engine makes at a full batch: the step times measured at
start, by how much slower steps have been since. A neighbour, the language model, the vocoder: whatever slows the GPU
shows there, before anybody runs dry. Listeners by pace is the real-time factor that is forecast for them all. *Ease* is
what pace cannot tell (tokens that come late, pages that run out): how much of the time that the hardest pressed
listener gave is left. 1: nothing is wanted; 0: somebody runs dry.

What is given up, in this order, and taken back in reverse once there has been ease for a while: short hops, the first
of a speech included; solver steps of speeches that begin, down to a floor; speeches that would begin, which wait at the
gateway and are refused there if too many wait. Who was let in is never slowed down for others to come in. Pure: time is
an argument.
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
    """What is given up; each includes those before it."""

    NONE = 0
    LONG_HOPS = 1
    FEWER_STEPS = 2
    NO_NEWCOMERS = 3


# Ease below which each is given up. A hop that takes half of its listener's lead leaves the other half for a stall.
_GIVEN_UP_BELOW: Final = {Pressure.LONG_HOPS: 0.5, Pressure.FEWER_STEPS: 0.35, Pressure.NO_NEWCOMERS: 0.25}
# Only what costs nothing is given up at once: a stall of a moment must not change how speeches sound, nor keep
# listeners out for seconds. The others follow one by one, each after so long, seconds, in which ease did not come back.
_GIVEN_UP_AFTER_S: Final = 0.3
# It is taken back after so long, seconds, with so much more: two leads, so that what helped has had time to show.
# Newcomers sooner, for they come back little by little. By benchmarks/scheduling.py --slow 3.3 --pages 560 --guard
# --seconds 130, 95 % of 128 listeners wait up to 0.9 s for their first sound; 3.4 s where these are kept out 4 s too.
_TAKEN_BACK_AFTER_S: Final = {Pressure.LONG_HOPS: 4.0, Pressure.FEWER_STEPS: 4.0, Pressure.NO_NEWCOMERS: 1.0}
_TAKEN_BACK_ABOVE: Final = 0.05
# Listeners by pace, the forecast real-time factor, that is gone up to. Batches are mostly far from full, and tokens
# come the slower the more speak. On an H200 with 160 listeners the pace is 330 to 470; at 0.45, where it had fallen to
# 270 for a moment, the guard kept some of them out who could be kept (docs/BENCHMARKS.md).
_HIGHEST_RTF: Final = 0.6
# Once listeners may begin again, it takes so long until as many may as are forecast: those who had to wait would come
# all at once, and bring the next pressure with them.
_RETURN_S: Final = 8.0
# Work, in seconds, over which the slowdown is averaged: some hundred steps.
_MEMORY_S: Final = 0.5
# How much slower work is taken to be at most: with that a GPU is hardly there. After minutes in which the process was
# stopped the older work weighs nothing, and nothing is what a call of the vocoder alone is expected to take.
_WORST_SLOWDOWN: Final = 1000.0
_FIRST_STEP_S: Final = 0.002  # what a step is taken to last before one was measured: a few streams' on an H200
_STEP_WEIGHT: Final = 0.1  # of the newest step in the running mean of what one takes


class RtfGuard:
    """See the module.

    Args:
        step_s: how long a solver step takes, seconds, by chunks in it, ascending; with nobody else at work.
        is_on: it forecasts, and gives up; else it only measures.
    """

    def __init__(self, step_s: Mapping[int, float], *, is_on: bool = True) -> None:
        self._is_on = is_on
        self._sizes = tuple(step_s)
        self._alone_s = tuple(step_s.values())
        self._took_s = self._expected_s = _MEMORY_S  # sums over the last work, older work counting less
        self._calm_since = -math.inf
        self._hard_since = -math.inf
        self._judged_at = math.inf
        self._share_let_in = 1.0  # of those forecast
        self.step_s = _FIRST_STEP_S  # what a step takes at present, whatever its size
        self.pressure = Pressure.NONE

    @property
    def slowdown(self) -> float:
        """How many times longer work takes than it would with nobody else at work."""
        return max(1.0, self._took_s / max(self._expected_s, self._took_s / _WORST_SLOWDOWN))

    @property
    def pace(self) -> float:
        """Seconds of speech a second that a full batch makes at present."""
        return STEADY_BATCH / (SOLVER_STEPS * self.step_s_with(STEADY_BATCH))

    @property
    def sustainable(self) -> int | None:
        """How many listeners can be kept in real time; 0 while nobody new should begin; None where it is off."""
        return int(self._share_let_in * _HIGHEST_RTF * self.pace) if self._is_on else None

    def step_s_with(self, chunks: int) -> float:
        """Tell how long a step of so many chunks would take at present, s."""
        return self._expected(chunks) * self.slowdown

    def worked(self, chunks: int, took_s: float) -> None:
        """Note that a step of so many chunks, with all that was done beside it, took so long."""
        kept = math.exp(-took_s / _MEMORY_S)
        self._took_s = self._took_s * kept + took_s
        self._expected_s = self._expected_s * kept + self._expected(chunks)
        self.step_s += _STEP_WEIGHT * (took_s - self.step_s)

    def judge(self, ease: float, now: float) -> None:
        """Decide what is given up, or taken back.

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
        """Tell how long a step of so many chunks takes alone: interpolated, and in proportion beyond the largest."""
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
