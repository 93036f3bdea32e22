"""Reads ``spk2info.pt``, the file in which the reference program keeps the voices that were saved with it.

The file is a dict of voices. Each voice is a dict of tensors with a leading dimension of 1 and, beside most of them,
their lengths. A cloned voice has its prompt in it; a trained voice (SFT) has an embedding and nothing else.
"""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ...interface import EngineUnavailable
from ..release.model_facts import MEL_BINS
from .prompt import BadVoice, VoicePrompt, make_prompt

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import numpy.typing as npt

SPK2INFO_NAME: Final = "spk2info.pt"

_CLONED: Final = "Stored with the model"
_TRAINED: Final = "Stored with the model, without a recording"


def read_spk2info(path: Path, *, trim: bool = True) -> dict[str, VoicePrompt | BadVoice]:
    """Read every voice of a file; in the place of a faulty voice stands its fault. Nothing in the file is executed.

    Args:
        path: the file.
        trim: drop the oldest of each flow prompt for small first hops (``aligned_length``); the ids stay as stored.

    Raises:
        BadVoice: the file cannot be read, or holds no dict of voices.
        EngineUnavailable: torch is not installed.
    """
    try:
        import torch  # noqa: PLC0415 - only these files need it; voices added here do not
    except ImportError as error:
        raise EngineUnavailable(f"{path} cannot be read: pip install 'sayline[cosyvoice3]'") from error
    try:
        stored = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, ValueError, EOFError, KeyError, pickle.UnpicklingError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise BadVoice(f"{path} is truncated or no {SPK2INFO_NAME}: {reason}") from error
    if not isinstance(stored, dict) or not all(
        isinstance(name, str) and isinstance(entry, dict) for name, entry in stored.items()
    ):
        raise BadVoice(f"{path} is no {SPK2INFO_NAME}: it does not hold a dict for each voice")
    voices: dict[str, VoicePrompt | BadVoice] = {}
    for name, entry in stored.items():
        try:
            voices[name] = _voice(name, entry, trim=trim)
        except BadVoice as fault:
            voices[name] = BadVoice(f"{path}: {fault}")
        except (KeyError, TypeError, ValueError, AttributeError, RuntimeError) as error:
            voices[name] = BadVoice(f"{path}: the voice {name!r} lacks or garbles {error}")
    return voices


def _voice(name: str, entry: Mapping[str, Any], *, trim: bool) -> VoicePrompt:  # Any: whatever the file holds
    is_cloned = "flow_prompt_speech_token" in entry
    return make_prompt(
        name,
        _CLONED if is_cloned else _TRAINED,
        (),
        prompt_text_ids=_ids(entry, "prompt_text") if is_cloned else (),
        lm_speech_tokens=_ids(entry, "llm_prompt_speech_token") if is_cloned else (),
        flow_speech_tokens=_ids(entry, "flow_prompt_speech_token") if is_cloned else (),
        flow_mel=_floats(entry, "prompt_speech_feat") if is_cloned else np.zeros((0, MEL_BINS), np.float32),
        embedding=_floats(entry, "flow_embedding" if is_cloned else "embedding").reshape(-1),
        trim=trim,
    )


def _ids(entry: Mapping[str, Any], key: str) -> tuple[int, ...]:
    values = _array(entry, key)
    if values.ndim != 1 or not np.issubdtype(values.dtype, np.integer):
        raise ValueError(f"{key}: {values.dtype} of shape {values.shape}")
    return tuple(values.tolist())


def _floats(entry: Mapping[str, Any], key: str) -> npt.NDArray[np.float32]:
    values = _array(entry, key)
    if not np.issubdtype(values.dtype, np.floating):
        raise ValueError(f"{key}: {values.dtype} of shape {values.shape}")
    return values.astype(np.float32)


def _array(entry: Mapping[str, Any], key: str) -> npt.NDArray[Any]:
    """Take a tensor out of its batch of one, and cut it to its stated length."""
    values = entry[key]
    if key != "embedding" and values.ndim > 1:
        if len(values) != 1:
            raise ValueError(f"{key}: {len(values)} voices in one")
        values = values[0]
        if f"{key}_len" in entry:
            values = values[: int(entry[f"{key}_len"].reshape(-1)[0])]
    array: npt.NDArray[Any] = values.numpy()
    return array
