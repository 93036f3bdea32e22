"""A moment of silence, for a text that sounds like nothing: players take a file without sound for a broken one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from ...codecs.base import Packet
    from .encoder_pool import RemoteEncoder

_SILENCE_MS: Final = 100  # a few frames of every codec


async def silent_packets(encoder: RemoteEncoder, source_rate_hz: int) -> list[Packet]:
    """Encode it as a whole stream.

    Args:
        encoder: a fresh one; closed here.
        source_rate_hz: the rate that encoders are fed at.

    Raises:
        EncodingFailed: the codec refused.
    """
    packets: list[Packet] = []
    try:
        await encoder.feed(np.zeros(source_rate_hz * _SILENCE_MS // 1000, np.int16), ends_segment=True)
        await encoder.finish()
        while encoder.frames_ready:
            packets += await encoder.encode(encoder.frames_ready, needed_at=math.inf)
    finally:
        encoder.close()
    return packets
