"""Loads the release's state dicts: strict by key and shape, memory-mapped, and without executing anything in them."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Final

import torch

from ...interface import EngineUnavailable

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from torch import Tensor

    Shapes = Mapping[str, tuple[int, ...]]

_NAMED: Final = 5  # keys that an error names before it says "and n more"


class BadCheckpoint(EngineUnavailable):
    """A model directory is incomplete, truncated, or of another model. The message names what is wrong."""


def load_state(
    path: Path, expected: Shapes, *, optional: Collection[str] = (), strip: str | None = None
) -> dict[str, Tensor]:
    """Map one state dict into memory.

    Args:
        path: a file written by ``torch.save`` with a flat dict of tensors.
        expected: every key and its shape; all float32.
        optional: keys of ``expected`` that may be absent.
        strip: a part that a training wrapper left in the keys; removed wherever it stands.

    Returns:
        The tensors of ``expected``, on the CPU, still backed by the file.

    Raises:
        BadCheckpoint: the file cannot be read, or its keys and shapes are not the expected ones.
    """
    try:
        loaded = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    except FileNotFoundError as error:
        raise BadCheckpoint(f"{path} does not exist") from error
    except (OSError, RuntimeError, ValueError, EOFError, KeyError, pickle.UnpicklingError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise BadCheckpoint(f"{path} is truncated or no checkpoint: {reason}") from error
    if not isinstance(loaded, dict):
        raise BadCheckpoint(f"{path} holds {type(loaded).__name__}, not a dict of tensors")
    state = {key.replace(strip, "") if strip else key: tensor for key, tensor in loaded.items()}

    missing = [key for key in expected if key not in state and key not in optional]
    unexpected = [key for key in state if key not in expected]
    misshapen = [
        f"{key} {tuple(state[key].shape)}, not {shape}"
        for key, shape in expected.items()
        if key in state and tuple(state[key].shape) != shape
    ]
    faults = [
        f"{fault} {_some(keys)}"
        for fault, keys in (("lacks", missing), ("has unknown", unexpected), ("has misshapen", misshapen))
        if keys
    ]
    if faults:
        raise BadCheckpoint(f"{path} {'; '.join(faults)}")
    return state


def fold_weight_norm(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Replace each weight-normalised pair by the weight it stands for, in float64 (docs/COSYVOICE3.md, vocoder).

    Args:
        state: holds pairs ``p.parametrizations.weight.original0`` (O, 1, 1), the gain, and ``.original1`` (O, I, K),
            the direction.

    Returns:
        The same tensors, all in float64, with ``p.weight`` = gain * direction / |direction| in place of each pair; the
        norm is over (I, K). Folding in float32 would already change the pitch.
    """
    folded: dict[str, Tensor] = {}
    for key, tensor in state.items():
        name, _, part = key.partition(".parametrizations.weight.")
        if not part:
            folded[key] = tensor.double()
        elif part == "original1":
            gain = state[f"{name}.parametrizations.weight.original0"].double()
            direction = tensor.double()
            folded[f"{name}.weight"] = gain * direction / direction.flatten(1).norm(dim=1)[:, None, None]
    return folded


def _some(keys: list[str]) -> str:
    more = len(keys) - _NAMED
    return ", ".join(keys[:_NAMED]) + (f" and {more} more" if more > 0 else "")
