"""The parent's side of ``espeak_process``: starts it, gives it turns, and outlives it.

::

    ask() ──► waiting (the most urgent first) ──────► in flight, a few ──► the process ──► WORDS, SOUND, END
                  ▲                                      │ the first of these is the one being spoken
                  └──────── not yet begun ◄──────────────┤ when the process dies
                                          the one begun ─┴──► failed, and a fresh process goes on with the others

So every death fails one listener, and a text that kills espeak-ng cannot be tried twice. No thread and no polling: the
event loop reads the socket, and its end is how a death is noticed; one timer catches a process that hangs.
"""

from __future__ import annotations

import asyncio
import heapq
import logging
import signal
import socket
import subprocess
import sys
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from ..interface import EngineUnavailable, SynthesisError, SynthesisFailed
from . import process

if TYPE_CHECKING:
    from collections.abc import Sequence

TURNS_IN_FLIGHT: Final = 4  # 8 ms of work: the process is not idle while this loop is busy, and a death loses little
PATIENCE_S: Final = 5.0  # a turn takes milliseconds; an overloaded machine stretches that a hundredfold, not more
RETRY_S: Final = 1.0  # a process that does not come up again is tried this often: nobody asks an engine that has failed
# What is in flight can always be sent at once: a turn is at most 1000 characters of up to four bytes. (Linux has room
# for 200 kB anyway, macOS for 8.) In the other direction, a turn's sound.
SOCKET_BUFFER_BYTES: Final = 65_536
SILENT_S: Final = 2.5  # without a word on a turn for so long it is not well, and ``/health`` says so
REAP_S: Final = 1.0  # a killed process is gone in milliseconds; longer only if the disk it was reading hangs

_SCRIPT: Final = Path(process.__file__)
log = logging.getLogger("sayline.espeak")


class Listener(Protocol):
    """Who asked for a turn. Of the last two methods exactly one is called, once, unless the turn is withdrawn."""

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
        listener: whom the sound is for; None once nobody wants it.
        needed_at: when it is needed, on any clock that all turns share; the soonest is spoken first.
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


class _Process:
    """A running ``espeak_process`` and the socket to it.

    Raises:
        EngineUnavailable: the system does not start it.
    """

    def __init__(self, library: str, data: str) -> None:
        self.is_ready = False
        self.start_fault = ""  # what it said of why it does not start
        self.received = bytearray()  # of a frame that is not complete
        try:
            self.socket, childs_end = socket.socketpair()
        except OSError as exc:
            raise EngineUnavailable(f"the embedded voice's process does not start: {exc}") from exc
        try:
            for end in (self.socket, childs_end):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SOCKET_BUFFER_BYTES)
            self.socket.setblocking(False)
            # Isolated and without site-packages: it needs the standard library only, wherever this package lies.
            self._popen = subprocess.Popen(  # noqa: S603 - our own file, with paths of our own finding
                [sys.executable, "-I", "-S", str(_SCRIPT), library, data],
                stdin=childs_end.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,  # the C library's last words; how it died is logged here
                start_new_session=True,  # Ctrl-C in a terminal is not for it
            )
        except OSError as exc:
            self.socket.close()
            raise EngineUnavailable(f"the embedded voice's process does not start: {exc}") from exc
        finally:
            childs_end.close()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._popen.pid

    def kill(self) -> None:
        """End it: it has nothing to save."""
        self._popen.kill()

    def reap(self) -> str:
        """Close the socket, leave no zombie behind, and tell how it ended."""
        self.socket.close()
        try:
            status = self._popen.wait(0.05)  # most often it has ended already: that is how one got here
        except subprocess.TimeoutExpired:
            self._popen.kill()
            try:
                status = self._popen.wait(REAP_S)
            except subprocess.TimeoutExpired:
                return "does not end"
        if status < 0:
            return f"was ended by signal {-status} ({signal.strsignal(-status)})"
        return f"exited with status {status}"


class EspeakEngine:
    """One espeak-ng process and its successors, for one event loop.

    Attributes:
        version: for people; known once started.
        voices: (priority, language tag, voice identifier) in espeak-ng's own order; known once started.
        failure: why there is no process, though there should be; empty while there is one.
    """

    def __init__(self, library: str, data: str) -> None:
        self.version = ""
        self.voices: Sequence[tuple[int, str, str]] = ()
        self.failure = ""
        self._paths = (library, data)
        self._loop = asyncio.get_running_loop()
        self._process: _Process | None = None
        self._buffer = memoryview(bytearray(process.RECEIVE_BYTES))  # kept: fresh ones would leave holes in the heap
        self._started: asyncio.Future[None] = self._loop.create_future()
        self._numbers = count(1)
        self._waiting: list[tuple[float, int, Turn]] = []  # a heap: (needed at, number, turn)
        self._in_flight: dict[int, Turn] = {}  # by their numbers, which the process knows them by, as they were sent
        self._heard_at = 0.0  # when it last made progress, in the loop's time
        self._watch: asyncio.TimerHandle | None = None  # runs while something is expected of the process
        self._retry: asyncio.TimerHandle | None = None  # runs while there is no process

    @property
    def process_id(self) -> int | None:
        """The process's id, while there is one."""
        return self._process.pid if self._process else None

    @property
    def silence(self) -> str:
        """How long its process has been silent in the middle of a turn; empty while it need not be told."""
        silent_s = self._loop.time() - self._heard_at
        if self._in_flight and self._process and self._process.is_ready and silent_s > SILENT_S:
            return f"espeak-ng's process has been silent for {silent_s:.1f} s"
        return ""

    async def start(self) -> None:
        """Start the process and wait until it can speak; once.

        Raises:
            EngineUnavailable: it cannot.
        """
        try:
            self._start_process()
            await self._started
        except BaseException:
            self.close()
            raise

    def ask(self, turn: Turn) -> None:
        """Queue a turn. Its listener hears of it from the event loop, or at once where there is no engine any more."""
        heapq.heappush(self._waiting, (turn.needed_at, next(self._numbers), turn))
        if self._process:
            self._send_turns()
        else:
            self._fail_all()

    def withdraw(self, turn: Turn) -> None:
        """Want a turn no more: it is dropped where it waits, and cut short where it has begun."""
        turn.listener = None
        still_waiting = [entry for entry in self._waiting if entry[2] is not turn]
        if len(still_waiting) < len(self._waiting):
            self._waiting = still_waiting
            heapq.heapify(self._waiting)
        for number, sent in self._in_flight.items():
            if sent is turn:
                self._send(process.CANCEL, number)

    def close(self) -> None:
        """End the process and wait for that, some milliseconds; idempotent. Listeners hear nothing more."""
        for timer in (self._watch, self._retry):
            if timer:
                timer.cancel()
        self._waiting.clear()
        self._in_flight.clear()
        if gone := self._detach():
            gone.kill()
            gone.reap()

    def _start_process(self) -> None:
        self._process = _Process(*self._paths)
        self._loop.add_reader(self._process.socket, self._read)
        self._watch_progress()

    def _detach(self) -> _Process | None:
        gone, self._process = self._process, None
        if gone:
            self._loop.remove_reader(gone.socket)
        return gone

    def _send_turns(self) -> None:
        while self._waiting and len(self._in_flight) < TURNS_IN_FLIGHT:
            _, number, turn = heapq.heappop(self._waiting)
            if not self._in_flight:
                self._heard_at = self._loop.time()  # silence was in order until now
            self._in_flight[number] = turn
            self._send(process.SPEAK, number, turn.request)
        if self._in_flight and not self._watch:
            self._watch_progress()

    def _send(self, kind: int, number: int, body: bytes = b"") -> None:
        if not self._process:
            return
        frame = process.HEADER.pack(kind, number, len(body)) + body
        try:
            sent = self._process.socket.send(frame)
        except BlockingIOError:
            sent = 0
        except OSError:
            return  # it is dead; what it said before that is still to be read, and then the end
        if sent < len(frame):  # it does not read, with room for all that is ever in flight
            self._process.kill()

    def _read(self) -> None:
        """Take what the process has sent, and notice its end."""
        current = self._process
        if current is None:
            return
        try:
            count = current.socket.recv_into(self._buffer)
        except BlockingIOError:
            return
        except OSError:
            count = 0
        if not count:
            self._process_ended()
            return
        self._heard_at = self._loop.time()
        current.received += self._buffer[:count]
        frames, taken = process.split_frames(current.received)
        del current.received[:taken]
        for kind, number, body in frames:
            self._receive(current, kind, number, body)
        self._send_turns()

    def _receive(self, current: _Process, kind: int, number: int, body: bytes) -> None:
        if number == 0:
            if kind == process.READY:
                self._became_ready(current, body)
            else:
                current.start_fault = body.decode()
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

    def _became_ready(self, current: _Process, body: bytes) -> None:
        self.version, *lines = body.decode().splitlines()
        rows = (line.split("\t") for line in lines)
        self.voices = tuple((int(priority), tag, identifier) for priority, tag, identifier in rows)
        self.failure = ""
        current.is_ready = True
        if not self._started.done():
            self._started.set_result(None)

    def _process_ended(self) -> None:
        gone = self._detach()
        if gone is None:
            return
        how = gone.reap()
        if not gone.is_ready:
            self._could_not_start(
                f"the embedded voice does not start ({gone.start_fault or f'its process {how}'}): "
                "try `pip install --force-reinstall espeakng-loader`"
            )
            return
        turns = list(self._in_flight.items())
        self._in_flight.clear()
        log.warning("espeak-ng's process %s; starting another for %d turns", how, len(turns) + len(self._waiting))
        if turns and (begun := turns[0][1].listener):
            begun.turn_failed(SynthesisFailed(f"espeak-ng's process {how} while speaking this text"))
        for number, turn in turns[1:]:
            if turn.listener:
                heapq.heappush(self._waiting, (turn.needed_at, number, turn))
        self._restart()

    def _restart(self) -> None:
        try:
            self._start_process()
        except EngineUnavailable as exc:
            self._could_not_start(str(exc))
        else:
            self._send_turns()  # it will find them when it is up

    def _could_not_start(self, failure: str) -> None:
        if self._started.done():
            if failure != self.failure:
                log.error("%s", failure)
            self.failure = failure
            self._retry = self._loop.call_later(RETRY_S, self._restart)
            self._fail_all()
        else:
            self._started.set_exception(EngineUnavailable(failure))

    def _fail_all(self) -> None:
        turns = [*self._in_flight.values(), *(turn for _, _, turn in self._waiting)]
        self._in_flight.clear()
        self._waiting.clear()
        for turn in turns:
            if turn.listener:
                turn.listener.turn_failed(SynthesisFailed(self.failure))

    def _watch_progress(self) -> None:
        self._heard_at = self._loop.time()
        if self._watch:
            self._watch.cancel()
        self._watch = self._loop.call_later(PATIENCE_S, self._check_progress)

    def _check_progress(self) -> None:
        """Kill a process that hangs; its end then fails the turn it hung in."""
        self._watch = None
        self._read()  # after a pause of this very process, what lies in the socket counts
        if self._process and not self._watch and (self._in_flight or not self._process.is_ready):
            patience_s = self._heard_at + PATIENCE_S - self._loop.time()
            if patience_s > 0:
                self._watch = self._loop.call_later(patience_s, self._check_progress)
            else:
                self._process.kill()
