"""Our sampling inside vLLM's second model runner, in place of its sampler. A GPU uses this one.

That runner lets a model bring its own sampler and keeps every request's ids on the device. It also runs a step ahead of
the host and replays whole CUDA graphs; a custom logits processor would send vLLM back to the first runner. No step here
waits for the device, or copies to it what it has already.

Written for vLLM 0.26.0 and 0.30.0.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import torch
from vllm.v1.worker.gpu.model_states.default import DefaultModelState
from vllm.v1.worker.gpu.sample.output import SamplerOutput

from ..sampling import NO_TOKEN, WINDOW, Rows, next_ids, to_device
from ..sampling_kernels import WISH_FIELDS, sample_step
from .requests import Wishes

if TYPE_CHECKING:
    from torch import Tensor
    from vllm import SamplingParams
    from vllm.v1.worker.gpu.input_batch import InputBatch
    from vllm.v1.worker.gpu.sample.sampler import Sampler
    from vllm.v1.worker.gpu.states import RequestState


class SamplingState(DefaultModelState):  # type: ignore[misc]  # vLLM is not followed by the type checker
    """vLLM's own state of a model, with our sampler in it."""

    def custom_sampler(self, sampler: Sampler) -> tuple[SpeechSampler, None]:
        """Replace vLLM's sampler; speculative decoding has none."""
        return SpeechSampler(sampler.req_states, self.max_num_reqs, self.device), None


class SpeechSampler:
    """Samples one step of all requests.

    Args:
        states: vLLM's table of running requests, one slot each; a request keeps its slot until it ends.
        slots: how many slots the table has.
        device: the device of logits and ids.
        is_fused: whether a step is one kernel, for a GPU, or the plain operations, for a CPU.
    """

    def __init__(self, states: RequestState, slots: int, device: torch.device, *, is_fused: bool | None = None) -> None:
        self._states = states
        self._device = device
        self._sampled = self._fused if (device.type == "cuda" if is_fused is None else is_fused) else self._plain
        # The wishes of each slot's request; the columns are seed, minimum of ids, whether it is greedy. When requests
        # come, a new copy for the device is made and read in the order of its stream: no step sees it half written.
        self._wishes = np.zeros((slots, WISH_FIELDS), np.int64)
        self._wishes_on_device = torch.zeros(self._wishes.shape, dtype=torch.int64, device=device)
        # How much of its slot's ids each request has not sampled: vLLM's prompt without what another engine has begun.
        self._prompt_lens = np.zeros(slots, np.int32)
        self._prompt_lens_on_device = torch.zeros(slots, dtype=torch.int32, device=device)
        self._is_stale = False
        self._none_rejected = torch.zeros(slots, dtype=torch.int32, device=device)
        # vLLM counts sampled ids for penalties if a sampler has penalties. The counts alone would take 600 KB a
        # request.
        self.penalties_state = SimpleNamespace(output_bin_counts=None)

    def add_request(self, slot: int, prompt_len: int, params: SamplingParams) -> None:
        """Note the wishes of a new request."""
        wishes = Wishes.of(params)
        self._wishes.view(np.uint64)[slot] = wishes.seed, wishes.min_tokens, wishes.is_greedy
        self._prompt_lens[slot] = prompt_len - wishes.begun
        self._is_stale = True

    def apply_staged_writes(self) -> None:
        """Tell the device of new requests: the copies that sampling needs, only in steps that take in a request."""
        if self._is_stale:
            self._wishes_on_device = to_device(self._wishes.copy(), self._device)
            self._prompt_lens_on_device = to_device(self._prompt_lens.copy(), self._device)
            self._is_stale = False

    def __call__(self, logits: Tensor, batch: InputBatch) -> SamplerOutput:
        """Sample the next id of each request in the batch: (B, V) logits in the batch's order."""
        ids, num_sampled = self._sampled(logits, batch)
        return SamplerOutput(
            sampled_token_ids=ids,
            logprobs_tensors=None,
            num_nans=None,
            num_sampled=num_sampled,
            num_rejected=self._none_rejected[: len(ids)],
        )

    def _fused(self, logits: Tensor, batch: InputBatch) -> tuple[Tensor, Tensor]:
        """Return (B, 1) int64 ids and (B,) int32, how many of each count: none while a prompt is read in part."""
        ids = torch.empty((batch.num_reqs, 1), dtype=torch.int64, device=self._device)
        num_sampled = torch.empty(batch.num_reqs, dtype=torch.int32, device=self._device)
        sample_step(
            logits,
            batch.idx_mapping,
            batch.seq_lens,
            self._prompt_lens_on_device,
            self._states.prefill_len.gpu,
            self._states.all_token_ids.gpu,
            self._wishes_on_device,
            ids,
            num_sampled,
        )
        return ids, num_sampled

    def _plain(self, logits: Tensor, batch: InputBatch) -> tuple[Tensor, Tensor]:
        """Return the same as ``_fused``, operation by operation."""
        slots = batch.idx_mapping_np
        lengths = batch.num_computed_tokens_np + batch.num_scheduled_tokens
        rows = Rows(
            self._wishes[slots, 0].view(np.uint64),
            np.maximum(lengths - self._prompt_lens[slots], 0).astype(np.int64),
            self._wishes[slots, 1],
            self._wishes[slots, 2].astype(np.bool_),
        )
        ids = next_ids(logits.float(), self._history(batch), rows)
        is_sampled = (lengths >= batch.prefill_len_np).astype(np.int32)
        return ids[:, None], to_device(is_sampled, logits.device)

    def _history(self, batch: InputBatch) -> Tensor:
        """The last ids that each request has sampled, (B, WINDOW)."""
        slots = batch.idx_mapping
        positions = batch.seq_lens[: batch.num_reqs, None] + torch.arange(-WINDOW, 0, device=self._device)
        ids = self._states.all_token_ids.gpu[slots[:, None], positions.clamp(min=0)]
        history: Tensor = ids.masked_fill(positions < self._prompt_lens_on_device[slots][:, None], NO_TOKEN)
        return history
