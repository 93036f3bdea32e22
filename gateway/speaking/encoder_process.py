"""The process that encodes: contexts' ``SpeechEncoder`` objects, driven through a socket by ``encoder_pool``.

Encoding off the event loop's thread is not enough: a thread needs the interpreter lock once a frame, and at 150
streams it waited longer for the lock than libopus worked. So encoders live here. Requests wait in a heap, the most
urgent first; a context has one request under way at most, so its order is safe.

Wire, little-endian, both ways over one stream socket (this process's standard input)::

    request  u32 payload bytes | u8 what | u32 encoder | f64 needed at | payload
    reply    u32 payload bytes | u8 failed | u32 encoder | u64 fed | u32 frames ready | payload

The payload of an ENCODE reply is, for each packet: u16 duration | u32 bytes | the packet. OPEN and CLOSE have no reply.
"""

from __future__ import annotations

import contextlib
import heapq
import json
import signal
import socket
import struct
import time
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Final

import numpy as np

from ...codecs.base import CodecError, Packet
from ...codecs.opus import OpusSettings
from ...codecs.speech_encoder import AudioFormat, SpeechEncoder
from ..observing import logs

if TYPE_CHECKING:
    from collections.abc import Iterator

REQUEST: Final = struct.Struct("<IBId")
REPLY: Final = struct.Struct("<IBIQI")
PACKET: Final = struct.Struct("<HI")
COUNT: Final = struct.Struct("<I")

READ_BYTES: Final = 256 * 1024
# A long request is encoded in parts of so many frames, 0.7 ms of work: who is more urgent comes in between.
_PART_FRAMES: Final = 20
# How long replies may wait for each other while requests are waiting: fewer wake-ups of the gateway. The part that is
# worked on then is finished first, so that a reply leaves 2 ms late at most.
_TOGETHER_S: Final = 0.001


class What(IntEnum):
    """What a request wants."""

    OPEN = 0  # payload: JSON, see ``encode_format``
    FEED = 1  # payload: int16 samples
    END_SEGMENT = 2  # the same; they are the segment's last
    PAD_TAIL = 3
    FINISH = 4
    ENCODE = 5  # payload: COUNT, the most frames
    CLOSE = 6


def encode_format(source_rate_hz: int, audio_format: AudioFormat) -> bytes:
    """Write an encoder's making for OPEN."""
    opus = audio_format.opus
    return json.dumps(
        {
            "source_rate_hz": source_rate_hz,
            "codec": audio_format.codec,
            "sample_rate_hz": audio_format.sample_rate_hz,
            "frame_ms": audio_format.frame_ms,
            "opus": {"bitrate": opus.bitrate, "complexity": opus.complexity, "dtx": opus.dtx, "fec": opus.fec},
        }
    ).encode()


def split_messages(buffer: bytearray, header: struct.Struct) -> Iterator[tuple[tuple[int, ...], bytes]]:
    """Take whole messages from the front of a buffer: (header fields, payload)."""
    start = 0
    while len(buffer) - start >= header.size:
        fields = header.unpack_from(buffer, start)
        end = start + header.size + fields[0]
        if end > len(buffer):
            break
        yield fields, bytes(buffer[start + header.size : end])
        start = end
    del buffer[:start]


@dataclass(slots=True)
class _Request:
    """Work for an encoder.

    Attributes:
        frames: still to be encoded; of ENCODE.
        packets: what was encoded of it.
    """

    what: int
    encoder_id: int
    payload: bytes
    frames: int = 0
    packets: list[Packet] = field(default_factory=list)


class EncoderService:
    """All encoders of this process, and the requests that wait for them."""

    def __init__(self) -> None:
        self._encoders: dict[int, SpeechEncoder] = {}
        self._waiting: list[tuple[float, int, _Request]] = []  # a heap: (needed at, number, request)
        self._requests = 0

    @property
    def is_idle(self) -> bool:
        """No request waits."""
        return not self._waiting

    def take(self, what: int, encoder_id: int, needed_at: float, payload: bytes) -> None:
        """Take a request; encoders are opened and closed at once, work waits for its turn."""
        if what == What.OPEN:
            self._open(encoder_id, payload)
        elif what == What.CLOSE:
            self._encoders.pop(encoder_id, None)
        else:
            self._requests += 1
            request = _Request(what, encoder_id, payload)
            if what == What.ENCODE:
                (request.frames,) = COUNT.unpack(payload)
            heapq.heappush(self._waiting, (needed_at, self._requests, request))

    def work(self) -> bytes:
        """Serve a part of the most urgent request; returns the reply that is whole now, empty where none is."""
        needed_at, number, request = heapq.heappop(self._waiting)
        encoder = self._encoders.get(request.encoder_id)
        if encoder is None:  # closed
            return b""
        try:
            answer = self._serve(encoder, request)
        except (CodecError, ValueError) as exc:
            message = str(exc).encode()
            return REPLY.pack(len(message), True, request.encoder_id, 0, 0) + message
        if answer is None:
            heapq.heappush(self._waiting, (needed_at, number, request))
            return b""
        return REPLY.pack(len(answer), False, request.encoder_id, encoder.fed, encoder.frames_ready) + answer

    def _open(self, encoder_id: int, payload: bytes) -> None:
        fields = json.loads(payload)
        opus = OpusSettings(**fields["opus"])
        audio_format = AudioFormat(fields["codec"], fields["sample_rate_hz"], fields["frame_ms"], opus)
        self._encoders[encoder_id] = SpeechEncoder(fields["source_rate_hz"], audio_format)

    def _serve(self, encoder: SpeechEncoder, request: _Request) -> bytes | None:
        """Do what is wanted; None where it is not all done."""
        if request.what == What.ENCODE:
            request.packets += encoder.encode(min(request.frames, _PART_FRAMES))
            request.frames -= _PART_FRAMES
            if request.frames > 0 and encoder.frames_ready:
                return None
            return b"".join(map(_write_packet, request.packets))
        if request.what == What.PAD_TAIL:
            encoder.pad_tail()
        elif request.what == What.FINISH:
            encoder.finish()
        else:
            encoder.feed(np.frombuffer(request.payload, np.int16), ends_segment=request.what == What.END_SEGMENT)
        return b""


def _write_packet(packet: Packet) -> bytes:
    return PACKET.pack(packet.duration, len(packet.payload)) + packet.payload


def read_packets(payload: bytes) -> Iterator[tuple[bytes, int]]:
    """Read an ENCODE reply: (packet, duration)."""
    at = 0
    while at < len(payload):
        duration, size = PACKET.unpack_from(payload, at)
        at += PACKET.size
        yield payload[at : at + size], duration
        at += size


def main() -> None:
    """Serve the socket on standard input until the gateway closes it."""
    logs.configure("warning", "text")  # its last words must not keep a process that fails from ending
    # A terminal's Ctrl-C reaches the whole process group; the gateway drains first, then closes the socket.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with contextlib.suppress(ConnectionError):  # a gateway that was killed took no leave
        _serve(socket.socket(fileno=0))


def _serve(gateway: socket.socket) -> None:
    service, incoming, replies, leave_at = EncoderService(), bytearray(), bytearray(), 0.0
    received = memoryview(bytearray(READ_BYTES))
    while True:
        try:
            count = gateway.recv_into(received, 0, 0 if service.is_idle else socket.MSG_DONTWAIT)
            if not count:
                return
            incoming += received[:count]
            for (_, what, encoder_id, needed_at), payload in split_messages(incoming, REQUEST):
                service.take(what, encoder_id, needed_at, payload)
        except BlockingIOError:
            pass  # nothing new; there is work
        if not service.is_idle:
            if not replies:
                leave_at = time.monotonic() + _TOGETHER_S
            replies += service.work()
        if replies and (service.is_idle or time.monotonic() >= leave_at):
            gateway.sendall(replies)
            replies.clear()
