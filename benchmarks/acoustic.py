"""How soon and how fast the acoustic engine alone makes sound: tokens are there at once, listeners take all they get.

    python benchmarks/acoustic.py MODEL_DIR [--streams 1 4 16 64 128]

Runs the engine in its own thread as the server does. First: from 13 tokens pushed to the first hop's samples in the
event loop, for streams that start at the same instant. Then: seconds of sound per second, all tokens given.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import time
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from sayline.synthesis.cosyvoice3.acoustic.thread import AcousticThread
from sayline.synthesis.cosyvoice3.process.assembly import GpuBudget, new_acoustic_engine
from sayline.synthesis.cosyvoice3.process.pipeline import acoustic_voice
from sayline.synthesis.cosyvoice3.process.settings import EngineSettings
from sayline.synthesis.cosyvoice3.release.dimensions import ModelDimensions
from sayline.synthesis.cosyvoice3.release.model_facts import SPEECH_CODES
from sayline.synthesis.cosyvoice3.voices.store import VoiceStore

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

SAMPLE_RATE_HZ = 24_000
FIRST_HOP_TOKENS = 13
LONG_TOKENS = 250  # 10 s


class Listeners:
    """Takes all sound at once, and notes when it came."""

    def __init__(self) -> None:
        self.first: dict[int, float] = {}
        self.samples = 0
        self.left: set[int] = set()
        self.all_done = asyncio.Event()

    def heard(self, key: int, samples: npt.NDArray[np.int16], is_last: bool) -> None:
        """Note a stream's next sound."""
        self.first.setdefault(key, time.perf_counter())
        self.samples += len(samples)
        if is_last:
            self.left.discard(key)
            if not self.left:
                self.all_done.set()


async def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("model_dir", type=Path)
    parser.add_argument("--streams", type=int, nargs="+", default=[1, 4, 16, 64, 128])
    parser.add_argument("--memory", type=float, default=0.4, help="share of the GPU's memory")
    arguments = parser.parse_args()
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    settings = EngineSettings(
        model_dir=arguments.model_dir,
        max_streams=max(arguments.streams),
        load_vllm=False,
        precision=None,
        gpu_memory_utilization=arguments.memory,
        token_hop_len=10,
    )
    listeners = Listeners()

    def failed(key: int, error: Exception) -> None:
        print(f"stream {key} failed: {error}")
        listeners.left.discard(key)

    def on_sound(key: int, samples: npt.NDArray[np.int16], is_last: bool, _launched_at: float) -> None:
        listeners.heard(key, samples, is_last)
        acoustic.pull(key, len(samples), time.monotonic() + 1)
        if is_last:
            acoustic.close(key)

    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    budget = GpuBudget.measure(arguments.memory) if device.type == "cuda" else None
    dimensions = ModelDimensions.read(arguments.model_dir)
    acoustic = AcousticThread(
        lambda: new_acoustic_engine(settings, dimensions, device, budget),
        on_sound,
        failed,
        lambda _count, _pressure: None,
    )
    await acoustic.start()
    voice = acoustic_voice(VoiceStore(arguments.model_dir).voices()[0])
    print("streams  first hop ms (median, worst)  sound s per s")
    key = 0
    for streams in arguments.streams:
        for tokens in (FIRST_HOP_TOKENS, FIRST_HOP_TOKENS, LONG_TOKENS):
            listeners = Listeners()
            keys = range(key, key + streams)
            key += streams
            listeners.left = set(keys)
            started = time.perf_counter()
            for each in keys:
                acoustic.open(each, voice)
                said = random.choices(range(SPEECH_CODES), k=tokens)  # noqa: S311 - not a secret
                acoustic.push(each, said, is_complete=False)
                acoustic.push(each, (), is_complete=True)
            await listeners.all_done.wait()
            seconds = time.perf_counter() - started
            if tokens == FIRST_HOP_TOKENS:
                first = [1000 * (at - started) for at in listeners.first.values()]
        rate = listeners.samples / SAMPLE_RATE_HZ / seconds
        print(f"{streams:7}  {statistics.median(first):13.1f} {max(first):13.1f}  {rate:13.1f}", flush=True)
    await acoustic.stop()


if __name__ == "__main__":
    asyncio.run(main())
