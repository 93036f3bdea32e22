"""How natural speech sounds: DistillMOS, a small network that ranks synthetic voices much as people do, 1 to 5.

It hears noise, holes and a robot; it does not hear clicks (``seams.py`` does). The one file that touches its package,
which is of the extra ``sayline[naturalness]`` and brings torch.
"""

from __future__ import annotations

import contextlib
import importlib.util
import sys
import types
from typing import TYPE_CHECKING, Any, Final

from ..interface import EngineUnavailable

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]

INSTALL: Final = "pip install 'sayline[naturalness]'"
_PACKAGES: Final = ("torch", "distillmos")


def missing_packages() -> list[str]:
    """Name what is not installed."""
    return [name for name in _PACKAGES if importlib.util.find_spec(name) is None]


class Naturalness:
    """The network, loaded: seconds.

    Raises:
        EngineUnavailable: a package is missing.
    """

    def __init__(self) -> None:
        if missing := missing_packages():
            raise EngineUnavailable(f"naturalness cannot be judged without {', '.join(missing)}: {INSTALL}")
        import torch  # noqa: PLC0415 - takes seconds, and is of an extra

        if importlib.util.find_spec("torchaudio") is None:
            # It is imported to read files, which we do not ask for; its builds fit one version of torch each.
            sys.modules.setdefault("torchaudio", types.ModuleType("torchaudio"))
        import distillmos  # type: ignore[import-untyped]  # noqa: PLC0415 - it ships no annotations; as above

        self._torch: Any = torch
        with contextlib.redirect_stdout(None):  # it prints where its weights are; standard output is for figures
            self._network: Any = distillmos.ConvTransformerSQAModel()
        self._network.eval()

    def judge(self, samples: Floats) -> float:
        """Judge one sentence of (N,) samples at 16 kHz, full scale 1: 1 is bad, 5 is excellent."""
        with self._torch.inference_mode():
            return float(self._network(self._torch.from_numpy(samples)[None]).reshape(-1)[0])
