"""Our sampling inside vLLM's second model runner, in place of its sampler: the way it takes on a GPU.

That runner lets a model bring its own sampler, and keeps every request's ids on the device; it is the one that runs a
step ahead of the host and replays whole CUDA graphs. A custom logits processor would send vLLM back to the first
runner. Nothing here waits for the device: seeds, lengths and limits are known on the host.

Written for vLLM 0.26.0 and 0.30.0.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import torch
from vllm.v1.worker.gpu.model_states.default import DefaultModelState
from vllm.v1.worker.gpu.sample.output import SamplerOutput

from .sampling import NO_TOKEN, WINDOW, Rows, next_ids, to_device
from .vllm_requests import Wishes

if TYPE_CHECKING:
    from torch import Tensor
    from vllm import SamplingParams
    from vllm.v1.worker.gpu.input_batch import InputBatch
    from vllm.v1.worker.gpu.sample.sampler import Sampler
    from vllm.v1.worker.gpu.states import RequestState


class SamplingState(DefaultModelState):  # type: ignore[misc]  # vLLM is not followed by the type checker
    """vLLM's own state of a model, with our sampler in it."""

    def custom_sampler(self, sampler: Sampler) -> tuple[SpeechSampler, None]:
        """Replace vLLM's sampler; there is none for speculative decoding."""
        return SpeechSampler(sampler.req_states, self.max_num_reqs, self.device), None


class SpeechSampler:
    """Samples one step of all requests.

    Args:
        states: vLLM's table of running requests, one slot each; a request keeps its slot until it ends.
        slots: how many there are.
        device: where logits and ids are.
    """

    def __init__(self, states: RequestState, slots: int, device: torch.device) -> None:
        self._states = states
        self._seeds = np.zeros(slots, np.uint64)
        self._min_tokens = np.zeros(slots, np.int64)
        self._is_greedy = np.zeros(slots, np.bool_)
        self._window = torch.arange(-WINDOW, 0, device=device)
        # vLLM counts sampled ids for penalties if a sampler has them. The counts alone would take 600 KB a request.
        self.penalties_state = SimpleNamespace(output_bin_counts=None)

    def add_request(self, slot: int, prompt_len: int, params: SamplingParams) -> None:  # noqa: ARG002 - vLLM's signature
        """Note what a new request wants."""
        wishes = Wishes.of(params)
        self._seeds[slot] = wishes.seed
        self._min_tokens[slot] = wishes.min_tokens
        self._is_greedy[slot] = wishes.is_greedy

    def apply_staged_writes(self) -> None:
        """Do nothing: nothing is staged, since the host's copy is the one in use."""

    def __call__(self, logits: Tensor, batch: InputBatch) -> SamplerOutput:
        """Sample the next id of each request in the batch: (B, V) logits in the batch's order."""
        slots = batch.idx_mapping_np
        # What is computed of each request after this step; one whose prompt came in part samples nothing yet.
        lengths = batch.num_computed_tokens_np + batch.num_scheduled_tokens
        is_sampled = (lengths >= batch.prefill_len_np).astype(np.int32)
        rows = Rows(
            self._seeds[slots],
            np.maximum(lengths - self._states.prompt_len.np[slots], 0).astype(np.int64),
            self._min_tokens[slots],
            self._is_greedy[slots],
        )
        ids = next_ids(logits.float(), self._history(batch), rows)
        num_sampled = to_device(is_sampled, logits.device)
        return SamplerOutput(
            sampled_token_ids=ids[:, None],
            logprobs_tensors=None,
            num_nans=None,
            num_sampled=num_sampled,
            num_rejected=torch.zeros_like(num_sampled),
        )

    def _history(self, batch: InputBatch) -> Tensor:
        """The last ids that each request has sampled, (B, WINDOW)."""
        slots = batch.idx_mapping
        positions = batch.seq_lens[: batch.num_reqs, None] + self._window
        ids = self._states.all_token_ids.gpu[slots[:, None], positions.clamp(min=0)]
        history: Tensor = ids.masked_fill(positions < self._states.prompt_len.gpu[slots][:, None], NO_TOKEN)
        return history
