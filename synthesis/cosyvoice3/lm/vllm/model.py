"""The language model as vLLM runs it: vLLM's Qwen2 trunk over one vocabulary, and the narrower speech head.

Written for vLLM 0.26.0 and 0.30.0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import nn
from vllm.model_executor.layers.logits_processor import LogitsProcessor
from vllm.model_executor.layers.vocab_parallel_embedding import ParallelLMHead
from vllm.model_executor.models.qwen2 import Qwen2Model
from vllm.model_executor.models.utils import AutoWeightsLoader

if TYPE_CHECKING:
    from collections.abc import Iterable

    from torch import Tensor
    from vllm.config import VllmConfig


class SpeechLm(nn.Module):
    """The model that ``lm/checkpoint.py`` writes; its parts have the names of the tensors there."""

    def __init__(self, *, vllm_config: VllmConfig, prefix: str = "") -> None:
        super().__init__()
        config = vllm_config.model_config.hf_config
        self.model = Qwen2Model(vllm_config=vllm_config, prefix=f"{prefix}model")
        self.lm_head = ParallelLMHead(config.speech_rows, config.hidden_size, prefix=f"{prefix}lm_head")
        self.logits_processor = LogitsProcessor(config.speech_rows)

    @staticmethod
    def get_model_state_cls() -> type:
        """Return our sampler's state class to vLLM's second model runner. The first runner never asks."""
        from .sampler import SamplingState  # noqa: PLC0415 - needs Triton, which only that runner has

        return SamplingState

    def embed_input_ids(self, input_ids: Tensor) -> Tensor:
        """Look up (N,) ids of the one vocabulary: (N, H)."""
        embedded: Tensor = self.model.embed_input_ids(input_ids)
        return embedded

    def forward(
        self,
        input_ids: Tensor,
        positions: Tensor,
        intermediate_tensors: None = None,
        inputs_embeds: Tensor | None = None,
    ) -> Tensor:
        """Run the trunk over (N,) ids at (N,) positions of any requests: (N, H) after the final norm."""
        hidden: Tensor = self.model(input_ids, positions, intermediate_tensors, inputs_embeds)
        return hidden

    def compute_logits(self, hidden_states: Tensor) -> Tensor:
        """Score the speech ids: (B, H) -> (B, V); float32 on a GPU, where the head's product is not rounded."""
        logits: Tensor = self.logits_processor(self.lm_head, hidden_states)
        return logits

    def load_weights(self, weights: Iterable[tuple[str, Tensor]]) -> set[str]:
        """Load every tensor and name it."""
        loaded: set[str] = AutoWeightsLoader(self).load_weights(weights)
        return loaded
