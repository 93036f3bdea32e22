"""Our sampling inside vLLM's first model runner, as a logits processor. A CPU uses this one.

The second runner (``vllm/sampler.py``) needs Triton, which does not compile for CPUs. Here our code chooses the id
before vLLM samples, and rules out all other ids. The first runner does not schedule ahead on a CPU, so its lists of ids
are complete.

Written for vLLM 0.26.0 and 0.30.0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import torch
from vllm.v1.sample.logits_processor import LogitsProcessor, process_dict_updates

from ..sampling import NO_TOKEN, WINDOW, Rows, next_ids
from .requests import Wishes

if TYPE_CHECKING:
    from torch import Tensor
    from vllm import SamplingParams
    from vllm.config import VllmConfig
    from vllm.v1.sample.logits_processor import BatchUpdate

LOGITS_PROCESSOR: Final = f"{__name__}:SpeechLogitsProcessor"


class SpeechLogitsProcessor(LogitsProcessor):  # type: ignore[misc]  # vLLM is not followed by the type checker
    """Leaves one possible id in each row."""

    def __init__(self, vllm_config: VllmConfig, device: torch.device, is_pin_memory: bool) -> None:  # noqa: ARG002 - vLLM's signature
        # Row of the batch -> its request's wishes, the ids that it began with, and vLLM's own growing list of the ids
        # that it has sampled.
        self._requests: dict[int, tuple[Wishes, list[int], list[int]]] = {}

    def is_argmax_invariant(self) -> bool:
        """Tell vLLM that greedy sampling depends on this processor."""
        return False

    def update_state(self, batch_update: BatchUpdate | None) -> None:
        """Follow requests as they come, go and change rows."""

        def new(
            params: SamplingParams, prompt: list[int] | None, sampled: list[int]
        ) -> tuple[Wishes, list[int], list[int]]:
            wishes = Wishes.of(params)
            return wishes, (prompt or [])[-wishes.begun :] if wishes.begun else [], sampled

        process_dict_updates(self._requests, batch_update, new)

    def apply(self, logits: Tensor) -> Tensor:
        """Choose each row's id: (B, V) float32 -> the same, 0 at the chosen id and -inf elsewhere."""
        wishes, begun, sampled = zip(*(self._requests[row] for row in range(len(logits))), strict=True)
        spoken = [[*before[-WINDOW:], *ids[-WINDOW:]] for before, ids in zip(begun, sampled, strict=True)]
        rows = Rows(
            np.array([wish.seed for wish in wishes], np.uint64),
            np.array([wish.begun + len(ids) for wish, ids in zip(wishes, sampled, strict=True)], np.int64),
            np.array([wish.min_tokens for wish in wishes], np.int64),
            np.array([wish.is_greedy for wish in wishes]),
        )
        history = torch.tensor([([NO_TOKEN] * WINDOW + ids)[-WINDOW:] for ids in spoken])
        chosen = next_ids(logits, history, rows)
        return logits.fill_(-torch.inf).scatter_(1, chosen[:, None], 0.0)
