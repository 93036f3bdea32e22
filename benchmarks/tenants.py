"""A tenant that asks for ten times its share, beside the same tenant asking for exactly its share: what others hear.

The tone engine makes sound at no cost, so what is compared is the gateway, in a process of its own: admission, turns,
encoders, the loop. All tenants are allowed the same number of contexts. Runs alternate, and each figure is of all
runs of a kind together.

    python benchmarks/tenants.py --share 6 --seconds 20 --pairs 3
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections import Counter
from http import HTTPStatus
from pathlib import Path

from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from sayline.gateway.capacity.tenants import hash_key

TEXT = "A sentence of some length that is spoken to somebody who listens to it. "
TENANTS = ("greedy", "modest", "quiet")


class Run:
    """What happened to each tenant."""

    def __init__(self) -> None:
        self.first_s: dict[str, list[float]] = {name: [] for name in TENANTS}
        self.refused: Counter[str] = Counter()


async def listener(url: str, name: str, run: Run, until: float) -> None:
    """Connect, speak, listen, and come back, as an agent does turn by turn; wait a second if refused."""
    while time.perf_counter() < until:
        begun = time.perf_counter()
        try:
            async with connect(
                url + "/v1/tts/stream",
                subprotocols=["tts.v1"],
                additional_headers={"x-api-key": name},
                compression=None,
            ) as socket:
                begun = time.perf_counter()
                await socket.send(json.dumps({"type": "text", "context_id": "c", "text": TEXT}))
                await socket.send(json.dumps({"type": "context.end", "context_id": "c"}))
                async for message in socket:
                    if isinstance(message, bytes):
                        if begun:
                            run.first_s[name].append(time.perf_counter() - begun)
                            begun = 0
                    elif '"quota_exceeded"' in message:
                        run.refused[name] += 1
                        break
                    elif '"context.done"' in message:
                        break
        except InvalidStatus as fault:
            run.refused[name] += 1
            if fault.response.status_code != HTTPStatus.TOO_MANY_REQUESTS:
                raise
            await asyncio.sleep(float(fault.response.headers["Retry-After"]))


async def one_run(share: int, seconds: float, greed: int, run: Run) -> None:
    """A server of its own, and all tenants at once."""
    with tempfile.TemporaryDirectory() as folder:
        tenants = Path(folder) / "tenants.toml"
        tenants.write_text(
            "\n".join(f'[{name}]\nkeys = ["{hash_key(name)}"]\ncontexts = {share}\n' for name in TENANTS)
        )
        options = ("--tenants", str(tenants), "--ledger", str(Path(folder) / "ledger.jsonl"), "--log-level", "error")
        program = (sys.executable, "-m", "sayline.gateway.cli", "serve", "--engine", "tone", "--port", "0")
        server = await asyncio.create_subprocess_exec(*program, *options, stdout=asyncio.subprocess.PIPE)
        try:
            assert server.stdout is not None  # it was asked for
            address = (await server.stdout.readline()).decode().split()[-1]  # "Sayline is listening on http://…"
            async with asyncio.TaskGroup() as tasks:
                until = time.perf_counter() + seconds
                for name in TENANTS:
                    for _ in range(share * (greed if name == "greedy" else 1)):
                        tasks.create_task(listener(address.replace("http", "ws", 1), name, run, until))
        finally:
            server.terminate()
            await server.wait()


def p95(values: list[float]) -> float:
    """The nearest-rank 95th percentile."""
    return sorted(values)[max(0, -(-len(values) * 95 // 100) - 1)]


def main() -> None:
    """Print the comparison."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--share", type=int, default=6, help="contexts that each tenant may have")
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--pairs", type=int, default=3)
    given = parser.parse_args()
    fair, unfair = Run(), Run()
    for _ in range(given.pairs):
        asyncio.run(one_run(given.share, given.seconds, 1, fair))
        asyncio.run(one_run(given.share, given.seconds, 10, unfair))
    others = [[value for name in TENANTS[1:] for value in run.first_s[name]] for run in (fair, unfair)]
    print(f"others' contexts: {len(others[0])} and {len(others[1])}")
    print(f"others' p95 first sound: {p95(others[0]) * 1000:.2f} ms and {p95(others[1]) * 1000:.2f} ms")
    print(f"ratio {p95(others[1]) / p95(others[0]):.3f}")
    print(f"refused: {dict(fair.refused)} and {dict(unfair.refused)}")


if __name__ == "__main__":
    main()
