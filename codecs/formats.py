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

FormatName = Literal["opus", "ogg_opus", "pcm_s16le"]


class Codec(IntEnum):
    """What the packet of a frame is (docs/PROTOCOL.md, audio frames)."""

    OPUS = 1
    PCM_S16LE = 2
    OGG_PAGE = 3


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
    from .pcm import CODING  # noqa: PLC0415 - as above

    return CODING


FORMATS: Final[dict[FormatName, Format]] = {
    "opus": Format(Codec.OPUS, _opus),
    "ogg_opus": Format(Codec.OGG_PAGE, _ogg_opus),
    "pcm_s16le": Format(Codec.PCM_S16LE, _pcm_s16le),
}
