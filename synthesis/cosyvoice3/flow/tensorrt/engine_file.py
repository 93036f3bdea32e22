"""An engine in a file of its own: one machine builds it, others run it without a builder (setting ``trt_engine``).

``tensorrt`` builds it version-compatible, for its lean runtime. ``tensorrt_rtx`` has no lean runtime: it runs what the
same version of it built. The file's first line says what the engine was built from and for. A server compares that
with its own model and GPU, and refuses in one line what does not fit; it never builds in its place.
"""

from __future__ import annotations

import importlib
from functools import partial
from typing import TYPE_CHECKING, Final, Literal

import torch

from ....interface import EngineUnavailable
from ...release.cache import read_engine, write_engine
from .onnx_export import velocity_graph
from .tensorrt_engine import (
    TensorRtVelocity,
    build_engine,
    engine_key,
    gpu_of,
    import_library,
    library_name,
    logger_of,
    new_runtime,
    one_model,
    require_support,
    shape_profiles,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path

    from ...release.cache import EngineKey
    from ..dit import Dit
    from .tensorrt_engine import Profile, TensorRt

# For which GPUs ``tensorrt`` builds: the builder's own model; all of its compute capability, as H100 and H200 are both
# 9.0; or all from Ampere on. Each is slower than the one before, by NVIDIA's documentation. tensorrt_rtx has no choice.
Gpus = Literal["model", "capability", "ampere"]
LEVELS: Final[dict[Gpus, str]] = {"model": "NONE", "capability": "SAME_COMPUTE_CAPABILITY", "ampere": "AMPERE_PLUS"}
_RTX_GPUS: Final = "each RTX GPU that the library knows"


def gpus_in_words(gpus: Gpus, gpu: str, capability: tuple[int, int]) -> str:
    """Say for which GPUs an engine is that was built on this one."""
    match gpus:
        case "model":
            return one_model(gpu, capability)
        case "capability":
            return f"each GPU of compute capability {capability[0]}.{capability[1]}"
        case "ampere":
            return "each GPU of compute capability 8.0 or later"


def make_portable(library: TensorRt, config: TensorRt, gpus: Gpus) -> None:
    """Let a build be for the lean runtime of this version and later ones, and for other GPUs.

    The lean runtime is not put into the engine: an engine that carries one is a program, and no runtime here runs it.
    """
    config.set_flag(library.BuilderFlag.VERSION_COMPATIBLE)
    config.set_flag(library.BuilderFlag.EXCLUDE_LEAN_RUNTIME)
    config.hardware_compatibility_level = getattr(library.HardwareCompatibilityLevel, LEVELS[gpus])


def build_file(dit: Dit, path: Path, profiles: Sequence[Profile], gpus: Gpus) -> EngineKey:
    """Build an engine for other machines and write its file, which takes minutes.

    Args:
        dit: the weights; on the GPU, unless ``tensorrt_rtx`` builds.
        path: of the file.
        profiles: ``shape_profiles``, of the server.
        gpus: for which GPUs; ``tensorrt_rtx`` builds for all that it knows.

    Raises:
        EngineUnavailable: there is no builder, it needs a GPU, or it refuses the network.
        OSError: the file cannot be written.
    """
    library = import_library()
    if library.__name__ == "tensorrt_rtx":
        words, adjust = _RTX_GPUS, None
    else:
        words, adjust = gpus_in_words(gpus, *gpu_of(dit)), partial(make_portable, library, gpus=gpus)
    model = velocity_graph(dit)
    key = engine_key(words, library_name(library), model, dit.dtype, profiles)
    write_engine(path, key, build_engine(library, model, profiles, adjust))
    return key


def load_file(dit: Dit, path: Path, *, max_streams: int, max_frames: int, concurrent: int) -> TensorRtVelocity:
    """Take the engine of a file that another machine built.

    Args:
        dit: the weights, on the GPU; may be let go afterwards.
        path: of the file.
        max_streams: how many streams are solved together at most.
        max_frames: of prompt and speech together.
        concurrent: how many evaluations may run on the GPU at once (``trt_concurrent``).

    Raises:
        EngineUnavailable: no GPU, or one that the engine is not for; no runtime; a file that is none of ours, not
            whole, or of other weights, precision or shapes; or the runtime refuses it.
    """
    try:
        key, plan = read_engine(path)
    except ValueError as error:
        raise EngineUnavailable(f"trt_engine: {error}") from None
    library = import_runtime(path, key)
    gpu, capability = gpu_of(dit)
    require_support(library, gpu, capability)
    profiles = shape_profiles(max_streams, max_frames)
    wanted = engine_key(one_model(gpu, capability), key.library, velocity_graph(dit), dit.dtype, profiles)
    if reason := unfitness(key, wanted, gpus_that_cover(gpu, capability)):
        raise EngineUnavailable(f"trt_engine: {path} {reason}")
    with torch.cuda.device(dit.device):
        return TensorRtVelocity(library, deserialised(library, path, key, plan), profiles, dit.device, concurrent)


def gpus_that_cover(gpu: str, capability: tuple[int, int]) -> set[str]:
    """List in words the GPUs that an engine may be for, if it shall run on this one."""
    levels: list[Gpus] = ["model", "capability"]
    if capability >= (8, 0):
        levels.append("ampere")
    return {_RTX_GPUS, *(gpus_in_words(level, gpu, capability) for level in levels)}


def unfitness(key: EngineKey, wanted: EngineKey, gpus: Collection[str]) -> str:
    """Say why an engine does not fit a server, and what to do; an empty string if it fits.

    Args:
        key: the engine's.
        wanted: what an engine that was built here would have.
        gpus: those that the engine may be for.
    """
    if key.gpu not in gpus:
        return f"is for {key.gpu}, and this is {wanted.gpu}: build it for this one (--gpus)"
    if key.precision != wanted.precision:
        return f"computes in {key.precision}: set precision to that, or build it in {wanted.precision}"
    if key.profiles != wanted.profiles:
        return "has other shapes than this version of Sayline wants: build it again with this version"
    if key.graph != wanted.graph:
        return "has other weights, or another version's network: build it again, from this model directory"
    return ""


def import_runtime(path: Path, key: EngineKey) -> TensorRt:
    """Import what runs the engine of a file.

    Raises:
        EngineUnavailable: it is not installed, or is broken.
    """
    try:
        return importlib.import_module(key.runtime)
    except (ImportError, OSError) as error:  # OSError: one of its shared libraries is missing
        extra = key.runtime.replace("_", "-")
        raise EngineUnavailable(
            f"trt_engine: {path} was built by {key.library}, which {key.runtime} runs: pip install 'sayline[{extra}]' "
            f"({error})"
        ) from None


def deserialised(library: TensorRt, path: Path, key: EngineKey, plan: memoryview) -> TensorRt:
    """Bring an engine to life on the current GPU. Engines that carry programs are refused, as is the runtime's default.

    Raises:
        EngineUnavailable: the runtime refuses it.
    """
    engine = new_runtime(library).deserialize_cuda_engine(plan)
    if engine is None:
        builder = key.library.split()[0]
        fitting = library.__version__ + (" or older" if key.runtime == "tensorrt_lean" else "")
        raise EngineUnavailable(
            f"trt_engine: {library_name(library)} refuses {path}, which {key.library} built for {key.gpu} "
            f"({logger_of(library).reason}): build it with {builder} {fitting}"
        )
    return engine
