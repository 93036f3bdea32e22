"""Speech tokens from plain torch, for machines without vLLM: the same tokens, one request's step after another's."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

import numpy as np
import torch

from ...interface import EngineUnavailable, SynthesisFailed
from ..release.model_facts import END_OF_SPEECH
from ..release.variant import file_of
from .network import FILE_NAME, SpeechLm
from .sampling import NO_TOKEN, WINDOW, Rows, next_ids
from .speech_tokens import MAX_POSITIONS, TokenRequest

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from ..release.dimensions import LmDimensions
    from .checkpoint import Precision

_DTYPES: Final = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


class TorchRunner:
    """Runs the language model in a thread, in which requests take turns token by token; see ``SpeechTokenRunner``.

    Args:
        model_dir: the release's directory.
        dims: its language model's sizes.
        variant: see ``release/variant.py``.
        precision: in which it computes.
        device: on which it computes.
    """

    def __init__(
        self,
        model_dir: Path,
        dims: LmDimensions,
        *,
        variant: str | None = None,
        precision: Precision = "float32",
        device: str = "cpu",
    ) -> None:
        self._path = file_of(model_dir, FILE_NAME, variant)
        self._dims = dims
        self._dtype = _DTYPES[precision]
        self._device = torch.device(device)
        self._max_positions = min(MAX_POSITIONS, dims.max_positions)
        self._lm: SpeechLm | None = None  # set while started
        # Steps wait here in the order in which they were asked for, so no request is passed over.
        self._thread = ThreadPoolExecutor(1, "speech-tokens")
        self._closed = asyncio.Event()

    async def start(self) -> None:
        """Map the weights; see ``SpeechTokenRunner.start``."""
        self._lm = await asyncio.to_thread(SpeechLm.load, self._path, self._dims, self._dtype, self._device)
        self._closed.clear()
        # The first step is slow, because it reads the weights from the disk.
        async for _ in self.generate(TokenRequest("warm-up", (0,), 1, 1, 0)):
            pass

    async def generate(self, request: TokenRequest) -> AsyncGenerator[list[int], None]:
        """Yield speech codes one by one; see ``SpeechTokenRunner.generate``."""
        if self._lm is None:
            raise EngineUnavailable("the speech-token engine is not started")
        speech = _Speech(self._lm, request, request.limited_to(self._max_positions))
        for _ in range(speech.max_tokens):
            if self._lm is None:
                raise SynthesisFailed("the speech-token engine was closed")
            token = await asyncio.get_running_loop().run_in_executor(self._thread, speech.step)
            if token == END_OF_SPEECH:
                return
            yield [token]

    async def answer(self) -> None:
        """Return at once: this engine is stopped only with its process, and slow steps of a CPU prove nothing."""

    async def wait_until_dead(self) -> str:
        """Return once the runner is closed: this engine lives and dies with its process."""
        await self._closed.wait()
        return "the speech-token engine was closed"

    async def close(self) -> None:
        """Let go of the weights; requests that are still running fail at their next step."""
        self._lm = None
        self._closed.set()


class _Speech:
    """One request: what it has sampled, and its keys and values."""

    def __init__(self, lm: SpeechLm, request: TokenRequest, max_tokens: int) -> None:
        self.max_tokens = max_tokens
        self._lm = lm
        self._cache = lm.new_cache(len(request.ids) + max_tokens)
        self._next = torch.tensor(request.ids)  # ids that the model has not seen yet
        self._window = ([NO_TOKEN] * WINDOW + list(request.begun))[-WINDOW:]
        self._sampled = len(request.begun)
        self._seed = np.array([request.seed_bits()], np.uint64)
        self._min_tokens = np.array([request.min_tokens], np.int64)
        self._is_greedy = np.array([request.is_greedy])

    @torch.inference_mode()
    def step(self) -> int:
        """Sample the next id."""
        logits = self._lm.logits(self._lm.hidden(self._next, self._cache)[-1:])
        rows = Rows(self._seed, np.array([self._sampled]), self._min_tokens, self._is_greedy)
        token = int(next_ids(logits, torch.tensor([self._window], device=logits.device), rows))
        self._next = torch.tensor([token])
        self._window = [*self._window[1:], token]
        self._sampled += 1
        return token
