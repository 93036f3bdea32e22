"""The flow: speech tokens and a voice become a mel, by Euler steps through the velocity network.

The release's takes ten guided steps; a model directory may say otherwise.

All functions here work on whole sequences, as the reference program does. Tests compare the streamed, batched solver
(``chunk_solver.py``) with them, and that solver takes its conditioning from here.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import torch
from torch.nn import functional as F  # noqa: N812 - torch's own idiom

from ...rates import MEL_FRAMES_PER_TOKEN
from ..release.checkpoint import load_state
from ..release.model_facts import LOOKAHEAD_TOKENS, MEL_BINS, SOLVER_STEPS, SPEAKER_DIM, SPEECH_CODES
from ..release.noise import flow_noise
from ..release.variant import file_of
from .dit import Dit, Linear, dit_shapes, load_dit, velocity
from .solver_grids import SolverGrids, step_times

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from torch import Tensor

    from ..release.dimensions import FlowDimensions

FLOW_NAME: Final = "flow.pt"
LOOKBACK_TOKENS: Final = 2  # tokens before its own that a mel frame needs (second convolution, kernel 3)

_LOOKAHEAD_SLOPE: Final = 0.01  # leaky_relu


@dataclass(frozen=True, slots=True)
class Flow:
    """All weights of the flow, and how it is solved; immutable, shared by every stream."""

    embedding: Tensor  # (SPEECH_CODES, M) float32
    ahead: Linear  # (lookahead channels, M, 4): sees a token and the three after it
    behind: Linear  # (M, lookahead channels, 3): sees a token and the two before it
    speaker: Linear  # (M, SPEAKER_DIM)
    dit: Dit
    grids: SolverGrids


def flow_shapes(dimensions: FlowDimensions) -> dict[str, tuple[int, ...]]:
    """List the tensors of ``flow.pt``."""
    channels = dimensions.lookahead_channels
    return {
        "input_embedding.weight": (SPEECH_CODES, MEL_BINS),
        "spk_embed_affine_layer.weight": (MEL_BINS, SPEAKER_DIM),
        "spk_embed_affine_layer.bias": (MEL_BINS,),
        "pre_lookahead_layer.conv1.weight": (channels, MEL_BINS, LOOKAHEAD_TOKENS + 1),
        "pre_lookahead_layer.conv1.bias": (channels,),
        "pre_lookahead_layer.conv2.weight": (MEL_BINS, channels, LOOKBACK_TOKENS + 1),
        "pre_lookahead_layer.conv2.bias": (MEL_BINS,),
        **dit_shapes(dimensions),
    }


def load_flow(
    model_dir: Path,
    dimensions: FlowDimensions,
    device: torch.device,
    dtype: torch.dtype,
    *,
    variant: str | None = None,
    fewest_steps: int = SOLVER_STEPS,
) -> Flow:
    """Load the flow; conditioning stays in float32, because it costs next to nothing.

    Raises:
        BadCheckpoint: ``flow.pt`` is missing, truncated or of another model.
    """
    shapes = flow_shapes(dimensions)
    path = file_of(model_dir, FLOW_NAME, variant)
    state = load_state(path, shapes, optional=[key for key in shapes if key.endswith("inv_freq")])

    def linear(name: str) -> Linear:
        return Linear(*(state[f"{name}.{part}"].to(device, torch.float32) for part in ("weight", "bias")))

    return Flow(
        embedding=state["input_embedding.weight"].to(device, torch.float32),
        ahead=linear("pre_lookahead_layer.conv1"),
        behind=linear("pre_lookahead_layer.conv2"),
        speaker=linear("spk_embed_affine_layer"),
        dit=load_dit(state, dimensions, device, dtype),
        grids=SolverGrids.of(dimensions, fewest_steps),
    )


def project_speaker(flow: Flow, embedding: Tensor) -> Tensor:
    """Project speaker embeddings: (..., SPEAKER_DIM) -> (..., M)."""
    return flow.speaker(F.normalize(embedding.float(), dim=-1))


def embed_tokens(flow: Flow, tokens: Tensor) -> Tensor:
    """Turn tokens into conditioning frames.

    Args:
        flow: the weights.
        tokens: (R, LOOKBACK_TOKENS + N + LOOKAHEAD_TOKENS) speech ids with their neighbours on both sides; -1 where
            there is none: before the prompt's first token and after the last.

    Returns:
        (R, N * MEL_FRAMES_PER_TOKEN, M) float32.
    """
    is_token = tokens >= 0
    embedded = F.embedding(tokens.clamp(min=0), flow.embedding) * is_token[..., None]
    ahead = _convolve(flow.ahead, embedded)
    # There is nothing before the first token: the second convolution is padded there with zeros, not with the result of
    # the first convolution over zeros.
    ahead = F.leaky_relu(ahead, _LOOKAHEAD_SLOPE) * is_token[:, : ahead.shape[1], None]
    behind = _convolve(flow.behind, ahead)
    return (behind + embedded[:, LOOKBACK_TOKENS:-LOOKAHEAD_TOKENS]).repeat_interleave(MEL_FRAMES_PER_TOKEN, dim=1)


def _convolve(convolution: Linear, frames: Tensor) -> Tensor:
    """Convolve (R, T, C) to (R, T - taps + 1, C'), as one product.

    A convolution library on a GPU would choose an algorithm, and memory for it, for each new number of rows. For chunks
    that begin together that took 8 GB in all, and time in the middle of a step.
    """
    taps = convolution.weight.shape[2]
    return F.linear(frames.unfold(1, taps, 1).flatten(2), convolution.weight.flatten(1), convolution.bias)


def solve(
    flow: Flow,
    tokens: Tensor,
    prompt_mel: Tensor,
    speaker: Tensor,
    *,
    is_chunked: bool,
    is_final: bool = True,
    steps: int | None = None,
) -> Tensor:
    """Solve one whole utterance at once.

    Args:
        flow: the weights.
        tokens: (P + N,) speech ids: the prompt's, then the utterance's.
        prompt_mel: (2 P, M): the prompt's frames; P may be 0.
        speaker: (M,) projected.
        is_chunked: under the chunk mask, as streams are; without it every frame sees every other.
        is_final: no token follows; without it the last LOOKAHEAD_TOKENS only serve as look-ahead.
        steps: of the solver; None: as many as the flow was made for.

    Returns:
        (2 N, M) float32, or 2 (N - LOOKAHEAD_TOKENS) frames if more tokens are to come.
    """
    after = tokens.new_full((LOOKAHEAD_TOKENS if is_final else 0,), -1)
    around = torch.cat((tokens.new_full((LOOKBACK_TOKENS,), -1), tokens, after))
    mu = embed_tokens(flow, around[None])[0]
    cond = F.pad(prompt_mel.float(), (0, 0, 0, len(mu) - len(prompt_mel)))
    *_, z = solver_states(flow, mu, cond, speaker, is_chunked=is_chunked, steps=steps)
    return z[len(prompt_mel) :]


def solver_states(
    flow: Flow, mu: Tensor, cond: Tensor, speaker: Tensor, *, is_chunked: bool, steps: int | None = None
) -> Iterator[Tensor]:
    """Walk from the fixed noise to the mel.

    Args:
        flow: the weights.
        mu: (T, M) token conditioning.
        cond: (T, M) prompt mel, zero elsewhere.
        speaker: (M,) projected.
        is_chunked: see ``solve``.
        steps: see ``solve``.

    Yields:
        (T, M) float32, ``steps`` + 1 times: the state before each step, then the mel.
    """
    z = flow_noise()[:, : len(mu)].T.to(mu.device)
    nothing, grids = torch.zeros_like(mu), flow.grids

    def branches(guided: Tensor, unguided: Tensor) -> Tensor:
        return torch.stack((guided, unguided)[: grids.branches])

    yield z
    for t, t_next in pairwise(step_times(steps or grids.full, grids.spacing)):
        velocities = velocity(
            flow.dit,
            branches(z, z),
            branches(mu, nothing),
            branches(cond, nothing),
            branches(speaker, torch.zeros_like(speaker)),
            torch.full((grids.branches,), t, device=mu.device),
            torch.full((grids.branches,), t_next, device=mu.device),
            is_chunked=is_chunked,
        )
        z = z + (t_next - t) * grids.guide(velocities)[0]
        yield z
