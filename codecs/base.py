"""What an encoder is, and the errors of this layer.

Errors::

    CodecError
     ├── CodecUnavailable   a library is missing (the operator acts; the message says what to install)
     └── EncodingFailed     the library refused a frame (our fault)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

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
