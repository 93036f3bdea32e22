"""Speech tokens from vLLM: its asynchronous engine, in this process, with the model in a process of its own.

This file knows neither HTTP nor text: prompts are ids, and so are results. Deltas are awaited; a generator that is
closed aborts its request in the engine.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import random
from typing import TYPE_CHECKING, Any, Final

import torch

from ....interface import EngineUnavailable, SynthesisFailed
from ...release.model_facts import SPEECH_CODES
from ..checkpoint import converted
from ..speech_tokens import MAX_POSITIONS, TokenRequest

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from vllm.v1.engine.async_llm import AsyncLLM

    from ...release.dimensions import LmDimensions
    from ..checkpoint import Precision

_log = logging.getLogger(__name__)

# Streams at once; vLLM keeps 12 KB a position for each, and CUDA graphs for batches up to this.
MAX_STREAMS: Final = 256
# Most prompt tokens in one step: 50 streams that start together wait for one step of about 15 ms, not for many steps.
MAX_STEP_TOKENS: Final = 8192
# Tokens that are handed over together, after a single first one. A first hop of 10 takes 13 tokens, which are 1 + 4 *
# 3; a first hop of 25 takes 28, which are 1 + 9 * 3. With hundreds of streams, single tokens would fill the event loop.
TOKENS_AT_ONCE: Final = 3
# A step that begins a request is one CUDA graph too, if the attention kernel can be captured (Hopper's can). By default
# vLLM launches it layer by layer, which takes its process 5 ms longer, for the new request and all running ones.
CUDA_GRAPHS: Final = "FULL"
# Parts into which attention to a past is split; each is computed by itself, and another kernel puts them together.
# Pasts are short here, so that kernel (4 us a layer, 0.1 ms of a step's 1.06 on an H200) costs more than the parts
# save.
ATTENTION_SPLITS: Final = 1
# On a CPU the model serves tests: room for a few streams of full length.
CPU_CACHE_BYTES: Final = 256 << 20

_WARM_UP_PROMPT: Final = 150  # tokens: the prompt of a short voice
_WARM_UP_TOKENS: Final = 4

# What vLLM reads from the environment. It is set before vLLM is imported, and vLLM's processes inherit it. A value that
# the operator has set stays.
ENVIRONMENT: Final = {
    "VLLM_NO_USAGE_STATS": "1",  # otherwise it reports to its makers
    "HF_HUB_OFFLINE": "1",  # everything is local: no look at a hub
    "VLLM_LOGGING_LEVEL": "WARNING",
    "VLLM_WORKER_MULTIPROC_METHOD": "spawn",  # our process has threads, and may have used CUDA
    "VLLM_USE_FLASHINFER_SAMPLER": "0",  # our sampler is used, so the library of this one need not be installed
}
# The second model runner takes our sampler (vllm/sampler.py). vLLM is not left the choice of the runner, because the
# other would silently use vLLM's own sampling.
GPU_ENVIRONMENT: Final = {"VLLM_USE_V2_MODEL_RUNNER": "1"}
# The model runs inside the engine's process, with one thread, which is all that a small model can use.
CPU_ENVIRONMENT: Final = {
    "VLLM_USE_V2_MODEL_RUNNER": "0",
    "VLLM_ENABLE_V1_MULTIPROCESSING": "0",
    "VLLM_CPU_OMP_THREADS_BIND": "nobind",
    "OMP_NUM_THREADS": "1",
}


class VllmRunner:
    """Runs the language model on vLLM; see ``SpeechTokenRunner``.

    Args:
        model_dir: the release's directory.
        dims: its language model's sizes.
        variant: see ``release/variant.py``.
        precision: in which weights and cache are kept.
        gpu_memory_utilization: how much of the GPU's memory vLLM may fill, 0 to 1.
        max_streams: how many requests run at once; more wait.
        cache_dir: where the converted model is kept; see ``checkpoint.converted``.
    """

    def __init__(
        self,
        model_dir: Path,
        dims: LmDimensions,
        *,
        variant: str | None = None,
        precision: Precision = "bfloat16",
        gpu_memory_utilization: float = 0.4,
        max_streams: int = MAX_STREAMS,
        cache_dir: Path | None = None,
    ) -> None:
        self._model_dir = model_dir
        self._dims = dims
        self._variant = variant
        self._precision: Precision = precision
        self._gpu_memory_utilization = gpu_memory_utilization
        self._max_streams = max_streams
        self._cache_dir = cache_dir
        self._max_positions = min(MAX_POSITIONS, dims.max_positions)
        self._engine: AsyncLLM | None = None  # set while started, dead or alive

    async def start(self) -> None:
        """Convert the model if needed, start vLLM and warm it up; takes up to a minute on a GPU."""
        await self.close()
        try:
            await asyncio.to_thread(self._start_engine)
        except EngineUnavailable:
            raise
        except Exception as error:  # vLLM does not say which exceptions it may raise
            raise EngineUnavailable(f"vLLM did not start: {error}") from error
        await self._warm_up()

    async def generate(self, request: TokenRequest) -> AsyncGenerator[list[int], None]:
        """Yield speech codes as vLLM samples them; see ``SpeechTokenRunner.generate``."""
        if self._engine is None:
            raise EngineUnavailable("the speech-token engine is not started")
        from vllm.inputs import tokens_input  # noqa: PLC0415 - loads torch and more: only where it is used
        from vllm.v1.engine.exceptions import EngineDeadError, EngineGenerateError  # noqa: PLC0415

        from .requests import sampling_params  # noqa: PLC0415

        params = sampling_params(request, request.limited_to(self._max_positions))
        outputs = self._engine.generate(tokens_input(list(request.ids)), params, request.request_id)
        try:
            async for output in outputs:
                if codes := [token for token in output.outputs[0].token_ids if token < SPEECH_CODES]:
                    yield codes
        except (EngineDeadError, EngineGenerateError) as error:
            raise SynthesisFailed("the speech-token engine died") from error
        finally:
            await outputs.aclose()  # aborts the request in the engine if it is not finished

    async def answer(self) -> None:
        """Return when vLLM's process has come round to this call, between two steps; see ``SpeechTokenRunner``."""
        from vllm.v1.engine.exceptions import EngineDeadError  # noqa: PLC0415 - as above

        if self._engine is not None:
            with contextlib.suppress(EngineDeadError):  # ``wait_until_dead`` tells
                await self._engine.is_sleeping()  # of vLLM's questions to its process the one that changes nothing

    async def wait_until_dead(self) -> str:
        """Return once vLLM's process is gone or the runner is closed; see ``SpeechTokenRunner.wait_until_dead``."""
        if self._engine is not None and self._engine.output_handler is not None:
            await asyncio.wait({self._engine.output_handler})  # it ends with the engine, after telling all requests
        return "the speech-token engine died"

    async def close(self) -> None:
        """Stop vLLM; requests that are still running fail."""
        engine, self._engine = self._engine, None
        if engine is None:
            return
        from vllm.v1.engine.exceptions import EngineDeadError  # noqa: PLC0415

        engine.output_processor.propagate_error(EngineDeadError())  # a shutdown alone would leave them waiting
        if engine.output_handler is not None:
            engine.output_handler.cancel()  # otherwise it would log the end of the engine as a failure
        await asyncio.to_thread(engine.shutdown)
        engine.engine_core.resources.ctx.destroy(linger=0)  # vLLM leaves this context open, with a thread of its own

    def _start_engine(self) -> None:
        on_gpu = torch.cuda.is_available()
        for name, value in (ENVIRONMENT | (GPU_ENVIRONMENT if on_gpu else CPU_ENVIRONMENT)).items():
            os.environ.setdefault(name, value)
        try:
            from vllm import AsyncEngineArgs  # noqa: PLC0415 - takes seconds, and reads the environment
            from vllm.v1.engine.async_llm import AsyncLLM  # noqa: PLC0415
        except ImportError as error:
            raise EngineUnavailable(f"vLLM is not installed: {error}") from error
        directory = converted(self._model_dir, self._dims, self._precision, self._cache_dir, variant=self._variant)
        args = self._engine_args(directory, on_gpu=on_gpu)
        self._engine = AsyncLLM.from_engine_args(AsyncEngineArgs(**args))

    def _engine_args(self, directory: Path, *, on_gpu: bool) -> dict[str, Any]:
        """Collect vLLM's arguments, in its own names and types."""
        from .plugin import WORKER_EXTENSION  # noqa: PLC0415 - imports vLLM: only where it is used
        from .scheduler import ASYNC_SCHEDULER, SCHEDULER  # noqa: PLC0415 - likewise

        args: dict[str, Any] = {
            "model": str(directory),
            "dtype": self._precision,
            "skip_tokenizer_init": True,
            "generation_config": "vllm",  # the model directory has none to read
            "max_model_len": self._max_positions,
            "max_num_seqs": self._max_streams,
            "max_num_batched_tokens": max(MAX_STEP_TOKENS, self._max_positions),
            "enable_prefix_caching": True,
            "disable_log_stats": True,
            "stream_interval": TOKENS_AT_ONCE,
            "worker_extension_cls": WORKER_EXTENSION,
            "scheduler_cls": ASYNC_SCHEDULER if on_gpu else SCHEDULER,
        }
        if on_gpu:
            args["gpu_memory_utilization"] = self._gpu_memory_utilization
            args["async_scheduling"] = True
            args["attention_config"] = {"flash_attn_max_num_splits_for_cuda_graph": ATTENTION_SPLITS}
            args["compilation_config"] = {"cudagraph_mode": CUDA_GRAPHS}
        else:
            from .logits_processor import LOGITS_PROCESSOR  # noqa: PLC0415 - likewise

            args["logits_processors"] = [LOGITS_PROCESSOR]
            args["enforce_eager"] = True  # compiling takes longer than all that tests generate
            args["kv_cache_memory_bytes"] = CPU_CACHE_BYTES
        return args

    async def _warm_up(self) -> None:
        """Run every batch size once: the first use of a shape loads kernels, which must not cost a listener time."""
        # Sizes in between are padded to a CUDA graph's size or take the same kernels.
        sizes = [2**power for power in range(self._max_streams.bit_length())]
        if not torch.cuda.is_available():
            sizes = sizes[:2]
        for size in sizes:
            async with asyncio.TaskGroup() as tasks:
                for index in range(size):
                    tasks.create_task(
                        self._warm_up_once(f"warm-up {size}-{index}", seed=size * self._max_streams + index)
                    )
        _log.info("the speech-token engine is warm at batches of up to %d", sizes[-1])

    async def _warm_up_once(self, name: str, seed: int) -> None:
        prompt = tuple(random.Random(seed).choices(range(SPEECH_CODES), k=_WARM_UP_PROMPT))  # noqa: S311 - shapes only; unlike each other, lest one finds another's cache
        async for _ in self.generate(TokenRequest(name, prompt, _WARM_UP_TOKENS, _WARM_UP_TOKENS, seed)):
            pass
