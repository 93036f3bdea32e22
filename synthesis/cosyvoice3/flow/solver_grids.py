"""At which times the flow's solver steps: ten steps, for which the model was made, or fewer if time is short. Pure.

A chunk leaves its keys and values in its page step by step, so every chunk that looks back at it must step at the same
times: a stream and the prompt that it continues share a grid from their first chunk to their last. The times of all
grids form one table; a *phase* is a row of it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from ..release.model_facts import SOLVER_STEPS


def step_times(steps: int = SOLVER_STEPS) -> list[float]:
    """List a grid's times: 1 - cos(pi/2 * k/steps) for k from 0 to ``steps``, dense where speech takes shape."""
    return [1 - math.cos(math.pi / 2 * k / steps) for k in range(steps + 1)]


@dataclass(frozen=True, slots=True)
class SolverGrids:
    """The grids that an engine can step on.

    Attributes:
        fewest: steps of the shorter grid, 1 to SOLVER_STEPS; with SOLVER_STEPS there is only one.
    """

    fewest: int = SOLVER_STEPS

    @property
    def all(self) -> tuple[int, ...]:
        """Steps of each grid, the full one first."""
        return (SOLVER_STEPS,) if self.fewest == SOLVER_STEPS else (SOLVER_STEPS, self.fewest)

    def first_phase(self, steps: int) -> int:
        """Tell where a grid begins in the table."""
        return 0 if steps == SOLVER_STEPS else SOLVER_STEPS

    def phase_times(self) -> list[float]:
        """List each phase's time."""
        return [time for steps in self.all for time in step_times(steps)[:-1]]

    def phase_sizes(self) -> list[float]:
        """List how far each phase's step goes."""
        return [after - before for steps in self.all for before, after in pairwise(step_times(steps))]


ONLY_FULL: Final = SolverGrids()
