"""Encoders for contexts, in processes of their own: the gateway's side of ``encoder_process``.

Requests of one turn of the loop leave in one write, and replies are read as they come; nothing here polls. A process
that dies takes its contexts with it (an encoder's state cannot be had again) and is replaced for the next ones.
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

from ..codecs.base import EncodingFailed, Packet
from .encoder_process import COUNT, READ_BYTES, REPLY, REQUEST, What, encode_format, read_packets, split_messages

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from ..codecs.speech_encoder import AudioFormat

log = logging.getLogger("sayline.encoders")

# The child gets our module path as an argument, so that it finds us however we were found.
_CHILD: Final = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from sayline.gateway.encoder_process import main; main()"
)
_EXIT_TIMEOUT_S: Final = 2.0  # it exits as soon as its socket is closed, between two frames


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
        self._next = itertools.cycle(self._processes)

    async def __aenter__(self) -> Self:
        for process in self._processes:
            process.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        for process in self._processes:
            await process.close()

    def open(self, audio_format: AudioFormat) -> RemoteEncoder:
        """Make a context's encoder."""
        return RemoteEncoder(next(self._next), next(self._ids), encode_format(self._source_rate_hz, audio_format))

    @property
    def process_ids(self) -> list[int]:
        """Ids of the processes that run now."""
        return [process.process_id for process in self._processes]


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
            self._process.send(What.CLOSE, self._id)

    async def _ask(self, what: What, payload: bytes = b"", needed_at: float = -math.inf) -> bytes:
        if self._generation != self._process.generation:
            raise EncodingFailed("the encoder process died")
        self.fed, self.frames_ready, answer = await self._process.ask(what, self._id, payload, needed_at)
        return answer


class EncoderProcess:
    """One child process and the socket to it.

    Attributes:
        generation: counts its starts; an encoder belongs to one of them.
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
        self.generation = 0

    @property
    def process_id(self) -> int:
        """Id of the process that runs now."""
        return self._child.pid

    def start(self) -> None:
        """Start the process; it takes requests at once and answers when it has imported its codecs."""
        self.generation += 1
        ours, theirs = socket.socketpair()
        with theirs:
            self._child = subprocess.Popen(  # noqa: S603 - our own interpreter and our own code
                [sys.executable, "-c", _CHILD, json.dumps(sys.path)], stdin=theirs.fileno(), start_new_session=True
            )
        ours.setblocking(False)
        self._socket = ours
        self._loop.add_reader(ours, self._read)

    async def close(self) -> None:
        """End the process and wait for it."""
        self._detach()
        self._fail_all("the encoders are closed")
        try:
            await asyncio.to_thread(self._child.wait, _EXIT_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._child.kill()
            await asyncio.to_thread(self._child.wait)

    def send(self, what: What, encoder_id: int, payload: bytes = b"", needed_at: float = -math.inf) -> None:
        """Send a request with the others of this turn of the loop."""
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
        self._answers[encoder_id] = answer
        self.send(what, encoder_id, payload, needed_at)
        return await answer

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
        self._incoming += self._received[:count]
        for (_, failed, encoder_id, fed, frames_ready), payload in split_messages(self._incoming, REPLY):
            answer = self._answers.pop(encoder_id, None)
            if answer is None or answer.done():
                continue  # whoever asked was cancelled
            if failed:
                answer.set_exception(EncodingFailed(payload.decode()))
            else:
                answer.set_result((fed, frames_ready, payload))

    def _replace(self) -> None:
        self._detach()
        log.error("an encoder process died", extra={"exit_status": self._child.wait()})
        self.start()
        self._fail_all("the encoder process died")

    def _detach(self) -> None:
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
