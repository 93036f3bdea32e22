"""A mixed load for long runs: listeners finish, interrupt, stall and hang up; then the run checks that nothing leaked.

    python benchmarks/mixed_load.py ws://127.0.0.1:8080 --minutes 10 [--rate 8] [--warm-up 1] [--pid GATEWAY]

Speeches begin at random (Poisson), and the fate of each is drawn: its listener hears it to the end, cancels it, stops
reading for a while, or breaks off the socket. Every ten seconds the run prints the gateway's own figures: GPU memory,
contexts, and the private host memory of each of its processes (with --pid, on the same machine). At the end all
speeches are over. The run fails if a context is still counted, or if memory has grown by more than 2 % (GPU) or 5 %
(host) since the warm-up.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import time
import urllib.request
from collections import Counter
from dataclasses import dataclass
from typing import Any

import psutil

from sayline.gateway.client.connecting import Connection, connect
from sayline.gateway.commands.bench.texts import CORPUS
from sayline.gateway.errors import GatewayError

FATES = {"heard": 0.5, "cancelled": 0.25, "stalled": 0.1, "broken off": 0.15}
LOOK_S = 10.0
SETTLE_S = 5.0  # after the last speech: slots are free within 100 ms, and the look is not a race
GPU_GROWTH, HOST_GROWTH = 1.02, 1.05


@dataclass(frozen=True, slots=True)
class Look:
    """What the gateway uses at one moment."""

    gpu_bytes: int | None
    host_bytes_by_process: dict[int, int]  # by process id; a parent before its children
    contexts: int

    @property
    def host_bytes(self) -> int:
        """All processes' together."""
        return sum(self.host_bytes_by_process.values())

    def __str__(self) -> str:
        """Tell it in a line."""
        processes = " ".join(f"{pid}:{used / 1e6:.0f}" for pid, used in self.host_bytes_by_process.items())
        gpu = "no GPU" if self.gpu_bytes is None else f"GPU {self.gpu_bytes} bytes"
        return f"{self.contexts} contexts, {gpu}, host {self.host_bytes / 1e6:.0f} MB ({processes})"


async def look(url: str, pid: int | None) -> Look:
    """Ask the gateway, and the machine about its processes."""
    page = url.replace("ws", "http", 1) + "/health"
    health: dict[str, Any] = json.loads(await asyncio.to_thread(lambda: urllib.request.urlopen(page).read()))  # noqa: S310 - http, by the line above
    processes = []
    if pid is not None:
        gateway = psutil.Process(pid)
        processes = [gateway, *gateway.children(recursive=True)]
    host = {each.pid: each.memory_full_info().uss for each in processes}
    return Look(health["gpu_memory_bytes"], host, health["current_requests"])


async def speech(url: str, dice: random.Random) -> str:
    """Run one speech; returns what became of it."""
    fate = dice.choices(list(FATES), list(FATES.values()))[0]
    text = " ".join(dice.choices(CORPUS, k=dice.randint(1, 3)))
    frames_until = dice.randint(1, 300)
    pause_s = dice.uniform(0.5, 4.0)
    try:
        async with connect(url) as connection:
            await hear(connection, text, fate, frames_until, pause_s)
    except GatewayError as error:
        return fate if fate == "broken off" else f"failed: {type(error).__name__}"
    return fate


async def hear(connection: Connection, text: str, fate: str, frames_until: int, pause_s: float) -> None:
    """Listen to a text as its drawn fate says."""
    async with connection.speak(text) as speaking:
        count = 0
        async for _ in speaking.audio():
            count += 1
            if count != frames_until:
                continue
            if fate == "cancelled":
                return  # leaving the block is the cancel
            if fate == "stalled":
                await asyncio.sleep(pause_s)
            if fate == "broken off":
                connection._socket.transport.abort()  # noqa: SLF001 - no client means to do that, so it offers no way


async def main() -> None:
    """Put the gateway under load, and judge it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--warm-up", type=float, default=1.0, metavar="MINUTES")
    parser.add_argument("--rate", type=float, default=8.0, help="speeches a second")
    parser.add_argument("--pid", type=int, help="the gateway's process")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    dice = random.Random(arguments.seed)  # noqa: S311 - repeatable on purpose
    fates: Counter[str] = Counter()
    begun_at = time.monotonic()
    end_at = begun_at + 60 * arguments.minutes
    warm: Look | None = None
    look_at = begun_at + LOOK_S

    async def run_one() -> None:
        fates[await speech(arguments.url, random.Random(dice.random()))] += 1  # noqa: S311 - as above

    async with asyncio.TaskGroup() as tasks:
        while (now := time.monotonic()) < end_at:
            tasks.create_task(run_one())
            if now >= look_at:
                look_at += LOOK_S
                seen = await look(arguments.url, arguments.pid)
                print(f"{now - begun_at:6.0f} s  {seen}  {dict(fates)}", flush=True)
                if warm is None and now - begun_at >= 60 * arguments.warm_up:
                    warm = seen
            await asyncio.sleep(dice.expovariate(arguments.rate))
    await asyncio.sleep(SETTLE_S)
    left = await look(arguments.url, arguments.pid)
    print(f"warm {warm}\nleft {left}\n{sum(fates.values())} speeches: {dict(fates)}")
    if warm is None:
        raise SystemExit("shorter than its warm-up: nothing to compare with")
    grown = [
        f"{name} memory grew from {before:,} to {after:,} bytes"
        for name, before, after, most in (
            ("GPU", warm.gpu_bytes, left.gpu_bytes, GPU_GROWTH),
            ("host", warm.host_bytes, left.host_bytes, HOST_GROWTH),
        )
        if before and after and after > before * most
    ]
    if left.contexts:
        grown.append(f"{left.contexts} contexts are still counted")
    if grown:
        raise SystemExit("; ".join(grown))


if __name__ == "__main__":
    asyncio.run(main())
