"""Encoders for contexts, in processes of their own: the gateway's side of ``encoder_process``.

Requests of one turn of the loop leave in one write, and replies are read as they come; nothing here polls. A process
that dies takes its contexts with it (an encoder's state cannot be had again) and is replaced for the next ones. So is
one that owes an answer and has said nothing for some seconds: it is stopped, or hangs. One that cannot be started is
tried again and again; until it comes up, the other processes get its contexts, and without any the server is not well.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import logging
import math
import socket
import subprocess
import sys
from typing import TYPE_CHECKING, Final, Self

from ...codecs.base import EncodingFailed, Packet
from .encoder_process import (
    COUNT,
    READ_BYTES,
    REPLY,
    REQUEST,
    What,
    encode_format,
    read_packets,
    split_messages,
)

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from ...codecs.speech_encoder import AudioFormat

log = logging.getLogger("sayline.encoders")

# The child gets our module path as an argument, so that it finds us however we were found.
_CHILD: Final = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from sayline.gateway.speaking.encoder_process import main; main()"
)
_EXIT_TIMEOUT_S: Final = 0.5  # it exits as soon as its socket is closed, between two frames
# A process that owes an answer is killed after so long without a word. An answer takes milliseconds, an overloaded
# machine stretches that a hundredfold; a listener has two seconds in hand at most.
PATIENCE_S: Final = 3.0
START_PATIENCE_S: Final = (
    30.0  # the same before its first word: it imports numpy and the codecs first, maybe from a cold disk
)
RETRY_S: Final = (
    1.0  # between two starts, where the one before failed: a machine short of descriptors is not to be pressed
)
_SILENT_S: Final = 1.5  # a process that owes an answer for so long is not well, and ``/health`` says so
_REAP_S: Final = 0.05  # a killed process is gone in less; it holds the loop meanwhile


class EncoderPool:
    """A fixed number of encoder processes. Lives as long as the server, in one event loop.

    Args:
        processes: how many.
        source_rate_hz: the rate of the sound that all encoders are fed.
    """

    def __init__(self, processes: int, source_rate_hz: int) -> None:
        self._source_rate_hz = source_rate_hz
        self._ids = itertools.count(1)
        self._processes = [EncoderProcess() for _ in range(processes)]
        self._turns = itertools.count()

    async def __aenter__(self) -> Self:
        for process in self._processes:
            process.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        for process in self._processes:
            await process.close()

    def open(self, audio_format: AudioFormat) -> RemoteEncoder:
        """Make a context's encoder, in each process in turn; what it is asked fails if there is no process."""
        running = [process for process in self._processes if not process.failure] or self._processes
        process = running[next(self._turns) % len(running)]
        return RemoteEncoder(process, next(self._ids), encode_format(self._source_rate_hz, audio_format))

    @property
    def failure(self) -> str:
        """Why nothing can be encoded at present; empty while any process is well."""
        failures = [process.failure or process.silence for process in self._processes]
        return failures[0] if all(failures) else ""

    @property
    def process_ids(self) -> list[int]:
        """Ids of the processes that run now."""
        return [process.process_id for process in self._processes if not process.failure]


class RemoteEncoder:
    """One context's encoder: what ``codecs.speech_encoder.SpeechEncoder`` says, awaited.

    Attributes:
        fed: where the context's sound ends so far, in 48 kHz samples; as of the last answer.
        frames_ready: frames that may be encoded; as of the last answer.

    Every method but ``close`` raises EncodingFailed if the codec refused, or if the process died.
    """

    def __init__(self, process: EncoderProcess, encoder_id: int, audio_format: bytes) -> None:
        self._process = process
        self._id = encoder_id
        self._generation = process.generation  # of the process that knows us
        self.fed = 0
        self.frames_ready = 0
        process.send(What.OPEN, encoder_id, audio_format)

    async def feed(self, samples: npt.NDArray[np.int16], *, ends_segment: bool = False) -> None:
        """Add (n,) int16 mono samples at the source's rate."""
        await self._ask(What.END_SEGMENT if ends_segment else What.FEED, samples.tobytes())

    async def pad_tail(self) -> None:
        """Complete a partial frame with silence."""
        await self._ask(What.PAD_TAIL)

    async def finish(self) -> None:
        """No more sound follows."""
        await self._ask(What.FINISH)

    async def encode(self, max_frames: int, *, needed_at: float) -> list[Packet]:
        """Encode frames that are ready; the process takes the most urgent request first."""
        payload = await self._ask(What.ENCODE, COUNT.pack(max_frames), needed_at)
        return [Packet(packet, duration) for packet, duration in read_packets(payload)]

    def close(self) -> None:
        """Forget the encoder; nothing may be asked of it afterwards."""
        if self._generation == self._process.generation:
            self._process.forget(self._id)

    async def _ask(self, what: What, payload: bytes = b"", needed_at: float = -math.inf) -> bytes:
        if self._generation != self._process.generation:
            raise EncodingFailed("the encoder process died")
        if self._process.failure:
            raise EncodingFailed(self._process.failure)
        self.fed, self.frames_ready, answer = await self._process.ask(what, self._id, payload, needed_at)
        return answer


class EncoderProcess:
    """One child process and the socket to it.

    Attributes:
        generation: counts its starts; an encoder belongs to one of them.
        failure: why there is no process, though there should be; empty while all is well.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._answers: dict[int, asyncio.Future[tuple[int, int, bytes]]] = {}  # one request an encoder
        self._outgoing = bytearray()
        self._received = memoryview(bytearray(READ_BYTES))  # kept: a fresh one for each read leaves holes in the heap
        self._incoming = bytearray()
        self._is_flush_due = False
        self._is_writing = False  # the socket is full, and the loop tells when it is not
        self._child: subprocess.Popen[bytes]
        self._socket: socket.socket
        self._is_ready = False  # it has answered
        self._heard_at = 0.0  # when it last said something, or was first asked after silence that was in order
        self._watch: asyncio.TimerHandle | None = None  # runs while answers are owed
        self._retry: asyncio.TimerHandle | None = None  # runs while there is no process
        self.generation = 0
        self.failure = ""

    @property
    def process_id(self) -> int:
        """Id of the process that runs now."""
        return self._child.pid

    @property
    def silence(self) -> str:
        """How long it has owed answers without a word; empty while it need not be told."""
        silent_s = self._loop.time() - self._heard_at
        if self._answers and self._is_ready and silent_s > _SILENT_S:
            return f"the encoder process has owed answers for {silent_s:.1f} s"
        return ""

    def start(self) -> None:
        """Start the process; it takes requests at once and answers when it has imported its codecs.

        Raises:
            OSError: the system does not start it.
        """
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                self._child = subprocess.Popen(  # noqa: S603 - our own interpreter and our own code
                    [sys.executable, "-c", _CHILD, json.dumps(sys.path)], stdin=theirs.fileno(), start_new_session=True
                )
        except OSError:
            ours.close()
            raise
        self.generation += 1
        self._is_ready = False
        ours.setblocking(False)
        self._socket = ours
        self._loop.add_reader(ours, self._read)

    async def close(self) -> None:
        """End the process and wait for it, half a second at most and a moment more."""
        if self._retry is not None:
            self._retry.cancel()
        if not self.failure:
            self._detach()
        self._fail_all("the encoders are closed")
        try:
            await asyncio.to_thread(self._child.wait, _EXIT_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._child.kill()
            await asyncio.to_thread(self._child.wait)

    def send(self, what: What, encoder_id: int, payload: bytes = b"", needed_at: float = -math.inf) -> None:
        """Send a request with the others of this turn of the loop; drop it where there is no process."""
        if self.failure:
            return
        self._outgoing += REQUEST.pack(len(payload), what, encoder_id, needed_at)
        self._outgoing += payload
        if not (self._is_flush_due or self._is_writing):
            self._is_flush_due = True
            self._loop.call_soon(self._flush)

    async def ask(self, what: What, encoder_id: int, payload: bytes, needed_at: float) -> tuple[int, int, bytes]:
        """Send a request and wait for (fed, frames ready, answer).

        Raises:
            EncodingFailed: the codec refused, or the process died.
        """
        answer: asyncio.Future[tuple[int, int, bytes]] = self._loop.create_future()
        if not self._answers:
            self._heard_at = self._loop.time()
        self._answers[encoder_id] = answer
        if self._watch is None:
            self._watch_answers()
        self.send(what, encoder_id, payload, needed_at)
        return await answer

    def forget(self, encoder_id: int) -> None:
        """Close an encoder: an answer that it still owes is not waited for, and may never come."""
        self._answers.pop(encoder_id, None)
        self.send(What.CLOSE, encoder_id)

    def _flush(self) -> None:
        self._is_flush_due = False
        if self._socket.fileno() < 0:
            return
        try:
            sent = self._socket.send(self._outgoing)
        except BlockingIOError:
            sent = 0
        except OSError:
            return  # it died; the reader sees it
        del self._outgoing[:sent]
        if bool(self._outgoing) != self._is_writing:
            self._is_writing = not self._is_writing
            if self._is_writing:
                self._loop.add_writer(self._socket, self._flush)
            else:
                self._loop.remove_writer(self._socket)

    def _read(self) -> None:
        try:
            count = self._socket.recv_into(self._received)
        except BlockingIOError:
            return
        except OSError:
            count = 0
        if not count:
            self._replace()
            return
        self._heard_at = self._loop.time()
        if not self._is_ready:
            self._is_ready = True
            self._watch_answers()  # with less patience from now on
        self._incoming += self._received[:count]
        for (_, failed, encoder_id, fed, frames_ready), payload in split_messages(self._incoming, REPLY):
            answer = self._answers.pop(encoder_id, None)
            if answer is None or answer.done():
                continue  # whoever asked was cancelled
            if failed:
                answer.set_exception(EncodingFailed(payload.decode()))
            else:
                answer.set_result((fed, frames_ready, payload))

    def _watch_answers(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
        patience_s = PATIENCE_S if self._is_ready else START_PATIENCE_S
        self._watch = self._loop.call_at(self._heard_at + patience_s, self._check_answers)

    def _check_answers(self) -> None:
        """Replace a process that owes answers and says nothing."""
        self._watch = None
        generation = self.generation
        self._read()  # after a pause of this very process, what lies in the socket counts
        if self._watch is not None or generation != self.generation or self.failure or not self._answers:
            return
        patience_s = PATIENCE_S if self._is_ready else START_PATIENCE_S
        if self._loop.time() < self._heard_at + patience_s:
            self._watch_answers()
            return
        log.error("an encoder process has owed answers for %g s", patience_s)
        self._replace()

    def _replace(self) -> None:
        """Start another process: at once if this one has worked, else after a moment."""
        self._detach()
        self._child.kill()
        try:
            status: int | None = self._child.wait(_REAP_S)
        except subprocess.TimeoutExpired:
            status = None  # it waits for a disk; ``Popen`` collects it later
        log.error("an encoder process died", extra={"exit_status": status})
        if self._is_ready:
            self._restart()
        else:
            self._could_not_start("the encoder process dies when it is started")
        self._fail_all("the encoder process died")

    def _restart(self) -> None:
        self._retry = None
        try:
            self.start()
        except OSError as exc:
            self._could_not_start(f"the encoder process does not start: {exc}")
        else:
            self.failure = ""

    def _could_not_start(self, failure: str) -> None:
        if failure != self.failure:
            log.error("%s; it is tried again every %g s", failure, RETRY_S)
        self.failure = failure
        self.generation += 1  # nobody's encoder is of the next process
        self._retry = self._loop.call_later(RETRY_S, self._restart)

    def _detach(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None
        self._loop.remove_reader(self._socket)
        if self._is_writing:
            self._loop.remove_writer(self._socket)
            self._is_writing = False
        self._socket.close()
        self._outgoing.clear()
        self._incoming.clear()

    def _fail_all(self, reason: str) -> None:
        answers, self._answers = self._answers, {}
        for answer in answers.values():
            if not answer.done():
                answer.set_exception(EncodingFailed(reason))
