"""Solver steps as CUDA graphs: captured once for each batch size, replayed with another plan.

The host takes several times longer to launch a step's two hundred kernels one by one than the GPU takes to run them. It
launches a graph of them at once. Batches are filled up to the next captured size with rows that work in slot 0 and page
0, which belong to no stream.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import torch

from ..release.model_facts import CHUNK_FRAMES, MEL_BINS
from .chunk_solver import CONTEXT_TOKENS, FIRST_PAGE, FRAMES, ChunkSolver
from .solver_grids import ONLY_FULL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from .chunk_solver import ChunkNetwork, ChunkStart, ChunkStep
    from .flow import Flow
    from .solver_grids import SolverGrids

# A step of up to 4 chunks takes as long as a step of one, so finer sizes there would only take memory. Above, at most a
# third of a batch is filling.
BATCH_SIZES: Final = (1, 2, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128)
# Chunks that begin together, likewise. More begin only after a standstill.
BEGIN_SIZES: Final = (1, 2, 4, 8, 16, 32, 64)
_BEGINS_IN_FLIGHT: Final = 8
STEPS_IN_FLIGHT: Final = 4  # plans that may be on their way to the device at once; the engine stays fewer steps ahead

_WARM_UPS: Final = 2  # the first launch compiles and picks algorithms, which a capture must not do


@dataclass(frozen=True, slots=True)
class _Beginning:
    """A captured ``ChunkSolver.place`` and what it reads."""

    graph: torch.cuda.CUDAGraph
    numbers: Tensor
    cond: Tensor
    speaker: Tensor


class GraphSolver:
    """A ``ChunkSolver`` on a GPU whose steps never wait for the host.

    Args:
        flow: the weights, on the GPU.
        network: must launch the same kernels whatever the plan says.
        slots: how many chunks may be under way; slot 0 only fills batches.
        max_chunks: how many chunks a stream may have, its prompt's included.
        batch_sizes: the sizes to capture; the largest is the most chunks that a step can do.
        grids: at which times it can step; the network's own.
    """

    def __init__(
        self,
        flow: Flow,
        network: ChunkNetwork,
        slots: int,
        max_chunks: int,
        batch_sizes: Sequence[int] = BATCH_SIZES,
        grids: SolverGrids = ONLY_FULL,
    ) -> None:
        self._solver = ChunkSolver(flow, network, slots, grids)
        self._sizes = tuple(batch_sizes)
        self._width = FIRST_PAGE + max_chunks
        shape = (self._sizes[-1], self._width)
        self._staging = [torch.zeros(shape, dtype=torch.int64).pin_memory() for _ in range(STEPS_IN_FLIGHT)]
        self._staged = 0
        self._filler = np.zeros(self._width, np.int64)
        self._filler[FRAMES] = CHUNK_FRAMES
        self._plans: list[Tensor] = []
        self._graphs: list[torch.cuda.CUDAGraph] = []
        self._pool = torch.cuda.graph_pool_handle()
        self._capture()
        self._begin_staging = [
            (
                torch.zeros(BEGIN_SIZES[-1], 2 + CONTEXT_TOKENS, dtype=torch.int64).pin_memory(),
                torch.cuda.Event(blocking=True),  # type: ignore[no-untyped-call] # torch's
            )
            for _ in range(_BEGINS_IN_FLIGHT)
        ]
        self._begin_staged = 0
        self._beginnings = [self._capture_beginning(size) for size in BEGIN_SIZES]

    @property
    def largest_batch(self) -> int:
        """How many chunks one step can advance."""
        return self._sizes[-1]

    @property
    def device(self) -> torch.device:
        """The device on which it runs."""
        return self._solver.device

    def begin(self, starts: Sequence[ChunkStart]) -> None:
        """Prepare the slots of new chunks: two copies and a graph, in place of some twenty launches."""
        count = len(starts)
        if count > BEGIN_SIZES[-1]:
            self._solver.begin(starts)
            return
        beginning = self._beginnings[bisect_left(BEGIN_SIZES, count)]
        staging, is_read = self._begin_staging[self._begin_staged]
        self._begin_staged = (self._begin_staged + 1) % len(self._begin_staging)
        is_read.synchronize()  # it was, long ago
        numbers = staging.numpy()
        for row, start in zip(numbers, starts, strict=False):
            row[0], row[1], row[2:] = start.slot, start.chunk, start.tokens
        numbers[count : len(beginning.numbers)] = 0  # slot 0
        beginning.numbers.copy_(staging[: len(beginning.numbers)], non_blocking=True)
        is_read.record()
        torch.stack(self._solver.mels(starts), out=beginning.cond[:count])
        torch.stack([start.speaker for start in starts], out=beginning.speaker[:count])
        beginning.graph.replay()

    def step(self, steps: Sequence[ChunkStep]) -> None:
        """Do one solver step of each of these chunks, at most ``largest_batch``.

        The caller must not be more than STEPS_IN_FLIGHT - 1 steps ahead of the device.
        """
        bucket = bisect_left(self._sizes, len(steps))
        size = self._sizes[bucket]
        staging = self._staging[self._staged]
        self._staged = (self._staged + 1) % STEPS_IN_FLIGHT
        rows = staging.numpy()
        for row, step in zip(rows, steps, strict=False):
            row[:FIRST_PAGE] = step.slot, step.step, step.chunk, step.frames, step.first_phase + step.step
            row[FIRST_PAGE : FIRST_PAGE + step.chunk + 1] = step.pages[: step.chunk + 1]
        rows[len(steps) : size] = self._filler
        self._plans[bucket].copy_(staging[:size], non_blocking=True)
        self._graphs[bucket].replay()

    @property
    def frames(self) -> Tensor:
        """The state of all slots: (slots, CHUNK_FRAMES, M) float32; of a finished chunk, its mel."""
        return self._solver.frames

    def _capture(self) -> None:
        """Capture every size, the largest first, so that the smaller ones fit into the memory that it took."""
        filler = torch.from_numpy(self._filler).to(self.device)
        for size in reversed(self._sizes):
            plan, lengths = filler.repeat(size, 1), [CHUNK_FRAMES] * size
            for _ in range(_WARM_UPS):
                self._solver.advance(plan, lengths)
            torch.cuda.synchronize(self.device)
            graph = torch.cuda.CUDAGraph()
            # Other threads may launch work meanwhile; that work is not part of this graph.
            with torch.cuda.graph(graph, pool=self._pool, capture_error_mode="thread_local"):
                self._solver.advance(plan, lengths)
            self._plans.insert(0, plan)
            self._graphs.insert(0, graph)

    def _capture_beginning(self, size: int) -> _Beginning:
        numbers = torch.zeros(size, 2 + CONTEXT_TOKENS, dtype=torch.int64, device=self.device)
        cond = torch.zeros(size, CHUNK_FRAMES, MEL_BINS, device=self.device)
        speaker = torch.zeros(size, MEL_BINS, device=self.device)
        for _ in range(_WARM_UPS):
            self._solver.place(numbers, cond, speaker)
        torch.cuda.synchronize(self.device)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, pool=self._pool, capture_error_mode="thread_local"):
            self._solver.place(numbers, cond, speaker)
        return _Beginning(graph, numbers, cond, speaker)
