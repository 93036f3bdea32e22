"""Follows the pitch of a voice: SwiftF0, a network of 400 KB. The one file that touches its package."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ..interface import EngineUnavailable

if TYPE_CHECKING:
    import numpy.typing as npt

    Doubles = npt.NDArray[np.float64]
    Floats = npt.NDArray[np.float32]

_VOICE_HZ: Final = (60.0, 500.0)
_SURE: Final = 0.5  # its own word on how sure it is: from here on a frame counts as voiced
_RATE_HZ: Final = 16_000


def missing_packages() -> list[str]:
    """Name what is not installed."""
    return [name for name in ("swift_f0",) if importlib.util.find_spec(name) is None]


@dataclass(frozen=True, slots=True)
class PitchTrack:
    """A pitch over time.

    Attributes:
        hz: (F,) NaN where nothing is voiced.
        every_s: from one value to the next.
    """

    hz: Doubles
    every_s: float


class PitchFinder:
    """The network, loaded.

    Raises:
        EngineUnavailable: its package is missing.
    """

    def __init__(self) -> None:
        if missing_packages():
            raise EngineUnavailable("no pitch can be followed without swift-f0: pip install 'sayline[eval]'")
        from swift_f0 import SwiftF0  # noqa: PLC0415 - of an extra

        self._network: Any = SwiftF0(spin=False)

    def follow(self, samples: Floats) -> PitchTrack:
        """Follow (N,) samples at 16 kHz."""
        found = self._network.detect(samples, _RATE_HZ, *_VOICE_HZ)
        hz = np.asarray(found.pitch_hz, np.float64)
        sure = np.asarray(found.confidence) >= _SURE
        times = np.asarray(found.timestamps, np.float64)
        every_s = float(np.median(np.diff(times))) if len(times) > 1 else 0.0
        return PitchTrack(np.where(sure & (hz > 0), hz, np.nan), every_s)
