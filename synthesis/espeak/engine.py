"""The parent's side of ``espeak/process.py``: starts it, gives it turns, and outlives it (``synthesis/turns/``)."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ..interface import SynthesisFailed
from ..processes.child import Child
from ..processes.keeper import Care
from ..turns.process import SpeakingProcess
from ..turns.queue import Turn as QueuedTurn
from . import process

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..turns.queue import Listener, Turns

TURNS_IN_FLIGHT: Final = 4  # 8 ms of work: the process is not idle while this loop is busy, and a death loses little
PATIENCE_S: Final = 5.0  # a turn takes milliseconds; an overloaded machine stretches that a hundredfold, not more
RETRY_S: Final = 1.0  # seconds between attempts to start a process again; no listener asks an engine that has failed
# What is in flight can always be sent at once: a turn is at most 1000 characters of up to four bytes. (Linux has room
# for 200 kB anyway, macOS for 8.) In the other direction, a turn's sound.
SOCKET_BUFFER_BYTES: Final = 65_536
GRACE_S: Final = 0.05  # it has nothing to put in order, and ends as soon as its socket does

_SCRIPT: Final = Path(process.__file__)


class Turn(QueuedTurn[bytes]):
    """A stretch of text; its request is the SPEAK frame's body."""

    def __init__(
        self,
        listener: Listener,
        text: str,
        *,
        voice: str,
        full_at_samples: int,
        needed_at: float,
        pause_at_end: bool = False,
        is_first: bool = False,
        has_phonemes: bool = False,
    ) -> None:
        flags = process.PAUSE_AT_END * pause_at_end | process.IS_FIRST * is_first
        flags |= process.HAS_PHONEMES * has_phonemes
        identifier = voice.encode()
        head = process.SPEAK_HEAD.pack(full_at_samples, flags, len(identifier))
        super().__init__(listener, needed_at, head + identifier + text.encode())


class EspeakEngine(SpeakingProcess[bytes]):
    """One espeak-ng process and its successors, for one event loop.

    Attributes:
        version: for people; known once started.
        voices: (priority, language tag, voice identifier) in espeak-ng's own order; known once started.
    """

    def __init__(self, turns: Turns[bytes], library: str, data: str) -> None:
        care = Care(PATIENCE_S, PATIENCE_S, RETRY_S, GRACE_S)
        super().__init__("espeak-ng's process", turns, care, most_in_flight=TURNS_IN_FLIGHT)
        self.version = ""
        self.voices: Sequence[tuple[int, str, str]] = ()
        self._paths = (library, data)
        self._loop = asyncio.get_running_loop()
        self._received = bytearray()  # of a frame that is not complete
        self._buffer = memoryview(bytearray(process.RECEIVE_BYTES))  # kept: fresh ones would leave holes in the heap

    def _launch(self) -> Child:
        child = Child(
            # Isolated and without site-packages: it needs the standard library only, wherever this package lies.
            [sys.executable, "-I", "-S", str(_SCRIPT), *self._paths],
            output=subprocess.DEVNULL,  # the C library's last words; how it died is logged here
            buffer_bytes=SOCKET_BUFFER_BYTES,
        )
        self._received.clear()
        self._loop.add_reader(child.socket, self._read)
        return child

    def _hang_up(self, child: Child) -> None:
        self._loop.remove_reader(child.socket)

    def _send_turn(self, number: int, turn: QueuedTurn[bytes]) -> None:
        self._send(process.SPEAK, number, turn.request)

    def _send_cancel(self, number: int) -> None:
        self._send(process.CANCEL, number)

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
        self._turns.hand_out()

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
            turn.listener.words_begun(process.WORD.iter_unpack(body))
        elif kind == process.END:
            (characters,) = process.END_BODY.unpack(body)
            turn.listener.turn_ended(None if characters == process.SPOKEN_ALL else characters)
        else:
            turn.listener.turn_failed(SynthesisFailed(body.decode()))

    def _became_ready(self, body: bytes) -> None:
        self.version, *lines = body.decode().splitlines()
        rows = (line.split("\t") for line in lines)
        self.voices = tuple((int(priority), tag, identifier) for priority, tag, identifier in rows)
        self._has_come_up()

    def _why_not(self, fault: str) -> str:
        return (
            f"espeak-ng does not start ({self._start_fault or f'its process {fault}'}): "
            "try `pip install --force-reinstall espeakng-loader`"
        )
