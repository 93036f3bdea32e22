"""The two fixed noise tables of the released configuration, which no checkpoint contains.

The reference program seeds one generator with 0 and draws the flow's initial state. It then builds its vocoder with the
generator in the state that this left, so the source noise follows the vocoder's own initial weights. This file draws in
the same order, bit for bit, whatever the checkpoint's dimensions are.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import torch

from ...rates import MEL_HOP_SAMPLES
from .model_facts import MAX_FRAMES, MEL_BINS, SPEAKER_DIM, SPEECH_CODES

if TYPE_CHECKING:
    from torch import Tensor

HARMONICS: Final = 9  # the fundamental and cosyvoice3.yaml's nb_harmonics: 8

_F0_CHANNELS: Final = 512  # the released F0 predictor's
_F0_LAYERS: Final = ((MEL_BINS, 4), (_F0_CHANNELS, 3), (_F0_CHANNELS, 3), (_F0_CHANNELS, 3), (_F0_CHANNELS, 3))


@lru_cache(maxsize=1)
def flow_noise() -> Tensor:
    """Draw the flow's initial state: (MEL_BINS, MAX_FRAMES) float32, standard normal, by absolute frame."""
    generator = torch.Generator().manual_seed(0)
    return torch.randn([1, MEL_BINS, MAX_FRAMES], generator=generator)[0]


@lru_cache(maxsize=1)
def source_noise(frames: int) -> Tensor:
    """Draw the head of the vocoder's source noise.

    Args:
        frames: how many mel frames of it to draw, at most MAX_FRAMES.

    Returns:
        (frames * MEL_HOP_SAMPLES, HARMONICS) float32, uniform in [0, 1), by absolute sample.
    """
    # The global generator, because the layers that come before the table draw from it when they are built.
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        torch.randn([1, MEL_BINS, MAX_FRAMES])
        torch.nn.Embedding(SPEECH_CODES, MEL_BINS)
        torch.nn.Linear(SPEAKER_DIM, MEL_BINS)
        for channels, kernel in _F0_LAYERS:
            torch.nn.Conv1d(channels, _F0_CHANNELS, kernel)
        torch.nn.Linear(_F0_CHANNELS, 1)
        torch.rand(1, HARMONICS)  # initial phases, which never sound
        return torch.rand(frames * MEL_HOP_SAMPLES, HARMONICS)
