"""What tests of the CosyVoice3 engine share: a tiny model directory, made once on a machine, and the reference data."""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import json
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from types import ModuleType

_HERE = Path(__file__).parent / "synthesis" / "cosyvoice3"
_MAKER = _HERE / "make_checkpoint.py"


@cache
def tiny_model_dir() -> Path:
    """A model directory of size tiny and seed 0; shared by all tests and processes, so no test may write to it."""
    digest = hashlib.sha256(_MAKER.read_bytes()).hexdigest()[:12]
    directory = Path(tempfile.gettempdir()) / f"sayline-tests-cosyvoice3-tiny-{digest}"
    with Path(f"{directory}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not directory.exists():
            making = Path(tempfile.mkdtemp(prefix=f"{directory.name}-"))
            checkpoint_maker().make(str(making), "tiny", 0)
            making.rename(directory)
    return directory


def private_model_dir(into: Path) -> Path:
    """A copy of the tiny directory that a test may spoil; large files are links until they are replaced.

    What the engine keeps beside a release is left out: somebody may have served the tiny one, which outlives tests.
    """
    copy = into / "model"
    shutil.copytree(
        tiny_model_dir(),
        copy,
        ignore=shutil.ignore_patterns(".sayline"),
        copy_function=lambda source, target: Path(target).symlink_to(source),
    )
    return copy


@cache
def checkpoint_maker() -> ModuleType:
    """The program that writes random-weight model directories, as a module."""
    spec = importlib.util.spec_from_file_location("make_checkpoint", _MAKER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def reference(name: str) -> dict[str, np.ndarray]:
    """The arrays of one reference file; what its ``meta`` says is explained in docs/COSYVOICE3.md, reference data."""
    with np.load(_HERE / "reference" / f"{name}.npz", allow_pickle=False) as arrays:
        return {key: arrays[key] for key in arrays.files}


def reference_meta(name: str) -> dict[str, object]:
    """The conventions under which a reference file was computed."""
    meta: dict[str, object] = json.loads(str(reference(name)["meta"]))
    return meta


def relative_error(ours: object, theirs: object) -> float:
    """Largest difference relative to the spread of ``theirs``: its mean removed, which in mels would hide errors."""
    ours, theirs = np.asarray(ours, np.float64), np.asarray(theirs, np.float64)
    assert ours.shape == theirs.shape
    return float(np.linalg.norm(ours - theirs) / np.linalg.norm(theirs - theirs.mean()))


def add_distilled_flow(model_dir: Path, second_time: str, *, steps: int = 3, name: str = "distilled") -> None:
    """Write a variant into a private directory: a flow of few steps, without guidance, that knows where a step ends."""
    import torch

    state = torch.load(model_dir / "flow.pt", weights_only=True)
    estimator = "decoder.estimator."
    width = state[estimator + "time_embed.time_mlp.2.bias"].shape[0]
    generator = torch.Generator().manual_seed(20)

    def drawn(*shape: int) -> torch.Tensor:
        return torch.randn(shape, generator=generator) / shape[-1] ** 0.5

    if second_time == "mixed":
        state[estimator + "time_embed_mixer.weight"] = drawn(width, 2 * width)
    else:
        for layer, inputs in ((0, 256), (2, width)):
            state[f"{estimator}delta_time_embed.time_mlp.{layer}.weight"] = drawn(width, inputs)
            state[f"{estimator}delta_time_embed.time_mlp.{layer}.bias"] = drawn(width)
    torch.save(state, model_dir / f"flow.{name}.pt")
    description = (model_dir / "cosyvoice3.yaml").read_text()
    for before, after in (
        ("inference_cfg_rate: 0.7", f"inference_cfg_rate: 0.0\n                n_timesteps: {steps}"),
        ("t_scheduler: 'cosine'", "t_scheduler: 'linear'"),
        ("            mel_dim: 80", f"            second_time: {second_time}\n            mel_dim: 80"),
    ):
        assert before in description
        description = description.replace(before, after)
    (model_dir / f"cosyvoice3.{name}.yaml").write_text(description)
