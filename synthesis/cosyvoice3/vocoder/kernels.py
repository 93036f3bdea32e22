"""The vocoder's activations as one Triton kernel each: a GPU spends most of this network's time on moving memory.

One kernel that also adds the bias before and the residual passes over memory once instead of seven times.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import torch
import triton
import triton.language as tl

if TYPE_CHECKING:
    from torch import Tensor

    from .decoder import Snake

_BLOCK: Final = 1024  # elements a program takes: 8 per thread of 4 warps


@triton.jit
def add_bias_snake(
    x,  # (B, L, C): the residual stream; y again if there is none
    y,  # (B, L, C): what a convolution gave
    total,  # (B, L, C): x + y + bias, if ADDS
    out,  # (B, L, C): activated
    bias,  # (C,) float32
    alpha,  # (C,) float32
    inverse,  # (C,) float32
    x_row,  # elements between the rows of x ...
    y_row,  # ... and of y; results are dense
    count,  # L * C
    C: tl.constexpr,
    ADDS: tl.constexpr,
    BLOCK: tl.constexpr,
):
    """Add and activate, for one stretch of one row."""
    row = tl.program_id(1).to(tl.int64)
    at = tl.program_id(0) * BLOCK + tl.arange(0, BLOCK)
    inside = at < count
    channel = at % C
    value = tl.load(y + row * y_row + at, mask=inside, other=0.0).to(tl.float32)
    value += tl.load(bias + channel)
    if ADDS:
        value += tl.load(x + row * x_row + at, mask=inside, other=0.0).to(tl.float32)
        tl.store(total + row * count + at, value.to(total.dtype.element_ty), mask=inside)
    sine = tl.sin(value * tl.load(alpha + channel))
    value += tl.load(inverse + channel) * sine * sine
    tl.store(out + row * count + at, value.to(out.dtype.element_ty), mask=inside)


class FusedActivation:
    """An ``Activation`` of one kernel each; equal to ``PlainActivation`` up to rounding."""

    def activated(self, x: Tensor, snake: Snake, /) -> Tensor:
        """See ``Activation``."""
        out = torch.empty(x.shape, dtype=x.dtype, device=x.device)
        _launch(x, x, out, out, snake, adds=False)
        return out

    def added(self, x: Tensor, y: Tensor, snake: Snake, /) -> tuple[Tensor, Tensor]:
        """See ``Activation``."""
        total = torch.empty(x.shape, dtype=x.dtype, device=x.device)
        out = torch.empty_like(total)
        _launch(x, y, total, out, snake, adds=True)
        return total, out


def _launch(x: Tensor, y: Tensor, total: Tensor, out: Tensor, snake: Snake, *, adds: bool) -> None:
    rows, length, channels = x.shape
    for tensor in (x, y):
        if tensor.stride()[1:] != (channels, 1):
            raise ValueError(f"positions must lie one behind another, but strides are {tensor.stride()}")
    count = length * channels
    grid = (triton.cdiv(count, _BLOCK), rows)
    add_bias_snake[grid](
        x, y, total, out, snake.bias, snake.alpha, snake.inverse, x.stride(0), y.stride(0), count,
        C=channels, ADDS=adds, BLOCK=_BLOCK,
    )  # fmt: skip
