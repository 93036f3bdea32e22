"""Keeps one child process alive: notices that it died or hangs, ends it, and starts the next.

::

    start_child() ──► starting ── is_up() ──► up ──┐
         ▲               │ died, or silent         │ died, or silent while it owes something
         │               ▼                         ▼
         │        could_not_start()          child_lost(), then child_ended()
         └── after ``restart_s`` ┴────────────────┴── at once, or not before ``restart_s`` have passed since its start

If the first child never comes up, the operator must act: the caller of ``came_up`` learns why, and no retry follows.
Nothing here polls. A timer runs while something is expected of the child, and moves on whenever it says something.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from .child import Child, End

log = logging.getLogger("sayline.processes")

# After a pause of this very process the loop may call its timers before it reads its sockets. So no child is judged
# silent at the first look. The second look comes this much later, when the messages in the socket have been read.
_SECOND_LOOK_S: Final = 0.05


@dataclass(frozen=True, slots=True)
class Care:
    """How children of a kind are cared for.

    Attributes:
        patience_s: a child that owes something and was silent for this long hangs, and is killed.
        start_patience_s: the same before it is up: until then it always owes a sign of life.
        restart_s: shortest time between two starts if the first of them failed, so that failing starts do not fill the
            machine.
        grace_s: time that a child gets to end by itself, after its socket was closed.
        is_replaced_at_once: if the child was up, the next one is started at once; otherwise after ``restart_s``.
        longest_restart_s: if start after start fails, the time between two of them doubles up to this; 0: it does not.
    """

    patience_s: float
    start_patience_s: float
    restart_s: float
    grace_s: float
    is_replaced_at_once: bool = True
    longest_restart_s: float = 0.0


class CannotStart(Exception):
    """A child did not come up, and none had before it; the message says why.

    Attributes:
        end: how it ended; None if the system did not start it.
    """

    def __init__(self, why: str, end: End | None) -> None:
        super().__init__(why)
        self.end = end


class Ward(Protocol):
    """Whose child is kept: it talks to the child. Everything here is called by the keeper, in the event loop."""

    @property
    def name(self) -> str:
        """What the log calls the child: "worker 1"."""
        ...

    @property
    def is_owed(self) -> bool:
        """The child owes an answer or a sign of life, so it may not be silent."""
        ...

    def start_child(self) -> Child:
        """Start a child and listen to it.

        Raises:
            OSError: the system does not start it.
        """
        ...

    def child_lost(self) -> None:
        """Stop talking to the child: it is gone, or is killed next. New requests are for the next child."""
        ...

    def child_ended(self, end: End) -> None:
        """Fail what a child that was up still owed."""
        ...

    def could_not_start(self, fault: str) -> None:
        """Learn that there is no child, and why; the keeper tries another one after ``restart_s``."""
        ...


class Keeper:
    """Keeps a child alive; see the module. Owns one task from ``begin`` to ``close``, which ends it.

    Args:
        ward: the object whose child it is.
        care: how it is cared for.

    Attributes:
        is_up: the child has come up, and is not known to be lost.
    """

    def __init__(self, ward: Ward, care: Care) -> None:
        self._ward = ward
        self._care = care
        self._loop = asyncio.get_running_loop()
        self._child: Child | None = None
        # Of this child: for how long it was silent, 0 if it hung up; and whether it had come up.
        self._lost: asyncio.Future[tuple[float, bool]]
        self._first_up: asyncio.Future[None] = self._loop.create_future()
        self._first_up.add_done_callback(_take_note)
        self._heard_at = 0.0  # when the child last said something, or began to owe something
        self._watch: asyncio.TimerHandle | None = None
        self._is_last = False
        self._started_at = 0.0
        self._keeping: asyncio.Task[None] | None = None
        self.is_up = False

    @property
    def pid(self) -> int | None:
        """The child's process id, while there is one."""
        return None if self._child is None else self._child.pid

    @property
    def silent_s(self) -> float:
        """For how long a child that is up has owed something in silence; 0 if it owes nothing."""
        return self._loop.time() - self._heard_at if self.is_up and self._ward.is_owed else 0.0

    def begin(self) -> None:
        """Start the first child; it is kept alive from now on.

        Raises:
            OSError: the system does not start it.
        """
        self._start()
        self._keeping = self._loop.create_task(self._keep(), name=f"keeper of {self._ward.name}")

    async def came_up(self) -> None:
        """Wait until the first child is up.

        Raises:
            CannotStart: it does not come up. Nothing is tried again.
        """
        await asyncio.shield(self._first_up)

    async def ended(self) -> None:
        """Wait until the child has ended, and start no other: it was asked to go."""
        self._is_last = True
        if self._child is None:
            await self.close()
        elif self._keeping is not None:
            await asyncio.wait((self._keeping,))

    async def close(self, *, is_urgent: bool = False) -> None:
        """End the child, in good order if it is up, and start no other; idempotent.

        Args:
            is_urgent: kill it, whatever it does.
        """
        keeping, self._keeping = self._keeping, None
        if keeping is None:
            return
        self._first_up.cancel()  # whoever still waits for it waits in vain
        grace_s = self._care.grace_s if self.is_up and not is_urgent else 0.0
        self._lose(0.0)  # before the task that waits for it is cancelled, which would take it for cancelled too
        keeping.cancel()
        await asyncio.wait((keeping,))
        child, self._child = self._child, None
        if child is not None:
            await child.end(grace_s)

    # -- told by the ward ----------------------------------------------------------------------------------------------

    def heard(self) -> None:
        """Note that the child has said something."""
        self._heard_at = self._loop.time()

    def has_come_up(self) -> None:
        """Note that the child can work."""
        self.is_up = True
        self.heard()
        self._watch_child()  # with less patience from now on
        if not self._first_up.done():
            self._first_up.set_result(None)

    def owes(self) -> None:
        """Note that the child owes something from now on; until now it owed nothing, so its silence was in order."""
        self.heard()
        if self._watch is None:
            self._watch_child()

    def hung_up(self) -> None:
        """Note that the child has closed its end of the socket."""
        self._lose(0.0)

    # -- one child after another ---------------------------------------------------------------------------------------

    def _start(self) -> None:
        self._started_at = self._loop.time()
        self._lost = self._loop.create_future()
        self._child = self._ward.start_child()
        self.heard()
        self._watch_child()

    async def _keep(self) -> None:
        restart_s = self._care.restart_s
        while True:
            was_up = False
            if self._child is None:
                try:
                    self._start()
                except OSError as error:
                    self._could_not_start(f"does not start: {error}", None)
            if self._child is not None:
                end, was_up = await self._until_ended(self._child)
                if was_up:
                    self._child_ended(end)
                elif not self._is_last:
                    self._could_not_start(f"{end} before it could work", end)
            if self._is_last or self._has_failed:
                return
            if was_up:
                restart_s = self._care.restart_s
            if not (was_up and self._care.is_replaced_at_once):
                await reached(self._started_at + restart_s)
            if not was_up:
                restart_s = max(restart_s, min(2 * restart_s, self._care.longest_restart_s))

    @property
    def _has_failed(self) -> bool:
        return not self._first_up.cancelled() and self._first_up.done() and self._first_up.exception() is not None

    async def _until_ended(self, child: Child) -> tuple[End, bool]:
        """Wait for the child's end; tells how it ended, and whether it had come up."""
        silent_s, was_up = await self._lost
        end = await child.end(0.0 if silent_s else self._care.grace_s)
        self._child = None
        return end._replace(silent_s=silent_s), was_up

    def _child_ended(self, end: End) -> None:
        if not self._is_last:
            log.error("%s %s; it is started again", self._ward.name, end)
        self._ward.child_ended(end)

    def _could_not_start(self, fault: str, end: End | None) -> None:
        if self._first_up.done():
            self._ward.could_not_start(fault)
        else:
            self._first_up.set_exception(CannotStart(fault, end))

    # -- silence -------------------------------------------------------------------------------------------------------

    @property
    def _patience_s(self) -> float:
        return self._care.patience_s if self.is_up else self._care.start_patience_s

    def _watch_child(self) -> None:
        self._stop_watching()
        self._watch = self._loop.call_at(self._heard_at + self._patience_s, self._look)

    def _stop_watching(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None

    def _look(self, *, is_second: bool = False) -> None:
        """Lose a child that has been silent for too long."""
        self._watch = None
        if self.is_up and not self._ward.is_owed:
            return
        if self._loop.time() < self._heard_at + self._patience_s:
            self._watch_child()
        elif is_second:
            self._lose(self._patience_s)
        else:
            self._watch = self._loop.call_later(_SECOND_LOOK_S, lambda: self._look(is_second=True))

    def _lose(self, silent_s: float) -> None:
        if self._lost.done():
            return
        self._lost.set_result((silent_s, self.is_up))
        self.is_up = False
        self._stop_watching()
        if silent_s and self._child is not None:
            self._child.kill()  # before it sees that we hang up: it may be half alive, and tidy up as if we were gone
        self._ward.child_lost()


async def reached(at: float) -> None:
    """Wait until this time of the event loop."""
    loop = asyncio.get_running_loop()
    has_come = loop.create_future()
    timer = loop.call_at(at, has_come.set_result, None)
    try:
        await has_come
    finally:
        timer.cancel()


def _take_note(first_up: asyncio.Future[None]) -> None:
    """Mark a failure as reported: a ward that does not await the first child learns of it in ``could_not_start``."""
    with contextlib.suppress(asyncio.CancelledError):
        first_up.exception()
