"""How soon and how fast vLLM's speech tokens come, for 1 to 256 streams that start at the same instant.

    python benchmarks/speech_tokens.py MODEL_DIR [--precision bfloat16] [--streams 1 16 64 128 256] [--tokens 250]

Prompts have 150 tokens and nothing in common, so that no cache helps. All speech has the same length: random weights
rarely end it. A checkout on PYTHONPATH is enough, nothing need be installed but what vLLM needs.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import random
import statistics
import time
from pathlib import Path

from sayline.synthesis.cosyvoice3.dimensions import ModelDimensions
from sayline.synthesis.cosyvoice3.model_facts import SPEECH_CODES
from sayline.synthesis.cosyvoice3.speech_tokens import TokenRequest
from sayline.synthesis.cosyvoice3.vllm_runner import VllmRunner

PROMPT_TOKENS = 150
FIRST_HOP_TOKENS = 13  # what the flow needs for the first sound
TOKENS_PER_S = 25  # of speech
REPEATS = 5  # of a single stream; the median counts


async def stream(runner: VllmRunner, name: str, tokens: int) -> tuple[float, float, float]:
    """Run one request; returns when its first token, its 13th and its last came, in seconds."""
    prompt = tuple(random.choices(range(SPEECH_CODES), k=PROMPT_TOKENS))  # noqa: S311 - not a secret
    started, times, count = time.perf_counter(), [], 0
    async for some in runner.generate(TokenRequest(name, prompt, tokens, tokens)):
        times += [time.perf_counter() - started] * len(some)
        count += len(some)
    assert count == tokens
    return times[0], times[FIRST_HOP_TOKENS - 1], times[-1]


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
    args = parser.parse_args()
    logging.basicConfig(level=logging.INFO)

    dims = ModelDimensions.read(args.model_dir).lm
    runner = VllmRunner(
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
            await measure(runner, streams, args.tokens)
    finally:
        await runner.close()


if __name__ == "__main__":  # vLLM's process imports this file
    asyncio.run(main())
