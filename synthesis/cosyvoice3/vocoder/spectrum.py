"""Short-time Fourier transform and its inverse, as matrix products and shifted sums of fixed shape.

FFT 16, hop 4, periodic Hann window, frames centred on every fourth sample. The results equal ``torch.stft`` and
``torch.istft`` up to float rounding, but the rows of one batch may end at different places, and a CUDA graph can hold
every operation. Float32 throughout; the caller keeps TF32 out of matrix products.

Letters: B rows, N samples, K = N / HOP + 1 spectral frames, BINS frequencies.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - torch's own idiom

from ...rates import exact_div

FFT: Final = 16  # cosyvoice3.yaml, istft_params.n_fft: samples per spectral frame
HOP: Final = 4  # cosyvoice3.yaml, istft_params.hop_len: samples
BINS: Final = FFT // 2 + 1
HALF: Final = exact_div(FFT, 2)  # samples that a frame reaches before its centre, and after it
_OVERLAP: Final = exact_div(FFT, HOP)  # frames that share a sample


@dataclass(frozen=True, slots=True)
class Spectrum:
    """The fixed matrices, float32.

    Attributes:
        analysis: (FFT, 2 * BINS): windowed samples to real parts, then imaginary parts.
        synthesis: (2 * BINS, FFT): back, windowed again.
        energy: (FFT,): the window's square, which overlap sums up.
    """

    analysis: Tensor
    synthesis: Tensor
    energy: Tensor


def spectrum(device: torch.device) -> Spectrum:
    """Make the matrices."""
    sample = torch.arange(FFT, dtype=torch.float64)
    window = 0.5 - 0.5 * torch.cos(2 * math.pi * sample / FFT)
    angle = 2 * math.pi / FFT * sample[:, None] * torch.arange(BINS)
    # The full transform of a real signal holds every bin twice, except for the first and the last.
    share = torch.full((BINS,), 2.0 / FFT, dtype=torch.float64)
    share[0] = share[-1] = 1.0 / FFT
    analysis = torch.cat([angle.cos(), -angle.sin()], dim=1) * window[:, None]
    synthesis = torch.cat([angle.cos() * share, -angle.sin() * share], dim=1).T * window
    return Spectrum(
        analysis.float().contiguous().to(device),
        synthesis.float().contiguous().to(device),
        (window**2).float().to(device),
    )


def stft(matrices: Spectrum, samples: Tensor) -> Tensor:
    """Transform samples (B, HALF + N + HALF), padded by the caller, to (B, K, 2 * BINS)."""
    hops = samples.reshape(len(samples), -1, HOP)  # (B, K + _OVERLAP - 1, HOP)
    frames = hops.shape[1] - _OVERLAP + 1
    windows = torch.cat([hops[:, part : part + frames] for part in range(_OVERLAP)], dim=2)
    return windows @ matrices.analysis


def istft(matrices: Spectrum, frames: Tensor, is_frame: Tensor) -> Tensor:
    """Transform frames back.

    Args:
        matrices: the fixed matrices.
        frames: (B, K, 2 * BINS) float32: real parts, then imaginary parts.
        is_frame: (B, K) bool: which frames exist; the others may hold anything.

    Returns:
        (B, N) float32. Samples behind the end of a row's frames mean nothing.
    """
    waves = torch.where(is_frame[..., None], frames @ matrices.synthesis, 0.0)
    energies = is_frame[..., None] * matrices.energy
    # At a stream's edges fewer frames overlap; the floor only keeps meaningless samples finite.
    return _overlap(waves) / _overlap(energies).clamp_min(1e-6)


def _overlap(windows: Tensor) -> Tensor:
    """Add up (B, K, FFT) at their places, and cut off HALF samples at either end: (B, N)."""
    parts = F.pad(windows, (0, 0, 1, 1)).reshape(len(windows), -1, _OVERLAP, HOP)  # (B, K + 2, _OVERLAP, HOP)
    hops = windows.shape[1] - 1
    # Hop i, counted from sample 0, lies in the parts 3, 2, 1 and 0 of frames i - 1, i, i + 1 and i + 2.
    total = sum(
        (parts[:, _OVERLAP - 1 - part : _OVERLAP - 1 - part + hops, part] for part in range(1, _OVERLAP)),
        start=parts[:, _OVERLAP - 1 : _OVERLAP - 1 + hops, 0],
    )
    return total.flatten(1)
