"""The binary audio frame of ``tts.v1``: a 16-byte little-endian header, then one packet (docs/PROTOCOL.md)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntFlag
from typing import Final

from ....codecs.formats import Codec as Codec  # noqa: PLC0414 - a part of the frame, and of what clients import
from ...errors import BadMessage

# version, codec, channel, sequence, pts, duration, flags, zero
HEADER: Final = struct.Struct("<BBHIIHBB")
HEADER_BYTES: Final = HEADER.size  # 16
FRAME_VERSION: Final = 1
MAX_DURATION: Final = 0xFFFF  # u16 of 48 kHz samples: 1.36 s


class Flags(IntFlag):
    """What is special about a frame."""

    NONE = 0
    FIRST_OF_CONTEXT = 1
    LAST_OF_SEGMENT = 2
    LAST_OF_CONTEXT = 4
    DISCONTINUITY = 8


@dataclass(frozen=True, slots=True)
class AudioFrame:
    """One frame as a client sees it.

    Attributes:
        channel: the context's number on this connection, from ``context.started``.
        sequence: counts the context's frames from 0.
        pts: 48 kHz samples from the context's start.
        duration: 48 kHz samples of sound in this packet.
    """

    codec: Codec
    channel: int
    sequence: int
    pts: int
    duration: int
    flags: Flags
    payload: bytes


def pack_frame(codec: int, channel: int, sequence: int, pts: int, duration: int, flags: int, payload: bytes) -> bytes:
    """Write a frame. The 32-bit fields wrap (pts after 24.8 hours), as RTP's do."""
    return (
        HEADER.pack(FRAME_VERSION, codec, channel, sequence & 0xFFFFFFFF, pts & 0xFFFFFFFF, duration, flags, 0)
        + payload
    )


def unpack_frame(frame: bytes) -> AudioFrame:
    """Read a frame.

    Raises:
        BadMessage: too short, another version or an unknown codec.
    """
    if len(frame) < HEADER_BYTES:
        raise BadMessage(f"an audio frame has a {HEADER_BYTES}-byte header; these are {len(frame)} bytes")
    version, codec, channel, sequence, pts, duration, flags, _ = HEADER.unpack_from(frame)
    if version != FRAME_VERSION:
        raise BadMessage(f"audio frame version {version}; this client reads {FRAME_VERSION}")
    try:
        known = Codec(codec)
    except ValueError:
        raise BadMessage(f"unknown codec {codec} in an audio frame") from None
    return AudioFrame(known, channel, sequence, pts, duration, Flags(flags), frame[HEADER_BYTES:])
