"""The process that encodes: contexts' ``SpeechEncoder`` objects, driven through a socket by ``encoder_pool``.

Encoding off the event loop's thread is not enough: a thread needs the interpreter lock once a frame, and at 150
streams it waited longer for the lock than libopus worked. So encoders live here. Requests wait in a heap, the most
urgent first; a context has one request under way at most, so its order is safe.

Its messages are below (``processes.link``); the socket is this process's standard input. What waits here is bounded by
the one request that each context has under way.
"""

from __future__ import annotations

import contextlib
import heapq
import math
import socket
import struct
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from ...codecs.base import CodecError, Packet
from ...codecs.opus import OpusSettings
from ...codecs.speech_encoder import AudioFormat, Mark, SpeechEncoder
from ...synthesis.processes.child import take_leash
from ...synthesis.processes.link import READ_BYTES, Alive, Vocabulary
from ..observing import logs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...codecs.formats import FormatName

# A long request is encoded in parts of this many frames, 0.7 ms of work; more urgent requests come in between.
_PART_FRAMES: Final = 20
# How long replies may wait for each other while requests are waiting, which spares the gateway wake-ups. The part under
# work is finished first, so a reply leaves 2 ms late at most.
_TOGETHER_S: Final = 0.001
# How soon an encoder in a lost one's place must have caught up: its listener had two seconds in hand at most. To count
# FLAC's frames takes 0.1 s for each minute of sound; who needs packets sooner than this comes in between.
_CATCH_UP_IN_S: Final = 0.5
# A process at work says so this often if it has no answer yet, so that the gateway tells it from one that hangs.
_BEAT_S: Final = 0.1


SAMPLES: Final = np.dtype("<i2")  # byte order and type of samples on the link


class Open(NamedTuple):
    """Make a context's encoder. No answer."""

    encoder: int
    source_rate_hz: int
    codec: FormatName
    sample_rate_hz: int
    frame_ms: int
    bitrate: int
    complexity: int
    dtx: bool
    fec: bool


class GoOn(NamedTuple):
    """Let an encoder that was just opened begin where another one's ``Mark`` says, which is the tail. No answer."""

    encoder: int
    tail: bytes


class Close(NamedTuple):
    """Forget an encoder, and every request to it. No answer."""

    encoder: int


class Feed(NamedTuple):
    """Give an encoder samples."""

    encoder: int
    ends_segment: bool
    tail: bytes


class CatchUp(NamedTuple):
    """What was fed up to that mark has been fed again: encode again what had been encoded, and throw it away."""

    encoder: int


class PadTail(NamedTuple):
    """Complete a partial frame with silence."""

    encoder: int


class Finish(NamedTuple):
    """No more sound follows."""

    encoder: int


class Encode(NamedTuple):
    """Encode frames that are ready; ``needed_in_s`` says how soon the listener needs them; infinite: never."""

    encoder: int
    max_frames: int
    needed_in_s: float


class Done(NamedTuple):
    """A request was served: what ``SpeechEncoder`` says then.

    ``busy_us`` is the processor time that the request took, in microseconds. The tail of what answers an ``Encode`` is
    the encoder's ``Mark``, the durations of all packets, their sizes, and then the packets: ``_MARK``, u16 each, u32
    each, bytes. Other answers have none.
    """

    encoder: int
    fed: int
    frames_ready: int
    busy_us: int
    packets: int
    tail: bytes


class Refused(NamedTuple):
    """The codec refused a request."""

    encoder: int
    why: str


Sound = Feed | PadTail | Finish  # what an encoder in another one's place is given again
Request = Sound | CatchUp | Encode

VOCABULARY: Final = Vocabulary("encoder", 3, Open, GoOn, Close, Feed, CatchUp, PadTail, Finish, Encode, Done, Refused)
_MARK: Final = struct.Struct("!7q?")  # the fields of a ``Mark``
MARK_BYTES: Final = _MARK.size


def open_message(encoder: int, source_rate_hz: int, audio_format: AudioFormat) -> Open:
    """Write the message that makes an encoder."""
    opus = audio_format.opus
    return Open(
        encoder,
        source_rate_hz,
        audio_format.codec,
        audio_format.sample_rate_hz,
        audio_format.frame_ms,
        opus.bitrate,
        opus.complexity,
        opus.dtx,
        opus.fec,
    )


@dataclass(slots=True)
class _Work:
    """A request that waits.

    Attributes:
        frames: how many frames of an ``Encode`` are still to be encoded.
        busy_s: processor time that it has taken so far.
        packets: the packets that were encoded for it so far.
    """

    request: Request
    frames: int = 0
    busy_s: float = 0.0
    packets: list[Packet] = field(default_factory=list)


class EncoderService:
    """All encoders of this process, and the requests that wait for them."""

    def __init__(self) -> None:
        self._encoders: dict[int, SpeechEncoder] = {}
        self._marks: dict[int, Mark] = {}  # of encoders that have not caught up
        self._refused: dict[int, str] = {}  # why an encoder could not be made, until it is closed
        self._waiting: list[tuple[float, int, _Work]] = []  # a heap: (needed at, number, work)
        self._requests = 0

    @property
    def is_idle(self) -> bool:
        """No request waits."""
        return not self._waiting

    def take(self, message: Open | GoOn | Close | Request, now: float) -> None:
        """Take a request. Encoders are opened and closed at once; other requests wait for their turn."""
        match message:
            case Open():
                self._open(message)
                return
            case GoOn(encoder_id, mark):
                if encoder := self._encoders.get(encoder_id):
                    self._marks[encoder_id] = read_mark(mark)
                    encoder.begin_at(self._marks[encoder_id])
                return
            case Close(encoder_id):
                for known in (self._encoders, self._marks, self._refused):
                    known.pop(encoder_id, None)
                return
        self._requests += 1
        work, needed_at = _Work(message), -math.inf
        if isinstance(message, Encode):
            work.frames = message.max_frames
            needed_at = now + message.needed_in_s
        elif isinstance(message, CatchUp):
            needed_at = now + _CATCH_UP_IN_S
        heapq.heappush(self._waiting, (needed_at, self._requests, work))

    def work(self) -> Done | Refused | None:
        """Serve a part of the most urgent request; return its answer if it is complete now."""
        needed_at, number, work = heapq.heappop(self._waiting)
        encoder_id = work.request.encoder
        encoder = self._encoders.get(encoder_id)
        if encoder is None:  # it could not be made, or is closed
            why = self._refused.get(encoder_id)
            return None if why is None else Refused(encoder_id, why)
        began_s = time.thread_time()
        try:
            is_done = self._serve(encoder, work)
        except (CodecError, ValueError) as exc:
            return Refused(encoder_id, str(exc))
        work.busy_s += time.thread_time() - began_s
        if not is_done:
            heapq.heappush(self._waiting, (needed_at, number, work))
            return None
        tail = b""
        if isinstance(work.request, Encode):
            tail = pack_mark(encoder.mark()) + _write_packets(work.packets)
        busy_us = round(1e6 * work.busy_s)
        return Done(encoder_id, encoder.fed, encoder.frames_ready, busy_us, len(work.packets), tail)

    def _open(self, message: Open) -> None:
        try:
            opus = OpusSettings(
                bitrate=message.bitrate, complexity=message.complexity, dtx=message.dtx, fec=message.fec
            )
            audio_format = AudioFormat(message.codec, message.sample_rate_hz, message.frame_ms, opus)
            self._encoders[message.encoder] = SpeechEncoder(message.source_rate_hz, audio_format)
        except (CodecError, ValueError) as exc:  # other contexts must not lose their encoders by it
            self._refused[message.encoder] = str(exc)

    def _serve(self, encoder: SpeechEncoder, work: _Work) -> bool:
        """Serve a request as far as one part goes; return whether it is complete."""
        match work.request:
            case Encode():
                work.packets += encoder.encode(min(work.frames, _PART_FRAMES))
                work.frames -= _PART_FRAMES
                return work.frames <= 0 or not encoder.frames_ready
            case Feed(ends_segment=ends_segment, tail=tail):
                encoder.feed(np.frombuffer(tail, SAMPLES), ends_segment=ends_segment)
            case CatchUp(encoder=encoder_id):
                if not encoder.catch_up(self._marks[encoder_id], _PART_FRAMES):
                    return False
                del self._marks[encoder_id]
            case PadTail():
                encoder.pad_tail()
            case Finish():
                encoder.finish()
        return True


def _write_packets(packets: list[Packet]) -> bytes:
    count = len(packets)
    payloads = [packet.payload for packet in packets]
    table = struct.pack(f"!{count}H{count}I", *[packet.duration for packet in packets], *map(len, payloads))
    return b"".join((table, *payloads))


def pack_mark(mark: Mark) -> bytes:
    """Write a mark as the link carries it."""
    return _MARK.pack(*mark)


def read_mark(packed: bytes) -> Mark:
    """Read the mark that a tail begins with."""
    return Mark(*_MARK.unpack_from(packed))


def read_packets(answer: Done) -> Iterator[Packet]:
    """Read the packets of what answers an ``Encode``."""
    count, tail = answer.packets, answer.tail
    table = f"!{count}H{count}I"  # ``struct`` keeps formats that it has seen
    fields, at = struct.unpack_from(table, tail, _MARK.size), _MARK.size + 6 * count
    for duration, size in zip(fields[:count], fields[count:], strict=True):
        yield Packet(tail[at : at + size], duration)
        at += size


def main() -> None:
    """Serve the socket on standard input until the gateway closes it."""
    logs.configure("warning", "text")  # a blocked log must not keep a failing process from ending
    with contextlib.suppress(ConnectionError):  # a killed gateway does not close the socket in good order
        _serve(take_leash())


def _serve(gateway: socket.socket) -> None:
    service, incoming, replies, leave_at = EncoderService(), bytearray(), bytearray(), 0.0
    beat_at = 0.0  # when it will have been silent at work for too long
    received = memoryview(bytearray(READ_BYTES))
    gateway.sendall(VOCABULARY.pack(VOCABULARY.hello))
    is_known = False
    while True:
        try:
            count = gateway.recv_into(received, 0, 0 if service.is_idle else socket.MSG_DONTWAIT)
            if not count:
                return
            incoming += received[:count]
            messages, now = VOCABULARY.take(incoming), time.monotonic()
            if messages and not is_known:
                VOCABULARY.check(messages.pop(0))
                is_known = True
            for message in messages:
                service.take(message, now)
        except BlockingIOError:
            pass  # nothing new; there is work
        if service.is_idle:
            beat_at = 0.0
        else:
            now = time.monotonic()
            beat_at = beat_at or now + _BEAT_S
            if not replies:
                leave_at = now + _TOGETHER_S
            if answer := service.work():
                VOCABULARY.add(replies, answer)
            elif now >= beat_at:
                VOCABULARY.add(replies, Alive())
        if replies and (service.is_idle or time.monotonic() >= leave_at):
            gateway.sendall(replies)
            replies.clear()
            beat_at = 0.0
