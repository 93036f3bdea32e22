"""What an encoder, a container and a coding are, and the errors of this layer.

Errors::

    CodecError
     ├── CodecUnavailable   a library is missing (the operator acts; the message says what to install)
     └── EncodingFailed     the library refused a frame (our fault)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    import numpy.typing as npt

    from .opus import OpusSettings

    Pcm = npt.NDArray[np.int16]  # (n,) mono samples

# the clock of pts and durations: the clock of Opus, whatever the input rate (RFC 7587, 4.1)
WIRE_RATE_HZ: Final = 48_000


class CodecError(Exception):
    """A failure that keeps PCM from becoming packets."""


class CodecUnavailable(CodecError):
    """A codec's library is missing. The message says what to install."""


class EncodingFailed(CodecError):
    """The codec's library refused to encode."""


@dataclass(slots=True)  # not frozen: one is made for every frame, and freezing makes that three times slower
class Packet:
    """One payload for the wire.

    Attributes:
        payload: an Opus packet, an Ogg page or PCM samples.
        duration: how many samples a decoder puts out for the payload, at ``WIRE_RATE_HZ``, without the samples that a
            player cuts from the end.
    """

    payload: bytes
    duration: int


class FrameEncoder(Protocol):
    """One stream's encoder; the object is the stream's state.

    Attributes:
        preskip: samples at ``WIRE_RATE_HZ`` to drop from the front of what a decoder puts out.
    """

    preskip: int

    def encode(self, samples: Pcm) -> list[bytes]:
        """Encode whole frames; of a coding that takes a partial last frame, that too.

        Returns:
            A payload for each frame. It is empty if the frame comes out with a later one, and then holds that frame.
        """
        ...


class Muxer(Protocol):
    """One stream's container.

    Attributes:
        written: pages that were written so far, headers included.
        held: packets that were added and are in no page yet.
    """

    @property
    def written(self) -> int: ...  # noqa: D102 - see the class
    @property
    def held(self) -> int: ...  # noqa: D102 - see the class

    def go_on(self, written: int, granule: int, held: Sequence[Packet]) -> None:
        """Go on in place of a muxer that had written so many pages, lasting ``granule``, and held these packets."""
        ...

    def mux(self, packets: Sequence[Packet], *, last: bool = False) -> list[Packet]:
        """Add packets; returns the pages that are complete."""
        ...

    def flush(self) -> list[Packet]:
        """Let out what is held back."""
        ...


def _whatever_was_asked(sample_rate_hz: int) -> int:
    return sample_rate_hz


def _as_asked(sample_rate_hz: int, frame_ms: int) -> int:
    return sample_rate_hz * frame_ms // 1000


def _no_preskip(sample_rate_hz: int, opus: OpusSettings) -> int:  # noqa: ARG001 - none, at any rate
    return 0


@dataclass(frozen=True, slots=True)
class Coding:
    """How a format makes packets of sound.

    Attributes:
        new_encoder: makes an encoder, of the rate, the frame's length in ms, and the settings of Opus.
        rate_hz: tells the rate that is encoded for one that was asked for.
        preskip: tells ``FrameEncoder.preskip`` for a rate that is encoded, and the settings of Opus.
        takes_partial: the last frame may be shorter than the others.
        frame_samples: tells the size of a frame, of the rate that is encoded and the length that was asked for.
        frames_behind: how many frames the encoder must be given after one before that one comes out.
        counts_frames: a frame says its number, so an encoder that goes on in place of another has to have counted.
        new_muxer: makes the container, of the rate and the pre-skip; None: each packet goes out as it is.
        end_after: makes, of the last packet that was sent, the one that ends a stream which is broken off; None: a
            stream may end anywhere.
    """

    new_encoder: Callable[[int, int, OpusSettings], FrameEncoder]
    rate_hz: Callable[[int], int] = _whatever_was_asked
    preskip: Callable[[int, OpusSettings], int] = _no_preskip
    takes_partial: bool = False
    frame_samples: Callable[[int, int], int] = _as_asked
    frames_behind: int = 0
    counts_frames: bool = False
    new_muxer: Callable[[int, int], Muxer] | None = None
    end_after: Callable[[bytes], bytes] | None = None
