"""The audio that a conversation asks for, the facts that the codec makes of it, and one packet of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...codecs.formats import FormatName


@dataclass(frozen=True, slots=True)
class AudioParameters:
    """The audio that a connection asks for; the codec may change it.

    Attributes:
        sample_rate_hz: what the client asked for; the codec may choose the next rate that it supports.
        bitrate: bits per second, for codecs that have one; others ignore it, and take any that Opus has.
    """

    format: FormatName
    sample_rate_hz: int
    frame_ms: int
    bitrate: int


@dataclass(frozen=True, slots=True)
class AudioFacts:
    """What the codec makes of ``AudioParameters``.

    Attributes:
        codec_id: the number by which dialects tell their peers the codec; the conversation itself does not use it.
        sample_rate_hz: the rate really encoded.
        preskip: 48 kHz samples that a decoder drops at the start.
        end_after: makes the packet that ends a stream early, from the last packet that was sent. None if a stream of
            this codec may end anywhere.
    """

    codec_id: int
    sample_rate_hz: int
    preskip: int
    end_after: Callable[[bytes], bytes] | None = None


class Packet(Protocol):
    """What the codec hands over: bytes, and how many 48 kHz samples of sound they add."""

    @property
    def payload(self) -> bytes: ...  # noqa: D102 - said in the class docstring
    @property
    def duration(self) -> int: ...  # noqa: D102 - said in the class docstring


@dataclass(frozen=True, slots=True)
class SilentPacket:
    """A packet that adds no sound: it ends a stream that is cut short."""

    payload: bytes
    duration: int = 0
