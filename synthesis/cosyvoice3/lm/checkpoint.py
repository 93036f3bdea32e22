"""The language model as vLLM reads models: one vocabulary, safetensors, and a config of our own architecture.

``llm.pt`` has two embeddings. Here speech rows come first and text rows behind them, so a prompt is plain token ids,
and sampled ids are fed back unchanged. The conversion is kept beside the model directory, and made again if either side
has changed.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import torch
from safetensors.torch import save_file

from ..release.checkpoint import BadCheckpoint, load_state
from ..release.model_facts import SPEECH_ROWS, TEXT_ID_OFFSET
from ..release.variant import file_of
from .network import FILE_NAME, SPEECH_EMBEDDING, SPEECH_HEAD, TEXT_EMBEDDING, TRUNK, UNUSED, shapes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from ..release.dimensions import LmDimensions

_log = logging.getLogger(__name__)

ARCHITECTURE: Final = "SaylineCosyVoice3SpeechLm"  # how vLLM finds our model class (vllm/model.py)
FORMAT: Final = 1  # raised whenever the written form changes; older conversions are then left alone
WEIGHTS: Final = "model.safetensors"
CONFIG: Final = "config.json"
SOURCE: Final = "source.json"  # names the converted file, and holds the digests of both sides

Precision = Literal["float32", "bfloat16", "float16"]
_DTYPES: Final = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


def converted(
    model_dir: Path,
    dims: LmDimensions,
    precision: Precision,
    cache_dir: Path | None = None,
    *,
    variant: str | None = None,
) -> Path:
    """Return a directory that vLLM can load; make it if there is none yet.

    Blocks: hashing and writing take some seconds for the full size, once.

    Args:
        model_dir: the release's directory.
        dims: its language model's sizes.
        precision: in which the weights are stored.
        cache_dir: where conversions are kept; by default ``.sayline`` in the model directory, or the user's cache
            directory if the model directory cannot be written to.
        variant: see ``release/variant.py``.

    Raises:
        BadCheckpoint: ``llm.pt`` is not the file that the model directory describes.
        OSError: the conversion cannot be written.
    """
    source = file_of(model_dir, FILE_NAME, variant)
    cache_dir = cache_dir or _cache_dir(model_dir)
    stamp = _stamp(source)
    # The key is the file's content. Its digest takes seconds, so a conversion remembers from which file it was made.
    # The conversion's own content is digested each time, because the model would speak gibberish from a damaged one.
    for directory in cache_dir.glob(f"lm-*-{precision}-{FORMAT}"):
        if _facts(directory).get("stamp") == stamp and _is_whole(directory):
            return directory
    digest = _digest(source)
    directory = cache_dir / f"lm-{digest[:16]}-{precision}-{FORMAT}"
    if directory.exists() and _is_whole(directory):  # the same content elsewhere or at another time, such as a copy
        _write_facts(directory, {**_facts(directory), "stamp": stamp})
        return directory

    _log.info("converting %s for vLLM into %s", source, directory)
    state = load_state(source, shapes(dims), optional=(UNUSED,))
    cache_dir.mkdir(parents=True, exist_ok=True)
    making = Path(tempfile.mkdtemp(prefix=f".{directory.name}-", dir=cache_dir))
    try:
        save_file(_one_vocabulary(state, _DTYPES[precision]), making / WEIGHTS, {"format": "pt"})
        (making / CONFIG).write_text(json.dumps(_config(dims, precision), indent=1) + "\n")
        _write_facts(making, {"stamp": stamp, "llm_sha256": digest, "weights_sha256": _digest(making / WEIGHTS)})
        making.chmod(0o755)  # mkdtemp gives access to the owner alone
        _replace(directory, making)
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return directory


def _one_vocabulary(state: Mapping[str, Tensor], dtype: torch.dtype) -> dict[str, Tensor]:
    assert len(state[SPEECH_EMBEDDING]) == TEXT_ID_OFFSET  # noqa: S101 - otherwise text ids would name other rows
    tensors = {
        f"model.{key.removeprefix(TRUNK)}": tensor.to(dtype, copy=True)  # safetensors takes no views of one mapping
        for key, tensor in state.items()
        if key.startswith(TRUNK) and key != TEXT_EMBEDDING
    }
    tensors["model.embed_tokens.weight"] = torch.cat(
        [state[SPEECH_EMBEDDING].to(dtype), state[TEXT_EMBEDDING].to(dtype)]
    )
    tensors["lm_head.weight"] = state[SPEECH_HEAD].to(dtype, copy=True)
    return tensors


def _config(dims: LmDimensions, precision: Precision) -> dict[str, object]:
    return {
        "architectures": [ARCHITECTURE],
        "model_type": "qwen2",
        "dtype": precision,
        "vocab_size": TEXT_ID_OFFSET + dims.text_rows,
        "speech_rows": SPEECH_ROWS,  # ours: the head's width
        "hidden_size": dims.hidden,
        "intermediate_size": dims.intermediate,
        "num_hidden_layers": dims.layers,
        "num_attention_heads": dims.heads,
        "num_key_value_heads": dims.kv_heads,
        "head_dim": dims.head_dim,
        "hidden_act": "silu",
        "max_position_embeddings": dims.max_positions,
        "rms_norm_eps": dims.rms_eps,
        "rope_theta": dims.rope_theta,
        "tie_word_embeddings": False,
        "use_sliding_window": False,
        "attention_dropout": 0.0,
        "bos_token_id": None,
        "eos_token_id": None,  # requests name the ids that stop them
        "head_dtype": "float32",  # vLLM's: logits are not rounded to the precision of the weights
    }


def _stamp(source: Path) -> list[object]:
    """What changes when a file is replaced; ctime too, because archives set mtime to any value."""
    try:
        stat = source.stat()
    except OSError as error:
        raise BadCheckpoint(f"{source} cannot be read: {error}") from error
    return [str(source.resolve()), stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns]


def _facts(directory: Path) -> dict[str, object]:
    """What a conversion says of itself; empty if it cannot be read."""
    try:
        facts = json.loads((directory / SOURCE).read_text())
    except (OSError, ValueError):
        return {}
    return facts if isinstance(facts, dict) else {}


def _write_facts(directory: Path, facts: Mapping[str, object]) -> None:
    with tempfile.NamedTemporaryFile("w", dir=directory, prefix=f".{SOURCE}-", delete=False) as file:
        json.dump(facts, file, indent=1)
    Path(file.name).replace(directory / SOURCE)


def _is_whole(directory: Path) -> bool:
    try:
        json.loads((directory / CONFIG).read_text())
        return _digest(directory / WEIGHTS) == _facts(directory).get("weights_sha256")
    except (OSError, ValueError):
        return False


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _replace(directory: Path, made: Path) -> None:
    """Put a finished conversion into place; another process may do the same at the same time."""
    try:
        made.rename(directory)
    except OSError:
        if _is_whole(directory):
            return  # the other process was first
        damaged = Path(tempfile.mkdtemp(prefix=".damaged-", dir=directory.parent))
        directory.rename(damaged / directory.name)
        made.rename(directory)
        shutil.rmtree(damaged)


def _cache_dir(model_dir: Path) -> Path:
    if os.access(model_dir, os.W_OK):
        return model_dir / ".sayline"
    # Directories of different models share this one: the names in it are digests of content.
    return Path("~/.cache/sayline").expanduser()
