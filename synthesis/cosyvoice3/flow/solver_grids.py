"""At which times the flow's solver steps, and with what guidance: as the model directory says, or fewer steps. Pure.

A chunk leaves its keys and values in its page step by step, so every chunk that looks back at it must step at the same
times: a stream and the prompt that it continues share a grid from their first chunk to their last. The times of all
grids form one table; a *phase* is a row of it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final, Self

from ..release.model_facts import GUIDANCE_RATE, SOLVER_STEPS

if TYPE_CHECKING:
    from torch import Tensor

    from ..release.dimensions import FlowDimensions, Spacing


def step_times(steps: int = SOLVER_STEPS, spacing: Spacing = "cosine") -> list[float]:
    """List a grid's times from 0 to 1: 1 - cos(pi/2 * k/steps), dense where speech takes shape, or evenly."""
    if spacing == "linear":
        return [k / steps for k in range(steps + 1)]
    return [1 - math.cos(math.pi / 2 * k / steps) for k in range(steps + 1)]


@dataclass(frozen=True, slots=True)
class SolverGrids:
    """The grids that an engine can step on.

    Attributes:
        fewest: steps of the shorter grid, 1 to ``full``; with ``full`` there is only one.
        full: steps of the grid for which the model was made.
        spacing: how the times of a grid lie.
        guidance: how far the solver steers away from what the network says without text and voice; 0: it does not ask.
    """

    fewest: int = SOLVER_STEPS
    full: int = SOLVER_STEPS
    spacing: Spacing = "cosine"
    guidance: float = GUIDANCE_RATE

    @classmethod
    def of(cls, dimensions: FlowDimensions, fewest: int = SOLVER_STEPS) -> Self:
        """Take the grids of a model. One that was made for few steps gets all of them, always."""
        full = dimensions.steps
        return cls(min(fewest, full), full, dimensions.spacing, dimensions.guidance)

    @property
    def all(self) -> tuple[int, ...]:
        """Steps of each grid, the full one first."""
        return (self.full,) if self.fewest == self.full else (self.full, self.fewest)

    @property
    def branches(self) -> int:
        """Rows of the network for each chunk: the guided one and, if the solver steers, the unguided one."""
        return 2 if self.guidance else 1

    def guide(self, velocities: Tensor) -> Tensor:
        """Steer away from what the network says without text and voice (classifier-free guidance).

        Args:
            velocities: (branches * B, ...): the guided rows, then the unguided ones, if there are any.

        Returns:
            (B, ...).
        """
        if not self.guidance:
            return velocities
        guided, unguided = velocities.chunk(2)
        return (1 + self.guidance) * guided - self.guidance * unguided

    def first_phase(self, steps: int) -> int:
        """Tell where a grid begins in the table."""
        return 0 if steps == self.full else self.full

    def phase_times(self) -> list[float]:
        """List each phase's time."""
        return [time for steps in self.all for time in step_times(steps, self.spacing)[:-1]]

    def phase_ends(self) -> list[float]:
        """List the time to which each phase's step goes."""
        return [time for steps in self.all for time in step_times(steps, self.spacing)[1:]]

    def phase_sizes(self) -> list[float]:
        """List how far each phase's step goes."""
        return [after - before for steps in self.all for before, after in pairwise(step_times(steps, self.spacing))]


ONLY_FULL: Final = SolverGrids()
