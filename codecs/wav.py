"""The header of a WAV file. It needs no codec, so rooms that decide may write one."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from .provenance import riff_info

if TYPE_CHECKING:
    from .formats import FormatName

_ENDLESS: Final = 0xFFFF_FFFF
_RIFF_INFO: Final = riff_info()
_WAV_PCM: Final = 1
# What the samples of each format are called in a WAV file, and how many bytes one has.
_WAV_SAMPLES: Final[dict[str, tuple[int, int]]] = {
    "pcm_s16le": (_WAV_PCM, 2),
    "pcm_f32le": (3, 4),
    "alaw": (6, 1),
    "mulaw": (7, 1),
}


def wav_header(sample_rate_hz: int, data_bytes: int | None, form: FormatName = "pcm_s16le") -> bytes:
    """Write the header of a mono WAV file, which says that a machine speaks; the samples follow it.

    Args:
        sample_rate_hz: of the samples.
        form: what they are: 16 bits, floats, or G.711.
        data_bytes: how many bytes of samples follow. None: unknown, for an output whose start cannot be changed
            afterwards. The header then states the largest possible length, as FFmpeg does, and readers go on to the
            end.
    """
    data_bytes = _ENDLESS if data_bytes is None else min(data_bytes, _ENDLESS)  # more than this is over a day of sound
    tag, width = _WAV_SAMPLES[form]
    layout = struct.pack("<HHIIHH", tag, 1, sample_rate_hz, width * sample_rate_hz, width, 8 * width)  # one channel
    if tag != _WAV_PCM:
        layout += bytes(2)  # the length of what a format may add to this
    head = struct.pack("<4s4sI", b"WAVE", b"fmt ", len(layout)) + layout + _RIFF_INFO + b"data"
    riff_bytes = min(data_bytes + len(head) + 4, _ENDLESS)  # a RIFF length leaves out its own two fields
    return struct.pack("<4sI", b"RIFF", riff_bytes) + head + struct.pack("<I", data_bytes)
