"""What an encoder is, and the errors of this layer.

Errors::

    CodecError
     ├── CodecUnavailable   a library is missing (the operator's; the message says what to install)
     └── EncodingFailed     the library refused a frame (ours)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

WIRE_RATE_HZ: Final = 48_000  # the clock of pts and durations: Opus's own, whatever the input rate (RFC 7587, 4.1)


class CodecError(Exception):
    """Anything that keeps PCM from becoming packets."""


class CodecUnavailable(CodecError):
    """A codec's library is missing. The message says what to install."""


class EncodingFailed(CodecError):
    """The codec's library refused to encode."""


@dataclass(slots=True)  # not frozen: made for every frame, and freezing makes that three times slower
class Packet:
    """One payload for the wire.

    Attributes:
        payload: an Opus packet, an Ogg page or PCM samples.
        duration: what a decoder puts out for it, in samples at ``WIRE_RATE_HZ``, less what is to be cut from its end.
    """

    payload: bytes
    duration: int
