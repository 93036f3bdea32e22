"""Whether every speech ends on a busy machine: servers of several trees side by side, each with one listener at a time.

    python benchmarks/every_speech_ends.py MODEL_DIR before=TREE after=. [--speeches 250] [--hops 10 35] [--busy 2]

Each tree is served once for each first hop length, with ``sayline serve`` unchanged, paced, all at the same time. A
listener has one short text after another spoken on one connection, each as a new context, and goes on when a text is
done. A speech that neither ends nor makes sound for STILL_S stands still; its listener comes again on another
connection. The last tree's listeners hear ``--speeches`` speeches, the others' listeners hear for as long. ``--busy``
adds processes that compute, because slow steps are what made a first hop long.
Exits with 1 if a speech of the last tree did not end with all its sound.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import math
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

# Without a frame for so long, a speech of a lone listener stands still: the longest step of an engine that has a tenth
# of a core takes a second. Less than the gateway's own watchdog, which would end it.
STILL_S = 15.0
START_S = 240.0  # an engine loads in 4 s alone, and in minutes among as many as there are cores
AGAIN_S = 1.0  # until a refused listener comes again
WORDS = "the of harbour slowly evening a letter because nothing remembers water between seven windows and light".split()


def view(tree: Path, folder: str) -> str:
    """Make a folder in which a tree is the package ``sayline``."""
    link = Path(tempfile.mkdtemp(dir=folder)) / "sayline"
    link.symlink_to(tree.resolve())
    return str(link.parent)


def text(chance: random.Random) -> str:
    """Write a sentence of 40 to 160 characters: as many tokens."""
    words: list[str] = []
    length = chance.randint(40, 160)
    while len(" ".join(words)) < length:
        words.append(chance.choice(WORDS))
    return " ".join(words).capitalize() + ". "


class Served:
    """One server, its listener, and what became of the speeches."""

    def __init__(self, name: str, tree: Path, hop: int, model_dir: Path, folder: str) -> None:
        self.name, self.hop = name, hop
        self.outcomes: Counter[str] = Counter()
        self.longest_s = 0.0  # between two frames of a speech that ended
        self.audio_s = 0.0
        self._log = (Path(folder) / f"{name}-{hop}.log").open("w")
        command = [sys.executable, "-m", "sayline.gateway.cli", "serve", "--port", "0", "--model-dir", str(model_dir)]
        command += ["--fixed-tokens-per-character", "1.0", "--token-hop-len", str(hop)]
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and our own code
            command,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            cwd=folder,
            env=os.environ | {"PYTHONPATH": view(tree, folder)},
            start_new_session=True,
        )

    async def listen(self, speeches: float) -> None:
        """Have one text after another spoken."""
        assert self._process.stdout is not None
        said = await asyncio.to_thread(self._process.stdout.readline)
        url = f"ws://{said.split('http://')[1].split()[0]}/v1/tts/stream"
        chance = random.Random(self.hop)  # noqa: S311 - the same texts for each tree
        until = time.monotonic() + START_S
        while self.outcomes.total() < speeches:
            try:
                async with connect(url, subprotocols=["tts.v1"], ping_interval=None) as socket:
                    while self.outcomes.total() < speeches:
                        outcome = await self._speech(socket, text(chance))
                        self.outcomes[outcome] += 1
                        if outcome == "stood still":
                            break
            except (InvalidStatus, OSError):  # it is loading, or has no real time for more
                assert time.monotonic() < until or self.outcomes, f"{self.name} did not start; see {self._log.name}"
                await asyncio.sleep(AGAIN_S)
            except ConnectionClosed:
                self.outcomes["connection closed"] += 1

    async def _speech(self, socket: ClientConnection, said: str) -> str:
        """Hear one speech; returns how it ended."""
        await socket.send(json.dumps({"type": "text", "context_id": str(self.outcomes.total()), "text": said}))
        await socket.send(json.dumps({"type": "context.end", "context_id": str(self.outcomes.total())}))
        heard_at, longest_s = time.monotonic(), 0.0
        with contextlib.suppress(TimeoutError):
            while True:
                async with asyncio.timeout(STILL_S):
                    message = await socket.recv()
                now = time.monotonic()
                longest_s, heard_at = max(longest_s, now - heard_at), now
                if isinstance(message, bytes):
                    continue
                fields = json.loads(message)
                if fields["type"] == "context.done":
                    self.audio_s += fields["audio_ms"] / 1000
                    self.longest_s = max(self.longest_s, longest_s)
                    # A token of 40 ms for each character, less what is too long a silence to be meant.
                    is_whole = fields["reason"] == "end" and fields["audio_ms"] > 0.9 * 40 * len(said.strip())
                    return "ended" if is_whole else f"ended early ({fields['reason']})"
        return "stood still"

    def stop(self) -> None:
        """End the server."""
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._log.close()


def _computing() -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", "while True: pass"])


async def main() -> int:
    """Print a row for each tree and first hop."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model_dir", type=Path)
    parser.add_argument("trees", nargs="+", metavar="NAME=TREE")
    parser.add_argument("--speeches", type=int, default=250, help="of each of the last tree's servers")
    parser.add_argument("--hops", type=int, nargs="+", default=[10, 35], help="token_hop_len, tokens")
    parser.add_argument("--busy", type=int, default=2, help="processes that do nothing but compute")
    arguments = parser.parse_args()
    trees = [(name, Path(tree)) for name, _, tree in (each.partition("=") for each in arguments.trees)]
    with tempfile.TemporaryDirectory(prefix="every-speech-ends-") as folder:
        computing = [_computing() for _ in range(arguments.busy)]
        served = [
            Served(name, tree, hop, arguments.model_dir.resolve(), folder)
            for name, tree in trees
            for hop in arguments.hops
        ]
        try:
            async with asyncio.TaskGroup() as tasks:
                compared = [tasks.create_task(each.listen(math.inf)) for each in served if each.name != trees[-1][0]]
                async with asyncio.TaskGroup() as last_ones:
                    for each in served:
                        if each.name == trees[-1][0]:
                            last_ones.create_task(each.listen(arguments.speeches))
                for task in compared:
                    task.cancel()
        finally:
            for process in computing:
                process.kill()
                process.wait()
            for each in served:
                each.stop()
    print("tree      hop  speeches   ended  stood still  other  audio s  longest pause s")
    for each in served:
        ended, still = each.outcomes["ended"], each.outcomes["stood still"]
        other = each.outcomes.total() - ended - still
        print(
            f"{each.name:8} {each.hop:4} {each.outcomes.total():9} {ended:7} {still:12} {other:6}"
            f" {each.audio_s:8.0f} {each.longest_s:16.1f}"
        )
        if other:
            print(f"         {dict(each.outcomes)}")
    last = [each for each in served if each.name == trees[-1][0]]
    return 1 if any(each.outcomes.total() > each.outcomes["ended"] for each in last) else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
