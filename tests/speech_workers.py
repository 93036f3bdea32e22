"""Workers in this process, whose links are real sockets, and which a test can lose, silence or slow down."""

import asyncio
import contextlib
import time
from dataclasses import replace

import numpy as np

from sayline.synthesis.interface import Segment, Style, never
from sayline.synthesis.tone import VOICE, ToneSynthesizer
from sayline.synthesis.workers.pool import WorkerPool
from sayline.synthesis.workers.serving import SpeechWorker
from sayline.synthesis.workers.wire import admit, listen

PATIENCE_S = 20
TEXT = "The quick brown fox jumps over the lazy dog, and then it goes home to sleep."
SEGMENT = Segment(0, TEXT, TEXT, 0, len(TEXT), is_last=True)
STYLE = Style(VOICE)


class Engine(ToneSynthesizer):
    """The tone, whose capacity and pace a test chooses.

    Attributes:
        held: while it is clear, no chunk but the first comes.
        asked: segments so far.
        fails: what the next chunk raises instead.
    """

    def __init__(self, requests=10):
        super().__init__()
        self._requests = requests
        self.held = asyncio.Event()
        self.held.set()
        self.asked = 0
        self.fails = None

    @property
    def default_max_concurrent_requests(self):
        return self._requests

    async def speak(self, segment, style, runs_dry_at=never):
        self.asked += 1
        async for chunk in super().speak(segment, style, runs_dry_at):
            yield chunk
            await self.held.wait()
            if self.fails:
                raise self.fails


class NotingEngine(Engine):
    """An engine that goes on with what another of its kind has noted, and notes with each chunk how many were made.

    Attributes:
        kind: two of different kinds cannot read each other's notes.
        begun: what was noted of the segments that it was asked for.
    """

    def __init__(self, kind="noting"):
        super().__init__()
        self.kind = kind
        self.begun = []
        self.dry_in_s = []

    def status(self):
        return replace(super().status(), engine=self.kind)

    async def speak(self, segment, style, runs_dry_at=never):
        self.begun.append(segment.begun)
        number = 0
        async for chunk in super().speak(segment, style, runs_dry_at):
            number += 1
            self.dry_in_s.append(runs_dry_at() - time.monotonic())
            yield replace(chunk, note=f"{self.kind} {number}")


class LocalWorker:
    """A worker at an address; ``stop`` loses it as a kill does, ``silence`` as SIGSTOP does."""

    def __init__(self, address, engine):
        self.address = address
        self.engine = engine
        self._stack = contextlib.AsyncExitStack()

    async def start(self):
        await self.engine.start()
        self._tasks = await self._stack.enter_async_context(asyncio.TaskGroup())
        self.worker = SpeechWorker(self.engine, self._tasks)
        self._listener = self._stack.enter_context(listen(self.address))
        self._admit()

    def _admit(self):
        self._admitting = self._tasks.create_task(admit(self._listener, None, self.worker.greet))

    async def stop(self):
        if self.worker is None:
            return
        self.worker.hang_up()
        self._admitting.cancel()
        self.worker = None
        await self._stack.aclose()

    def silence(self):
        """Neither beat nor read any more."""
        self._admitting.cancel()
        self.worker._timer.cancel()
        for gateway in self.worker._gateways:
            asyncio.get_running_loop().remove_reader(gateway.link._socket)

    def speak_again(self):
        self._admit()
        for gateway in self.worker._gateways:
            asyncio.get_running_loop().add_reader(gateway.link._socket, gateway.link._read)
        self.worker._beat()

    @property
    def speaks(self):
        """A stream is at it."""
        return self.worker is not None and not self.worker.is_idle.is_set()


class Members:
    """A list that a test changes."""

    def __init__(self, *addresses):
        self.addresses = addresses

    async def follow(self, changed):
        self.changed = changed
        changed(self.addresses)


@contextlib.asynccontextmanager
async def pool_of(*workers, server="s"):
    members = Members(*(worker.address for worker in workers))
    pool = WorkerPool(members, None, server)
    pool.members = members
    try:
        await pool.start()
        yield pool
    finally:
        await pool.close()


async def spoken(chunks):
    """All that is left of a stream: samples, and words."""
    taken = [chunk async for chunk in chunks]
    return joined(taken)


def joined(chunks):
    samples = np.concatenate([chunk.samples for chunk in chunks]) if chunks else np.zeros(0, np.int16)
    return samples, [word for chunk in chunks for word in chunk.words]
