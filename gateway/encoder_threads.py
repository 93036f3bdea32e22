"""Encoding off the event loop: a few threads, one queue, and results that come home together.

A thread hop costs as much as encoding a frame. Under load many contexts are due in the same instant, so finished jobs
are handed back in one wake-up of the loop, however many they are. The most urgent job is taken first: a listener who
is about to run dry does not wait behind others' leads.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import math
import queue
import threading
from collections import deque
from typing import TYPE_CHECKING, Any, Self, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Result = TypeVar("Result")


class EncoderThreads:
    """Runs jobs on a fixed number of threads, by urgency, then by arrival. Lives as long as the server.

    A job owns what it touches: one context never has two jobs under way.
    """

    def __init__(self, threads: int) -> None:
        self._loop = asyncio.get_running_loop()
        # One token for each job in the heap, False to end a thread: the queue is only what threads wait on.
        self._tokens: queue.SimpleQueue[bool] = queue.SimpleQueue()
        # (needed at, number, job, future): heapq's functions are atomic under the interpreter lock.
        self._jobs: list[tuple[float, int, Callable[[], Any], asyncio.Future[Any]]] = []
        self._numbers = itertools.count()
        # Finished: (future, result, exception). Threads append on the right, the loop takes from the left.
        self._finished: deque[tuple[asyncio.Future[Any], Any, BaseException | None]] = deque()
        self._is_delivery_due = False
        self._threads = [
            threading.Thread(target=self._work, name=f"encoder-{number}", daemon=True) for number in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let the threads finish what they have and end; idempotent."""
        threads, self._threads = self._threads, []
        for _ in threads:
            self._tokens.put(False)
        for thread in threads:
            thread.join()

    async def run(self, job: Callable[[], Result], *, needed_at: float = -math.inf) -> Result:
        """Run a job on one of the threads.

        Args:
            job: takes nothing; what it returns is returned here.
            needed_at: the instant after which its result comes too late; by default it is urgent.

        Raises:
            Exception: whatever the job raised.
        """
        future: asyncio.Future[Result] = self._loop.create_future()
        heapq.heappush(self._jobs, (needed_at, next(self._numbers), job, future))
        self._tokens.put(True)
        return await future

    def _work(self) -> None:
        while self._tokens.get():
            _, _, job, future = heapq.heappop(self._jobs)
            result, exception = None, None
            try:
                result = job()
            except Exception as exc:  # noqa: BLE001 - handed to whoever awaits the job
                exception = exc
            self._finished.append((future, result, exception))
            if not self._is_delivery_due:
                # The loop clears the flag before it empties the queue, so nothing is left behind.
                self._is_delivery_due = True
                self._loop.call_soon_threadsafe(self._deliver)

    def _deliver(self) -> None:
        self._is_delivery_due = False
        while self._finished:
            future, result, exception = self._finished.popleft()
            if future.cancelled():
                continue
            if exception is None:
                future.set_result(result)
            else:
                future.set_exception(exception)
