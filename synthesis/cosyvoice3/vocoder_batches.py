"""The vocoder for many streams: few shapes, so that on a GPU each is a CUDA graph.

A hop's mel frames lie in the solver's slots; a launch gathers them, runs ``Vocoder.step`` and copies 16-bit samples to
the host, without waiting. Rows that fill a batch up work in the vocoder's spare slot.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import torch

from .vocoder import MEL_TAIL, RowPlan, VocoderSlots

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt
    from torch import Tensor

    from .vocoder import Vocoder, VocoderState


class Shape(NamedTuple):
    """A program's shape: mel frames that are new, and mel frames that are decoded."""

    new_frames: int
    decoded_frames: int


# A first hop of 10 tokens; then hops of 1, 2 and 4 chunks (``token_chunker.py``) with the context decoded anew in each.
SHAPES: Final = (Shape(26, 26), *(Shape(frames, frames + MEL_TAIL) for frames in (50, 100, 200)))
ROWS: Final = (1, 2, 4, 8, 16)

_PLAN_WIDTH: Final = len(RowPlan._fields)
_LOUDEST: Final = 32_767  # of int16
_WARM_UPS: Final = 2  # the first runs pick algorithms, which a capture must not do
_LAUNCHES_AT_ONCE: Final = 6  # of each program, that may be on their way before the first was read

Job = tuple["VocoderState", "Sequence[int]", bool]  # stream, its new frames' rows in the solver, whether it ends


@dataclass(frozen=True, slots=True)
class Launch:
    """A batch on its way.

    Attributes:
        samples: (rows, n) int16 on the host, not to be read before ``done``.
        done: when the copy has arrived; None where nothing is asynchronous.
    """

    samples: Tensor
    done: torch.cuda.Event | None

    def result(self) -> npt.NDArray[np.int16]:
        """Wait for the batch: (rows, n) int16, of which each row's first samples are its stream's."""
        if self.done is not None:
            self.done.synchronize()
        samples: npt.NDArray[np.int16] = self.samples.numpy()
        return samples


class VocoderBatches:
    """Launches the vocoder; owns what streams leave in it.

    Args:
        vocoder: the weights.
        streams: how many may be open at once.
        frames: (slots, CHUNK_FRAMES, M) where the solver leaves mel.
        uses_graphs: capture every shape now; only on a GPU.
    """

    def __init__(self, vocoder: Vocoder, streams: int, frames: Tensor, *, uses_graphs: bool) -> None:
        self._vocoder = vocoder
        self._slots = VocoderSlots(streams, frames.device)
        self._frames = frames.flatten(0, 1)
        self._graphs: dict[tuple[int, Shape], tuple[torch.cuda.CUDAGraph, Tensor, Tensor]] = {}
        if uses_graphs:
            self._capture()
            self._reserve()

    def allocate(self) -> VocoderState:
        """Start a stream.

        Raises:
            NoFreeSlot: as many are open as were said.
        """
        return self._slots.allocate()

    def free(self, state: VocoderState) -> None:
        """End a stream."""
        self._slots.free(state)

    def launch(self, jobs: Sequence[Job]) -> list[tuple[Launch, list[tuple[int, int]]]]:
        """Turn hops into sound.

        Returns:
            Launches, and of each the members in row order: index into ``jobs`` and how many samples are its own.
        """
        by_shape: dict[Shape, list[tuple[int, RowPlan]]] = {}
        for index, (state, rows, is_last) in enumerate(jobs):
            plan = state.advance(len(rows), is_last=is_last)
            by_shape.setdefault(_fitting(plan), []).append((index, plan))
        launches = []
        for shape, members in by_shape.items():
            for first in range(0, len(members), ROWS[-1]):
                batch = members[first : first + ROWS[-1]]
                launch = self._launch(shape, [plan for _, plan in batch], [jobs[index][1] for index, _ in batch])
                launches.append((launch, [(index, plan.samples) for index, plan in batch]))
        return launches

    def _launch(self, shape: Shape, plans: list[RowPlan], mel_rows: list[Sequence[int]]) -> Launch:
        width = _PLAN_WIDTH + shape.new_frames
        count = next(rows for rows in ROWS if rows >= len(plans)) if self._graphs else len(plans)
        filler = [self._slots.spare, 0, shape.new_frames, False]
        table = [[*plan, *rows] for plan, rows in zip(plans, mel_rows, strict=True)]
        table += [filler] * (count - len(plans))
        numbers = torch.tensor([row + [0] * (width - len(row)) for row in table], dtype=torch.int64)
        if not self._graphs:
            return Launch(self._run(shape, numbers.to(self._frames.device)).cpu(), None)
        graph, plan, sound = self._graphs[count, shape]
        plan.copy_(numbers.pin_memory(), non_blocking=True)
        graph.replay()
        samples = torch.empty(sound.shape, dtype=sound.dtype, pin_memory=True)
        samples.copy_(sound, non_blocking=True)
        done = torch.cuda.Event(blocking=True)  # type: ignore[no-untyped-call] # torch's
        done.record()
        return Launch(samples, done)

    def _run(self, shape: Shape, numbers: Tensor) -> Tensor:
        """Run one program: (rows, plan and mel rows) int64 -> (rows, n) int16."""
        plans, mel_rows = numbers.split((_PLAN_WIDTH, shape.new_frames), dim=1)  # type: ignore[no-untyped-call] # torch's
        sound = self._vocoder.step(self._slots, plans, self._frames[mel_rows], shape.decoded_frames)
        return (sound * _LOUDEST).round().to(torch.int16)

    def _capture(self) -> None:
        """Capture every shape, the largest first: the smaller ones then fit into the memory it took."""
        pool = torch.cuda.graph_pool_handle()
        for shape in reversed(SHAPES):
            for rows in reversed(ROWS):
                filler = [self._slots.spare, 0, shape.new_frames, False] + [0] * shape.new_frames
                numbers = torch.tensor([filler] * rows, device=self._frames.device)
                for _ in range(_WARM_UPS):
                    self._run(shape, numbers)
                torch.cuda.synchronize(self._frames.device)
                graph = torch.cuda.CUDAGraph()
                with torch.cuda.graph(graph, pool=pool, capture_error_mode="thread_local"):
                    sound = self._run(shape, numbers)
                self._graphs[rows, shape] = graph, numbers, sound

    def _reserve(self) -> None:
        """Have the host's page-locked memory made that launches will take; given back, it waits for them.

        Making more of it stops whatever uses the GPU: where hops got longer for the first time, streams were seen to
        stand still for 0.2 s, some dozens of times (docs/PERFORMANCE.md).
        """
        held = []
        for _, plan, sound in self._graphs.values():
            for like in (plan, sound):
                held += [torch.empty(like.shape, dtype=like.dtype, pin_memory=True) for _ in range(_LAUNCHES_AT_ONCE)]
        del held


def _fitting(plan: RowPlan) -> Shape:
    """Find the smallest shape that holds a call."""
    return next(
        shape for shape in SHAPES if plan.new_frames <= shape.new_frames and plan.decoded_frames <= shape.decoded_frames
    )
