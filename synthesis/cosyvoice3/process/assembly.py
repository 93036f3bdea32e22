"""Puts the engine's parts together for the machine at hand: which network, which dtype, how much memory for what."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, Self

import torch

from ...interface import EngineUnavailable
from ..acoustic.engine import AcousticEngine
from ..acoustic.page_pool import PagePool
from ..acoustic.rtf_guard import RtfGuard
from ..flow.chunk_solver import CONTEXT_TOKENS, ChunkSolver, ChunkStart, ChunkStep, EagerNetwork, Pages
from ..flow.flow import load_flow, project_speaker
from ..flow.graph_solver import BATCH_SIZES
from ..flow.tensorrt.sequence_network import SequenceNetwork
from ..release.cache import engine_folder
from ..release.model_facts import CHUNK_FRAMES, MEL_BINS, SPEAKER_DIM
from ..release.noise import source_noise
from ..vocoder.batches import VocoderBatches
from ..vocoder.vocoder import Vocoder
from .gpu_sharing import check_products

if TYPE_CHECKING:
    from ..acoustic.engine import Solver
    from ..flow.flow import Flow
    from ..lm.speech_tokens import SpeechTokenRunner
    from ..release.dimensions import ModelDimensions
    from .settings import EngineSettings, Precision

MAX_CHUNKS: Final = 128  # of one stream: 128 s, its prompt included

_DTYPES: Final = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
# Of what we may take, vLLM gets a quarter, but no more than this: 1 GB of weights, 1 GB of work space, and at 12 KB a
# token room for 500 streams of 1,000. The flow's past takes the rest.
_LM_SHARE: Final = 0.25
_LM_BYTES: Final = 8 << 30
# For CUDA's own context, and what graphs and cuBLAS take when they are captured: 2 GB of it on an H100.
_HELD_BACK_BYTES: Final = 4 << 30
_LEAST_PAGES: Final = 16  # one stream of 15 s
_CPU_PAGES: Final = 64  # 64 s of flow under way at once, for tests and trials
TENSORRT_BATCH: Final = 32  # chunks in a step at most: an engine's work space grows with its largest shape
_SEQUENCE_PAGES: Final = 4096  # 200 KB each, where whole sequences are evaluated and no keys are kept
_SLOTS_PER_STREAM: Final = 2  # chunks under way: one for each stream, and some for longer hops
# What the guard is given to compare with: steps of so many chunks, each with this much speech before it (chunks, of a
# second), the fastest of so many tries; no more once a step is so long (s) that a start would take noticeably longer.
_MEASURED_CHUNKS: Final = (1, 8, 32, 64)
_MEASURED_PAST: Final = 8
_TRIES: Final = 3
_LONG_STEP_S: Final = 0.1
_BEGUN_AT_ONCE: Final = 96  # chunks that may begin together, each number of which is tried at start
_PLACES_TO_SPARE: Final = 8  # a stream that has ended is closed a moment after the gateway may have begun another


@dataclass(frozen=True, slots=True)
class GpuBudget:
    """How much of the GPU's memory the whole engine may take, vLLM included.

    Attributes:
        limit_bytes: all of it.
        free_at_start_bytes: what was free before anything of ours was loaded.
    """

    limit_bytes: int
    free_at_start_bytes: int

    @classmethod
    def measure(cls, utilization: float) -> Self:
        """Look at the GPU before anything is loaded."""
        free, total = torch.cuda.mem_get_info()
        return cls(int(total * utilization), free)

    def left_bytes(self) -> int:
        """Tell what may still be taken: by our budget, and by what others left."""
        free, _ = torch.cuda.mem_get_info()
        return min(self.limit_bytes - (self.free_at_start_bytes - free), free)


def new_runner(settings: EngineSettings, dimensions: ModelDimensions, device: torch.device) -> SpeechTokenRunner:
    """Make the speech-token runner that the settings ask for; bfloat16 on a GPU, unless float32 is wanted."""
    is_half = device.type == "cuda" and settings.precision != "float32"
    precision: Precision = "bfloat16" if is_half else "float32"
    if settings.lm_graphs:
        if device.type != "cuda":
            raise EngineUnavailable("the setting lm_graphs needs a GPU")
        from ..lm.graphs.runner import GraphRunner  # noqa: PLC0415 - Triton is there with a GPU only

        _, total = torch.cuda.mem_get_info()
        return GraphRunner(
            settings.model_dir,
            dimensions.lm,
            variant=settings.model_variant,
            precision=precision,
            memory_bytes=int(total * _lm_utilization(settings, device)),
            max_streams=settings.max_streams,
        )
    if settings.load_vllm:
        from ..lm.vllm.runner import VllmRunner  # noqa: PLC0415 - vLLM takes seconds to import and may be absent

        return VllmRunner(
            settings.model_dir,
            dimensions.lm,
            variant=settings.model_variant,
            precision=precision,
            gpu_memory_utilization=_lm_utilization(settings, device),
            max_streams=settings.max_streams,
        )
    from ..lm.torch_runner import TorchRunner  # noqa: PLC0415 - the one that is used is loaded

    return TorchRunner(
        settings.model_dir,
        dimensions.lm,
        variant=settings.model_variant,
        precision=precision,
        device=device.type,
    )


def _lm_utilization(settings: EngineSettings, device: torch.device) -> float:
    share = settings.gpu_memory_utilization * _LM_SHARE
    if device.type != "cuda":
        return share
    _, total = torch.cuda.mem_get_info()
    return min(share, _LM_BYTES / total)


def new_acoustic_engine(
    settings: EngineSettings, dimensions: ModelDimensions, device: torch.device, budget: GpuBudget | None
) -> AcousticEngine:
    """Load flow and vocoder, and capture what is captured; in the thread that will use it.

    Raises:
        EngineUnavailable: a part of the model is missing, a library is, or the GPU has too little memory for us.
    """
    precision: Precision = settings.precision or ("float32" if budget is None else "bfloat16")
    flow = load_flow(
        settings.model_dir,
        dimensions.flow,
        device,
        _DTYPES[precision],
        variant=settings.model_variant,
        fewest_steps=settings.min_solver_steps,
    )
    grids = flow.grids
    # The vocoder's convolutions are eight times more exact in float16 than in bfloat16, and its values stay small.
    if settings.mps:
        block = flow.dit.blocks[0]
        rows = [grids.branches * CHUNK_FRAMES * size for size in BATCH_SIZES]
        check_products((block.qkv, block.out, block.up, block.down), rows)
    vocoder_dtype = torch.float32 if precision == "float32" else torch.float16
    vocoder = Vocoder.load(
        settings.model_dir, dimensions.vocoder, device, vocoder_dtype, variant=settings.model_variant
    )
    source_noise.cache_clear()  # the vocoder keeps a mixture of it; the table itself is 259 MB
    places = settings.max_streams + _PLACES_TO_SPARE
    slots = _SLOTS_PER_STREAM * places
    if budget is not None:
        # All work of this thread runs in one stream, before whatever else the GPU has to do for us.
        torch.cuda.set_stream(torch.cuda.Stream(priority=-1))  # type: ignore[no-untyped-call] # torch's
    solver: Solver
    if budget is None:
        pages = _CPU_PAGES
        network = EagerNetwork(flow.dit, Pages(flow.dit, pages, grids, is_compact=settings.compact_past), grids)
        solver = ChunkSolver(flow, network, slots, grids)
    elif settings.trt_concurrent:
        pages = _SEQUENCE_PAGES
        solver = _tensorrt_solver(settings, flow, slots, settings.trt_concurrent)
    else:
        pages = _affordable_pages(flow, budget, is_compact=settings.compact_past)
        solver = _graph_solver(flow, pages, slots, is_compact=settings.compact_past)
    batches = VocoderBatches(vocoder, places, solver.frames, uses_graphs=budget is not None)
    if budget is not None:
        begin_any_number(solver, _BEGUN_AT_ONCE)
        project_speaker(flow, torch.zeros(SPEAKER_DIM, device=device))  # has its kernels loaded, likewise
    measure = partial(_step_times, solver)
    guard = RtfGuard(measure(), is_on=settings.rtf_guard, steps=grids.full)
    return AcousticEngine(flow, solver, PagePool(pages), batches, settings.token_hop_len, guard, grids, measure)


def begin_any_number(solver: Solver, most: int) -> None:
    """Begin 1, 2, ... chunks in slot 0, which belongs to no stream.

    How many begin together chooses the kernels and the memory, and the first use of each has it loaded or made:
    everything on the GPU waits then.
    """
    device = solver.frames.device
    cond = torch.zeros(CHUNK_FRAMES, MEL_BINS, device=device)
    start = ChunkStart(0, 0, (0,) * CONTEXT_TOKENS, cond, cond[0])
    for count in range(1, most + 1):
        solver.begin([start] * count)


def _step_times(solver: Solver) -> dict[int, float]:
    """Measure how long a solver step takes, seconds, by chunks in it: in slot 0 and page 0, which no stream uses."""
    step = ChunkStep(0, 0, _MEASURED_PAST, CHUNK_FRAMES, (0,) * (_MEASURED_PAST + 1))

    def once(chunks: int) -> float:
        begun_at = time.perf_counter()
        solver.step([step] * chunks)
        if solver.frames.is_cuda:
            torch.cuda.current_stream().synchronize()
        return time.perf_counter() - begun_at

    found: dict[int, float] = {}
    for chunks in _MEASURED_CHUNKS:
        if chunks > solver.largest_batch or max(found.values(), default=0.0) > _LONG_STEP_S:
            break  # larger steps take longer in proportion, as the guard assumes
        found[chunks] = min(once(chunks) for _ in range(_TRIES))
    return found


def _graph_solver(flow: Flow, pages: int, slots: int, *, is_compact: bool) -> Solver:
    from ..flow.fused_network import FusedNetwork  # noqa: PLC0415 - Triton is there with a GPU only
    from ..flow.graph_solver import GraphSolver  # noqa: PLC0415 - as above

    network = FusedNetwork(flow.dit, Pages(flow.dit, pages, flow.grids, is_compact=is_compact), flow.grids)
    return GraphSolver(flow, network, slots, MAX_CHUNKS, grids=flow.grids)


def _tensorrt_solver(settings: EngineSettings, flow: Flow, slots: int, concurrent: int) -> Solver:
    refuse_distilled(flow)
    from ..flow.tensorrt.engine_file import load_file  # noqa: PLC0415 - needs an extra of its own
    from ..flow.tensorrt.tensorrt_engine import load_tensorrt  # noqa: PLC0415 - as above

    load = (
        partial(load_file, path=settings.trt_engine)
        if settings.trt_engine
        else partial(load_tensorrt, folder=engine_folder(settings.model_dir))
    )
    engine = load(flow.dit, max_streams=TENSORRT_BATCH, max_frames=MAX_CHUNKS * CHUNK_FRAMES, concurrent=concurrent)
    return ChunkSolver(flow, SequenceNetwork(engine, _SEQUENCE_PAGES, flow.dit.device, flow.grids), slots, flow.grids)


def refuse_distilled(flow: Flow) -> None:
    """Refuse a flow that TensorRT does not run here.

    Raises:
        EngineUnavailable: it is a distilled one.
    """
    times = flow.dit.times
    if times.mixer is not None or times.lengths is not None or not flow.grids.guidance:
        raise EngineUnavailable("a distilled flow runs as CUDA graphs, not in TensorRT: leave out trt_concurrent")


def _affordable_pages(flow: Flow, budget: GpuBudget, *, is_compact: bool) -> int:
    each = Pages.bytes_each(flow.dit, flow.grids, is_compact=is_compact)
    pages = max(0, budget.left_bytes() - _HELD_BACK_BYTES) // each
    if pages < _LEAST_PAGES:
        raise EngineUnavailable(
            f"{pages} pages of {each / 1e6:.0f} MB fit into the GPU's memory, and {_LEAST_PAGES} are needed: "
            "raise gpu_memory_utilization, or free memory on the GPU"
        )
    return pages
