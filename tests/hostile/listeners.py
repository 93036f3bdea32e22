"""A program: honest listeners at one server, who tell how late their sound is. ``python listeners.py PORT HOW_MANY``.

Each is an ordinary client: it writes a sentence every few seconds and hears one paced context for as long as the
program runs. For each line on standard input the program waits until every listener has heard ``FRAMES`` more frames
and answers with a line of JSON; it ends with its standard input.

Lateness needs no clock of the server: a listener that began to play at its first frame has so much in hand when a
frame comes (its *margin*), and with a full lead that would always be the same if nobody were late. A hole is a negative
margin.
"""

import asyncio
import json
import sys
import time

from websockets.asyncio.client import connect

from sayline.gateway.dialects.tts_v1.frames import Flags, unpack_frame
from sayline.gateway.dialects.tts_v1.messages import ENDPOINT, SUBPROTOCOL

FRAMES = 100  # 2 s of sound: with 16 listeners 1,600 of them, so that the 99th percentile is not a single frame
MAX_LEAD_MS = 500  # small, so that it is full soon, and a server that stands still for half a second makes holes
SENTENCE = "This sentence is one of many, and there is always another one after it. "  # 4.6 s of the embedded voice
SENTENCE_EVERY_S = 3.5
PATIENCE_S = 60


class Listener:
    """One connection and what it heard."""

    def __init__(self):
        self.started_at = None
        self.best_margin_s = float("-inf")
        self.margins_s = []  # since the measurement began
        self.holes = 0
        self.enough = asyncio.Event()

    async def listen(self, port):
        async with connect(f"ws://127.0.0.1:{port}{ENDPOINT}", subprotocols=[SUBPROTOCOL], compression=None) as socket:
            await socket.send(json.dumps({"type": "session.update", "max_lead_ms": MAX_LEAD_MS}))
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._write(socket))
                async for message in socket:
                    if isinstance(message, bytes):
                        self._hear(unpack_frame(message), time.monotonic())

    async def measure(self):
        """Hear so many frames more: (how late each was, holes)."""
        self.margins_s.clear()
        self.holes = 0
        self.enough.clear()
        await self.enough.wait()
        return [self.best_margin_s - margin_s for margin_s in self.margins_s], self.holes

    async def _write(self, socket):
        while True:
            await socket.send(json.dumps({"type": "text", "context_id": "c", "text": SENTENCE}))
            await asyncio.sleep(SENTENCE_EVERY_S if self.started_at else 0.1)

    def _hear(self, frame, now):
        if self.started_at is None:
            self.started_at = now
        margin_s = self.started_at + frame.pts / 48_000 - now
        self.best_margin_s = max(self.best_margin_s, margin_s)
        self.margins_s.append(margin_s)
        self.holes += margin_s < 0 or bool(frame.flags & Flags.DISCONTINUITY)
        if len(self.margins_s) >= FRAMES:
            self.enough.set()


async def main(port, how_many):
    listeners = [Listener() for _ in range(how_many)]
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(listener.listen(port)) for listener in listeners]
        while await asyncio.to_thread(sys.stdin.readline):
            async with asyncio.timeout(PATIENCE_S):
                heard = await asyncio.gather(*(listener.measure() for listener in listeners))
            lateness_s = sorted(late_s for lates_s, _ in heard for late_s in lates_s)
            answer = {
                "p99_ms": 1000 * lateness_s[len(lateness_s) * 99 // 100],
                "worst_ms": 1000 * lateness_s[-1],
                "holes": sum(holes for _, holes in heard),
            }
            sys.stdout.write(f"{json.dumps(answer)}\n")
            sys.stdout.flush()
        for task in running:
            task.cancel()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
