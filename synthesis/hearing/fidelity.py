"""How much of a difference is heard between two recordings of the same speech: Zimtohrli, a model of the ear.

It hears clicks and holes that judges without a reference miss. The one file that touches its package, which is of the
extra ``sayline[eval]``.
"""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import soxr  # type: ignore[import-untyped] # it ships no annotations

from ..interface import EngineUnavailable

if TYPE_CHECKING:
    import numpy.typing as npt

    Pcm = npt.NDArray[np.int16]

INSTALL: Final = "pip install 'sayline[eval]'"
_RATE_HZ: Final = 48_000  # what the model of the ear hears
# Two takes whose lengths differ by more are not the same speech: an engine that is not repeatable made them.
MAX_LENGTH_DIFFERENCE: Final = 0.02


def missing_packages() -> list[str]:
    """Name what is not installed."""
    return [] if importlib.util.find_spec("zimtohrli") else ["zimtohrli"]


class Fidelity:
    """The model of the ear.

    Raises:
        EngineUnavailable: its package is missing.
    """

    def __init__(self) -> None:
        if missing_packages():
            raise EngineUnavailable(f"no two recordings can be compared without zimtohrli: {INSTALL}")
        import zimtohrli  # type: ignore[import-untyped]  # noqa: PLC0415 - it ships none; of an extra

        self._library: Any = zimtohrli
        self._ear: Any = zimtohrli.Pyohrli()

    def judge(self, reference: Pcm, heard: Pcm, rate_hz: int) -> float | None:
        """Compare (N,) int16 with what it became: 5 if no difference is heard, 1 if it is very annoying.

        Returns:
            None if the two are not takes of the same speech, by their lengths.
        """
        if abs(len(reference) - len(heard)) > MAX_LENGTH_DIFFERENCE * max(len(reference), 1):
            return None
        length = min(len(reference), len(heard))
        both = [
            soxr.resample(samples[:length].astype(np.float32) / 32768, rate_hz, _RATE_HZ)
            for samples in (reference, heard)
        ]
        distance = self._ear.distance(*both)
        return float(self._library.mos_from_zimtohrli(distance))
