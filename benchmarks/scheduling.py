"""How first sound and holes grow with load, by the scheduler as it is, on a simulated clock and measured step times.

    python benchmarks/scheduling.py [--token-ms 5] [--seconds 60]

Streams come at random (Poisson). What is simulated: when tokens are there, which chunks step, how long that takes, and
when each listener runs dry. What is not: vocoder, network, and a language model that slows down under load. So these
figures tell where the scheduler alone gives way, and what a change of its numbers does; not what a listener hears.
"""

from __future__ import annotations

import argparse
import random
from bisect import bisect_left
from dataclasses import dataclass

from sayline.synthesis.cosyvoice3.acoustic_engine import AHEAD_S
from sayline.synthesis.cosyvoice3.graph_solver import BATCH_SIZES
from sayline.synthesis.cosyvoice3.model_facts import CHUNK_TOKENS, LOOKAHEAD_TOKENS, SOLVER_STEPS
from sayline.synthesis.cosyvoice3.scheduler import Candidate, choose

# A solver step on one H200, ms, by chunks in it (docs/BENCHMARKS.md); sizes between are filled up and interpolated.
STEP_MS = {1: 1.14, 2: 1.17, 4: 1.27, 8: 1.60, 16: 2.65, 32: 4.40, 64: 7.61, 128: 14.3}
SPEAKING = (25, 50, 100, 200, 300, 400, 500, 600, 700, 800)  # streams at once, on average
SPEECH_S = 6.0  # a sentence or two
FIRST_TOKENS = 10  # of a registered voice's first hop; 13 with their look-ahead
TOKENS_PER_S = 25
LEAD_S = 2.0 + AHEAD_S  # sound that a listener has at most: sent ahead, and lying ready
STEP_GUESS_WEIGHT = 0.1  # as in acoustic_thread.py


@dataclass
class Stream:
    """One speech: chunks of 10, then 25 tokens, each heard once its ten solver steps are done."""

    key: int
    asked_at: float
    chunks: int
    chunk: int = 0
    done: int = 0
    dry_at: float | None = None
    holes: int = 0

    def ready_at(self, token_s: float) -> float:
        """When the next chunk's tokens are there and its listener wants it, s."""
        tokens = FIRST_TOKENS + self.chunk * CHUNK_TOKENS + LOOKAHEAD_TOKENS
        there = self.asked_at + tokens * token_s
        return there if self.dry_at is None else max(there, self.dry_at - LEAD_S)

    def candidate(self) -> Candidate:
        """What the scheduler sees of it."""
        deadline = self.asked_at if self.dry_at is None else self.dry_at
        return Candidate(self.key, deadline, self.dry_at is None, SOLVER_STEPS - self.done)

    def sound(self, now: float) -> None:
        """Hear a chunk that is done."""
        tokens = FIRST_TOKENS if self.chunk == 0 else CHUNK_TOKENS
        self.holes += self.dry_at is not None and self.dry_at < now
        self.dry_at = max(now, self.dry_at or now) + tokens / TOKENS_PER_S
        self.chunk, self.done = self.chunk + 1, 0


def step_s(chunks: int) -> float:
    """How long a step of so many chunks takes, s."""
    size = BATCH_SIZES[bisect_left(BATCH_SIZES, chunks)]
    sizes = list(STEP_MS)
    above = bisect_left(sizes, size)
    if sizes[above] == size:
        return STEP_MS[size] / 1000
    low, high = sizes[above - 1], sizes[above]
    share = (size - low) / (high - low)
    return (STEP_MS[low] * (1 - share) + STEP_MS[high] * share) / 1000


def simulate(speaking: int, seconds: float, token_s: float) -> tuple[float, float, float, float]:
    """Let streams come for so long.

    Returns:
        Median and 95th percentile of the time to the first chunk, s; underruns per minute of speech; mean batch.
    """
    rng = random.Random(speaking)  # noqa: S311 - a seed makes runs repeatable; nothing here is secret
    chunks = 1 + round((SPEECH_S * TOKENS_PER_S - FIRST_TOKENS) / CHUNK_TOKENS)
    arrivals, at = [], 0.0
    while (at := at + rng.expovariate(speaking / SPEECH_S)) < seconds:
        arrivals.append(at)
    waiting = [Stream(key, asked_at, chunks) for key, asked_at in enumerate(arrivals)]
    open_streams: dict[int, Stream] = {}
    ttfa, holes, batches, now, guess_s = [], 0, [], 0.0, 0.002
    waiting.reverse()
    while waiting or open_streams:
        while waiting and waiting[-1].asked_at <= now:
            stream = waiting.pop()
            open_streams[stream.key] = stream
        ready = [stream.candidate() for stream in open_streams.values() if stream.ready_at(token_s) <= now]
        if not ready:
            times = [stream.ready_at(token_s) for stream in open_streams.values()]
            now = min([*times, waiting[-1].asked_at] if waiting else times)
            continue
        batch = choose(ready, now, guess_s, BATCH_SIZES[-1])
        took_s = step_s(len(batch))
        now += took_s
        guess_s += STEP_GUESS_WEIGHT * (took_s - guess_s)
        batches.append(len(batch))
        for candidate in batch:
            stream = open_streams[candidate.key]
            stream.done += 1
            if stream.done == SOLVER_STEPS:
                stream.sound(now)
                if stream.chunk == 1:
                    ttfa.append(now - stream.asked_at)
                if stream.chunk == stream.chunks:
                    holes += stream.holes
                    del open_streams[stream.key]
    ttfa.sort()
    spoken_min = len(ttfa) * SPEECH_S / 60
    return ttfa[len(ttfa) // 2], ttfa[int(len(ttfa) * 0.95)], holes / spoken_min, sum(batches) / len(batches)


def main() -> None:
    """Print a row for each load."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--token-ms", type=float, default=5.0, help="what the language model takes for a token")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long streams come")
    arguments = parser.parse_args()
    print(f"{'at once':>8} {'p50 ms':>8} {'p95 ms':>8} {'underruns/min':>14} {'mean batch':>11}")
    for speaking in SPEAKING:
        p50_s, p95_s, holes, batch = simulate(speaking, arguments.seconds, arguments.token_ms / 1000)
        print(f"{speaking:>8} {1000 * p50_s:>8.0f} {1000 * p95_s:>8.0f} {holes:>14.2f} {batch:>11.1f}", flush=True)


if __name__ == "__main__":
    main()
