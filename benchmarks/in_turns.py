"""Two servers on one machine take turns: a lone listener in pairs of blocks, many listeners in pairs, and who hangs up.

    python benchmarks/in_turns.py one ws://127.0.0.1:8081 ws://127.0.0.1:8082 --pairs 10 --each 6
    python benchmarks/in_turns.py many ws://127.0.0.1:8081 [ws://127.0.0.1:8082] --streams 64 --pairs 3 --seconds 15
    python benchmarks/in_turns.py many ws://127.0.0.1:8081 --rate 20 --pairs 1 --seconds 60 [--every-voice]

Both servers are up all the time and the other one is idle, so each pair meets the machine in the same state; who begins
changes from pair to pair. Times are from the first text, sent whole, to the first frame. ``one``: short sentences, one
after the other on one connection. ``many``: the bench's listeners, who begin one by one in the first ``--ramp`` seconds
and hear one text after the other; with ``--rate`` they come at random instead, and go when they have heard their text.
``settled_ms`` is of those who began two seconds behind the ramp or later. With ``--every-voice`` another of its voices
speaks each text. When the time is up, every second one cancels, all at the same moment, and the last frame that
still comes to each is timed. Nobody waits for the ends of the speeches, so a run takes little time.
"""
# ruff: noqa: SLF001 - the bench's own load, stopped here when the time is up instead of when all have heard their text

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import random
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import uvloop

from sayline.gateway.commands.bench.load import Load, LoadPlan, Utterance, Wire
from sayline.gateway.commands.bench.texts import CORPUS, script

if TYPE_CHECKING:
    from collections.abc import Callable

    from sayline.gateway.commands.bench.texts import Script

SHORT = (
    "Good evening.",
    "It is raining now.",
    "Your tea is ready.",
    "See you on Monday.",
    "The door is open.",
    "Take the next left.",
)
REST_S = 0.12  # behind the end of a speech: what it left has settled
NOT_COUNTED = 4  # the first of each server
PATIENCE_S = 20.0  # for one short speech
SETTLED_S = 2.0  # behind the ramp: nobody waits any more because all came at once
AFTER_HANGING_UP_S = 1.0  # twenty times the promise
SHARES = (25, 50, 75, 95, 99)


def spread(values: list[float]) -> dict[str, float]:
    """Lay out a distribution."""
    if not values:
        return {"n": 0}
    shares = zip(SHARES, np.percentile(values, SHARES), strict=True)
    return {"n": len(values)} | {f"p{share}": round(float(value), 2) for share, value in shares} | {"max": max(values)}


class EveryVoice(Load):
    """Listeners each of whose texts has another voice, the server's own, drawn by lot."""

    def __init__(self, wanted: LoadPlan, url: str) -> None:
        super().__init__(wanted, url)
        self._dice = random.Random(wanted.seed)  # noqa: S311 - repeatable on purpose

    def _begin(self, wire: Wire, script: Script, when_heard: Callable[[float], None]) -> None:
        self.plan = replace(self.plan, voice=self._dice.choice(wire.voices))
        super()._begin(wire, script, when_heard)


def plan(
    streams: int | None, ramp_s: float, seconds: float, seed: int, texts: tuple[str, ...], rate: float | None = None
) -> LoadPlan:
    """Ask for listeners whose texts come whole."""
    return LoadPlan(
        streams=streams,
        rate=rate,
        duration_s=seconds,
        ramp_s=ramp_s,
        tokens_per_second=0.0,
        is_long=False,
        reports_playback=False,
        contexts_per_connection=1,
        seed=seed,
        scripts=tuple(map(script, texts)),
    )


async def speak(load: Load, wire: Wire, count: int) -> list[float]:
    """Have short sentences spoken one after the other; returns how long each first frame took, ms."""
    found = []
    for index in range(count):
        over = asyncio.get_running_loop().create_future()
        load._count += 1
        text = load.plan.scripts[index % len(load.plan.scripts)]
        utterance = Utterance(load, wire, f"one-{load._count}", text, over.set_result)
        utterance.begin()
        async with asyncio.timeout(PATIENCE_S):
            await over
        record = utterance.record
        if record.audio_at is None or record.text_at is None:
            raise SystemExit(f"no sound: {record.fault or record.done}")
        found.append(round(1000 * (record.audio_at - record.text_at), 2))
        await asyncio.sleep(REST_S)
    return found


async def one(urls: list[str], pairs: int, each: int) -> dict[str, Any]:
    """Measure a lone listener of each server in turns."""
    speakers = []
    for url in urls:
        load = Load(plan(1, 0.0, 1.0, 0, SHORT), url)
        wire = await load._open()
        if wire is None:
            raise SystemExit(f"{url}: {load.result.faults}")
        await speak(load, wire, NOT_COUNTED)
        speakers.append((load, wire))
    blocks: list[list[list[float]]] = [[] for _ in urls]
    for pair in range(pairs):
        for index in in_turn(len(urls), pair):
            blocks[index].append(await speak(*speakers[index], each))
    for _, wire in speakers:
        wire.transport.abort()
    ratios = [float(np.median(b) / np.median(a)) for a, b in zip(blocks[0], blocks[-1], strict=True)]
    return {
        "ttfa_ms": [spread([ms for block in each_server for ms in block]) for each_server in blocks],
        "blocks_ms": blocks,
        "ratio": {"median": float(np.median(ratios)), "least": min(ratios), "most": max(ratios), "each": ratios},
    }


async def many(load: Load) -> dict[str, Any]:
    """Measure many listeners of one server, of whom half hang up at the end."""
    load_plan = load.plan
    settled_at = time.perf_counter() + load_plan.ramp_s + SETTLED_S
    lags: list[float] = []
    watching = asyncio.create_task(watch_own_lag(lags))
    gc.collect()
    gc.disable()  # as in the bench: a collection would stop the listeners
    try:
        async with asyncio.TaskGroup() as tasks:
            if load_plan.streams is None:
                load._schedule_arrivals(tasks)
            else:
                await load._connect_streams(load_plan.streams, tasks)
            await asyncio.sleep(load_plan.ramp_s + load_plan.duration_s)
            load._is_open = False
            found = heard(load, settled_at)
            found["last_byte_after_cancel_ms"] = await hang_up(load)
            for utterance in list(load._utterances):
                utterance.fail("the time is up")
    finally:
        gc.enable()
        watching.cancel()
    for wire in load._wires:
        wire.transport.abort()
    return found | {"own_lag_ms": spread(lags)}


def heard(load: Load, settled_at: float) -> dict[str, Any]:
    """Tell what the listeners have met until now; apart, those who began at ``settled_at`` or later."""
    now = time.perf_counter()
    sent = {id(each.record): each._sent_at[0] for each in load._utterances if each._sent_at}
    began = [(record, record.text_at or sent.get(id(record))) for record in load.result.contexts]
    known = [(record, at) for record, at in began if at is not None]
    ttfa_ms = [(round(1000 * (r.audio_at - at), 2), at) for r, at in known if r.audio_at is not None]
    return {
        "ttfa_ms": spread([ms for ms, _ in ttfa_ms]),
        "settled_ms": spread([ms for ms, at in ttfa_ms if at >= settled_at]),
        "worst_ms": sorted((ms for ms, _ in ttfa_ms), reverse=True)[:5],
        "still_wait_ms": spread([round(1000 * (now - at), 2) for r, at in known if r.audio_at is None]),
        "holes_ms": spread([round(1000 * hole, 2) for record, _ in known for hole in record.underruns]),
        "sound_s": round(sum(record.audio_s for record, _ in known), 1),
        "refusals": load.result.refusals,
        "faults": sorted({*load.result.faults, *(record.fault for record, _ in known if record.fault)}),
    }


async def hang_up(load: Load) -> dict[str, float]:
    """Cancel every second speech that sounds, all at once; tell how long after it a frame still came, ms."""
    playing = [each for each in load._utterances if each.record.audio_at is not None and each.record.done is None]
    gone = {}
    for each in sorted(playing, key=lambda each: each.context_id)[::2]:
        gone[each] = time.perf_counter()
        each.cancel()
    await asyncio.sleep(AFTER_HANGING_UP_S)
    return spread([round(1000 * max(0.0, (each.record.last_audio_at or at) - at), 2) for each, at in gone.items()])


async def watch_own_lag(lags: list[float]) -> None:
    """Note how late this program's own loop is."""
    loop = asyncio.get_running_loop()
    while True:
        due = loop.time() + 0.01
        await asyncio.sleep(0.01)
        lags.append(round(1000 * (loop.time() - due), 2))


def in_turn(count: int, pair: int) -> list[int]:
    """Tell who goes first this time."""
    return list(range(count))[:: 1 if pair % 2 == 0 else -1]


async def main() -> None:
    """Measure what the command line asks for, and print it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("one", "many"))
    parser.add_argument("urls", nargs="+", metavar="URL")
    parser.add_argument("--pairs", type=int, default=10)
    parser.add_argument("--each", type=int, default=6, help="speeches in a block of a lone listener")
    parser.add_argument("--streams", type=int, default=64)
    parser.add_argument("--rate", type=float, help="arrivals a second, in place of --streams and --ramp")
    parser.add_argument("--every-voice", action="store_true", help="another of the server's voices for each text")
    parser.add_argument("--ramp", type=float, default=3.0)
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    load_of = EveryVoice if arguments.every_voice else Load
    found: Any
    if arguments.what == "one":
        found = await one(arguments.urls, arguments.pairs, arguments.each)
    else:
        found = []
        for pair in range(arguments.pairs):
            streams, ramp_s = (arguments.streams, arguments.ramp) if arguments.rate is None else (None, 0.0)
            wanted = plan(streams, ramp_s, arguments.seconds, pair, CORPUS, arguments.rate)
            for index in in_turn(len(arguments.urls), pair):
                url = arguments.urls[index]
                found.append({"url": url, "seed": pair, **await many(load_of(wanted, url))})
    if arguments.json:
        arguments.json.write_text(json.dumps(found))
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
