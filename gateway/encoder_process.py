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
from enum import IntEnum
from typing import TYPE_CHECKING, Final

import numpy as np

from ..codecs.base import CodecError
from ..codecs.opus import OpusSettings
from ..codecs.speech_encoder import AudioFormat, SpeechEncoder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..codecs.base import Packet

REQUEST: Final = struct.Struct("<IBId")
REPLY: Final = struct.Struct("<IBIQI")
PACKET: Final = struct.Struct("<HI")
COUNT: Final = struct.Struct("<I")

READ_BYTES: Final = 256 * 1024
# Replies that may wait for each other while requests are waiting: fewer wake-ups of the gateway, at most 2 ms of delay.
_REPLIES_TOGETHER: Final = 4


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


class EncoderService:
    """All encoders of this process, and the requests that wait for them."""

    def __init__(self) -> None:
        self._encoders: dict[int, SpeechEncoder] = {}
        self._waiting: list[tuple[float, int, int, int, bytes]] = []  # (needed at, number, what, encoder, payload)
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
            heapq.heappush(self._waiting, (needed_at, self._requests, what, encoder_id, payload))

    def work(self) -> bytes:
        """Serve the most urgent request; returns its reply, empty where its encoder is closed."""
        _, _, what, encoder_id, payload = heapq.heappop(self._waiting)
        encoder = self._encoders.get(encoder_id)
        if encoder is None:
            return b""
        try:
            answer = self._serve(encoder, what, payload)
        except (CodecError, ValueError) as exc:
            message = str(exc).encode()
            return REPLY.pack(len(message), True, encoder_id, 0, 0) + message
        return REPLY.pack(len(answer), False, encoder_id, encoder.fed, encoder.frames_ready) + answer

    def _open(self, encoder_id: int, payload: bytes) -> None:
        fields = json.loads(payload)
        opus = OpusSettings(**fields["opus"])
        audio_format = AudioFormat(fields["codec"], fields["sample_rate_hz"], fields["frame_ms"], opus)
        self._encoders[encoder_id] = SpeechEncoder(fields["source_rate_hz"], audio_format)

    def _serve(self, encoder: SpeechEncoder, what: int, payload: bytes) -> bytes:
        if what == What.ENCODE:
            return b"".join(_write_packet(packet) for packet in encoder.encode(*COUNT.unpack(payload)))
        if what == What.PAD_TAIL:
            encoder.pad_tail()
        elif what == What.FINISH:
            encoder.finish()
        else:
            encoder.feed(np.frombuffer(payload, np.int16), ends_segment=what == What.END_SEGMENT)
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
    # A terminal's Ctrl-C reaches the whole process group; the gateway drains first, then closes the socket.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with contextlib.suppress(ConnectionError):  # a gateway that was killed took no leave
        _serve(socket.socket(fileno=0))


def _serve(gateway: socket.socket) -> None:
    service, incoming, replies, held = EncoderService(), bytearray(), bytearray(), 0
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
            replies += service.work()
            held += 1
        if replies and (service.is_idle or held >= _REPLIES_TOGETHER):
            gateway.sendall(replies)
            replies.clear()
            held = 0
