"""Makes our architecture known to vLLM, in every process of vLLM that needs it.

vLLM calls ``register`` through the entry point ``vllm.general_plugins`` of an installed package. A checkout has no
entry point; there, importing this module registers the architecture, and ``WORKER_EXTENSION`` makes vLLM's workers
import it.
"""

from __future__ import annotations

from typing import Final

from vllm import ModelRegistry

from ..checkpoint import ARCHITECTURE
from .model import SpeechLm

WORKER_EXTENSION: Final = f"{__name__}.WorkerExtension"


def register() -> None:
    """Register our model class, as a class: by its name, vLLM would first start a process to look at it."""
    if ARCHITECTURE not in ModelRegistry.get_supported_archs():
        ModelRegistry.register_model(ARCHITECTURE, SpeechLm)


class WorkerExtension:
    """Adds nothing to vLLM's worker; vLLM is told its name so that the worker imports this module before any model."""


register()
