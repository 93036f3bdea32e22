"""A soak: a gateway at four fifths of its capacity, a fault every twenty seconds, and nothing that grows or is lost.

    python benchmarks/soak.py [--minutes 60] [--capacity 40]

The gateway runs in this process, with the tone engine, so that its tasks can be counted. Listeners are another process:
each has one text after another spoken on one connection, paced, and connects again if that breaks. The faults take
turns: encoders are killed or stopped, connections are cut, peers stop reading, strangers send no handshake, and all
that speaks is cancelled. Before each fault, when the last one is over, the gateway's own memory, descriptors, tasks and
threads are counted. The slope of each is the median over all pairs of counts (Theil and Sen) of the last three
quarters, and what it comes to over the whole run must stay within MOST_GROWTH.

At the end the ledger is compared with what the listeners know: each context has one line, with each character that it
sent. A context whose connection broke before anything of it was heard may have none, or none of its characters.
Exits with 1 if something grew, was lost, or was counted wrongly.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import json
import random
import signal
import socket
import statistics
import sys
import tempfile
import time
from collections import Counter
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus, WebSocketException
from websockets.typing import Subprotocol

from sayline.gateway.dialects.tts_v1.messages import ENDPOINT, SUBPROTOCOL
from sayline.gateway.settings import Settings
from sayline.gateway.wiring import running_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

LOAD = 0.8  # of the capacity
FAULT_S = 20.0
# Growth over the whole run. Memory: what an allocator keeps of a burst is not given back; a leak of one object of 1 KiB
# for each context is 10 MiB in an hour. Descriptors and tasks: a listener that is just coming back. Threads: the event
# loop's pool makes them as they are needed, up to six on two cores; one that each fault left behind would be nine in
# three minutes.
MOST_GROWTH = {"memory_mib": 6.0, "descriptors": 3.0, "tasks": 4.0, "threads": 4.0}
WORDS = "one two three four five six seven eight nine ten eleven twelve".split()
STRANGERS = 100
STALLED = 4
AGAIN_S = 0.2  # until a listener comes back
END_S = 30.0  # in which all listeners leave


# -- the listeners: a process of their own -----------------------------------------------------------------------------


class Listener:
    """One who listens to one text after another.

    Attributes:
        websocket: the connection of now.
        ends_early: cancel the next context as soon as it has begun.
    """

    def __init__(self, url: str, chance: random.Random, leaving: asyncio.Event) -> None:
        self.websocket: ClientConnection | None = None
        self.ends_early = False
        self._url = url
        self._chance = chance
        self._leaving = leaving

    async def listen(self) -> None:
        """Listen until it is time to leave."""
        while not self._leaving.is_set():
            try:
                async with connect(
                    self._url + ENDPOINT, subprotocols=[Subprotocol(SUBPROTOCOL)], compression=None
                ) as one:
                    self.websocket = one
                    session = json.loads(await one.recv())["session_id"]
                    for number in itertools.count():
                        if self._leaving.is_set():
                            break
                        await self._hear(one, session, f"c{number}")
            except InvalidStatus as refusal:
                tell(kind="refused", status=refusal.response.status_code)
                await asyncio.sleep(AGAIN_S)
            except (OSError, WebSocketException, TimeoutError):
                await asyncio.sleep(AGAIN_S)

    async def _hear(self, websocket: ClientConnection, session: str, context: str) -> None:
        text = " ".join(self._chance.choices(WORDS, k=self._chance.randint(3, 20))) + ". "
        known: dict[str, Any] = {"sent": len(text), "is_sure": False, "done": None, "reason": None}  # Any: JSON
        try:
            for message in ({"type": "text", "text": text}, {"type": "context.end"}):
                await websocket.send(json.dumps({**message, "context_id": context}))
            while known["done"] is None:
                received = await websocket.recv()
                if isinstance(received, bytes):
                    continue
                event = json.loads(received)
                if event["type"] == "segment":
                    known["is_sure"] = True
                    if self.ends_early:
                        self.ends_early = False
                        await websocket.send(json.dumps({"type": "context.cancel", "context_id": context}))
                elif event["type"] == "context.done":
                    known.update(done=event["characters"], reason=event["reason"])
        finally:
            tell(kind="context", session=session, context=context, **known)


def tell(**facts: Any) -> None:  # noqa: ANN401 - JSON
    """Tell the gateway's process."""
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


async def listeners(url: str, count: int) -> None:
    """Listen, and obey what comes on standard input, a word in each line."""
    leaving = asyncio.Event()
    chance = random.Random(1)  # noqa: S311 - no secret
    every = [Listener(url, random.Random(seed), leaving) for seed in range(count)]  # noqa: S311 - no secret
    port = int(url.rpartition(":")[2])
    orders = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    with contextlib.ExitStack() as stack:
        async with asyncio.TaskGroup() as tasks:
            for each in every:
                tasks.create_task(each.listen())
            while order := (await orders.readline()).decode().strip():
                if order == "cut":
                    for each in chance.sample(every, count // 4):
                        if each.websocket is not None:
                            each.websocket.transport.abort()
                elif order == "cancel":
                    for each in every:
                        each.ends_early = True
                elif order == "strangers":
                    for number in range(STRANGERS):
                        stranger = stack.enter_context(socket.create_connection(("127.0.0.1", port)))
                        stranger.sendall(
                            (b"", b"GET /v1/tts HTTP/1.1\r\n", b"\x16\x03\x01", b"nonsense\r\n\r\n")[number % 4]
                        )
                elif order == "stall":
                    for _ in range(STALLED):
                        with contextlib.suppress(OSError, WebSocketException):  # there is no room
                            await stall(url, stack)
                elif order == "leave":
                    leaving.set()


async def stall(url: str, stack: contextlib.ExitStack) -> None:
    """Have a long text spoken over a connection that nobody reads."""
    websocket = await connect(
        url + ENDPOINT, subprotocols=[Subprotocol(SUBPROTOCOL)], compression=None, ping_interval=None, max_queue=1
    )
    session = json.loads(await websocket.recv())["session_id"]
    text = "one two three four. " * 100
    await websocket.send(json.dumps({"type": "session.update", "format": "pcm_s16le", "max_lead_ms": 0}))
    for message in ({"type": "text", "text": text}, {"type": "context.end"}):
        await websocket.send(json.dumps({**message, "context_id": "stalled"}))
    websocket.transport.pause_reading()
    stack.callback(websocket.transport.abort)
    tell(kind="context", session=session, context="stalled", sent=len(text), is_sure=False, done=None, reason=None)


# -- the gateway -------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def audience(url: str, count: int, told: Path) -> AsyncIterator[Callable[[str], None]]:
    """Keep the listeners, who write what they know into a file; gives what tells them to do something."""
    with told.open("wb") as file:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            __file__,
            "--listen",
            url,
            "--capacity",
            str(count),
            stdin=asyncio.subprocess.PIPE,
            stdout=file,
        )
    orders = process.stdin
    assert orders is not None
    try:
        yield lambda word: orders.write(f"{word}\n".encode())
        orders.write(b"leave\n")
        await asyncio.sleep(END_S)
        orders.close()
        await asyncio.wait_for(process.wait(), END_S)
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def encoders() -> list[psutil.Process]:
    """Find the gateway's encoders."""
    return [child for child in psutil.Process().children() if "encoder_process" in " ".join(child.cmdline())]


def stop_encoders() -> None:
    """Let the encoders hang; the gateway notices it."""
    for encoder in encoders():
        encoder.send_signal(signal.SIGSTOP)


def counted() -> dict[str, float]:
    """Count what must not grow."""
    process = psutil.Process()
    return {
        "memory_mib": process.memory_full_info().uss / 1024**2,
        "descriptors": process.num_fds(),
        "tasks": len(asyncio.all_tasks()),
        "threads": process.num_threads(),
    }


def growth(times: list[float], counts: list[float]) -> float:
    """Tell what the median slope comes to over the whole run."""
    pairs = itertools.combinations(zip(times, counts, strict=True), 2)
    slopes = [(later - earlier) / (until - since) for (since, earlier), (until, later) in pairs]
    return statistics.median(slopes) * times[-1] if slopes else 0.0


def faults_of_ledger(lines: list[dict[str, Any]], told: list[dict[str, Any]]) -> Iterator[str]:
    """Compare the ledger with what the listeners know."""
    known = {(fact["session"], fact["context"]): fact for fact in told if fact["kind"] == "context"}
    times = Counter((line["session"], line["context"]) for line in lines)
    written = {(line["session"], line["context"]): line for line in lines}
    yield from (f"{context} has {count} lines" for context, count in times.items() if count > 1)
    yield from (f"{context} is in the ledger alone" for context in written.keys() - known.keys())
    for context, fact in known.items():
        line = written.get(context)
        if line is None:
            if fact["is_sure"]:
                yield f"{context} is not in the ledger"
        elif line["characters"] != fact["sent"] and (fact["is_sure"] or line["characters"]):
            yield f"{context} sent {fact['sent']} characters, and the ledger has {line['characters']}"
        elif fact["done"] is not None and fact["done"] != line["characters"]:
            yield f"{context} was told of {fact['done']} characters, and the ledger has {line['characters']}"


async def soak(minutes: float, capacity: int, folder: Path) -> int:
    """Run it; returns the exit status."""
    settings = Settings(
        port=0,
        engine="tone",
        ledger=folder / "ledger",
        max_concurrent_requests=capacity,
        handshake_timeout_s=3.0,
        slow_client_s=5.0,
        # Other work on the machine makes the loop late, and a context that is refused for that proves nothing.
        shed_at_lag_ms=60_000,
        refuse_at_lag_ms=60_000,
    )
    times: list[float] = []
    counts: list[dict[str, float]] = []
    begun_at = time.monotonic()
    async with running_server(settings) as server, server.probe.kept_up():
        async with audience(server.url, round(capacity * LOAD), folder / "told") as order:
            faults: dict[str, Callable[[], object]] = {
                "encoders killed": lambda: [encoder.kill() for encoder in encoders()],
                "a quarter cut": lambda: order("cut"),
                "encoders stopped": stop_encoders,
                f"{STALLED} read nothing": lambda: order("stall"),
                f"{STRANGERS} strangers": lambda: order("strangers"),
                "all cancelled": lambda: order("cancel"),
            }
            for name, fault in itertools.cycle(faults.items()):
                await asyncio.sleep(FAULT_S)
                times.append(time.monotonic() - begun_at)
                counts.append(counted())
                print(
                    f"{times[-1]:6.0f} s ", *(f"{what} {count:.0f}" for what, count in counts[-1].items()), flush=True
                )
                if times[-1] + FAULT_S > minutes * 60:
                    break
                print(f"         {name}", flush=True)
                fault()
        lost = server.ledger_lost
    return report(times, counts, folder, lost)


def report(
    times: list[float],
    counts: list[dict[str, float]],
    folder: Path,
    lost: int,
) -> int:
    """Say what grew and what the ledger lacks; returns the exit status."""
    settled = len(times) // 4
    lines, told = (
        [json.loads(line) for line in (folder / name).read_text().splitlines()] for name in ("ledger", "told")
    )
    bad = list(faults_of_ledger(lines, told))
    contexts = [fact for fact in told if fact["kind"] == "context"]
    refused = sum(fact["kind"] == "refused" for fact in told)
    reasons = Counter(str(fact["reason"]) for fact in contexts)
    print(f"{len(contexts)} contexts {dict(reasons)}, {refused} connections refused")
    print(f"the ledger: {len(lines)} lines, {sum(line['characters'] for line in lines)} characters, {lost} lost")
    print(*bad[:20], sep="\n")
    for what, most in MOST_GROWTH.items():
        grew = growth(times[settled:], [count[what] for count in counts[settled:]])
        print(f"{what}: {counts[settled][what]:.1f} to {counts[-1][what]:.1f}; slope {grew:+.2f} a run, {most} allowed")
        if grew > most:
            bad.append(what)
    return 1 if bad or lost or not lines else 0


def main() -> int:
    """Run the soak, or its listeners."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--capacity", type=int, default=40, help="contexts that the gateway speaks at once")
    parser.add_argument("--listen", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.listen:
        asyncio.run(listeners(arguments.listen, arguments.capacity))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(soak(arguments.minutes, arguments.capacity, Path(folder)))


if __name__ == "__main__":
    sys.exit(main())
