"""The velocity network over pages for a GPU: matrix products by cuBLAS, and one kernel for all work between two.

Each layer has four kernels beside its four products: norm and modulation; attention, which also rotates, stores the
chunk's keys and reads its past from pages; norm and modulation again; GELU. The positional convolutions before the
layers are one kernel each, because cuDNN takes as long for the two as for ten layers. No step waits for the host, and
all shapes follow from the number of chunks, so a step is captured once for each batch size and replayed
(``graph_solver.py``).

The results equal those of ``EagerNetwork`` up to rounding. Only the order of channels inside a stored key differs
(``_halved``), so neither network may read pages that the other wrote.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import torch

from ..release.model_facts import CHUNK_FRAMES, MAX_FRAMES, MEL_BINS
from .chunk_solver import CHUNK, FIRST_PAGE, FRAMES, LARGEST_STEP, PHASE, STEP, phase_modulation
from .dit import CONV_GROUPS, CONV_KERNEL, NORM_EPS, Linear, rotary_tables
from .fused_kernels import add_norm_modulate, chunk_attention, gelu_tanh, positional_convolution
from .solver_grids import ONLY_FULL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from .chunk_solver import Pages
    from .dit import Dit, Modulation
    from .solver_grids import SolverGrids

_FRAMES_BLOCK: Final = 64  # a kernel's tiles are powers of two; a chunk's 50 frames fit into 64
# How attention reads the past: keys at once, warps, and tiles loaded ahead. On an H200, 64 chunks with 8 s of past take
# 101 us a layer with these values; 107 with three or four stages, 155 with eight warps. Keys and values in 8 bits take
# 201, and 161 with two warps, which are no better under load.
_KEYS_BLOCK: Final = 64
_ATTENTION_WARPS: Final = 4
_ATTENTION_STAGES: Final = 2
_GELU_BLOCK: Final = 1024


class FusedNetwork:
    """A ``ChunkNetwork`` for a GPU; see the module.

    Args:
        dit: the weights, on a GPU.
        pages: only this network writes and reads them.
        grids: the times at which it can be evaluated.
    """

    def __init__(self, dit: Dit, pages: Pages, grids: SolverGrids = ONLY_FULL) -> None:
        self._dit = dit
        self._pages = pages
        self._qkv = [_halved(block.qkv, dit.heads) for block in dit.blocks]
        self._convolutions = [_by_tap(convolution) for convolution in dit.convolutions]
        self._grids = grids
        self._modulation = _stations(phase_modulation(dit, grids))
        self._inner = dit.blocks[0].out.weight.shape[1]
        positions = torch.arange(MAX_FRAMES, device=dit.device)
        self._rotary = torch.stack(rotary_tables(positions, self._inner // dit.heads))

    def __call__(self, features: Tensor, plan: Tensor, _lengths: Sequence[int]) -> Tensor:
        """Evaluate one step of every chunk; see ``ChunkNetwork``. The plan says how far back each chunk looks."""
        dit = self._dit
        h = self._embed(features, plan)
        normed = self._add_and_norm(0, h, None, plan)
        for layer, (block, qkv) in enumerate(zip(dit.blocks, self._qkv, strict=True)):
            attended = block.out(self._attend(layer, qkv(normed), plan))
            normed = self._add_and_norm(2 * layer + 1, h, attended, plan)
            fed = block.down(_gelu(block.up(normed)))
            normed = self._add_and_norm(2 * layer + 2, h, fed, plan)
        return dit.out(normed).view(-1, CHUNK_FRAMES, MEL_BINS)

    def _embed(self, features: Tensor, plan: Tensor) -> Tensor:
        """Project the input and add its positional embedding: (2 B, T, 4 M) -> (2 B * T, D) float32."""
        projected = self._dit.input(features).flatten(0, 1)
        position = projected
        for which in range(len(self._convolutions)):
            position = self._convolve(which, position, plan)
        return (projected + position).float()

    def _convolve(self, which: int, frames: Tensor, plan: Tensor) -> Tensor:
        """Run a positional convolution that continues the chunk before: (2 B * T, D) -> the same."""
        convolution = self._convolutions[which]
        out = torch.empty_like(frames)
        positional_convolution[(len(frames) // CHUNK_FRAMES, CONV_GROUPS)](
            frames,
            self._pages.tails,
            convolution.weight,
            convolution.bias,
            out,
            plan,
            plan.stride(0),
            len(plan),
            which,
            GROUPS=CONV_GROUPS,
            GROUP_WIDTH=frames.shape[1] // CONV_GROUPS,
            TAPS=CONV_KERNEL,
            FRAMES=CHUNK_FRAMES,
            F_BLOCK=_FRAMES_BLOCK,
            STEPS=self._grids.full,
            BRANCHES=self._grids.branches,
            STEP=STEP,
            CHUNK=CHUNK,
            FIRST_PAGE=FIRST_PAGE,
        )
        return out

    def _add_and_norm(self, station: int, h: Tensor, added: Tensor | None, plan: Tensor) -> Tensor:
        """Add what a layer made to h, in place, and prepare the next layer's input."""
        rows, width = h.shape
        is_last = station == len(self._modulation) - 1
        normed = torch.empty_like(h, dtype=torch.float32 if is_last else self._dit.dtype)
        add_norm_modulate[(rows,)](
            h,
            h if added is None else added,
            normed,
            self._modulation[station],
            plan,
            plan.stride(0),
            len(plan),
            D=width,
            D_BLOCK=_power_of_two(width),
            FRAMES=CHUNK_FRAMES,
            PHASE=PHASE,
            ADDS=added is not None,
            EPS=NORM_EPS,
        )
        return normed

    def _attend(self, layer: int, qkv: Tensor, plan: Tensor) -> Tensor:
        """Store the chunks' keys and values in their pages and attend: (2 B * T, 3 H C) -> (2 B * T, H C)."""
        heads, pages = self._dit.heads, self._pages
        channels = self._inner // heads
        out = torch.empty(len(qkv), self._inner, device=qkv.device, dtype=qkv.dtype)
        chunk_attention[(len(qkv) // CHUNK_FRAMES, heads)](
            qkv,
            pages.kv[layer],
            pages.scales[layer] if pages.scales else pages.kv[layer],
            out,
            self._rotary,
            plan,
            plan.stride(0),
            len(plan),
            self._rotary.shape[1],
            channels**-0.5,
            H=heads,
            C=channels,
            FRAMES=CHUNK_FRAMES,
            F_BLOCK=_FRAMES_BLOCK,
            K_BLOCK=_KEYS_BLOCK,
            num_warps=_ATTENTION_WARPS,
            num_stages=_ATTENTION_STAGES,
            STEPS=self._grids.full,
            BRANCHES=self._grids.branches,
            STEP=STEP,
            CHUNK=CHUNK,
            VALID=FRAMES,
            FIRST_PAGE=FIRST_PAGE,
            LARGEST_STEP=LARGEST_STEP,
        )
        return out


def _gelu(x: Tensor) -> Tensor:
    gelu_tanh[((x.numel() + _GELU_BLOCK - 1) // _GELU_BLOCK,)](x, x.numel(), BLOCK=_GELU_BLOCK)
    return x


def _by_tap(convolution: Linear) -> Linear:
    """Arrange a grouped convolution's weight (D, D / groups, taps) as (groups, taps, in, out)."""
    weight = convolution.weight.view(CONV_GROUPS, -1, *convolution.weight.shape[1:])
    return Linear(weight.permute(0, 3, 2, 1).contiguous(), convolution.bias)


def _halved(qkv: Linear, heads: int) -> Linear:
    """Reorder q's and k's channels in every head from pairs to halves, so that a kernel rotates whole tiles.

    A product of q and k does not change if both are reordered alike.
    """
    width = qkv.weight.shape[0] // 3
    channels = width // heads
    within = torch.cat((torch.arange(0, channels, 2), torch.arange(1, channels, 2)))
    order = (torch.arange(heads)[:, None] * channels + within).flatten()
    order = torch.cat((order, width + order, torch.arange(2 * width, 3 * width))).to(qkv.weight.device)
    return Linear(qkv.weight[order].contiguous(), qkv.bias[order].contiguous())


def _stations(modulation: Modulation) -> Tensor:
    """Arrange the modulation by norm: (2 L + 1, phases, 3, D): gate of the part added before, then shift and scale."""
    stations = []
    gate = torch.zeros_like(modulation.blocks[0, :, 0])
    for block in modulation.blocks:
        shift1, scale1, gate1, shift2, scale2, gate2 = block.unbind(1)
        stations += [torch.stack((gate, shift1, scale1), dim=1), torch.stack((gate1, shift2, scale2), dim=1)]
        gate = gate2
    scale, shift = modulation.out.unbind(1)
    return torch.stack([*stations, torch.stack((gate, shift, scale), dim=1)]).contiguous()


def _power_of_two(count: int) -> int:
    return 1 << (count - 1).bit_length()
