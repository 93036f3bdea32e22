"""The velocity network over chunks for engines that keep no keys, such as TensorRT: each step sees the whole speech.

Later chunks then need only a finished chunk's noise at each solver step and its conditioning: 200 KB a page instead of
90 MB. The price is that a step costs as much as all chunks so far. Plan and sound are those of ``EagerNetwork``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import torch

from ...release.model_facts import CHUNK_FRAMES, MEL_BINS, SOLVER_STEPS
from ..chunk_solver import CHUNK, FIRST_PAGE, PHASE, STEP, chunks_in
from ..solver_grids import ONLY_FULL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from ..solver_grids import SolverGrids
    from ..velocity_engine import VelocityEngine


_BRANCHES: Final = 2  # rows of a chunk: guided and unguided; a distilled flow, which has one, does not run here


class SequenceNetwork:
    """A ``ChunkNetwork`` over whole sequences; see the module.

    Args:
        engine: evaluates whole sequences.
        pages: how many chunks can be kept.
        device: the engine's.
        grids: the times at which it can be evaluated.
    """

    def __init__(
        self,
        engine: VelocityEngine,
        pages: int,
        device: torch.device,
        grids: SolverGrids = ONLY_FULL,
    ) -> None:
        self._engine = engine
        self._noise = torch.zeros(pages, SOLVER_STEPS, CHUNK_FRAMES, MEL_BINS, device=device)
        self._given = torch.zeros(pages, CHUNK_FRAMES, 3 * MEL_BINS, device=device)
        self._times = torch.tensor(grids.phase_times(), device=device)

    def __call__(self, features: Tensor, plan: Tensor, lengths: Sequence[int]) -> Tensor:
        """Evaluate one step of every chunk; see ``ChunkNetwork``."""
        count = len(plan)
        step, chunk, pages = plan[:, STEP], plan[:, CHUNK], plan[:, FIRST_PAGE : FIRST_PAGE + chunks_in(lengths)]
        own = pages.gather(1, chunk[:, None])[:, 0]
        noise, given = features[:count].split((MEL_BINS, 3 * MEL_BINS), dim=-1)  # type: ignore[no-untyped-call] # torch's
        self._noise[own, step] = noise
        self._given[own] = given

        x = self._noise[pages, step[:, None]].flatten(1, 2)
        cond, mu, speaker = self._given[pages].flatten(1, 2).chunk(3, dim=-1)
        velocity = self._engine.velocity(
            torch.cat((x, x)),
            _guided_only(mu),
            _guided_only(cond),
            _guided_only(speaker[:, 0]),
            self._times[plan[:, PHASE]].repeat(_BRANCHES),
            [*lengths, *lengths],
            is_chunked=True,
        )
        frames = chunk[:, None] * CHUNK_FRAMES + torch.arange(CHUNK_FRAMES, device=plan.device)
        index = frames.repeat(_BRANCHES, 1)[..., None].expand(-1, -1, MEL_BINS)
        return velocity.gather(1, index)


def _guided_only(conditions: Tensor) -> Tensor:
    """Add the unguided rows, which get no conditioning: (B, ...) -> (2 B, ...)."""
    return torch.cat((conditions, torch.zeros_like(conditions)))
