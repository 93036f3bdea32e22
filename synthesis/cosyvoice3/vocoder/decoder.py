"""The vocoder's network: from mel and source spectrum to the sound's spectrum (HiFT, causal).

Letters: B rows, T mel frames, L positions at a stage's own rate, C its channels, K = 120 * T + 1 spectral frames,
M = MEL_BINS. Tensors are (B, L, C) in memory, the layout of the GPU's fast half-precision convolutions.

All convolutions but the first look into the past only. Positions before a window count as zeros. At a stream's start
they are zeros; elsewhere they do not affect positions ``DECODE_CONTEXT`` or more mel frames behind the window's first.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

import torch
from torch.nn import functional as F  # noqa: N812 - torch's own idiom

from ...rates import MEL_HOP_SAMPLES, exact_div
from ..release.model_facts import MEL_BINS
from .spectrum import BINS, HOP

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from ..release.dimensions import VocoderDimensions

FRAME_HOPS: Final = exact_div(MEL_HOP_SAMPLES, HOP)  # 120 spectral frames per mel frame

_PRE_KERNEL: Final = 5  # mel frames: its own and the next four (cosyvoice3.yaml, conv_pre_look_right)
PRE_LOOKAHEAD: Final = _PRE_KERNEL - 1
_POST_KERNEL: Final = 7
_RATES: Final = (8, 5, 3)  # cosyvoice3.yaml, upsample_rates
_UP_KERNELS: Final = (16, 11, 7)  # cosyvoice3.yaml, upsample_kernel_sizes
_RESBLOCK_KERNELS: Final = (3, 7, 11)  # cosyvoice3.yaml, resblock_kernel_sizes
_SOURCE_RESBLOCK_KERNELS: Final = (7, 7, 11)  # cosyvoice3.yaml, source_resblock_kernel_sizes
_DILATIONS: Final = (1, 3, 5)  # cosyvoice3.yaml, the same for both kinds of block
# Spectral frames per position of each stage: the source is brought down to the rate that the mel has reached.
_SOURCE_STRIDES: Final = (15, 3, 1)

# Mel frames that a position needs before its own; with 24 the error is 1e-6, with 16 it is 1e-4.
DECODE_CONTEXT: Final = 30

_SLOPE: Final = 0.1  # cosyvoice3.yaml, lrelu_slope
_LAST_SLOPE: Final = 0.01  # the last leaky ReLU uses torch's default instead
_MAX_MAGNITUDE: Final = 100.0
_SNAKE_EPS: Final = 1e-9

if (_RATES[0], _RATES[0] * _RATES[1], FRAME_HOPS) != tuple(FRAME_HOPS // stride for stride in _SOURCE_STRIDES):
    raise ValueError("the stages' rates do not lead from mel frames to spectral frames")


@dataclass(frozen=True, slots=True)
class Conv:
    """A convolution: weight (out, in, 1, kernel), channels last, and bias (out,), or None if it is added later."""

    weight: Tensor
    bias: Tensor | None
    dilation: int = 1

    def past(self, x: Tensor) -> Tensor:
        """Convolve (B, L, in) -> (B, L, out), zeros before the first position."""
        # Padded on both sides: that computes a few positions in vain, but spares a copy of x.
        reach = (self.weight.shape[-1] - 1) * self.dilation
        return self._convolve(x, reach)[:, : x.shape[1]]

    def future(self, x: Tensor) -> Tensor:
        """Convolve (B, L, in) -> (B, L - kernel + 1, out): each position with the positions that follow it."""
        return self._convolve(x, 0)

    def _convolve(self, x: Tensor, padding: int) -> Tensor:
        image = x.transpose(1, 2).unsqueeze(2)  # (B, in, 1, L)
        out = F.conv2d(image, self.weight, self.bias, padding=(0, padding), dilation=(1, self.dilation))
        return out.squeeze(2).transpose(1, 2)


@dataclass(frozen=True, slots=True)
class Up:
    """Repetition of each position and a causal convolution in one: weights of equal inputs are summed beforehand.

    Attributes:
        conv: from C channels to ``rate`` times as many as come out, the first new position's first.
        rate: how many positions come from one.
    """

    conv: Conv
    rate: int

    def __call__(self, x: Tensor) -> Tensor:
        """Apply it: (B, L, in) -> (B, L * rate, out)."""
        return self.conv.past(x).reshape(len(x), x.shape[1] * self.rate, -1)


@dataclass(frozen=True, slots=True)
class Down:
    """A strided convolution over the source's spectrum, as matrix products: its kernel spans two strides, or is 1.

    Attributes:
        weights: matrices (stride * 2 * BINS, C), the older stride's first.
        bias: (C,).
        stride: spectral frames.
    """

    weights: tuple[Tensor, ...]
    bias: Tensor
    stride: int

    def __call__(self, spectrum: Tensor) -> Tensor:
        """Apply it: (B, K, 2 * BINS) -> (B, L, C), L = K / stride rounded down but for stride 1, where L = K."""
        strides = F.pad(spectrum, (0, 0, self.stride - 1, 0)).reshape(len(spectrum), -1, self.stride * 2 * BINS)
        length = strides.shape[1] - len(self.weights) + 1
        products = (strides[:, part : part + length] @ weight for part, weight in enumerate(self.weights))
        return sum(products, start=self.bias)


@dataclass(frozen=True, slots=True)
class Snake:
    """A periodic activation, x + sin(alpha x)^2 / alpha, and the bias of the convolution before it.

    Attributes:
        bias: (C,) float32, added first; zeros where no convolution stands before.
        alpha: (C,) float32.
        inverse: (C,) float32: 1 / alpha.
    """

    bias: Tensor
    alpha: Tensor
    inverse: Tensor


class Activation(Protocol):
    """How activations, and the sums before them, are computed; in float32 inside, whatever the dtype of tensors."""

    def activated(self, x: Tensor, snake: Snake, /) -> Tensor:
        """Activate ``x + bias``, x (B, L, C); returns the same shape and dtype."""
        ...

    def added(self, x: Tensor, y: Tensor, snake: Snake, /) -> tuple[Tensor, Tensor]:
        """Sum ``x + y + bias``, both (B, L, C), and activate the sum; returns sum and activated sum."""
        ...


class PlainActivation:
    """The definition, on any device; tests measure other implementations against it."""

    def activated(self, x: Tensor, snake: Snake, /) -> Tensor:
        """See ``Activation``."""
        return _snake(x.float() + snake.bias, snake).to(x.dtype)

    def added(self, x: Tensor, y: Tensor, snake: Snake, /) -> tuple[Tensor, Tensor]:
        """See ``Activation``."""
        total = x.float() + y.float() + snake.bias
        return total.to(x.dtype), _snake(total, snake).to(x.dtype)


def _snake(x: Tensor, snake: Snake) -> Tensor:
    return x + snake.inverse * torch.sin(snake.alpha * x).square()


@dataclass(frozen=True, slots=True)
class ResBlock:
    """Residual pairs of convolutions, each behind its activation; the first of a pair is dilated.

    Attributes:
        pairs: activation, convolution, activation, convolution. Each but the last convolution leaves its bias to the
            activation that follows.
    """

    pairs: tuple[tuple[Snake, Conv, Snake, Conv], ...]

    def __call__(self, x: Tensor, activation: Activation) -> Tensor:
        """Apply it: (B, L, C) -> (B, L, C)."""
        activated = activation.activated(x, self.pairs[0][0])
        for (_, first, between, second), (after, *_) in itertools.pairwise(self.pairs):
            y = second.past(activation.activated(first.past(activated), between))
            x, activated = activation.added(x, y, after)
        _, first, between, second = self.pairs[-1]
        return x + second.past(activation.activated(first.past(activated), between))


@dataclass(frozen=True, slots=True)
class Stage:
    """One rise in rate: the source's way down to that rate, and the blocks, whose mean is taken."""

    up: Up
    down: Down
    source_block: ResBlock
    blocks: tuple[ResBlock, ...]


@dataclass(frozen=True, slots=True)
class Decoder:
    """The network's weights."""

    pre: Conv
    stages: tuple[Stage, ...]
    post: Conv
    activation: Activation

    @property
    def dtype(self) -> torch.dtype:
        """The dtype in which convolutions run."""
        return self.pre.weight.dtype


def decoder_shapes(dimensions: VocoderDimensions) -> dict[str, tuple[int, ...]]:
    """Tell the shapes of the effective weights (weight norm folded) by key; activations have ``alpha`` instead."""
    base = dimensions.base_channels
    shapes: dict[str, tuple[int, ...]] = {}

    def conv(name: str, out: int, inputs: int, kernel: int) -> None:
        shapes[f"{name}.weight"] = (out, inputs, kernel)
        shapes[f"{name}.bias"] = (out,)

    def block(name: str, channels: int, kernel: int) -> None:
        for pair, half in itertools.product(range(len(_DILATIONS)), (1, 2)):
            conv(f"{name}.convs{half}.{pair}", channels, channels, kernel)
            shapes[f"{name}.activations{half}.{pair}.alpha"] = (channels,)

    conv("conv_pre", base, MEL_BINS, _PRE_KERNEL)
    for stage, (kernel, stride) in enumerate(zip(_UP_KERNELS, _SOURCE_STRIDES, strict=True)):
        channels = base >> (stage + 1)
        conv(f"ups.{stage}", channels, 2 * channels, kernel)
        conv(f"source_downs.{stage}", channels, 2 * BINS, 2 * stride if stride > 1 else 1)
        block(f"source_resblocks.{stage}", channels, _SOURCE_RESBLOCK_KERNELS[stage])
        for index, block_kernel in enumerate(_RESBLOCK_KERNELS):
            block(f"resblocks.{len(_RESBLOCK_KERNELS) * stage + index}", channels, block_kernel)
    conv("conv_post", 2 * BINS, base >> len(_RATES), _POST_KERNEL)
    return shapes


def load_decoder(
    weights: Mapping[str, Tensor], device: torch.device, dtype: torch.dtype, activation: Activation
) -> Decoder:
    """Take the network's weights from the folded ones in float64, on ``device`` and in ``dtype``."""

    def placed(tensor: Tensor) -> Tensor:
        return tensor.to(device, dtype)

    def as_conv(weight: Tensor, bias: Tensor | None, dilation: int = 1) -> Conv:
        image = placed(weight).unsqueeze(2).contiguous(memory_format=torch.channels_last)
        return Conv(image, None if bias is None else placed(bias), dilation)

    def conv(name: str) -> Conv:
        return as_conv(weights[f"{name}.weight"], weights[f"{name}.bias"])

    def up(name: str, rate: int) -> Up:
        weight = _repeated(weights[f"{name}.weight"], rate)
        return Up(as_conv(weight, weights[f"{name}.bias"].repeat(rate)), rate)

    def down(name: str, stride: int) -> Down:
        matrix = weights[f"{name}.weight"].permute(2, 1, 0).flatten(0, 1)  # (kernel * 2 * BINS, C)
        return Down(
            tuple(placed(part).contiguous() for part in matrix.chunk(2 if stride > 1 else 1)),
            placed(weights[f"{name}.bias"]),
            stride,
        )

    def snake(name: str, bias: Tensor | None) -> Snake:
        alpha = weights[f"{name}.alpha"].float()
        bias = torch.zeros_like(alpha) if bias is None else bias.float()
        return Snake(bias.to(device), alpha.to(device), (1.0 / (alpha + _SNAKE_EPS)).to(device))

    def block(name: str) -> ResBlock:
        pairs: list[tuple[Snake, Conv, Snake, Conv]] = []
        bias: Tensor | None = None
        for pair, dilation in enumerate(_DILATIONS):
            first, second = f"{name}.convs1.{pair}", f"{name}.convs2.{pair}"
            before = snake(f"{name}.activations1.{pair}", bias)
            between = snake(f"{name}.activations2.{pair}", weights[f"{first}.bias"])
            bias = weights[f"{second}.bias"]
            is_last = pair == len(_DILATIONS) - 1
            pairs.append(
                (
                    before,
                    as_conv(weights[f"{first}.weight"], None, dilation),
                    between,
                    as_conv(weights[f"{second}.weight"], bias if is_last else None),
                )
            )
        return ResBlock(tuple(pairs))

    blocks = len(_RESBLOCK_KERNELS)
    return Decoder(
        conv("conv_pre"),
        tuple(
            Stage(
                up(f"ups.{stage}", rate),
                down(f"source_downs.{stage}", stride),
                block(f"source_resblocks.{stage}"),
                tuple(block(f"resblocks.{blocks * stage + index}") for index in range(blocks)),
            )
            for stage, (rate, stride) in enumerate(zip(_RATES, _SOURCE_STRIDES, strict=True))
        ),
        conv("conv_post"),
        activation,
    )


def decode(decoder: Decoder, mel: Tensor, source_spectrum: Tensor) -> Tensor:
    """Run the network.

    Args:
        decoder: the weights.
        mel: (B, T + PRE_LOOKAHEAD, M) natural-log mel; zeros where speech has ended.
        source_spectrum: (B, K, 2 * BINS) float32.

    Returns:
        (B, K, 2 * BINS) float32: the sound's spectrum, real parts, then imaginary parts.
    """
    x = decoder.pre.future(mel.to(decoder.dtype))
    spectrum = source_spectrum.to(decoder.dtype)
    for stage in decoder.stages:
        x = stage.up(F.leaky_relu(x, _SLOPE))
        if stage is decoder.stages[-1]:
            x = torch.cat([x[:, 1:2], x], dim=1)  # one more spectral frame than positions: the second stands first too
        x = x + stage.source_block(stage.down(spectrum), decoder.activation)
        first, *others = (block(x, decoder.activation) for block in stage.blocks)
        x = sum(others, start=first) / len(stage.blocks)
    x = decoder.post.past(F.leaky_relu(x, _LAST_SLOPE)).float()
    magnitude = x[..., :BINS].exp().clamp_max(_MAX_MAGNITUDE)
    phase = torch.sin(x[..., BINS:])
    return torch.cat([magnitude * phase.cos(), magnitude * phase.sin()], dim=-1)


def _repeated(weight: Tensor, rate: int) -> Tensor:
    """Turn a causal kernel over positions repeated ``rate`` times into one over the positions themselves.

    Args:
        weight: (out, in, kernel).
        rate: how often each position is repeated.

    Returns:
        (rate * out, in, taps): for each of the ``rate`` new positions a kernel that ends at the old one it came from.
    """
    out, inputs, kernel = weight.shape
    taps = 1 + -(-(kernel - 1) // rate)
    kernels = weight.new_zeros(rate, out, inputs, taps)
    for new, tap in itertools.product(range(rate), range(kernel)):
        kernels[new, ..., taps - 1 + (new - (kernel - 1) + tap) // rate] += weight[..., tap]
    return kernels.flatten(0, 1)
