"""The gateway's side of ``turns/child.py``: a process that speaks and whose program is one of ours."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Final

from ..interface import SynthesisFailed
from ..processes.child import Child
from ..processes.keeper import Care
from ..processes.link import Link
from .link import VOCABULARY, Cancel, Ready, Speak, Spoken, Unavailable
from .process import SpeakingProcess

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .link import FromProcess
    from .queue import Turn, Turns

# The child gets our module path as an argument, so that it finds us however we were found.
_CHILD: Final = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from {} import main; main()"
# One is spoken, and one lies ready when it is done. A newcomer's turn waits for these two and no longer.
TURNS_IN_FLIGHT: Final = 2
START_PATIENCE_S: Final = 30.0  # it loads its libraries and its model first, maybe from a cold disk
RETRY_S: Final = 5.0  # seconds between attempts to start a process again: each costs some seconds of a core
GRACE_S: Final = 0.05  # it has nothing to put in order, and ends as soon as its socket does


class TextRefused(SynthesisFailed):
    """A voice cannot speak a text.

    Attributes:
        position: where in the segment's spoken text the part begins that it cannot speak.
    """

    def __init__(self, why: str, position: int = 0) -> None:
        super().__init__(why)
        self.position = position


class LinkedProcess(SpeakingProcess[Speak]):
    """One process and its successors, for one event loop.

    Args:
        name: what the log calls it.
        program: module whose ``main`` calls ``child.serve``.
        remedy: what an operator can do if it does not start.
        turns: from which it takes.
        patience_s: a process that owes a turn and is silent for so long is killed.
        start_patience_s: the same before it can speak.
        arguments: the program finds them in ``sys.argv`` behind the first two.

    Attributes:
        ready: what it said when it came up; known once started.
    """

    def __init__(
        self,
        name: str,
        program: str,
        remedy: str,
        turns: Turns[Speak],
        patience_s: float,
        start_patience_s: float = START_PATIENCE_S,
        arguments: Sequence[str] = (),
    ) -> None:
        care = Care(patience_s, start_patience_s, RETRY_S, GRACE_S)
        super().__init__(name, turns, care, most_in_flight=TURNS_IN_FLIGHT)
        self.ready = Ready("", 0.0, has_times=False)
        self._program = program
        self._arguments = arguments
        self._remedy = remedy
        self._link: Link | None = None  # while it can be talked to

    def _launch(self) -> Child:
        command = [sys.executable, "-c", _CHILD.format(self._program), json.dumps(sys.path), *self._arguments]
        child = Child(command, output=subprocess.DEVNULL)
        self._link = Link(child.socket, VOCABULARY, self._receive, self._keeper.hung_up, heard=self._keeper.heard)
        return child

    def _hang_up(self, child: Child) -> None:  # noqa: ARG002 - the link has its socket
        if self._link is not None:
            self._link.close()
            self._link = None

    def _send_turn(self, number: int, turn: Turn[Speak]) -> None:
        if self._link is not None:
            self._link.send(turn.request._replace(number=number))

    def _send_cancel(self, number: int) -> None:
        if self._link is not None:
            self._link.send(Cancel(number))

    def _receive(self, message: FromProcess) -> None:
        if isinstance(message, Ready):
            self.ready = message
            self._has_come_up()
            return
        if isinstance(message, Unavailable):
            self._start_fault = message.why
            return
        turn = self._in_flight.pop(message.number)
        self._turns.hand_out()  # first of all: the process waits for it
        if turn.listener is None:
            return
        if isinstance(message, Spoken):
            turn.listener.words_begun(message.words)
            turn.listener.sound_made(message.tail)
            turn.listener.turn_ended(None)
        else:
            turn.listener.turn_failed(TextRefused(message.why))

    def _why_not(self, fault: str) -> str:
        return f"{self.name} does not start ({self._start_fault or f'it {fault}'}): {self._remedy}"
