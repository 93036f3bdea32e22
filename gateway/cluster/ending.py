"""How a process of the server ends: in good order if it can, and in time whatever else happens.

::

    first signal ──► ``asked`` is set: drain ──────► everything is closed, exit 0
          │
          └──► the clock, a thread ── limit passed ──► all that was started is killed, exit 1
    a later signal ────────────────────────────────► the same at once, exit 128 + its number

    SIGHUP ──► ``restart_asked`` is set; but if the terminal has closed, it is a signal like the others

The clock is a thread, because the event loop may be the part that hangs. The thread is started beforehand and waits for
a lock, because a signal handler must not start a thread. The handlers are Python's own and not the loop's for the same
reason: they also run while the main thread waits in a system call, such as a write to a pipe that no program reads.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import signal
import threading
import weakref
from typing import TYPE_CHECKING, Final, NoReturn, Self, cast

from ...synthesis.processes.child import ENDING_SIGNALS, descendants
from ..exit_status import FAILED, SIGNALLED

if TYPE_CHECKING:
    from types import FrameType

# From the end of the time to drain to the end of the process by the clock: time for closing handshakes and children.
# The promise is two seconds, and a busy machine takes its part of them.
GRACE_S: Final = 1.6
# Signals closer together count as one: a terminal and a service manager may both send theirs, and wrappers pass on a
# signal that their child has got already.
_ONE_WISH_S: Final = 0.25
_STANDARD_ERROR: Final = 2


class Ending:
    """Belongs to the main thread and its event loop, for as long as the process lives.

    Attributes:
        asked: set once the process should end.
        restart_asked: set once a successor should take over; whoever tries it clears it. Once one has, it is asked.
    """

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.restart_asked = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        # A weak reference: signal handlers and threads outlive the task, which holds an engine.
        self._main = weakref.ref(cast("asyncio.Task[int]", asyncio.current_task()))
        self._has_begun = False
        self._successor: int | None = None
        self._signalled_at: float | None = None
        self._had_terminal = _has_terminal()
        self._drain_s: float | None = None  # None: no client is served yet, so there is nothing to drain
        self._begun = threading.Lock()  # released when the clock starts to run
        self._begun.acquire()
        threading.Thread(target=self._run_clock, name="ending", daemon=True).start()

    @classmethod
    def by_signals(cls) -> Self:
        """Make an ``Ending`` that the signals ask; a SIGHUP that ``nohup`` turned off stays off."""
        ending = cls()
        for number in ENDING_SIGNALS:
            if number != signal.SIGHUP:
                signal.signal(number, ending._signalled)
            elif signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, ending._hung_up)
        return ending

    def serving(self, drain_s: float) -> None:
        """Note that there is something to drain from now on, and how long that may take."""
        self._drain_s = drain_s

    def succeeded_by(self, pid: int) -> None:
        """Note that another process is the server now: whoever asks for a restart, or has just asked, asks that one."""
        self._successor = pid
        if self.restart_asked.is_set():
            self._restart()

    def ask(self) -> None:
        """Ask the process to end. While it is still starting, its main task is cancelled."""
        self._start_clock()
        self._obey()

    def _signalled(self, number: int, _: FrameType | None) -> None:
        if self._signalled_at is None:
            self._signalled_at = self._loop.time()
        elif self._loop.time() > self._signalled_at + _ONE_WISH_S:
            _end_now("asked twice", SIGNALLED + number)
        self._start_clock()
        with contextlib.suppress(RuntimeError):  # the loop is closed: this process is at its end
            self._loop.call_soon_threadsafe(self._obey)

    def _hung_up(self, number: int, frame: FrameType | None) -> None:
        if self._had_terminal and not _has_terminal():
            self._signalled(number, frame)
        else:
            with contextlib.suppress(RuntimeError):  # as above
                self._loop.call_soon_threadsafe(self._restart)

    def _restart(self) -> None:
        if self._successor is None:
            self.restart_asked.set()
        else:
            with contextlib.suppress(OSError):  # it has ended, too
                os.kill(self._successor, signal.SIGHUP)

    def _start_clock(self) -> None:
        if not self._has_begun:
            self._has_begun = True
            self._begun.release()

    def _obey(self) -> None:
        self.asked.set()
        if self._drain_s is None and (main := self._main()) is not None:
            main.cancel()

    def _run_clock(self) -> None:
        with self._begun:
            limit_s = (self._drain_s or 0.0) + GRACE_S
            threading.Event().wait(limit_s)  # it is never set: the thread ends with the process
            _end_now(f"not at an end {limit_s:g} s after it was asked", FAILED)


def _has_terminal() -> bool:
    """Tell whether a terminal controls this process; one that has closed does not."""
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY | os.O_CLOEXEC))
    except OSError:
        return False
    return True


def _end_now(why: str, status: int) -> NoReturn:
    """End this process and all that it started; nothing here can wait."""
    for pid in descendants(os.getpid()):
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)
    with contextlib.suppress(OSError, ValueError):  # ValueError: it is closed
        if select.select((), (_STANDARD_ERROR,), (), 0)[1]:  # a short line fits then, and the write does not wait
            os.write(_STANDARD_ERROR, f"sayline: {why}: ended at once, with all that it started\n".encode())
    os._exit(status)
