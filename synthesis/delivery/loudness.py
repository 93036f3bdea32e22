"""Makes sound louder or softer, sample by sample, so that no cut into chunks changes it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from ..interface import Pcm

_FULL_SCALE: Final = 32_767
# Amplitude up to which louder sound keeps its shape. Beyond it peaks are rounded, because cut peaks crackle.
_KNEE: Final = 0.7 * _FULL_SCALE
_ROOM: Final = _FULL_SCALE - _KNEE


def at_volume(samples: Pcm, volume: float) -> Pcm:
    """Multiply the amplitude by ``volume``; peaks that would not fit are bent below full scale."""
    scaled = samples.astype(np.float32) * np.float32(volume)
    size = np.abs(scaled)
    if (beyond := size > _KNEE).any() and volume > 1:
        bent = _KNEE + _ROOM * np.tanh((size[beyond] - _KNEE) / _ROOM)
        scaled[beyond] = np.copysign(bent, scaled[beyond])
    louder: Pcm = np.rint(scaled).astype(np.int16)
    return louder
