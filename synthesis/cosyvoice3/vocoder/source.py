"""The vocoder's source: from the mel to the pitch (F0), and from the pitch to the excitation.

A frame's excitation is constant except for its noise, so two numbers describe it (``excitation``), and samples are made
from them when they are needed (``source_samples``).

The pitch is predicted in float64 because it integrates: an error of 1e-4 Hz is a different phase a few seconds later.
The phase itself is float32, as in the reference program: after some seconds its rounding shows in the waveform, so a
more exact phase would give a different sound.

Letters: B rows, T mel frames, H = HARMONICS, M = MEL_BINS, F channels of the pitch predictor, N samples.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import torch
from torch.nn import functional as F  # noqa: N812 - torch's own idiom

from ...rates import MEL_HOP_SAMPLES, MODEL_SAMPLE_RATE_HZ
from ..release.model_facts import MEL_BINS
from ..release.noise import HARMONICS, source_noise

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from ..release.dimensions import VocoderDimensions

_FIRST_KERNEL: Final = 4  # mel frames; sees its own and the next three
_KERNEL: Final = 3  # of the layers behind it, which see only the past
_LAYERS: Final = 4  # number of these layers
F0_LOOKAHEAD: Final = _FIRST_KERNEL - 1  # mel frames that a pitch needs to know after its own
F0_CONTEXT: Final = _LAYERS * (_KERNEL - 1)  # ... and before its own

_SINE_AMPLITUDE: Final = 0.1  # cosyvoice3.yaml, nsf_alpha
_VOICED_NOISE: Final = 0.003  # cosyvoice3.yaml, nsf_sigma
_UNVOICED_NOISE: Final = _SINE_AMPLITUDE / 3
_VOICED_ABOVE_HZ: Final = 10.0  # cosyvoice3.yaml, nsf_voiced_threshold

EXCITATION: Final = 2  # numbers that describe a frame's excitation: drive and noise amplitude


@dataclass(frozen=True, slots=True)
class Source:
    """The source's weights.

    Attributes:
        f0_layers: per convolution the matrix (kernel * channels, F), oldest frame first, and the bias (F,); float64.
        f0_out: matrix (F, 1) and bias (1,); float64.
        multiples: (H,) float32: 1, 2, ... H.
        mixing: (H,) float32: how much of each harmonic sounds.
        offset: () float32.
        noise: (N,) float32: the noise table, its H channels already mixed, by absolute sample.
    """

    f0_layers: tuple[tuple[Tensor, Tensor], ...]
    f0_out: tuple[Tensor, Tensor]
    multiples: Tensor
    mixing: Tensor
    offset: Tensor
    noise: Tensor


def source_shapes(dimensions: VocoderDimensions) -> dict[str, tuple[int, ...]]:
    """Tell the shapes of the effective weights (weight norm folded) by key."""
    channels = dimensions.f0_channels
    shapes: dict[str, tuple[int, ...]] = {
        "m_source.l_linear.weight": (1, HARMONICS),
        "m_source.l_linear.bias": (1,),
        "f0_predictor.classifier.weight": (1, channels),
        "f0_predictor.classifier.bias": (1,),
    }
    for index, name in enumerate(_layer_names()):
        inputs, kernel = (channels, _KERNEL) if index else (MEL_BINS, _FIRST_KERNEL)
        shapes |= {f"{name}.weight": (channels, inputs, kernel), f"{name}.bias": (channels,)}
    return shapes


def load_source(weights: Mapping[str, Tensor], device: torch.device, noise_frames: int) -> Source:
    """Take the source's weights from the folded ones in float64, and mix ``noise_frames`` mel frames of its noise."""

    def pair(name: str) -> tuple[Tensor, Tensor]:
        weight = weights[f"{name}.weight"]  # (F, channels, kernel) or (1, F)
        matrix = weight.permute(2, 1, 0).flatten(0, 1) if weight.dim() == 3 else weight.T
        return matrix.contiguous().to(device), weights[f"{name}.bias"].to(device)

    mixing = weights["m_source.l_linear.weight"][0].float()
    return Source(
        tuple(pair(name) for name in _layer_names()),
        pair("f0_predictor.classifier"),
        torch.arange(1, HARMONICS + 1, dtype=torch.float32, device=device),
        mixing.to(device),
        weights["m_source.l_linear.bias"][0].float().to(device),
        (source_noise(noise_frames) @ mixing).to(device),
    )


def f0_hz(source: Source, mel: Tensor) -> Tensor:
    """Predict the pitch.

    Args:
        source: the weights.
        mel: (B, T, M) natural-log mel, F0_LOOKAHEAD of its frames for looking ahead only: zeros where speech ends.

    Returns:
        (B, T - F0_LOOKAHEAD) float64, in Hz, never negative. What lies before the first frame counts as zeros, so
        that the first F0_CONTEXT values of a window cut from the middle mean nothing.
    """
    h = mel.double()
    for index, (weight, bias) in enumerate(source.f0_layers):
        kernel = _KERNEL if index else _FIRST_KERNEL
        if index:
            h = F.pad(h, (0, 0, kernel - 1, 0))
        length = h.shape[1] - kernel + 1
        # As a matrix product: float64 convolutions have no fast kernels on GPUs, float64 products do.
        windows = torch.cat([h[:, tap : tap + length] for tap in range(kernel)], dim=2)
        h = F.elu(windows @ weight + bias)
    weight, bias = source.f0_out
    return (h @ weight + bias)[..., 0].abs()


def turns_per_sample(source: Source, f0: Tensor) -> Tensor:
    """Tell how far each harmonic turns: f0 (B, T) float32 in Hz -> (B, T, H) float32 in turns per sample, below 1."""
    return torch.remainder(f0[..., None] * source.multiples / MODEL_SAMPLE_RATE_HZ, 1.0)


def sines(turns: Tensor) -> Tensor:
    """Take the sine of each harmonic, which is constant within a frame.

    Args:
        turns: (B, T, H) float64: turns per sample, summed over the frames from the stream's first to each one.

    Returns:
        (B, T, H) float32.
    """
    # Rounded to float32 at the same place as in the reference program, and multiplied in its order.
    return torch.sin(turns.float() * 2.0 * math.pi * float(MEL_HOP_SAMPLES))


def excitation(source: Source, f0: Tensor, sine: Tensor) -> Tensor:
    """Describe each frame's excitation.

    Args:
        source: the weights.
        f0: (B, T) in Hz.
        sine: (B, T, H) float32.

    Returns:
        (B, T, EXCITATION) float32: drive (harmonics and offset) and noise amplitude.
    """
    is_voiced = f0 > _VOICED_ABOVE_HZ
    drive = torch.where(is_voiced, (sine * _SINE_AMPLITUDE * source.mixing).sum(-1), 0.0) + source.offset
    noise = torch.where(is_voiced, _VOICED_NOISE, _UNVOICED_NOISE).to(drive.dtype)
    return torch.stack([drive, noise], dim=-1)


def source_samples(source: Source, frames: Tensor, samples: Tensor, first_sample: Tensor) -> Tensor:
    """Sound the excitation.

    Args:
        source: the weights.
        frames: (B, T, EXCITATION) float32.
        samples: (B, N) int64: which samples, counted from the first of ``frames``; in any order.
        first_sample: (B,) int64: the stream's own number of the first sample of ``frames``.

    Returns:
        (B, N) float32 in (-1, 1). Beyond the end of the noise table the noise repeats.
    """
    frame = (samples // MEL_HOP_SAMPLES).clamp_max(frames.shape[1] - 1)
    drive = frames[..., 0].gather(1, frame)
    amplitude = frames[..., 1].gather(1, frame)
    noise = source.noise[(first_sample[:, None] + samples) % source.noise.shape[0]]
    return torch.tanh(drive + amplitude * noise)


def _layer_names() -> list[str]:
    return [f"f0_predictor.condnet.{2 * index}" for index in range(1 + _LAYERS)]  # odd ones are activations
