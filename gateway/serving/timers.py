"""Timers of many connections: those of one instant share one timer of the event loop.

Releases fall on a grid (``pacing.RELEASE_GRID_S``), so at 150 listeners about twenty connections want to be called at
the very same instant. A timer of the loop costs about as much as sending a frame; an entry here costs a tenth of it.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger("sayline.timers")


class SharedTimers:
    """Calls back at instants of the loop's clock. Belongs to the event loop that it is made in."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._waiting: dict[float, tuple[asyncio.TimerHandle, deque[Callable[[], None]]]] = {}  # by instant
        self._due: deque[Callable[[], None]] = deque()  # of the instant that is being served

    def call_at(self, at: float, callback: Callable[[], None]) -> None:
        """Call ``callback`` at this instant, once."""
        if instant := self._waiting.get(at):
            instant[1].append(callback)
        else:
            self._waiting[at] = self._loop.call_at(at, self._serve, at), deque([callback])

    def cancel(self, at: float, callback: Callable[[], None]) -> None:
        """Cancel a call that ``call_at`` was given with the same arguments, and that has not been made."""
        instant = self._waiting.get(at)
        if instant is None or callback not in instant[1]:
            self._due.remove(callback)  # a callback of the same instant, called just before, cancelled this one
            return
        timer, callbacks = instant
        callbacks.remove(callback)
        if not callbacks:
            timer.cancel()
            del self._waiting[at]

    def _serve(self, at: float) -> None:
        _, self._due = self._waiting.pop(at)
        while self._due:
            try:
                self._due.popleft()()
            except Exception:
                log.exception("a timer broke")  # the others of this instant are called all the same
