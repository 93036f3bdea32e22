"""The velocity network: a diffusion transformer over mel frames (docs/COSYVOICE3.md, flow).

Letters: R rows (streams, and for each its guided and its unguided branch), T mel frames, D width, H heads of C
channels, L layers, M = MEL_BINS. Matrix products run in the weights' dtype; the residual stream, LayerNorm, softmax,
modulation and the output projection stay in float32, because the released weights overflow half precision there.

The network is one function. How a frame looks at other frames is an argument, so that the same blocks serve the whole
sequence at once (``velocity``), one chunk of it against stored keys (``chunk_solver.py``), and an ONNX graph.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

import torch
from torch.nn import functional as F  # noqa: N812 - torch's own idiom

from ..release.model_facts import CHUNK_FRAMES, MEL_BINS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from torch import Tensor

    from ..release.dimensions import FlowDimensions

CONV_KERNEL: Final = 31  # frames, both positional convolutions
CONV_GROUPS: Final = 16
CONV_HISTORY: Final = CONV_KERNEL - 1  # frames of the past that each of them needs
MODULATIONS: Final = 6  # shift, scale and gate of attention, then of the feed-forward layer

_TIME_FREQUENCIES: Final = 128
TIME_SCALE: Final = 1000.0  # times run from 0 to 1; their embedding was made for diffusion steps
_ROTARY_BASE: Final = 10_000.0
NORM_EPS: Final = 1e-6
_PREFIX: Final = "decoder.estimator."
# What a distilled flow has beside the release's tensors (docs/COSYVOICE3.md, variants).
_MIXER: Final = "time_embed_mixer.weight"
_LENGTHS: Final = "delta_time_embed.time_mlp"


class Attend(Protocol):
    """How frames attend to each other."""

    def __call__(self, layer: int, /, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        """Attend with q, k, v (R, T, H, C) of one layer, already rotated; returns (R, T, H, C)."""
        ...


class Convolve(Protocol):
    """How one of the two positional convolutions sees the frames before the first."""

    def __call__(self, which: int, frames: Tensor, /) -> Tensor:
        """Prepend CONV_HISTORY earlier frames to ``frames`` (R, T, D); ``which`` is 0 or 1."""
        ...


@dataclass(frozen=True, slots=True)
class Linear:
    """A matrix (out, in) and its bias (out,)."""

    weight: Tensor
    bias: Tensor

    def __call__(self, x: Tensor) -> Tensor:
        """Apply it in its own dtype: (..., in) -> (..., out)."""
        return F.linear(x.to(self.weight.dtype), self.weight, self.bias)


@dataclass(frozen=True, slots=True)
class Block:
    """One transformer block's weights."""

    qkv: Linear  # (3 * H * C, D)
    out: Linear  # (D, H * C)
    up: Linear  # (ff_mult * D, D)
    down: Linear  # (D, ff_mult * D)


@dataclass(frozen=True, slots=True)
class Modulation:
    """What a time does to the network, for N times; all float32.

    Attributes:
        blocks: (L, N, 6, D): shift, scale, gate of attention, then of the feed-forward layer.
        out: (N, 2, D): scale and shift before the output projection.
    """

    blocks: Tensor
    out: Tensor

    def at(self, rows: Tensor) -> Modulation:
        """Pick times: ``rows`` (R,) of indices into N."""
        return Modulation(self.blocks[:, rows], self.out[rows])


@dataclass(frozen=True, slots=True)
class Dit:
    """All weights of the velocity network; immutable, shared by every stream.

    Attributes:
        input: (D, 4 M): noise, prompt mel, token conditioning and speaker in this order.
        convolutions: two of weight (D, D / 16, 31) and bias (D,).
        blocks: L of them.
        out: (M, D), float32.
        heads: H.
        times: what turns a time into a modulation, float32.
    """

    input: Linear
    convolutions: tuple[Linear, Linear]
    blocks: tuple[Block, ...]
    out: Linear
    heads: int
    times: TimeEmbedding

    @property
    def dtype(self) -> torch.dtype:
        """The dtype in which the matrix products run."""
        return self.input.weight.dtype

    @property
    def device(self) -> torch.device:
        """Where the weights lie."""
        return self.input.weight.device


@dataclass(frozen=True, slots=True)
class TimeEmbedding:
    """Turns times into modulations; runs only for the few times that the solver uses.

    Attributes:
        mixer: (D, 2 D), of a flow whose second time is mixed in; ``dimensions.SecondTime``.
        lengths: the embedding of a step's length, of a flow whose second time is added.
    """

    mlp: tuple[Linear, Linear]
    blocks: tuple[Linear, ...]
    out: Linear
    mixer: Tensor | None = None
    lengths: tuple[Linear, Linear] | None = None

    def __call__(self, t: Tensor, t_next: Tensor) -> Modulation:
        """Compute the modulation of steps from times t to t_next, both (N,) in [0, 1], in float32."""
        tau = _embed_time(self.mlp, t)
        if self.mixer is not None:
            tau = F.linear(torch.cat((tau, _embed_time(self.mlp, t_next)), dim=-1), self.mixer)
        if self.lengths is not None:
            tau = tau + _embed_time(self.lengths, t_next - t)
        tau = F.silu(tau)
        blocks = torch.stack([block(tau).view(len(t), MODULATIONS, -1) for block in self.blocks])
        return Modulation(blocks, self.out(tau).view(len(t), 2, -1))


def _embed_time(mlp: tuple[Linear, Linear], t: Tensor) -> Tensor:
    """Embed times: (N,) -> (N, D) float32."""
    angles = TIME_SCALE * t.float()[:, None] * time_frequencies(t.device)
    embedded = torch.cat((angles.sin(), angles.cos()), dim=-1)
    return mlp[1](F.silu(mlp[0](embedded)))


def time_frequencies(device: torch.device) -> Tensor:
    """List the frequencies of the time embedding: (128,) float32, falling from 1."""
    exponents = torch.arange(_TIME_FREQUENCIES, dtype=torch.float32, device=device)
    return torch.exp(exponents * (-math.log(_ROTARY_BASE) / (_TIME_FREQUENCIES - 1)))


def dit_shapes(dimensions: FlowDimensions) -> dict[str, tuple[int, ...]]:
    """List the network's tensors in ``flow.pt`` (the rotary frequencies there are computed, not read)."""
    d, inner, ff = dimensions.dim, dimensions.heads * dimensions.head_dim, dimensions.dim * dimensions.ff_mult
    shapes: dict[str, tuple[int, ...]] = {_PREFIX + "rotary_embed.inv_freq": (dimensions.head_dim // 2,)}

    def linear(name: str, out: int, inputs: int) -> None:
        shapes[f"{_PREFIX}{name}.weight"], shapes[f"{_PREFIX}{name}.bias"] = (out, inputs), (out,)

    linear("time_embed.time_mlp.0", d, 2 * _TIME_FREQUENCIES)
    linear("time_embed.time_mlp.2", d, d)
    if dimensions.second_time == "mixed":
        shapes[_PREFIX + _MIXER] = (d, 2 * d)
    elif dimensions.second_time == "added":
        linear(f"{_LENGTHS}.0", d, 2 * _TIME_FREQUENCIES)
        linear(f"{_LENGTHS}.2", d, d)
    linear("input_embed.proj", d, 4 * MEL_BINS)
    for conv in ("conv1", "conv2"):
        name = f"{_PREFIX}input_embed.conv_pos_embed.{conv}.0"
        shapes[f"{name}.weight"], shapes[f"{name}.bias"] = (d, d // CONV_GROUPS, CONV_KERNEL), (d,)
    for layer in range(dimensions.depth):
        block = f"transformer_blocks.{layer}"
        linear(f"{block}.attn_norm.linear", MODULATIONS * d, d)
        for name in ("to_q", "to_k", "to_v"):
            linear(f"{block}.attn.{name}", inner, d)
        linear(f"{block}.attn.to_out.0", d, inner)
        linear(f"{block}.ff.ff.0.0", ff, d)
        linear(f"{block}.ff.ff.2", d, ff)
    linear("norm_out.linear", 2 * d, d)
    linear("proj_out", MEL_BINS, d)
    return shapes


def load_dit(state: Mapping[str, Tensor], dimensions: FlowDimensions, device: torch.device, dtype: torch.dtype) -> Dit:
    """Take the network out of ``flow.pt``'s tensors.

    Args:
        state: holds the tensors of ``dit_shapes``.
        dimensions: the network's.
        device: where it will run.
        dtype: of the matrix products.
    """

    def tensor(name: str, dtype: torch.dtype = dtype) -> Tensor:
        return state[_PREFIX + name].to(device, dtype)

    def linear(name: str, dtype: torch.dtype = dtype) -> Linear:
        return Linear(tensor(f"{name}.weight", dtype), tensor(f"{name}.bias", dtype))

    def joined(*names: str) -> Linear:
        parts = [linear(name) for name in names]
        return Linear(torch.cat([part.weight for part in parts]), torch.cat([part.bias for part in parts]))

    blocks = [f"transformer_blocks.{layer}" for layer in range(dimensions.depth)]
    return Dit(
        input=linear("input_embed.proj"),
        convolutions=(linear("input_embed.conv_pos_embed.conv1.0"), linear("input_embed.conv_pos_embed.conv2.0")),
        blocks=tuple(
            Block(
                qkv=joined(f"{block}.attn.to_q", f"{block}.attn.to_k", f"{block}.attn.to_v"),
                out=linear(f"{block}.attn.to_out.0"),
                up=linear(f"{block}.ff.ff.0.0"),
                down=linear(f"{block}.ff.ff.2"),
            )
            for block in blocks
        ),
        out=linear("proj_out", torch.float32),
        heads=dimensions.heads,
        times=TimeEmbedding(
            (linear("time_embed.time_mlp.0", torch.float32), linear("time_embed.time_mlp.2", torch.float32)),
            tuple(linear(f"{block}.attn_norm.linear", torch.float32) for block in blocks),
            linear("norm_out.linear", torch.float32),
            mixer=tensor(_MIXER, torch.float32) if dimensions.second_time == "mixed" else None,
            lengths=(linear(f"{_LENGTHS}.0", torch.float32), linear(f"{_LENGTHS}.2", torch.float32))
            if dimensions.second_time == "added"
            else None,
        ),
    )


def forward(
    dit: Dit,
    features: Tensor,
    modulation: Modulation,
    positions: Tensor,
    *,
    attend: Attend,
    with_history: Convolve,
) -> Tensor:
    """Run the network.

    Args:
        dit: the weights.
        features: (R, T, 4 M): noise, prompt mel, token conditioning, speaker.
        modulation: of each row: ``blocks`` (L, R, 6, D), ``out`` (R, 2, D).
        positions: (R, T) or (T,) frame numbers, counted from the prompt's first frame.
        attend: how frames see each other.
        with_history: what stands before the first frame of the positional convolutions.

    Returns:
        (R, T, M) float32: the velocity.
    """
    h = embed_input(dit, features, with_history)
    cos, sin = rotary_tables(positions, dit.blocks[0].qkv.weight.shape[0] // (3 * dit.heads))
    for layer, (block, modulated) in enumerate(zip(dit.blocks, modulation.blocks, strict=True)):
        shift1, scale1, gate1, shift2, scale2, gate2 = modulated.unsqueeze(2).unbind(1)  # six of (R, 1, D)
        q, k, v = block.qkv(norm(h) * (1 + scale1) + shift1).view(*h.shape[:2], 3, dit.heads, -1).unbind(2)
        seen = attend(layer, rotate_first_head(q, cos, sin), rotate_first_head(k, cos, sin), v)
        h = h + gate1 * block.out(seen.flatten(2))
        h = h + gate2 * block.down(F.gelu(block.up(norm(h) * (1 + scale2) + shift2), approximate="tanh"))
    scale, shift = modulation.out.unsqueeze(2).unbind(1)  # in this order, unlike the blocks'
    return dit.out(norm(h) * (1 + scale) + shift)


def embed_input(dit: Dit, features: Tensor, with_history: Convolve) -> Tensor:
    """Project the input and add its positional embedding: (R, T, 4 M) -> (R, T, D) float32."""
    h = dit.input(features)
    position = h
    for which, convolution in enumerate(dit.convolutions):
        frames = with_history(which, position).transpose(1, 2)
        position = F.mish(F.conv1d(frames, convolution.weight, convolution.bias, groups=CONV_GROUPS)).transpose(1, 2)
    return (h + position).float()


def norm(h: Tensor) -> Tensor:
    """LayerNorm without weights of its own: the modulation has them."""
    return F.layer_norm(h, h.shape[-1:], eps=NORM_EPS)


def rotary_tables(positions: Tensor, channels: int) -> tuple[Tensor, Tensor]:
    """Compute cosine and sine of each position: (..., T) -> two of (..., T, C / 2) float32."""
    exponents = torch.arange(0, channels, 2, dtype=torch.float32, device=positions.device) / channels
    angles = positions.float()[..., None] * (1.0 / _ROTARY_BASE**exponents)
    return angles.cos(), angles.sin()


def rotate_first_head(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotate neighbouring channel pairs of head 0 of x (R, T, H, C); the released model rotates no other head."""
    first = x[:, :, 0].float()
    even, odd = first[..., 0::2], first[..., 1::2]
    rotated = torch.stack((even * cos - odd * sin, odd * cos + even * sin), dim=-1).flatten(-2)
    return torch.cat((rotated.to(x.dtype)[:, :, None], x[:, :, 1:]), dim=2)


def velocity(
    dit: Dit,
    x: Tensor,
    mu: Tensor,
    cond: Tensor,
    speaker: Tensor,
    t: Tensor,
    t_next: Tensor | None = None,
    *,
    lengths: Sequence[int] | None = None,
    is_chunked: bool,
) -> Tensor:
    """Evaluate the network on whole sequences: the definition with which every engine must agree.

    Args:
        dit: the weights.
        x: (R, T, M) noise.
        mu: (R, T, M) token conditioning.
        cond: (R, T, M) prompt mel, zero elsewhere.
        speaker: (R, M) projected speaker embedding.
        t: (R,) times in [0, 1].
        t_next: (R,) times to which the steps go; only a network with a second time needs them.
        lengths: how many frames of each row count; all T by default. Output behind them means nothing.
        is_chunked: each frame sees up to the end of its own chunk; without it, all frames see all.

    Returns:
        (R, T, M) float32.
    """
    rows, frames, _ = x.shape
    features = torch.cat((x, cond, mu, speaker[:, None].expand(rows, frames, MEL_BINS)), dim=-1)
    positions = torch.arange(frames, device=x.device)
    mask = sight(positions, torch.tensor(lengths or [frames] * rows, device=x.device), is_chunked=is_chunked)

    def attend(_layer: int, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
        q, k, v = (each.transpose(1, 2) for each in (q, k, v))
        return F.scaled_dot_product_attention(q, k, v, attn_mask=mask).transpose(1, 2)

    def from_silence(_which: int, h: Tensor) -> Tensor:
        return F.pad(h, (0, 0, CONV_HISTORY, 0))

    modulation = dit.times(t, t if t_next is None else t_next)
    return forward(dit, features, modulation, positions, attend=attend, with_history=from_silence)


def sight(positions: Tensor, lengths: Tensor, *, is_chunked: bool) -> Tensor:
    """Tell which frames see which: (T,), (R,) -> (R, 1, T, T) bool, query before key."""
    is_real = positions < lengths[:, None]
    seen = is_real[:, None, None, :]
    if is_chunked:
        chunk_end = (positions // CHUNK_FRAMES + 1) * CHUNK_FRAMES
        seen = seen & (positions < chunk_end[:, None])
    # A frame behind the end must see some frame, because its softmax would be 0 / 0 otherwise.
    return seen | ~is_real[:, None, :, None]
