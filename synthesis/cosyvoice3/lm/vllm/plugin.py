"""Makes our architecture known to vLLM, in whichever of its processes needs it.

vLLM calls ``register`` through the entry point ``vllm.general_plugins`` of an installed package. Run from a checkout
there is no entry point; there, importing this module does it, and ``WORKER_EXTENSION`` makes vLLM's workers import it.
"""

from __future__ import annotations

from typing import Final

from vllm import ModelRegistry

from ..checkpoint import ARCHITECTURE
from .model import SpeechLm

WORKER_EXTENSION: Final = f"{__name__}.WorkerExtension"


def register() -> None:
    """Tell vLLM of our model class; by itself, not by name, or vLLM would start a process to look at it first."""
    if ARCHITECTURE not in ModelRegistry.get_supported_archs():
        ModelRegistry.register_model(ARCHITECTURE, SpeechLm)


class WorkerExtension:
    """Adds nothing to vLLM's worker: named to it so that it imports this module before it loads a model."""


register()
