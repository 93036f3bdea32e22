"""How wide and deep a model directory's networks are.

The release describes itself in ``cosyvoice3.yaml``, whose tags (``!new:``, ``!apply:``) name Python code to run. This
reader runs none of it: it drops the tags, and never needs the references to other numbers (``!ref``).
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

import yaml

from .checkpoint import BadCheckpoint
from .model_facts import CHUNK_FRAMES, GUIDANCE_RATE, SOLVER_STEPS, SPEECH_ROWS
from .variant import file_of

if TYPE_CHECKING:
    from pathlib import Path

YAML_NAME: Final = "cosyvoice3.yaml"
LM_CONFIG_NAME: Final = "CosyVoice-BlankEN/config.json"

# How the times of the flow's solver lie between 0 and 1.
Spacing = Literal["cosine", "linear"]
# How the network of a distilled flow is told how far a step goes: by the time at its end, which goes through the same
# embedding as the time at its start and is mixed with it; or by its length, through an embedding of its own.
SecondTime = Literal["mixed", "added"]


@dataclass(frozen=True, slots=True)
class LmDimensions:
    """The language model: a Qwen2 trunk between two embeddings and a speech head."""

    hidden: int
    layers: int
    heads: int
    kv_heads: int
    head_dim: int
    intermediate: int
    text_rows: int
    max_positions: int
    rope_theta: float
    rms_eps: float
    speech_rows: int = SPEECH_ROWS


@dataclass(frozen=True, slots=True)
class FlowDimensions:
    """The flow: look-ahead layer and diffusion transformer (DiT), and how it is solved.

    Attributes:
        steps: for which it was made; a distilled flow has few.
        spacing: of these steps.
        guidance: see ``SolverGrids``; a distilled flow has 0.
        second_time: how the network is told how far a step goes; None: it is not.
    """

    dim: int
    depth: int
    heads: int
    head_dim: int
    ff_mult: int
    lookahead_channels: int
    steps: int = SOLVER_STEPS
    spacing: Spacing = "cosine"
    guidance: float = GUIDANCE_RATE
    second_time: SecondTime | None = None


@dataclass(frozen=True, slots=True)
class VocoderDimensions:
    """The vocoder (HiFT) and its F0 predictor."""

    base_channels: int
    f0_channels: int


@dataclass(frozen=True, slots=True)
class ModelDimensions:
    """All of a model directory's sizes."""

    lm: LmDimensions
    flow: FlowDimensions
    vocoder: VocoderDimensions

    @classmethod
    def read(cls, model_dir: Path, variant: str | None = None) -> ModelDimensions:
        """Read the sizes from a model directory, or those of a variant in it (``variant.py``).

        Raises:
            BadCheckpoint: a file is missing or malformed, or describes another model.
        """
        path = file_of(model_dir, YAML_NAME, variant)
        description = _read_yaml(path)
        lm = _read_json(model_dir / LM_CONFIG_NAME)
        try:
            flow = description["flow"]
            estimator = flow["decoder"]["estimator"]
            hift = description["hift"]
            chunk = estimator["static_chunk_size"]
            if chunk not in (CHUNK_FRAMES, None):  # None: a reference, see _without_tag
                raise BadCheckpoint(f"{path}: static_chunk_size is {chunk}, not {CHUNK_FRAMES}")
            heads = int(lm["num_attention_heads"])
            return cls(
                LmDimensions(
                    hidden=int(lm["hidden_size"]),
                    layers=int(lm["num_hidden_layers"]),
                    heads=heads,
                    kv_heads=int(lm["num_key_value_heads"]),
                    head_dim=int(lm.get("head_dim") or int(lm["hidden_size"]) // heads),
                    intermediate=int(lm["intermediate_size"]),
                    text_rows=int(lm["vocab_size"]),
                    max_positions=int(lm["max_position_embeddings"]),
                    rope_theta=float(lm["rope_theta"]),
                    rms_eps=float(lm["rms_norm_eps"]),
                ),
                _flow_dimensions(path, flow, estimator),
                VocoderDimensions(
                    base_channels=int(hift["base_channels"]),
                    f0_channels=int(hift["f0_predictor"]["cond_channels"]),
                ),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise BadCheckpoint(f"{model_dir}: its description lacks or garbles {error}") from error


def _flow_dimensions(path: Path, flow: dict[str, Any], estimator: dict[str, Any]) -> FlowDimensions:  # Any: as below
    given = flow["decoder"].get("cfm_params", {})
    given = given.get("content", given)
    dimensions = FlowDimensions(
        dim=int(estimator["dim"]),
        depth=int(estimator["depth"]),
        heads=int(estimator["heads"]),
        head_dim=int(estimator["dim_head"]),
        ff_mult=int(estimator["ff_mult"]),
        lookahead_channels=int(flow["pre_lookahead_layer"]["channels"]),
        steps=int(given.get("n_timesteps", SOLVER_STEPS)),
        spacing=given.get("t_scheduler", "cosine"),
        guidance=float(given.get("inference_cfg_rate", GUIDANCE_RATE)),
        second_time=estimator.get("second_time"),
    )
    # The scheduler's measures and the pages are made for the release's steps, or fewer.
    if not 1 <= dimensions.steps <= SOLVER_STEPS:
        raise BadCheckpoint(f"{path}: n_timesteps is {dimensions.steps}, not 1 to {SOLVER_STEPS}")
    if dimensions.spacing not in get_args(Spacing):
        raise BadCheckpoint(f"{path}: t_scheduler is {dimensions.spacing}, not {' or '.join(get_args(Spacing))}")
    if not 0 <= dimensions.guidance < math.inf:
        raise BadCheckpoint(f"{path}: inference_cfg_rate is {dimensions.guidance}, not 0 or more")
    if dimensions.second_time not in (None, *get_args(SecondTime)):
        raise BadCheckpoint(f"{path}: second_time is {dimensions.second_time}, not {' or '.join(get_args(SecondTime))}")
    return dimensions


class _TaglessLoader(yaml.SafeLoader):
    """Reads every tagged node as the value behind its tag, and runs nothing."""


def _without_tag(loader: _TaglessLoader, _tag: str, node: yaml.Node) -> object:
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    assert isinstance(node, yaml.ScalarNode)  # noqa: S101 - YAML has no fourth kind of node
    # A reference is arithmetic in text form; the one size that is given so is known to be the chunk size.
    return None if _tag == "ref" else loader.construct_scalar(node)


_TaglessLoader.add_multi_constructor("!", _without_tag)


def _read_yaml(path: Path) -> dict[str, Any]:  # Any: whatever the file holds; checked as it is read
    try:
        with path.open(encoding="utf-8") as file:
            description = yaml.load(file, _TaglessLoader)  # noqa: S506 - a SafeLoader that drops tags
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadCheckpoint(f"{path} cannot be read: {error}") from error
    if not isinstance(description, dict):
        raise BadCheckpoint(f"{path} does not describe a model")
    return description


def _read_json(path: Path) -> dict[str, Any]:  # Any: as above
    try:
        description = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadCheckpoint(f"{path} cannot be read: {error}") from error
    if not isinstance(description, dict):
        raise BadCheckpoint(f"{path} does not describe a model")
    return description
