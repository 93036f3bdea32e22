"""The formats of audio that a client may ask for: the one list, with each one's number in a frame.

A format's coding is loaded when it is first used, so this list costs nothing to who only needs names and numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from .base import Coding

FormatName = Literal[
    "opus",
    "ogg_opus",
    "pcm_s16le",
    "pcm_f32le",
    "mulaw",
    "alaw",
    "mp3",
    "aac",
    "flac",
    "wav",
]


class Codec(IntEnum):
    """What the packet of a frame is (docs/PROTOCOL.md, audio frames)."""

    OPUS = 1
    PCM_S16LE = 2
    OGG_PAGE = 3
    MULAW = 4
    ALAW = 5
    PCM_F32LE = 6
    MP3 = 7
    AAC = 8
    FLAC = 9
    WAV = 10


@dataclass(frozen=True, slots=True)
class Format:
    """A format on offer.

    Attributes:
        codec: what its packets are.
        coding: loads how packets are made of sound.
    """

    codec: Codec
    coding: Callable[[], Coding]


def _opus() -> Coding:
    from .opus import CODING  # noqa: PLC0415 - only what is used is loaded

    return CODING


def _ogg_opus() -> Coding:
    from .containers import CODING  # noqa: PLC0415 - as above

    return CODING


def _pcm_s16le() -> Coding:
    from .pcm import S16LE_CODING  # noqa: PLC0415 - as above

    return S16LE_CODING


def _pcm_f32le() -> Coding:
    from .pcm import F32LE_CODING  # noqa: PLC0415 - as above

    return F32LE_CODING


def _mulaw() -> Coding:
    from .g711 import MULAW_CODING  # noqa: PLC0415 - as above

    return MULAW_CODING


def _alaw() -> Coding:
    from .g711 import ALAW_CODING  # noqa: PLC0415 - as above

    return ALAW_CODING


def _mp3() -> Coding:
    from .compressed import MP3  # noqa: PLC0415 - as above

    return MP3


def _aac() -> Coding:
    from .compressed import AAC  # noqa: PLC0415 - as above

    return AAC


def _flac() -> Coding:
    from .compressed import FLAC  # noqa: PLC0415 - as above

    return FLAC


def _wav() -> Coding:
    from .pcm import WAV_CODING  # noqa: PLC0415 - as above

    return WAV_CODING


FORMATS: Final[dict[FormatName, Format]] = {
    "opus": Format(Codec.OPUS, _opus),
    "ogg_opus": Format(Codec.OGG_PAGE, _ogg_opus),
    "pcm_s16le": Format(Codec.PCM_S16LE, _pcm_s16le),
    "pcm_f32le": Format(Codec.PCM_F32LE, _pcm_f32le),
    "mulaw": Format(Codec.MULAW, _mulaw),
    "alaw": Format(Codec.ALAW, _alaw),
    "mp3": Format(Codec.MP3, _mp3),
    "aac": Format(Codec.AAC, _aac),
    "flac": Format(Codec.FLAC, _flac),
    "wav": Format(Codec.WAV, _wav),
}

# What HTTP calls a body of each format that is a file or a stream by itself.
MEDIA_TYPES: Final[dict[FormatName, str]] = {
    "ogg_opus": "audio/ogg",
    "pcm_s16le": "audio/pcm",
    "mulaw": "audio/basic",
    "alaw": "audio/x-alaw-basic",
    "mp3": "audio/mpeg",
    "aac": "audio/aac",
    "flac": "audio/flac",
    "wav": "audio/wav",
}
