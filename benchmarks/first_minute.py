"""What a newcomer hears first: how soon the default voice speaks, to one listener and to as many as the server states.

::

    python benchmarks/first_minute.py                  # some four minutes; on a machine that does nothing else
    python benchmarks/first_minute.py --kokoro-voices DIR

For each engine a server is started, and told to be ready. Then listeners who play in real time have sentences of ten
words spoken, each sent whole: one, 20, 60, and as many as ``/health`` states. First frame and first audible sound count
from the sentence's last byte. At the stated number a second run speaks the texts of ``sayline bench``, which are
longer. Then one listener hears each sentence at other speeds. Kokoro, where its voices are named, gets Chinese, and as
many listeners as it states.

It exits with 1 if a hole was heard, or if one listener of the default voice waits for more than the limits below.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import statistics
import sys
import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import uvloop

from sayline.gateway.client.connecting import connect
from sayline.gateway.commands.bench.command import measure
from sayline.gateway.commands.bench.load import LoadPlan
from sayline.gateway.commands.bench.server import gateway_command, server_process
from sayline.gateway.commands.bench.texts import CORPUS, script
from sayline.gateway.dialects.tts_v1.frames import AudioFrame

if TYPE_CHECKING:
    from collections.abc import Sequence

# One listener of the default voice on a quiet machine of two cores: medians, ms.
FIRST_FRAME_MS = 40
FIRST_AUDIBLE_MS = 70
SPEEDS = (1.0, 0.5, 1.25, 2.0)
FIRST_AT_SPEED_MS = 30  # by so much may the first frame come later than at speed 1, median
# From the start of the command to the line that says that it listens, s.
READY_S = 3.0

TEN_WORDS = (
    "The ferry leaves the northern harbour at seven every evening.",
    "Your parcel has arrived and waits at the front desk.",
    "Please tell me which of the two rooms you prefer.",
    "We can move the meeting to Thursday if you like.",
    "It will be cloudy today with a little rain later.",
)
CHINESE = (
    "今天天气很好，我们去公园散步吧。",
    "火车早上七点半从北京出发。",
    "请把窗户关上，外面太吵了。",
)


def plan(texts: Sequence[str], listeners: int, seconds: float) -> LoadPlan:
    """Keep so many listeners at all times, each text sent whole."""
    return LoadPlan(
        streams=listeners,
        rate=None,
        duration_s=seconds,
        ramp_s=min(10.0, seconds / 4),
        tokens_per_second=0.0,
        is_long=False,
        reports_playback=False,
        contexts_per_connection=1,
        seed=0,
        scripts=tuple(map(script, texts)),
        voice=None,
    )


def stated(url: str) -> dict[str, Any]:
    """Ask the server how it is; while it starts, it answers 503."""
    address = urlsplit(url)
    with (
        contextlib.suppress(urllib.error.HTTPError),
        urllib.request.urlopen(f"http://{address.netloc}/health") as answer,
    ):
        health: dict[str, Any] = json.load(answer)
        return health
    return {"status": "loading"}


async def speak(url: str, engine: str, texts: str, what: LoadPlan) -> dict[str, Any]:
    """Make one run, and print its row."""
    run = await measure(what, url)
    frame, audible = run["ttfa_ms"]["from_first_text"], run["audible_ttfa_ms"]["from_first_text"]
    row = (
        f"{engine:>9} {texts:>9} {what.streams:>9} {frame['p50']:>7.1f} {frame['p95']:>7.1f} {audible['p50']:>8.1f} "
        f"{audible['p95']:>7.1f} {run['underruns']:>6} {run['refusals']:>8} {run['contexts']:>8}"
    )
    print(row if run["generator"]["is_valid"] else f"{row}  (the generator was late)", flush=True)
    return run


async def engine_runs(engine: str, flags: Sequence[str], counts: Sequence[int], seconds: float) -> list[str]:
    """Measure one engine on a server of its own; tells what falls short."""
    short = []
    begun = time.perf_counter()
    async with server_process(gateway_command(["--engine", engine, "--log-level", "warning", *flags])) as server:
        ready_s = time.perf_counter() - begun
        while (health := stated(server.url))["status"] != "ok":
            await asyncio.sleep(0.02)
            ready_s = time.perf_counter() - begun
        capacity = health["sustainable_requests"] or health["max_concurrent_requests"]
        print(f"{engine}: ready after {ready_s:.2f} s; states {capacity} listeners; {health['detail']}", flush=True)
        is_default = engine == "embedded"
        if is_default and ready_s > READY_S:
            short.append(f"ready after {ready_s:.2f} s, over {READY_S:g}")
        sentences = CHINESE if engine == "kokoro" else TEN_WORDS
        loads = [(number, "ten words", sentences) for number in counts if number <= capacity]
        if engine != "espeak":
            loads += [(capacity, "ten words", sentences)]
            loads += [(capacity, "own", CORPUS)] if engine != "kokoro" else []
        for number, name, texts in loads:
            run = await speak(server.url, engine, name, plan(texts, number, seconds))
            if run["underruns"] or run["refusals"] or run["errors"]:
                short.append(f"{engine}, {number} listeners: {run['underruns']} holes, {run['refusals']} refusals")
            if is_default and number == 1:
                frame, audible = (run[which]["from_first_text"]["p50"] for which in ("ttfa_ms", "audible_ttfa_ms"))
                if frame > FIRST_FRAME_MS or audible > FIRST_AUDIBLE_MS:
                    short.append(f"first frame {frame} ms, audible {audible} ms")
        if engine != "kokoro":
            firsts = await first_sounds(server.url)
            print(f"{engine}: first frame by speed, median ms: {firsts}", flush=True)
            if max(firsts.values()) > firsts[1.0] + FIRST_AT_SPEED_MS:
                short.append(f"{engine}: first frame by speed {firsts}")
    return short


async def first_sounds(url: str) -> dict[float, float]:
    """Tell how long the first frame takes at each speed, one listener, medians in ms; the speeds take turns."""
    taken: dict[float, list[float]] = {speed: [] for speed in SPEEDS}
    async with connect(url) as connection:
        for turn in range(4 * len(TEN_WORDS)):
            for speed, times in taken.items():
                begun = time.perf_counter()
                speech = connection.speak(TEN_WORDS[turn % len(TEN_WORDS)], speed=speed)
                async with speech:
                    async for event in speech:
                        if isinstance(event, AudioFrame):
                            times.append(1000 * (time.perf_counter() - begun))
                            break
    return {speed: round(statistics.median(times), 1) for speed, times in taken.items()}


async def main() -> int:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=20.0, help="length of each run (default: 20)")
    parser.add_argument("--listeners", type=int, nargs="+", default=[1, 20, 60])
    parser.add_argument("--kokoro-voices", metavar="DIR", help="measure Kokoro too, with the voices in this folder")
    arguments = parser.parse_args()
    engines: list[tuple[str, list[str], list[int]]] = [
        ("embedded", [], arguments.listeners),
        ("espeak", [], arguments.listeners),
    ]
    if arguments.kokoro_voices:
        engines.append(("kokoro", ["--kokoro-voices", arguments.kokoro_voices], []))
    columns = "  engine     texts  listeners  frame p50 p95   audible p50 p95  holes  refused  speeches"
    print(columns + "   (ms)")
    short = []
    for engine, flags, counts in engines:
        short += await engine_runs(engine, flags, counts, arguments.seconds)
    for line in short:
        print(f"SHORT  {line}")
    return 1 if short else 0


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        sys.exit(runner.run(main()))
