"""How soon and how fast vLLM's speech tokens come, for 1 to 256 streams that start at the same instant.

    python benchmarks/speech_tokens.py MODEL_DIR [--precision bfloat16] [--streams 1 16 64 128 256] [--tokens 250]
        [--sampler fused|plain|stock] [--engine-args '{"stream_interval": 4}'] [--profile DIR]

Prompts have 150 tokens and nothing in common, so that no cache helps. All speech has the same length, because random
weights rarely end it. A checkout on PYTHONPATH is enough; only vLLM's own requirements must be installed.

``--sampler`` compares: one kernel a step as in service, operation by operation, or vLLM's own greedy sampling, which
costs it least and may end a speech early. ``--profile`` measures less and writes where time goes: DIR/front.txt of this
process, DIR/core.txt of vLLM's engine (both by function, inflated by the profiler), and torch's trace of the GPU.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import functools
import io
import json
import logging
import os
import pstats
import random
import statistics
import time
from pathlib import Path
from typing import Any, ClassVar

from sayline.synthesis.cosyvoice3.lm.speech_tokens import TokenRequest
from sayline.synthesis.cosyvoice3.lm.vllm.runner import VllmRunner
from sayline.synthesis.cosyvoice3.release.dimensions import ModelDimensions
from sayline.synthesis.cosyvoice3.release.model_facts import SPEECH_CODES

PROMPT_TOKENS = 150
FIRST_HOP_TOKENS = 13  # what the flow needs for the first sound
TOKENS_PER_S = 25  # of speech
REPEATS = 5  # of a single stream; the median counts
PROFILED_TOKENS = 60  # a trace of more is too long to read

# How vLLM's process, which imports this file, is told what the command line says.
SAMPLER, CORE_PROFILE = "SPEECH_TOKENS_SAMPLER", "SPEECH_TOKENS_CORE_PROFILE"


class MeasuredRunner(VllmRunner):
    """Tells vLLM more than the service does."""

    more_args: ClassVar[dict[str, Any]] = {}

    def _engine_args(self, directory: Path, *, on_gpu: bool) -> dict[str, Any]:
        return super()._engine_args(directory, on_gpu=on_gpu) | self.more_args


def change_the_engine() -> None:
    """Do in vLLM's process what the command line asks for."""
    if (sampler := os.environ.get(SAMPLER)) == "plain":
        from sayline.synthesis.cosyvoice3.lm.vllm.sampler import SpeechSampler  # noqa: PLC0415 - not in our own process

        SpeechSampler.__init__ = functools.partialmethod(SpeechSampler.__init__, is_fused=False)  # type: ignore[assignment,method-assign]  # on purpose
    elif sampler == "stock":
        from sayline.synthesis.cosyvoice3.lm.vllm.model import SpeechLm  # noqa: PLC0415 - not in our own process

        del SpeechLm.get_model_state_cls
    if path := os.environ.get(CORE_PROFILE):
        from vllm.v1.engine.core import EngineCore  # noqa: PLC0415 - not in our own process

        step, profile, steps = EngineCore.step_with_batch_queue, cProfile.Profile(), 0

        def profiled(core: EngineCore) -> object:
            nonlocal steps
            with profile:
                result = step(core)
            steps += 1
            if steps % 50 == 0:  # the process is ended without notice: what was written by then stays
                Path(path).write_text(f"{steps} steps, warm-up among them\n{report(profile)}")
            return result

        EngineCore.step_with_batch_queue = profiled


def report(profile: cProfile.Profile) -> str:
    """The functions in which most time was spent, by their own and with what they call."""
    text = io.StringIO()
    for order in ("tottime", "cumulative"):
        pstats.Stats(profile, stream=text).strip_dirs().sort_stats(order).print_stats(45)
    return text.getvalue()


async def profile_streams(runner: VllmRunner, streams: int, directory: Path) -> None:
    """Write where the time of one run goes."""
    profile = cProfile.Profile()
    engine = runner._engine  # noqa: SLF001 - the service profiles nothing
    assert engine is not None
    await engine.start_profile(f"{streams}-streams")
    with profile:
        await asyncio.gather(*(stream(runner, f"profiled-{streams}-{i}", PROFILED_TOKENS) for i in range(streams)))
    await engine.stop_profile()
    (directory / f"front-{streams}.txt").write_text(report(profile))


async def stream(runner: VllmRunner, name: str, tokens: int) -> tuple[float, float, float]:
    """Run one request; returns when its first token, its 13th and its last came, in seconds."""
    prompt = tuple(random.choices(range(SPEECH_CODES), k=PROMPT_TOKENS))  # noqa: S311 - not a secret
    started, times, count = time.perf_counter(), [], 0
    async for some in runner.generate(TokenRequest(name, prompt, tokens, tokens)):
        times += [time.perf_counter() - started] * len(some)
        count += len(some)
    assert count == tokens or SAMPLER in os.environ
    return times[0], times[min(FIRST_HOP_TOKENS, count) - 1], times[-1]


async def measure(runner: VllmRunner, streams: int, tokens: int) -> None:
    """Print one row of the table."""
    for repeat in range(REPEATS if streams == 1 else 2):
        started = time.perf_counter()
        times = await asyncio.gather(*(stream(runner, f"{streams}-{repeat}-{i}", tokens) for i in range(streams)))
        wall = time.perf_counter() - started
        first, hop, last = (sorted(1000 * each for each in column) for column in zip(*times, strict=True))
        rate = streams * tokens / wall
        per_token = statistics.median(last) / tokens
        print(
            f"{streams:4d} streams: first token {statistics.median(first):7.1f} ms (worst {first[-1]:7.1f}), "
            f"{FIRST_HOP_TOKENS} tokens {statistics.median(hop):7.1f} ms (worst {hop[-1]:7.1f}), "
            f"{per_token:6.2f} ms a token, {rate:8.0f} tokens/s = {rate / TOKENS_PER_S:6.1f} s of speech a second",
            flush=True,
        )


async def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("model_dir", type=Path)
    parser.add_argument("--precision", default="bfloat16", choices=("float32", "bfloat16", "float16"))
    parser.add_argument("--streams", type=int, nargs="+", default=[1, 16, 64, 128, 256])
    parser.add_argument("--tokens", type=int, default=250)
    parser.add_argument("--gpu-memory-utilization", type=float, default=0.4)
    parser.add_argument("--sampler", default="fused", choices=("fused", "plain", "stock"))
    parser.add_argument("--engine-args", type=json.loads, default={}, help="more of vLLM's, as a JSON object")
    parser.add_argument("--profile", type=Path, help="a directory for reports")
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO)

    if args.sampler != "fused":
        os.environ[SAMPLER] = args.sampler
    MeasuredRunner.more_args = args.engine_args
    if args.profile:
        args.profile.mkdir(parents=True, exist_ok=True)
        os.environ[CORE_PROFILE] = str(args.profile.resolve() / "core.txt")
        torch_profiler = {"torch_profiler_dir": str(args.profile.resolve()), "torch_profiler_with_stack": False}
        MeasuredRunner.more_args |= {
            "profiler_config": {"profiler": "torch", "ignore_frontend": True, **torch_profiler}
        }
    dims = ModelDimensions.read(args.model_dir).lm
    runner = MeasuredRunner(
        args.model_dir,
        dims,
        precision=args.precision,
        gpu_memory_utilization=args.gpu_memory_utilization,
        max_streams=max(args.streams),
    )
    started = time.perf_counter()
    await runner.start()
    print(f"started in {time.perf_counter() - started:.1f} s")
    try:
        for streams in args.streams:
            if args.profile:
                await profile_streams(runner, streams, args.profile)
            else:
                await measure(runner, streams, args.tokens)
    finally:
        await runner.close()


if __name__ == "__main__":
    asyncio.run(main())
elif __name__ == "__mp_main__":  # in vLLM's process, which imports this file
    change_the_engine()
