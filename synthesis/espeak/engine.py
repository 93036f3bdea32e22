"""The parent's side of ``espeak/process.py``: starts it, gives it turns, and outlives it.

::

    ask() ──► waiting (the most urgent first) ──────► in flight, a few ──► the process ──► WORDS, SOUND, END
                  ▲                                      │ the first of these is the one being spoken
                  └──────── not yet begun ◄──────────────┤ when the process dies
                                          the one begun ─┴──► failed, and a fresh process goes on with the others

So every death fails one listener, and a text that kills espeak-ng cannot be tried twice. ``processes.keeper`` keeps the
process alive.
"""

from __future__ import annotations

import asyncio
import heapq
import logging
import subprocess
import sys
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from ..interface import EngineUnavailable, SynthesisError, SynthesisFailed
from ..processes.child import Child
from ..processes.keeper import CannotStart, Care, Keeper
from . import process

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..processes.child import End

TURNS_IN_FLIGHT: Final = 4  # 8 ms of work: the process is not idle while this loop is busy, and a death loses little
PATIENCE_S: Final = 5.0  # a turn takes milliseconds; an overloaded machine stretches that a hundredfold, not more
RETRY_S: Final = 1.0  # seconds between attempts to start a process again; no listener asks an engine that has failed
# What is in flight can always be sent at once: a turn is at most 1000 characters of up to four bytes. (Linux has room
# for 200 kB anyway, macOS for 8.) In the other direction, a turn's sound.
SOCKET_BUFFER_BYTES: Final = 65_536
SILENT_S: Final = 2.5  # without a word on a turn for so long it is not well, and ``/health`` says so
GRACE_S: Final = 0.05  # it has nothing to put in order, and ends as soon as its socket does

_SCRIPT: Final = Path(process.__file__)
log = logging.getLogger("sayline.espeak")


class Listener(Protocol):
    """The part that asked for a turn; exactly one of the last two methods is called, unless the turn is withdrawn."""

    def sound_made(self, pcm: bytes) -> None:
        """Take int16 sound, in order."""
        ...

    def words_begun(self, words: bytes) -> None:
        """Take ``espeak_process.WORD`` records of sound that follows or has come."""
        ...

    def turn_ended(self, characters: int | None) -> None:
        """Learn how much of the turn's text was spoken; None: all."""
        ...

    def turn_failed(self, error: SynthesisError) -> None:
        """Learn that there will be no more."""
        ...


class Turn:
    """A stretch of text to be spoken in one go.

    Attributes:
        listener: gets the sound; None once it is not wanted any more.
        needed_at: when the sound is needed, on any clock that all turns share; the soonest is spoken first.
        request: the SPEAK frame's body.
    """

    def __init__(
        self,
        listener: Listener,
        text: str,
        *,
        voice: str,
        wpm: int,
        full_at_samples: int,
        needed_at: float,
        pause_at_end: bool = False,
        is_first: bool = False,
    ) -> None:
        self.listener: Listener | None = listener
        self.needed_at = needed_at
        flags = process.PAUSE_AT_END * pause_at_end | process.IS_FIRST * is_first
        identifier = voice.encode()
        head = process.SPEAK_HEAD.pack(full_at_samples, wpm, flags, len(identifier))
        self.request = head + identifier + text.encode()


class EspeakEngine:
    """One espeak-ng process and its successors, for one event loop.

    Attributes:
        version: for people; known once started.
        voices: (priority, language tag, voice identifier) in espeak-ng's own order; known once started.
        failure: why there is no process although there should be; empty while there is one.
    """

    name = "espeak-ng's process"  # as the keeper calls it

    def __init__(self, library: str, data: str) -> None:
        self.version = ""
        self.voices: Sequence[tuple[int, str, str]] = ()
        self.failure = ""
        self._paths = (library, data)
        self._loop = asyncio.get_running_loop()
        self._keeper = Keeper(self, Care(PATIENCE_S, PATIENCE_S, RETRY_S, GRACE_S))
        self._child: Child | None = None  # while it can be talked to
        self._start_fault = ""  # what this process said of why it does not start
        self._received = bytearray()  # of a frame that is not complete
        self._buffer = memoryview(bytearray(process.RECEIVE_BYTES))  # kept: fresh ones would leave holes in the heap
        self._numbers = count(1)
        self._waiting: list[tuple[float, int, Turn]] = []  # a heap: (needed at, number, turn)
        self._in_flight: dict[int, Turn] = {}  # by number, by which the process knows them; in the order of sending

    @property
    def process_id(self) -> int | None:
        """The process's id, while there is one."""
        return self._child.pid if self._child else None

    @property
    def silence(self) -> str:
        """How long its process has been silent in the middle of a turn; empty while it need not be told."""
        silent_s = self._keeper.silent_s
        return f"espeak-ng's process has been silent for {silent_s:.1f} s" if silent_s > SILENT_S else ""

    @property
    def is_owed(self) -> bool:
        """A turn is in flight."""
        return bool(self._in_flight)

    async def start(self) -> None:
        """Start the process and wait until it can speak; once.

        Raises:
            EngineUnavailable: it cannot.
        """
        try:
            self._keeper.begin()
            await self._keeper.came_up()
        except OSError as exc:
            raise EngineUnavailable(f"the embedded voice's process does not start: {exc}") from exc
        except CannotStart as exc:
            raise EngineUnavailable(self._why_not(str(exc))) from exc
        except BaseException:
            await self.close()
            raise

    def ask(self, turn: Turn) -> None:
        """Queue a turn. Its listener is called from the event loop, or at once if there is no engine any more."""
        heapq.heappush(self._waiting, (turn.needed_at, next(self._numbers), turn))
        if self.failure:
            self._fail_all()
        else:
            self._send_turns()

    def withdraw(self, turn: Turn) -> None:
        """Withdraw a turn: it is dropped if it waits, and cut short if it has begun."""
        turn.listener = None
        still_waiting = [entry for entry in self._waiting if entry[2] is not turn]
        if len(still_waiting) < len(self._waiting):
            self._waiting = still_waiting
            heapq.heapify(self._waiting)
        for number, sent in self._in_flight.items():
            if sent is turn:
                self._send(process.CANCEL, number)

    async def close(self) -> None:
        """End the process and wait for that, some milliseconds; idempotent. Listeners hear nothing more."""
        self._waiting.clear()
        self._in_flight.clear()
        await self._keeper.close(is_urgent=True)

    # -- called by the keeper ------------------------------------------------------------------------------------------

    def start_child(self) -> Child:
        """Start a process; it says by itself when it can speak."""
        self._child = Child(
            # Isolated and without site-packages: it needs the standard library only, wherever this package lies.
            [sys.executable, "-I", "-S", str(_SCRIPT), *self._paths],
            output=subprocess.DEVNULL,  # the C library's last words; how it died is logged here
            buffer_bytes=SOCKET_BUFFER_BYTES,
        )
        self._start_fault = ""
        self._received.clear()
        self._loop.add_reader(self._child.socket, self._read)
        self._send_turns()  # it will find them when it is up
        return self._child

    def child_lost(self) -> None:
        """Send no more: turns wait for the next process."""
        if self._child:
            self._loop.remove_reader(self._child.socket)
            self._child = None

    def child_ended(self, end: End) -> None:
        """Fail the turn that was spoken; the others go to the next process."""
        turns = list(self._in_flight.items())
        self._in_flight.clear()
        if turns and (begun := turns[0][1].listener):
            begun.turn_failed(SynthesisFailed(f"espeak-ng's process {end} while speaking this text"))
        for number, turn in turns[1:]:
            if turn.listener:
                heapq.heappush(self._waiting, (turn.needed_at, number, turn))

    def could_not_start(self, fault: str) -> None:
        """Fail all turns, and those to come until a process is up."""
        failure = self._why_not(fault)
        if failure != self.failure:
            log.error("%s", failure)
        self.failure = failure
        self._fail_all()

    # -- the process ---------------------------------------------------------------------------------------------------

    def _send_turns(self) -> None:
        while self._child and self._waiting and len(self._in_flight) < TURNS_IN_FLIGHT:
            _, number, turn = heapq.heappop(self._waiting)
            if not self._in_flight:
                self._keeper.owes()
            self._in_flight[number] = turn
            self._send(process.SPEAK, number, turn.request)

    def _send(self, kind: int, number: int, body: bytes = b"") -> None:
        if not self._child:
            return
        frame = process.HEADER.pack(kind, number, len(body)) + body
        try:
            sent = self._child.socket.send(frame)
        except BlockingIOError:
            sent = 0
        except OSError:
            return  # it is dead; what it said before that is still to be read, and then the end
        if sent < len(frame):  # it does not read, with room for all that is ever in flight
            self._child.kill()

    def _read(self) -> None:
        """Take what the process has sent, and notice its end."""
        assert self._child is not None  # noqa: S101 - its socket is read only while it is there
        try:
            count = self._child.socket.recv_into(self._buffer)
        except BlockingIOError:
            return
        except OSError:
            count = 0
        if not count:
            self._loop.remove_reader(self._child.socket)
            self._keeper.hung_up()
            return
        self._keeper.heard()
        self._received += self._buffer[:count]
        frames, taken = process.split_frames(self._received)
        del self._received[:taken]
        for kind, number, body in frames:
            self._receive(kind, number, body)
        self._send_turns()

    def _receive(self, kind: int, number: int, body: bytes) -> None:
        if number == 0:
            if kind == process.READY:
                self._became_ready(body)
            else:
                self._start_fault = body.decode()
            return
        turn = self._in_flight[number]
        if kind in (process.END, process.FAULT):
            del self._in_flight[number]
        if turn.listener is None:
            return
        if kind == process.SOUND:
            turn.listener.sound_made(body)
        elif kind == process.WORDS:
            turn.listener.words_begun(body)
        elif kind == process.END:
            (characters,) = process.END_BODY.unpack(body)
            turn.listener.turn_ended(None if characters == process.SPOKEN_ALL else characters)
        else:
            turn.listener.turn_failed(SynthesisFailed(body.decode()))

    def _became_ready(self, body: bytes) -> None:
        self.version, *lines = body.decode().splitlines()
        rows = (line.split("\t") for line in lines)
        self.voices = tuple((int(priority), tag, identifier) for priority, tag, identifier in rows)
        self.failure = ""
        self._keeper.has_come_up()

    def _why_not(self, fault: str) -> str:
        return (
            f"the embedded voice does not start ({self._start_fault or f'its process {fault}'}): "
            "try `pip install --force-reinstall espeakng-loader`"
        )

    def _fail_all(self) -> None:
        turns = [*self._in_flight.values(), *(turn for _, _, turn in self._waiting)]
        self._in_flight.clear()
        self._waiting.clear()
        for turn in turns:
            if turn.listener:
                turn.listener.turn_failed(SynthesisFailed(self.failure))
