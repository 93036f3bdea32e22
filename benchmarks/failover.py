"""What listeners hear of a fault: 32 in real time at a gateway with two warm workers of the tone engine.

::

    python benchmarks/failover.py [--listeners 32] [--rounds 3]     # two minutes a round; on a quiet machine

Each fault has a gateway and workers of its own. Three of four listeners have heard speech for some seconds when it
comes, so their lead is full; the others have come within the last 0.4 s. A run without a fault is made beside them, in
the same round. A listener's *hole* is how long it had nothing to play; *lateness* is by how much a frame came later
than the listener's most punctual one. It counts listeners with a full lead whom the fault did not strike: as many as
it struck are left out, those first who were late most. A worker's fault strikes those who moved to the other worker; an
encoder's strikes half, since two encoders get contexts in turn. Prints a table, which docs/RELIABILITY.md has.

It exits with 1 if a listener with a full lead had a hole, though its context was to go on.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import re
import signal
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psutil

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from relay import Relay  # noqa: E402 - lies in the folder that the line above adds
from server_process import ServerProcess  # noqa: E402 - the same
from worker_process import WorkerProcess  # noqa: E402 - the same

from sayline import SpeechError, connect  # noqa: E402 - with the others
from sayline.gateway.dialects.tts_v1.frames import AudioFrame  # noqa: E402 - with the others

if TYPE_CHECKING:
    from collections.abc import Callable

SENTENCE: Final = "This sentence is one of many, and there is always another one after it, and so on and on. "
TEXT: Final = 4 * SENTENCE  # some 20 s
EARLY_S: Final = 3.0  # in which a lead is full: it takes 1.6 s
YOUNG_S: Final = 0.4
WATCHED_S: Final = 6.0  # after the fault
FULL_S: Final = 1.8  # of 2 s


@dataclass(slots=True)
class Listener:
    """Somebody who plays what comes as soon as it comes.

    Attributes:
        lead_s: at the fault.
        margins_s: of each frame after it, how long before its turn it came.
        best_s: the best margin before the fault.
        hole_s: the longest after it.
        ended: why the context ended before its time; empty if it did not.
    """

    lead_s: float = 0.0
    margins_s: list[float] = field(default_factory=list)
    best_s: float = float("-inf")
    hole_s: float = 0.0
    ended: str = ""
    plays_until: float = 0.0

    async def listen(self, url: str, struck: asyncio.Event) -> None:
        """Listen until cancelled, or until the context ends."""
        now = asyncio.get_running_loop().time
        try:
            async with (
                connect(url, format="pcm_s16le", sample_rate=24_000) as connection,
                connection.speak(TEXT) as speech,
            ):
                async for event in speech:
                    if isinstance(event, AudioFrame):
                        self._hear(event.duration / 48_000, now(), is_struck=struck.is_set())
        except SpeechError as error:
            self.ended = error.code

    def _hear(self, duration_s: float, at: float, *, is_struck: bool) -> None:
        if self.plays_until:
            margin_s = self.plays_until - at
            if is_struck:
                self.margins_s.append(margin_s)
                self.hole_s = max(self.hole_s, -margin_s)
            else:
                self.best_s = max(self.best_s, margin_s)
        self.plays_until = max(self.plays_until, at) + duration_s


@dataclass(slots=True)
class Outcome:
    """What all listeners of some runs heard."""

    listeners: list[Listener] = field(default_factory=list)
    moved: int = 0
    lateness_s: list[float] = field(default_factory=list)

    def add(self, heard: list[Listener], moved: int, *, strikes_half: bool) -> None:
        """Add a run."""
        self.listeners += heard
        self.moved += moved
        full = [each for each in heard if each.lead_s >= FULL_S and not each.ended and each.margins_s]
        full.sort(key=lambda each: each.best_s - min(each.margins_s))
        struck = len(full) // 2 if strikes_half else moved
        for each in full[: max(0, len(full) - struck)]:
            self.lateness_s += [each.best_s - margin_s for margin_s in each.margins_s]

    @property
    def p99_s(self) -> float:
        """Of the lateness."""
        ordered = sorted(self.lateness_s)
        return ordered[len(ordered) * 99 // 100] if ordered else float("nan")


async def one_run(folder: Path, fault: str, count: int) -> tuple[list[Listener], int]:
    """Strike once; returns the listeners, and how many segments have moved."""
    over_network = fault.startswith("the link")
    async with contextlib.AsyncExitStack() as stack:
        flags = ["--plain-loopback"] if over_network else []
        listens = ["127.0.0.1:0"] * 2 if over_network else [f"unix:{folder}/a", f"unix:{folder}/b"]
        workers = [stack.enter_context(WorkerProcess(listen, *flags)) for listen in listens]
        addresses, relays = [worker.address for worker in workers], list[Relay]()
        if over_network:
            for address in addresses:
                relays.append(await stack.enter_async_context(Relay(int(address.rpartition(":")[2]))))
            addresses = [f"127.0.0.1:{relay.port}" for relay in relays]
        plain = ["--worker-plain-loopback", "true"] if over_network else []
        # One encoder more than cores, so that one which is lost is not all.
        flags = ["--engine-workers", ",".join(addresses), "--encoder-processes", "2", *plain]
        # In a thread, as its end: the relays live in this loop, and it reaches its workers through them.
        server = await asyncio.to_thread(ServerProcess, *flags)
        stack.push_async_callback(asyncio.to_thread, server.__exit__)
        server.expected = "."  # what the gateway says of the fault
        heard = [Listener() for _ in range(count)]
        struck = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            early = count * 3 // 4
            listening = []
            for number, listener in enumerate(heard):
                listening.append(tasks.create_task(listener.listen(server.url, struck)))
                if number < early - 1:
                    await asyncio.sleep(0.5 / early)
                else:
                    await asyncio.sleep(EARLY_S if number == early - 1 else YOUNG_S / (count - early))
            now = asyncio.get_running_loop().time()
            for listener in heard:
                listener.lead_s = listener.plays_until - now if listener.plays_until else 0.0
            struck.set()
            FAULTS[fault](workers, relays, server)
            await asyncio.sleep(WATCHED_S)
            page = await server.page("/metrics")
            for task in listening:
                task.cancel()
        found = re.search(rb"^sayline_speeches_moved_total (\S+)", page, re.MULTILINE)
        for worker in workers:
            worker.process.kill()
        return heard, int(float(found[1])) if found else 0


def encoder(server: ServerProcess) -> psutil.Process:
    """Find an encoder of a gateway."""
    children = psutil.Process(server.process.pid).children(recursive=True)
    return next(child for child in children if "encoder_process" in " ".join(child.cmdline()))


def lose(relay: Relay) -> None:
    """Lead nowhere."""
    relay.loses_all = True


FAULTS: Final[dict[str, Callable[[list[WorkerProcess], list[Relay], ServerProcess], object]]] = {
    "nothing": lambda _workers, _relays, _server: None,
    "an engine's worker is killed": lambda workers, _relays, _server: workers[0].process.kill(),
    "an engine's worker is stopped": lambda workers, _relays, _server: workers[0].process.send_signal(signal.SIGSTOP),
    "the link to a worker's machine is cut": lambda _workers, relays, _server: relays[0].cut(),
    "the link to a worker's machine loses all": lambda _workers, relays, _server: lose(relays[0]),
    "an encoder is killed": lambda _workers, _relays, server: encoder(server).kill(),
    "an encoder is stopped": lambda _workers, _relays, server: encoder(server).suspend(),
}


HEAD: Final = """\
| fault | moved | ended | full lead: longest hole | others: longest hole | lateness p99 (undisturbed) |
|---|---|---|---|---|---|"""


def row(fault: str, outcome: Outcome, undisturbed_s: float) -> str:
    """Write a row of the table."""
    full = [each for each in outcome.listeners if each.lead_s >= FULL_S]
    young = [each for each in outcome.listeners if each.lead_s < FULL_S]
    worst = max(young, key=lambda each: each.hole_s)
    ended = sum(bool(each.ended) for each in outcome.listeners)
    of_full_ms = 1000 * max((each.hole_s for each in full if not each.ended), default=0.0)
    of_young = f"{1000 * worst.hole_s:.0f} ms, of one with {1000 * max(0.0, worst.lead_s):.0f} ms in hand"
    cells = [
        fault,
        str(outcome.moved),
        str(ended),
        f"{len(full)}: {of_full_ms:.0f} ms",
        f"{len(young)}: {of_young if worst.hole_s else '0 ms'}",
        f"{1000 * outcome.p99_s:.0f} ms ({1000 * undisturbed_s:.0f} ms)" if outcome.lateness_s else "all moved",
    ]
    return f"| {' | '.join(cells)} |"


async def main() -> int:
    """Print the table; returns the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--listeners", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--fault", choices=list(FAULTS), help="this one alone, and a run without one beside it")
    given = parser.parse_args()
    outcomes = {fault: Outcome() for fault in (["nothing", given.fault] if given.fault else FAULTS)}
    for number in range(given.rounds):
        for fault, outcome in outcomes.items():
            print(f"round {number + 1}: {fault}", file=sys.stderr, flush=True)
            with tempfile.TemporaryDirectory() as folder:
                heard, moved = await one_run(Path(folder), fault, given.listeners)
            outcome.add(heard, moved, strikes_half=fault.startswith("an encoder"))
    undisturbed_s = outcomes["nothing"].p99_s
    print(HEAD)
    for fault, outcome in outcomes.items():
        print(row(fault, outcome, undisturbed_s))
    return int(
        any(each.hole_s > 0 and each.lead_s >= FULL_S for outcome in outcomes.values() for each in outcome.listeners)
    )


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
