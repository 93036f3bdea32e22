"""How long one solver step of the flow takes, for 1 to 128 streams at once, and what that makes in audio a second.

    python benchmarks/flow.py MODEL_DIR [--context 8] [--profile] [--trt-engine FILE]

On a GPU: the fused network in CUDA graphs, bfloat16, beside the eager one, and beside TensorRT's engine of FILE, which
is built first if it is not there (docs/TENSORRT.md). Ratios within one run count; the machine is named in
docs/BENCHMARKS.md, with the run's figures.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from pathlib import Path

import torch

from sayline.synthesis.cosyvoice3.flow.chunk_solver import (
    CONTEXT_TOKENS,
    ChunkSolver,
    ChunkStart,
    ChunkStep,
    EagerNetwork,
    Pages,
)
from sayline.synthesis.cosyvoice3.flow.flow import Flow, load_flow
from sayline.synthesis.cosyvoice3.flow.fused_network import FusedNetwork
from sayline.synthesis.cosyvoice3.flow.graph_solver import BATCH_SIZES, GraphSolver
from sayline.synthesis.cosyvoice3.flow.tensorrt.engine_file import load_file
from sayline.synthesis.cosyvoice3.flow.tensorrt.sequence_network import SequenceNetwork
from sayline.synthesis.cosyvoice3.process.assembly import MAX_CHUNKS, TENSORRT_BATCH
from sayline.synthesis.cosyvoice3.release.dimensions import ModelDimensions
from sayline.synthesis.cosyvoice3.release.model_facts import CHUNK_FRAMES, MEL_BINS, SOLVER_STEPS

STREAMS = (1, 2, 4, 8, 16, 32, 64, 128)
REPEATS = 30


def new_starts(count: int, chunks: int, device: torch.device) -> list[ChunkStart]:
    """Invent the starts of `chunks` consecutive chunks for each of `count` streams."""
    generator = torch.Generator().manual_seed(count)
    speaker = torch.randn(MEL_BINS, generator=generator).to(device)
    cond = torch.zeros(CHUNK_FRAMES, MEL_BINS, device=device)
    return [
        ChunkStart(
            1 + stream,
            chunk,
            torch.randint(0, 6561, (CONTEXT_TOKENS,), generator=generator).tolist(),
            cond,
            speaker,
        )
        for chunk in range(chunks)
        for stream in range(count)
    ]


def run_chunks(solver: ChunkSolver | GraphSolver, count: int, chunks: int) -> torch.Tensor:
    """Solve `chunks` chunks of `count` streams, all streams in one batch; returns the mel of all."""
    starts = new_starts(count, chunks, solver.device)
    mels = []
    for chunk in range(chunks):
        own = starts[chunk * count : (chunk + 1) * count]
        solver.begin(own)
        for step in range(SOLVER_STEPS):
            solver.step(
                [
                    ChunkStep(
                        start.slot, step, chunk, CHUNK_FRAMES, [1 + stream * chunks + c for c in range(chunk + 1)]
                    )
                    for stream, start in enumerate(own)
                ]
            )
            torch.cuda.synchronize()  # the plan's staging buffers are few
        mels.append(solver.frames[1 : count + 1].clone())
    return torch.cat(mels, dim=1)


def time_step(solver: ChunkSolver | GraphSolver, count: int, context: int, repeats: int = REPEATS) -> float:
    """Time one step of `count` chunks that each have `context` chunks before them, in seconds."""
    steps = [
        ChunkStep(1 + stream, stream % SOLVER_STEPS, context, CHUNK_FRAMES, list(range(1, context + 2)))
        for stream in range(count)
    ]
    for _ in range(3):
        solver.step(steps)
    torch.cuda.synchronize()
    begun = time.perf_counter()
    for repeat in range(repeats):
        solver.step(steps)
        if repeat % 2:
            torch.cuda.synchronize()  # the plan's staging buffers are few
    torch.cuda.synchronize()
    return (time.perf_counter() - begun) / repeats


def centred_error(ours: torch.Tensor, theirs: torch.Tensor) -> float:
    """Relative error after taking away the mean, which in mels would hide it."""
    return float((ours - theirs).norm() / (theirs - theirs.mean()).norm())


def new_tensorrt_solver(flow: Flow, model_dir: Path, engine: Path, pages: int) -> ChunkSolver:
    """Take the engine of a file, as a server does that has `trt_engine`; build it first if it is not there."""
    if not engine.exists():
        # In a process of its own: the builder's library and the lean runtime never meet, and its memory is given back.
        command = ["-m", "sayline.synthesis.cosyvoice3.process.build_trt_engine", str(model_dir), str(engine)]
        begun = time.perf_counter()
        subprocess.run([sys.executable, *command], check=True)  # noqa: S603 - ours
        print(f"built {engine} in {time.perf_counter() - begun:.0f} s")
    velocity = load_file(
        flow.dit, engine, max_streams=TENSORRT_BATCH, max_frames=MAX_CHUNKS * CHUNK_FRAMES, concurrent=1
    )
    return ChunkSolver(flow, SequenceNetwork(velocity, pages, flow.dit.device), TENSORRT_BATCH + 1)


def print_steps(solver: ChunkSolver | GraphSolver, most: int, context: int) -> None:
    """Time steps of one stream to `most`, each without and with `context` chunks before it."""
    print("streams  context s  step ms  audio s/s")
    for before in (0, context):
        for count in filter(range(most + 1).__contains__, STREAMS):
            seconds = time_step(solver, count, before)
            audio = count / (SOLVER_STEPS * seconds)
            print(f"{count:7}  {before:9}  {1e3 * seconds:7.3f}  {audio:9.1f}", flush=True)


def main() -> None:
    """Check the fused network against the eager one in float32, then time it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model_dir", type=Path)
    parser.add_argument("--context", type=int, default=8, help="chunks (s) before each chunk")
    parser.add_argument("--compact-past", action="store_true", help="keys and values in 8 bits")
    parser.add_argument("--profile", action="store_true", help="name the kernels")
    parser.add_argument("--trt-engine", type=Path, metavar="FILE", help="measure TensorRT too, with the engine of FILE")
    arguments = parser.parse_args()
    device = torch.device("cuda")
    dimensions = ModelDimensions.read(arguments.model_dir)
    with torch.inference_mode():
        exact = load_flow(arguments.model_dir, dimensions.flow, device, torch.float32)
        reference = run_chunks(ChunkSolver(exact, EagerNetwork(exact.dit, Pages(exact.dit, 8)), 4), 2, 3)
        fused32 = run_chunks(GraphSolver(exact, FusedNetwork(exact.dit, Pages(exact.dit, 8)), 4, 64, (2,)), 2, 3)
        print(f"fused float32 against eager float32: {centred_error(fused32, reference):.1e}", flush=True)
        del exact, fused32
        flow = load_flow(arguments.model_dir, dimensions.flow, device, torch.bfloat16)
        page_count, is_compact = max(32, arguments.context + 2), arguments.compact_past
        pages = Pages(flow.dit, page_count, is_compact=is_compact)
        print(f"a page takes {Pages.bytes_each(flow.dit, is_compact=is_compact) / 1e6:.1f} MB")
        eager = ChunkSolver(flow, EagerNetwork(flow.dit, pages), max(STREAMS) + 1)
        print(f"eager bfloat16 against eager float32: {centred_error(run_chunks(eager, 2, 3), reference):.1e}")
        begun = time.perf_counter()
        fused = GraphSolver(flow, FusedNetwork(flow.dit, pages), max(STREAMS) + 1, 64)
        torch.cuda.synchronize()
        print(f"captured {len(BATCH_SIZES)} sizes in {time.perf_counter() - begun:.1f} s")
        print(f"fused bfloat16 against eager float32: {centred_error(run_chunks(fused, 2, 3), reference):.1e}")
        print(f"eager step, 1 stream: {1e3 * time_step(eager, 1, arguments.context, 5):.2f} ms", flush=True)
        print_steps(fused, max(STREAMS), arguments.context)
        if arguments.trt_engine:
            tensorrt = new_tensorrt_solver(flow, arguments.model_dir, arguments.trt_engine, page_count)
            print(f"TensorRT against eager float32: {centred_error(run_chunks(tensorrt, 2, 3), reference):.1e}")
            print_steps(tensorrt, TENSORRT_BATCH, arguments.context)
        if arguments.profile:
            for count in (1, 32):
                with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CUDA]) as profile:
                    time_step(fused, count, arguments.context, 4)
                print(f"{count} streams:")
                print(profile.key_averages().table(sort_by="cuda_time_total", row_limit=18, max_name_column_width=70))


if __name__ == "__main__":
    main()
