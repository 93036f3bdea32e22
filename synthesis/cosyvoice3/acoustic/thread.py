"""The thread that owns the acoustic engine, and so the GPU: it steps while there is work, and blocks otherwise.

The event loop puts calls in the thread's queue and gets sound by callback. A second thread waits for the GPU, so that
the first can launch the next step meanwhile. The first stays at most two steps ahead; otherwise a stream that has just
arrived would join late.
"""

from __future__ import annotations

import asyncio
import logging
import math
import queue
import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Final

import torch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    import numpy.typing as npt

    from .engine import AcousticEngine, AcousticVoice, Sound
    from .rtf_guard import Pressure

    Call = Callable[[AcousticEngine, float], None]
    OnSound = Callable[[int, npt.NDArray[np.int16], bool, float], None]
    OnFailure = Callable[[int, Exception], None]
    OnCapacity = Callable[[int | None, Pressure], None]

log = logging.getLogger(__name__)

_STEPS_AHEAD: Final = 2
# How long there must have been no stream before steps are measured once more, which takes 50 ms on an H200. Once in
# each such time: a GPU that nobody uses is left alone.
QUIET_S: Final = 10.0
_TOLD_SHARE: Final = 16  # capacity is reported again after it changed by a sixteenth: the estimate never stands still


class AcousticThread:
    """Runs an acoustic engine beside an event loop.

    Args:
        new_engine: makes the engine, in the thread that will own it.
        on_sound: called in the loop with stream, samples, whether they are the last, and when they were launched.
        on_failure: called in the loop when a stream could not be opened.
        on_capacity: called in the loop at start and at each change, with how many listeners the engine can keep in real
            time (None: no forecast) and what it gives up for them.
        quiet_s: how long there must be no stream before steps are measured once more.

    Attributes:
        most_chunks: how long a stream can become, in chunks; known once started.
        died: why the engine ended by itself, if it has.
    """

    def __init__(
        self,
        new_engine: Callable[[], AcousticEngine],
        on_sound: OnSound,
        on_failure: OnFailure,
        on_capacity: OnCapacity,
        quiet_s: float = QUIET_S,
    ) -> None:
        self._quiet_s = quiet_s
        self._new_engine = new_engine
        self._on_sound = on_sound
        self._on_failure = on_failure
        self._on_capacity = on_capacity
        self._told: tuple[int | None, Pressure] | None = None
        self._calls: queue.SimpleQueue[Call | None] = queue.SimpleQueue()
        self._launched: queue.SimpleQueue[tuple[Sound, float] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="acoustic", daemon=True)
        self._waiter = threading.Thread(target=self._deliver, name="acoustic-delivery", daemon=True)

    async def start(self) -> None:
        """Make the engine; returns when it is ready.

        Raises:
            EngineUnavailable: the engine cannot be made.
        """
        self._loop = asyncio.get_running_loop()
        self._ready: asyncio.Future[None] = self._loop.create_future()
        self.died: asyncio.Future[Exception] = self._loop.create_future()
        self._thread.start()
        self._waiter.start()
        await self._ready

    def open(self, key: int, voice: AcousticVoice, dry_at: float | None = None, speed: float = 1.0) -> None:
        """Begin a stream; see ``AcousticEngine.open``. ``on_failure`` reports failure."""

        def call(engine: AcousticEngine, now: float) -> None:
            try:
                engine.open(key, voice, now, dry_at, speed)
            except Exception as error:  # noqa: BLE001 - any error ends this stream and no other
                self._loop.call_soon_threadsafe(self._on_failure, key, error)

        self._calls.put(call)

    def push(self, key: int, tokens: Sequence[int], *, is_complete: bool) -> None:
        """Add a stream's next tokens."""
        self._calls.put(lambda engine, now: engine.push(key, tokens, now, is_complete=is_complete))

    def pull(self, key: int, taken: int, dry_at: float) -> None:
        """Note that a listener took this many samples, and when it runs dry (monotonic clock, s)."""
        self._calls.put(lambda engine, _now: engine.pull(key, taken, dry_at))

    def close(self, key: int) -> None:
        """End a stream."""
        self._calls.put(lambda engine, _now: engine.close(key))

    async def answer(self) -> None:
        """Return when the thread has reached this call, which proves that it does not hang."""
        came_round: asyncio.Future[None] = self._loop.create_future()

        def settle() -> None:
            if not came_round.done():  # it is done if its caller no longer waits
                came_round.set_result(None)

        def call(_engine: AcousticEngine, _now: float) -> None:
            self._loop.call_soon_threadsafe(settle)

        self._calls.put(call)
        await came_round

    async def stop(self) -> None:
        """End both threads."""
        self._calls.put(None)
        self._launched.put(None)
        for thread in (self._thread, self._waiter):
            if thread.ident is not None:
                await asyncio.to_thread(thread.join)

    def _run(self) -> None:
        is_ready = False
        try:
            with torch.inference_mode():
                engine = self._new_engine()
                self.most_chunks = engine.most_chunks
                self._tell_capacity(engine)
                self._loop.call_soon_threadsafe(self._ready.set_result, None)
                is_ready = True
                self._step_until_stopped(engine)
        except Exception as error:  # noqa: BLE001 - the thread's border: any error that ended it is reported, once
            if is_ready:
                self._report_death(error)
            else:
                self._loop.call_soon_threadsafe(self._ready.set_exception, error)

    def _step_until_stopped(self, engine: AcousticEngine) -> None:
        is_idle, begun_at = True, 0.0
        ahead: deque[torch.cuda.Event] = deque()
        measure_at = time.monotonic() + self._quiet_s
        while self._take_calls(engine, min(engine.idle_until, measure_at) if is_idle else None):
            now = time.monotonic()
            if engine.stream_count:
                measure_at = now + self._quiet_s
            elif now >= measure_at:
                engine.measure_steps()
                measure_at = math.inf
            if not is_idle:
                engine.guard.worked(engine.chunks_stepped, now - begun_at)
            begun_at = now
            sounds = engine.advance(now)
            is_idle = sounds is None
            self._tell_capacity(engine)
            for sound in sounds or ():
                self._launched.put((sound, time.monotonic()))
            if engine.is_asynchronous and not is_idle:
                launched = torch.cuda.Event(blocking=True)  # type: ignore[no-untyped-call] # torch's
                launched.record()
                ahead.append(launched)
                if len(ahead) > _STEPS_AHEAD:
                    ahead.popleft().synchronize()

    def _tell_capacity(self, engine: AcousticEngine) -> None:
        count, pressure = engine.sustainable, engine.guard.pressure
        if self._told is None or pressure is not self._told[1] or _has_moved(self._told[0], count):
            self._told = count, pressure
            self._loop.call_soon_threadsafe(self._on_capacity, count, pressure)

    def _take_calls(self, engine: AcousticEngine, idle_until: float | None) -> bool:
        """Carry out the queued calls; with no work, wait for the first until the given time. Return False to stop."""
        while True:
            try:
                if idle_until is None:
                    call = self._calls.get(block=False)
                else:
                    left_s = max(0.0, idle_until - time.monotonic())
                    call = self._calls.get(timeout=min(left_s, threading.TIMEOUT_MAX))
            except queue.Empty:
                return True
            if call is None:
                return False
            call(engine, time.monotonic())
            idle_until = None

    def _deliver(self) -> None:
        while (item := self._launched.get()) is not None:
            sound, launched_at = item
            try:
                samples = sound.launch.result()
            except Exception as error:  # noqa: BLE001 - the GPU failed: reported as the engine's death
                self._report_death(error)
                return
            self._loop.call_soon_threadsafe(self._hand_out, sound, samples, launched_at)

    def _hand_out(self, sound: Sound, samples: npt.NDArray[np.int16], launched_at: float) -> None:
        for part in sound.parts:
            self._on_sound(part.key, samples[part.row, : part.samples], part.is_last, launched_at)

    def _report_death(self, error: Exception) -> None:
        log.error("the acoustic engine died", exc_info=error)

        def settle() -> None:
            if not self.died.done():
                self.died.set_result(error)

        self._loop.call_soon_threadsafe(settle)


def _has_moved(told: int | None, count: int | None) -> bool:
    return told is not None and count is not None and abs(count - told) > told // _TOLD_SHARE
