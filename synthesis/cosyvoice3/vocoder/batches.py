"""The vocoder for many streams: few shapes, so that on a GPU each is a CUDA graph.

A hop's mel frames lie in the solver's slots. A launch gathers them, runs ``Vocoder.step`` and copies 16-bit samples to
the host, without waiting. Rows that only fill a batch work in the vocoder's spare slot.

The duration of each program is measured when it is captured, and hops are spread over the programs that together take
least time. The reason is cuDNN, whose choice of kernels is sometimes bad: with torch 2.11 on an H100, 16 rows of 138
frames take 140 ms, and 8 rows 4.5 ms (docs/BENCHMARKS.md). All work on the GPU waits for such a program, and so do all
listeners.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import torch

from .vocoder import MEL_TAIL, RowPlan, VocoderSlots

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt
    from torch import Tensor

    from .vocoder import Vocoder, VocoderState


class Shape(NamedTuple):
    """A program's shape: how many mel frames are new, and how many are decoded."""

    new_frames: int
    decoded_frames: int


# A first hop of 10 tokens; then hops of 1, 2 and 4 chunks (``token_chunker.py``), each with its context decoded again.
SHAPES: Final = (Shape(26, 26), *(Shape(frames, frames + MEL_TAIL) for frames in (50, 100, 200)))
ROWS: Final = (1, 2, 4, 8, 16)

_PLAN_WIDTH: Final = len(RowPlan._fields)
_LOUDEST: Final = 32_767  # the largest value of int16
_WARM_UPS: Final = 2  # the first runs pick algorithms, which a capture must not do
_TRIES: Final = 3  # measurements of a program, of which the fastest counts
_LAUNCHES_AT_ONCE: Final = 6  # of each program, that may be under way before the first is read

Job = tuple["VocoderState", "Sequence[int]", bool]  # stream, its new frames' rows in the solver, whether it ends


@dataclass(frozen=True, slots=True)
class Launch:
    """A batch under way.

    Attributes:
        samples: (rows, n) int16 on the host, not to be read before ``done``.
        done: when the copy has arrived; None if nothing is asynchronous.
    """

    samples: Tensor
    done: torch.cuda.Event | None

    def result(self) -> npt.NDArray[np.int16]:
        """Wait for the batch: (rows, n) int16, of which each row's first samples are its stream's."""
        if self.done is not None:
            self.done.synchronize()
        samples: npt.NDArray[np.int16] = self.samples.numpy()
        return samples


def as_int16(sound: Tensor) -> Tensor:
    """Turn sound, float32 within -1 to 1, into int16 samples of the same shape."""
    return (sound * _LOUDEST).round().to(torch.int16)


class VocoderBatches:
    """Launches the vocoder; owns the state that streams leave in it.

    Args:
        vocoder: the weights.
        streams: how many may be open at once.
        frames: (slots, CHUNK_FRAMES, M) where the solver leaves mel.
        uses_graphs: capture every shape now; only on a GPU.

    Attributes:
        took_ms: how long each program took when it was captured, by its shape and rows; empty without graphs.
    """

    def __init__(self, vocoder: Vocoder, streams: int, frames: Tensor, *, uses_graphs: bool) -> None:
        self._vocoder = vocoder
        self._slots = VocoderSlots(streams, frames.device)
        self._frames = frames.flatten(0, 1)
        self._graphs: dict[tuple[int, Shape], tuple[torch.cuda.CUDAGraph, Tensor, Tensor]] = {}
        self.took_ms: dict[Shape, dict[int, float]] = {}
        if uses_graphs:
            self._capture()
            self._reserve()
            self.took_ms = {shape: self._measure_ms(shape) for shape in SHAPES}
        self._programs = {shape: cheapest_programs(took_ms, streams) for shape, took_ms in self.took_ms.items()}

    def allocate(self) -> VocoderState:
        """Start a stream.

        Raises:
            NoFreeSlot: ``streams`` are open already.
        """
        return self._slots.allocate()

    def free(self, state: VocoderState) -> None:
        """End a stream."""
        self._slots.free(state)

    def launch(self, jobs: Sequence[Job]) -> list[tuple[Launch, list[tuple[int, int]]]]:
        """Turn hops into sound.

        Returns:
            The launches. Each lists its members in row order: index into ``jobs``, and how many samples are its own.
        """
        by_shape: dict[Shape, list[tuple[int, RowPlan]]] = {}
        for index, (state, mel_rows, is_last) in enumerate(jobs):
            plan = state.advance(len(mel_rows), is_last=is_last)
            by_shape.setdefault(_fitting(plan), []).append((index, plan))
        launches = []
        for shape, members in by_shape.items():
            left = members
            while left:
                rows = self._programs[shape][len(left)] if self._graphs else min(len(left), ROWS[-1])
                batch, left = left[:rows], left[rows:]
                launch = self._launch(shape, rows, [plan for _, plan in batch], [jobs[index][1] for index, _ in batch])
                launches.append((launch, [(index, plan.samples) for index, plan in batch]))
        return launches

    def _launch(self, shape: Shape, rows: int, plans: list[RowPlan], mel_rows: list[Sequence[int]]) -> Launch:
        width = _PLAN_WIDTH + shape.new_frames
        table = np.zeros((rows, width), np.int64)
        for row, (own, mel) in zip(table, zip(plans, mel_rows, strict=True), strict=False):
            row[:_PLAN_WIDTH] = own
            row[_PLAN_WIDTH : _PLAN_WIDTH + len(mel)] = mel
        table[len(plans) :, :_PLAN_WIDTH] = self._slots.spare, 0, shape.new_frames, False
        numbers = torch.from_numpy(table)
        if not self._graphs:
            return Launch(self._run(shape, numbers.to(self._frames.device)).cpu(), None)
        graph, plan, sound = self._graphs[rows, shape]
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
        return as_int16(sound)

    def _capture(self) -> None:
        """Capture every shape, the largest first, so that the smaller ones fit into the memory that it took."""
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

    def _measure_ms(self, shape: Shape) -> dict[int, float]:
        """Measure how long each program of a shape takes, by its rows."""

        def once(graph: torch.cuda.CUDAGraph) -> float:
            begun, ended = (torch.cuda.Event(enable_timing=True) for _ in range(2))  # type: ignore[no-untyped-call] # torch's
            begun.record()
            graph.replay()
            ended.record()
            ended.synchronize()
            took_ms: float = begun.elapsed_time(ended)
            return took_ms

        return {rows: min(once(self._graphs[rows, shape][0]) for _ in range(_TRIES)) for rows in ROWS}

    def _reserve(self) -> None:
        """Allocate the host's page-locked memory that launches will take. Freed again, it stays reserved for them.

        Allocating more of it later can wait for whatever the GPU is doing.
        """
        held = []
        for _, plan, sound in self._graphs.values():
            for like in (plan, sound):
                held += [torch.empty(like.shape, dtype=like.dtype, pin_memory=True) for _ in range(_LAUNCHES_AT_ONCE)]
        del held


def cheapest_programs(took_ms: Mapping[int, float], most: int) -> list[int]:
    """Find how to spread hops over programs so that together they take the least time.

    Args:
        took_ms: how long each program takes, by its rows, which need not all be used.
        most: hops at once.

    Returns:
        For 0, 1, ... ``most`` hops, the rows of the first program; for the hops that remain, look up their number.
    """
    programs, total_ms = [0], [0.0]
    for hops in range(1, most + 1):
        after_ms = {rows: took + total_ms[max(0, hops - rows)] for rows, took in took_ms.items()}
        programs.append(min(after_ms, key=after_ms.__getitem__))
        total_ms.append(after_ms[programs[-1]])
    return programs


def _fitting(plan: RowPlan) -> Shape:
    """Find the smallest shape that holds a call."""
    return next(
        shape for shape in SHAPES if plan.new_frames <= shape.new_frames and plan.decoded_frames <= shape.decoded_frames
    )
