"""The velocity network in TensorRT: built once for a GPU, then run on a few streams at a time.

``tensorrt`` is for data-centre GPUs and needs the GPU to build. ``tensorrt_rtx`` has the same interface, is for RTX
GPUs, and builds without one. The first of them that can be imported is used.

docs/TENSORRT.md says what was run on which hardware.
"""

from __future__ import annotations

import ctypes
import importlib
import logging
import queue
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

import torch

from ....interface import EngineUnavailable, SynthesisFailed
from ....rates import MEL_FRAMES_PER_TOKEN
from ...release.cache import EngineCache, EngineKey
from ...release.model_facts import CHUNK_FRAMES, MEL_BINS
from .onnx_export import OUTPUT, digest, save, velocity_graph

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    import onnx
    from torch import Tensor

    from ..dit import Dit

log = logging.getLogger("sayline.engines")

# The first has kernels for data-centre GPUs too, so it is preferred.
LIBRARIES: Final = ("tensorrt", "tensorrt_rtx")

BRANCHES: Final = 2  # rows of a stream: guided and unguided

# Where short sequences end: prompt and speech of the first hops, which decide when a listener hears its first sound.
# 10 s of prompt and speech hold a usual prompt of 3 to 7 s and the first hops after it.
SHORT_FRAMES: Final = 10 * CHUNK_FRAMES
LEAST_FRAMES: Final = MEL_FRAMES_PER_TOKEN  # one token without a prompt
# The typical sequence length within each range, for which its kernels are chosen.
TYPICAL_SHORT_FRAMES: Final = 6 * CHUNK_FRAMES
TYPICAL_LONG_FRAMES: Final = 20 * CHUNK_FRAMES

# Memory that a build may use beside weights and activations, in which it tries kernels.
WORKSPACE_BYTES: Final = 4 * 1024**3

Item = TypeVar("Item")
# One of the two libraries, or an object of one: they ship no annotations. Only tests take such objects out of here.
TensorRt = Any


@dataclass(frozen=True, slots=True)
class Range:
    """The least, the typical and the greatest value of a dimension; kernels are chosen for the typical one."""

    least: int
    typical: int
    greatest: int

    def __contains__(self, value: int) -> bool:
        return self.least <= value <= self.greatest

    def __str__(self) -> str:
        return f"{self.least}..{self.typical}..{self.greatest}"


@dataclass(frozen=True, slots=True)
class Profile:
    """A range of shapes that the engine has kernels for."""

    rows: Range
    frames: Range

    def __str__(self) -> str:
        return f"R {self.rows}, T {self.frames}"


def shape_profiles(max_streams: int, max_frames: int) -> tuple[Profile, ...]:
    """Choose profiles for the usual requests: one stream or several, short or long, the smallest first.

    A profile's kernels are chosen for its typical shape, and its memory is planned for its greatest. With one profile
    for everything, each listener's first hop, which is one short stream, would run on kernels meant for a full batch
    and reserve a full batch's memory.

    Args:
        max_streams: how many streams are solved together at most.
        max_frames: of prompt and speech together.
    """
    rows = [Range(BRANCHES, BRANCHES, BRANCHES)]
    if max_streams > 1:
        # The middle: kernels for a full batch waste the difference on the usual half-full batch.
        rows.append(Range(BRANCHES, BRANCHES * ((max_streams + 1) // 2), BRANCHES * max_streams))
    short = min(SHORT_FRAMES, max_frames)
    frames = [Range(LEAST_FRAMES, min(TYPICAL_SHORT_FRAMES, short), short)]
    if max_frames > short:
        frames.append(Range(short, min(max(TYPICAL_LONG_FRAMES, short), max_frames), max_frames))
    return tuple(Profile(each_rows, each_frames) for each_rows in rows for each_frames in frames)


def import_library() -> TensorRt:
    """Import the first of ``LIBRARIES`` that is installed.

    Raises:
        EngineUnavailable: none is installed, or the library is broken.
    """
    reasons = []
    for name in LIBRARIES:
        try:
            return importlib.import_module(name)
        except (ImportError, OSError) as error:  # OSError: one of its shared libraries is missing
            reasons.append(str(error))
    raise EngineUnavailable(
        "TensorRT is not installed: pip install 'sayline[tensorrt]', or tensorrt_rtx on an RTX GPU "
        f"({'; '.join(reasons)})"
    )


def require_support(library: TensorRt, gpu: str, capability: tuple[int, int]) -> None:
    """Refuse a GPU for which the library has no kernels.

    Args:
        library: the result of ``import_library``.
        gpu: the GPU's name.
        capability: its compute capability, major and minor.

    Raises:
        EngineUnavailable: the library has no kernels for this GPU.
    """
    if library.__name__ != "tensorrt_rtx":
        return  # this library itself refuses unknown GPUs, when it builds
    major, minor = capability
    if f"SM{major}{minor}" not in library.ComputeCapability.__members__:
        raise EngineUnavailable(
            f"tensorrt_rtx does not run on {gpu} (compute capability {major}.{minor}): pip install 'sayline[tensorrt]'"
        )


def library_name(library: TensorRt) -> str:
    """Name a library and its version."""
    return f"{library.__name__} {library.__version__}"


def build_engine(
    library: TensorRt,
    model: onnx.ModelProto,
    profiles: Iterable[Profile],
    adjust: Callable[[TensorRt], None] | None = None,
) -> memoryview:
    """Build and serialise the engine of a graph; the model in memory loses its weights.

    Args:
        library: the result of ``import_library``.
        model: the graph, ``onnx_export.velocity_graph``.
        profiles: the shapes that the engine must serve.
        adjust: changes the builder's configuration; None: the engine is for this machine.

    Raises:
        EngineUnavailable: the library cannot read or build the graph; the message says why.
    """
    logger = logger_of(library)
    builder = library.Builder(logger)
    # Strongly typed: every value has the precision that the graph gives it. If TensorRT chose, it would run LayerNorm
    # in half precision too, where the released weights overflow.
    network = builder.create_network(1 << int(library.NetworkDefinitionCreationFlag.STRONGLY_TYPED))
    parser = library.OnnxParser(network, logger)
    with tempfile.TemporaryDirectory(prefix="sayline-onnx-") as folder:
        path = Path(folder) / "velocity.onnx"
        save(model, path)
        if not parser.parse_from_file(str(path)):
            raise EngineUnavailable(
                f"{library_name(library)} cannot read the velocity network: "
                + "; ".join(map(_described_error, map(parser.get_error, range(parser.num_errors))))
            )
        config = builder.create_builder_config()
        config.set_memory_pool_limit(library.MemoryPoolType.WORKSPACE, WORKSPACE_BYTES)
        config.clear_flag(library.BuilderFlag.TF32)  # values that stay in float32 need its full precision
        for profile in profiles:
            config.add_optimization_profile(_described(builder, profile))
        if adjust:
            adjust(config)
        engine = builder.build_serialized_network(network, config)
    if engine is None:
        raise EngineUnavailable(f"{library_name(library)} cannot build the velocity network: {logger.reason}")
    return memoryview(engine)


def gpu_of(dit: Dit) -> tuple[str, tuple[int, int]]:
    """Tell the name and the compute capability, major and minor, of the GPU that the model is on.

    Raises:
        EngineUnavailable: it is on none.
    """
    if dit.device.type != "cuda":
        raise EngineUnavailable(f"TensorRT needs an NVIDIA GPU; the model is on {dit.device}")
    return torch.cuda.get_device_name(dit.device), torch.cuda.get_device_capability(dit.device)


def one_model(gpu: str, capability: tuple[int, int]) -> str:
    """Name the GPUs of one model, as an engine's key has it."""
    return f"{gpu}, compute capability {capability[0]}.{capability[1]}"


def engine_key(
    gpus: str, library: str, model: onnx.ModelProto, dtype: torch.dtype, profiles: Iterable[Profile]
) -> EngineKey:
    """Tell what an engine is built from and for."""
    precision = str(dtype).removeprefix("torch.")
    return EngineKey(gpus, library, precision, digest(model), tuple(map(str, profiles)))


def new_runtime(library: TensorRt) -> TensorRt:
    """Make what brings engines to life.

    Raises:
        EngineUnavailable: the library cannot use the GPU, because the driver is too old for it, say.
    """
    logger = logger_of(library)
    logger.last_error = None
    runtime = library.Runtime(logger)
    if logger.last_error is not None:
        # It holds a null pointer: who uses or frees it ends the process. So nobody frees it.
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(runtime))
        raise EngineUnavailable(f"{library_name(library)} cannot start: {logger.last_error}")
    return runtime


def load_tensorrt(dit: Dit, folder: Path, *, max_streams: int, max_frames: int, concurrent: int) -> TensorRtVelocity:
    """Take the engine from the cache, or build it, which takes minutes.

    Args:
        dit: the weights, on the GPU; may be let go afterwards.
        folder: of the cache (``engine_cache.engine_folder``).
        max_streams: how many streams are solved together at most.
        max_frames: of prompt and speech together.
        concurrent: how many evaluations may run on the GPU at once (``trt_concurrent``).

    Raises:
        EngineUnavailable: no library, no GPU, or a GPU that the library does not know.
    """
    library = import_library()
    gpu, capability = gpu_of(dit)
    require_support(library, gpu, capability)
    profiles = shape_profiles(max_streams, max_frames)
    model = velocity_graph(dit)
    key = engine_key(one_model(gpu, capability), library_name(library), model, dit.dtype, profiles)
    with torch.cuda.device(dit.device):
        runtime = new_runtime(library)
        engine = EngineCache(folder).obtain(
            key, lambda: build_engine(library, model, profiles), runtime.deserialize_cuda_engine
        )
        if engine is None:
            raise EngineUnavailable(f"{key.library} cannot load the engine that it built for {key.gpu}")
        return TensorRtVelocity(library, engine, profiles, dit.device, concurrent)


class Pool(Generic[Item]):
    """A few things, each used by one thread at a time. The thing that was given back first is taken first."""

    def __init__(self, items: Iterable[Item]) -> None:
        self._free: queue.SimpleQueue[Item] = queue.SimpleQueue()
        for item in items:
            self._free.put(item)

    @contextmanager
    def taken(self) -> Iterator[Item]:
        """Take one, waiting until one is free, and give it back."""
        item = self._free.get()
        try:
            yield item
        finally:
            self._free.put(item)


@dataclass(frozen=True, slots=True)
class _Lane:
    """A CUDA stream, and for each profile an execution context that only ever runs on it."""

    stream: torch.cuda.Stream
    contexts: tuple[TensorRt, ...]


class TensorRtVelocity:
    """A built engine; a ``VelocityEngine``.

    An evaluation is only enqueued. It begins when the caller's CUDA stream has come to it, and runs on the stream of a
    lane; the caller's stream goes on when it is done. The host waits for none of that and gives the lane back at once,
    so the next evaluation on the lane queues up behind. So as many evaluations overlap on the GPU as there are lanes,
    if they come from different CUDA streams.

    Args:
        library: the result of ``import_library``.
        engine: deserialised, of ``profiles`` in this order.
        profiles: the smallest first.
        device: a GPU.
        concurrent: how many lanes.
    """

    def __init__(
        self, library: TensorRt, engine: TensorRt, profiles: Sequence[Profile], device: torch.device, concurrent: int
    ) -> None:
        # We allocate the contexts' memory: if each context of each lane reserved its own, it would be gigabytes.
        strategy = library.ExecutionContextAllocationStrategy.USER_MANAGED

        def lane() -> _Lane:
            stream = torch.cuda.Stream(device)  # type: ignore[no-untyped-call] # torch leaves it unannotated
            contexts = []
            for index in range(len(profiles)):
                context = engine.create_execution_context(strategy)
                if context is None or not context.set_optimization_profile_async(index, stream.cuda_stream):
                    raise EngineUnavailable(f"{library_name(library)} cannot make an execution context on {device}")
                contexts.append(context)
            stream.synchronize()  # once, at start
            return _Lane(stream, tuple(contexts))

        self._engine = engine  # outlives its contexts
        self._profiles = tuple(profiles)
        self._device = device
        self._flags = {flag: torch.tensor(flag, device=device) for flag in (False, True)}
        self._lanes = Pool([lane() for _ in range(concurrent)])

    def velocity(
        self,
        x: Tensor,
        mu: Tensor,
        cond: Tensor,
        speaker: Tensor,
        t: Tensor,
        lengths: Sequence[int],
        *,
        is_chunked: bool,
    ) -> Tensor:
        """Evaluate the network; see ``VelocityEngine``."""
        profile = profile_of(self._profiles, x.shape[0], x.shape[1])
        counts = torch.tensor(lengths, dtype=torch.int32).pin_memory().to(self._device, non_blocking=True)
        given = {"x": x, "mu": mu, "cond": cond, "speaker": speaker, "t": t}
        inputs = {name: tensor.to(torch.float32).contiguous() for name, tensor in given.items()}
        inputs |= {"lengths": counts, "is_chunked": self._flags[is_chunked]}
        output = torch.empty(x.shape, device=self._device)
        caller = torch.cuda.current_stream(self._device)
        with self._lanes.taken() as lane, torch.cuda.stream(lane.stream):
            lane.stream.wait_stream(caller)  # until the inputs are there, and the output's memory is no longer in use
            try:
                self._enqueue(lane.contexts[profile], lane.stream, inputs, output)
            finally:
                # Inputs and output belong to the caller's stream, which now goes on only after the engine has used
                # them. So the allocator may reuse their memory as soon as they are let go.
                caller.wait_stream(lane.stream)
        return output

    def _enqueue(self, context: TensorRt, stream: torch.cuda.Stream, inputs: dict[str, Tensor], output: Tensor) -> None:
        for name, tensor in inputs.items():
            if not context.set_input_shape(name, tuple(tensor.shape)):
                raise SynthesisFailed(f"TensorRT refuses {name} of shape {tuple(tensor.shape)}")
            context.set_tensor_address(name, tensor.data_ptr())
        context.set_tensor_address(OUTPUT, output.data_ptr())
        # From the lane's stream, so that the next user of this memory comes after this evaluation. Never empty, because
        # an empty allocation has no address.
        scratch_bytes = max(1, context.update_device_memory_size_for_shapes())
        scratch = torch.empty(scratch_bytes, dtype=torch.uint8, device=self._device)
        context.set_device_memory(scratch.data_ptr(), scratch_bytes)
        if not context.execute_async_v3(stream.cuda_stream):
            raise SynthesisFailed(f"TensorRT cannot evaluate {tuple(output.shape)}")


def profile_of(profiles: Sequence[Profile], rows: int, frames: int) -> int:
    """Find the first profile that covers a shape.

    Raises:
        ValueError: no profile covers it.
    """
    for index, profile in enumerate(profiles):
        if rows in profile.rows and frames in profile.frames:
            return index
    raise ValueError(
        f"the engine was not built for {rows} rows of {frames} frames, but for {'; '.join(map(str, profiles))}"
    )


def _described(builder: TensorRt, profile: Profile) -> TensorRt:
    """Describe a profile to the builder."""
    described = builder.create_optimization_profile()
    sizes = (
        (profile.rows.least, profile.frames.least),
        (profile.rows.typical, profile.frames.typical),
        (profile.rows.greatest, profile.frames.greatest),
    )
    for name in ("x", "mu", "cond"):
        described.set_shape(name, *((rows, frames, MEL_BINS) for rows, frames in sizes))
    described.set_shape("speaker", *((rows, MEL_BINS) for rows, _ in sizes))
    for name in ("t", "lengths"):
        described.set_shape(name, *((rows,) for rows, _ in sizes))
    return described


def _described_error(error: TensorRt) -> str:
    """Say at which node the parser stopped, and why."""
    return f"{error.node_name()} ({error.node_operator()}): {error.desc()}"


@cache
def logger_of(library: TensorRt) -> TensorRt:
    """Make the object to which the library reports: this program's log. The library allows one in a process."""
    levels = {
        library.ILogger.INTERNAL_ERROR: logging.ERROR,
        library.ILogger.ERROR: logging.ERROR,
        library.ILogger.WARNING: logging.WARNING,
    }

    class Logger(library.ILogger):  # type: ignore[misc] # its base is Any: see TensorRt
        """Writes errors and warnings to the log; the library's progress is of no interest."""

        def __init__(self) -> None:
            super().__init__()
            self.last_error: str | None = None

        @property
        def reason(self) -> str:
            return self.last_error or "it gives no reason"

        def log(self, severity: TensorRt, message: str) -> None:
            level = levels.get(severity, logging.DEBUG)
            if level >= logging.ERROR:
                self.last_error = message
            log.log(level, "TensorRT: %s", message)

    return Logger()
