"""What a call of the vocoder costs: by precision, rows and window, launched one by one or as a CUDA graph.

Two shapes: a hop of 50 mel frames (1 s of sound) in a window of 88, which also holds a stream's last call; and a first
hop of 20 mel frames, of which 12 sound (240 ms), in a window of 28. Weights are random and of the released size,
written by the tests' maker. First each precision is compared with float32 on the CPU, over a stream of three calls.
Last come the engine's own programs, by shape and rows: if one takes longer than its neighbours, cuDNN chose badly.

    python benchmarks/vocoder.py                # on a GPU: about a minute
    python benchmarks/vocoder.py --compile      # and once through torch.compile, which takes a minute more
    python benchmarks/vocoder.py --size tiny    # anywhere; on a CPU, only launched one by one and in float32
"""

from __future__ import annotations

import argparse
import importlib.util
import math
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import torch

from sayline.synthesis.cosyvoice3.release.model_facts import CHUNK_FRAMES, MEL_BINS
from sayline.synthesis.cosyvoice3.vocoder.batches import ROWS, VocoderBatches
from sayline.synthesis.cosyvoice3.vocoder.decoder import PlainActivation
from sayline.synthesis.cosyvoice3.vocoder.vocoder import (
    RowPlan,
    Vocoder,
    VocoderRow,
    VocoderSlots,
    plan_tensor,
)
from sayline.synthesis.rates import MEL_FRAME_MS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from torch import Tensor

MAKER: Final = Path(__file__).parents[1] / "tests" / "synthesis" / "cosyvoice3" / "make_checkpoint.py"
NOISE_FRAMES: Final = 1000  # as many as the streams here could need
SPOKEN_FRAMES: Final = 70  # of the stream that precisions are compared on
SPOKEN_ENDS: Final = (20, 45, SPOKEN_FRAMES)
KERNELS_SHOWN: Final = 14


class Precision(NamedTuple):
    """How convolutions run.

    Attributes:
        name: in the table.
        dtype: of weights and of what passes between convolutions.
        allows_tf32: float32 convolutions may round their factors to 10 bits.
        tunes: cuDNN tries its algorithms on each new shape and keeps the fastest.
        rows: numbers of rows that are measured.
    """

    name: str
    dtype: torch.dtype
    allows_tf32: bool
    tunes: bool
    rows: tuple[int, ...]


PRECISIONS: Final = (
    Precision("fp32", torch.float32, allows_tf32=False, tunes=False, rows=(1, 64)),
    Precision("tf32", torch.float32, allows_tf32=True, tunes=False, rows=(1, 64)),
    Precision("bf16", torch.bfloat16, allows_tf32=True, tunes=False, rows=(8,)),
    Precision("fp16", torch.float16, allows_tf32=True, tunes=False, rows=(1, 2, 4, 8, 16, 32, 64)),
    Precision("fp16 tuned", torch.float16, allows_tf32=True, tunes=True, rows=(1, 8, 64)),
)


class Shape(NamedTuple):
    """One shape of calls: what each row's stream has known, what is new, and what is decoded; in mel frames."""

    name: str
    known: int
    new: int
    decoded: int


SHAPES: Final = (Shape("hop 50 in 88", 200, 50, 88), Shape("first hop 20 in 28", 0, 20, 28))


class Call:
    """A call with everything in place: launch it as often as wanted."""

    def __init__(self, vocoder: Vocoder, shape: Shape, rows: int, device: torch.device) -> None:
        self.slots = VocoderSlots(rows, device)
        plans = [RowPlan(self.slots.allocate().slot, shape.known, shape.new, is_last=False) for _ in range(rows)]
        assert all(plan.decoded_frames <= shape.decoded for plan in plans)
        self.sound_s = sum(plan.sounding_frames for plan in plans) * MEL_FRAME_MS / 1000
        self.plans = plan_tensor(plans).to(device)
        self.mel = torch.randn(rows, shape.new, MEL_BINS, device=device) - 5  # about a log-mel's mean
        self._step = vocoder.step
        self._decoded = shape.decoded

    def compile(self) -> None:
        """Let torch fuse what it can, for this shape."""
        self._step = torch.compile(self._step, fullgraph=True, dynamic=False)

    def reset(self) -> None:
        """Forget earlier launches: each sums up turns, so that no two sound the same."""
        for tensor in (self.slots.mel, self.slots.excitation, self.slots.turns):
            tensor.zero_()

    def launch(self) -> Tensor:
        """Run it, kernel by kernel."""
        return self._step(self.slots, self.plans, self.mel, self._decoded)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", choices=["full", "tiny"], default="full", help="of the random weights")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--rounds-s", type=float, default=0.15, help="seconds that each figure is measured for")
    parser.add_argument("--compile", action="store_true", help="also through torch.compile, fp16, 16 rows")
    arguments = parser.parse_args()
    device = torch.device(arguments.device)
    state = random_state(arguments.size)
    if device.type != "cuda":
        measure_on_cpu(Vocoder.from_state(state, device, torch.float32, NOISE_FRAMES), arguments.rounds_s)
        return
    print(f"{torch.cuda.get_device_name(device)}, torch {torch.__version__}, cuDNN {torch.backends.cudnn.version()}")
    torch.backends.cuda.matmul.allow_tf32 = False  # the transforms are matrix products, and stay exact
    vocoders = {
        dtype: Vocoder.from_state(state, device, dtype, NOISE_FRAMES)
        for dtype in (torch.float32, torch.bfloat16, torch.float16)
    }
    expected = spoken(Vocoder.from_state(state, torch.device("cpu"), torch.float32, NOISE_FRAMES), "cpu")
    for precision in PRECISIONS:
        with set_up(precision):
            error = distance(spoken(vocoders[precision.dtype], device).cpu(), expected)
            print(f"{precision.name}: sound differs from float32 on the CPU by {error:.1e} of its size")
    for shape in SHAPES:
        print(f"\n{shape.name:20} {'rows':>5} {'launched ms':>12} {'graph ms':>9} {'s of sound per s':>17}")
        for precision in PRECISIONS:
            with set_up(precision):
                for rows in precision.rows:
                    call = Call(vocoders[precision.dtype], shape, rows, device)
                    launched, graph = on_gpu(call.launch, arguments.rounds_s), replayed(call, arguments.rounds_s)
                    rate = call.sound_s / graph * 1000
                    print(f"{precision.name:20} {rows:5} {launched:12.2f} {graph:9.2f} {rate:17.0f}", flush=True)
    with set_up(PRECISIONS[3]):
        profile(Call(vocoders[torch.float16], SHAPES[0], 16, device))
        if arguments.compile:
            plain = vocoders[torch.float16]
            plain = replace(plain, decoder=replace(plain.decoder, activation=PlainActivation()))
            call = Call(plain, SHAPES[0], 16, device)
            call.compile()
            began = time.perf_counter()
            call.launch()
            print(f"\ntorch.compile took {time.perf_counter() - began:.0f} s")
            print(f"{SHAPES[0].name}, fp16, 16 rows: graph {replayed(call, arguments.rounds_s):.2f} ms")
    show_programs(vocoders[torch.float16], device)
    print(f"\nlargest sum of tensors: {torch.cuda.max_memory_allocated() / 2**20:.0f} MiB")


def show_programs(vocoder: Vocoder, device: torch.device) -> None:
    """Show what the engine measures when it starts (``vocoder/batches.py``)."""
    frames = torch.zeros(1, CHUNK_FRAMES, MEL_BINS, device=device)
    batches = VocoderBatches(vocoder, ROWS[-1], frames, uses_graphs=True)
    print(f"\n{'engine, fp16':30} ms at {' '.join(f'{rows:>8}' for rows in ROWS)} rows")
    for shape, took_ms in batches.took_ms.items():
        name = f"{shape.new_frames} new frames in {shape.decoded_frames}"
        print(f"{name:30}       {' '.join(f'{took:8.2f}' for took in took_ms.values())}")


def random_state(size: str) -> dict[str, Tensor]:
    """``hift.pt`` as the tests' maker writes it."""
    spec = importlib.util.spec_from_file_location("make_checkpoint", MAKER)
    assert spec is not None
    assert spec.loader is not None
    maker = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(maker)
    state: dict[str, Tensor] = maker.state_dict("hift", size, 0)
    return state


def spoken(vocoder: Vocoder, device: torch.device | str) -> Tensor:
    """Sound of one stream of three calls."""
    mel = torch.randn(MEL_BINS, SPOKEN_FRAMES, generator=torch.Generator().manual_seed(0)) - 5
    slots = VocoderSlots(1, torch.device(device))
    state = slots.allocate()
    return torch.cat(
        [
            vocoder.vocode(
                slots, [VocoderRow(state, mel[:, state.known_frames : end].to(device), is_last=end == SPOKEN_FRAMES)]
            )[0]
            for end in SPOKEN_ENDS
        ]
    )


def distance(ours: Tensor, theirs: Tensor) -> float:
    """Relative to the size of ``theirs``."""
    return float((ours - theirs).norm() / theirs.norm())


@contextmanager
def set_up(precision: Precision) -> Iterator[None]:
    """Convolve as ``precision`` says."""
    cudnn = torch.backends.cudnn
    cudnn.allow_tf32, cudnn.benchmark = precision.allows_tf32, precision.tunes
    try:
        yield
    finally:
        cudnn.allow_tf32, cudnn.benchmark = True, False  # torch's defaults


def measure_on_cpu(vocoder: Vocoder, rounds_s: float) -> None:
    """Only that it runs, and about how fast."""
    for shape in SHAPES:
        call = Call(vocoder, shape, 2, torch.device("cpu"))
        call.launch()
        began, rounds = time.perf_counter(), 0
        while time.perf_counter() - began < rounds_s:
            call.launch()
            rounds += 1
        each = (time.perf_counter() - began) / rounds
        print(
            f"{shape.name}, fp32, 2 rows on the CPU: {1000 * each:.1f} ms, {call.sound_s / each:.1f} s of sound per s"
        )


def on_gpu(launch: Callable[[], object], rounds_s: float) -> float:
    """Milliseconds from launch to end, one call after another."""
    for _ in range(3):
        launch()
    start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)

    def run(rounds: int) -> float:
        start.record()
        for _ in range(rounds):
            launch()
        end.record()
        end.synchronize()
        return start.elapsed_time(end) / rounds

    return run(max(3, math.ceil(1000 * rounds_s / run(2))))


def replayed(call: Call, rounds_s: float) -> float:
    """Milliseconds of the call as a CUDA graph; asserts that it computes the same."""
    apart = torch.cuda.Stream()
    apart.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(apart):  # a capture wants everything to have run before, elsewhere
        for _ in range(2):
            call.reset()
            expected = call.launch().clone()
    torch.cuda.current_stream().wait_stream(apart)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        sound = call.launch()
    call.reset()
    graph.replay()
    assert distance(sound, expected) < 0.05  # equal, unless cuDNN chose other kernels; half precision then shows
    return on_gpu(graph.replay, rounds_s)


def profile(call: Call) -> None:
    """Show which kernels take the time."""
    call.launch()
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CUDA]) as trace:
        call.launch()
        torch.cuda.synchronize()
    kernels = [entry for entry in trace.key_averages() if entry.self_device_time_total]
    kernels.sort(key=lambda entry: -entry.self_device_time_total)
    total = sum(entry.self_device_time_total for entry in kernels)
    launches = sum(entry.count for entry in kernels)
    print(f"\n{SHAPES[0].name}, fp16, 16 rows: {total / 1000:.2f} ms in {launches} kernels, of which")
    for entry in kernels[:KERNELS_SHOWN]:
        print(f"  {entry.self_device_time_total / 1000:7.3f} ms {entry.count:4} x {entry.key[:90]}")


if __name__ == "__main__":
    main()
