"""Raw PCM as packets: 16-bit or float little-endian mono, whole samples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from .base import Coding
from .containers import HeaderMuxer
from .wav import wav_header

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from .opus import OpusSettings

    Pcm = npt.NDArray[np.int16]  # (n,) mono samples


_FULL_SCALE: Final = 32_768


def pack_s16le(samples: Pcm) -> bytes:
    """Lay out samples as ``pcm_s16le``, whatever the byte order of the machine."""
    return samples.astype("<i2", copy=False).tobytes()


def pack_f32le(samples: Pcm) -> bytes:
    """Lay out samples as ``pcm_f32le``: -1 is the lowest int16, and the highest is just below 1."""
    return (samples.astype("<f4") / np.float32(_FULL_SCALE)).astype("<f4", copy=False).tobytes()


class PcmEncoder:
    """Cuts samples into frames; see ``base.FrameEncoder``."""

    preskip = 0

    def __init__(self, pack: Callable[[Pcm], bytes], frame_samples: int) -> None:
        self._pack = pack
        self._frame_samples = frame_samples

    def encode(self, samples: Pcm) -> list[bytes]:
        """Lay out samples frame by frame; the last frame may be shorter."""
        size = self._frame_samples
        return [self._pack(samples[at : at + size]) for at in range(0, len(samples), size)]


def _new_s16le(sample_rate_hz: int, frame_ms: int, opus: OpusSettings) -> PcmEncoder:  # noqa: ARG001 - it is no Opus
    return PcmEncoder(pack_s16le, sample_rate_hz * frame_ms // 1000)


def _new_f32le(sample_rate_hz: int, frame_ms: int, opus: OpusSettings) -> PcmEncoder:  # noqa: ARG001 - it is no Opus
    return PcmEncoder(pack_f32le, sample_rate_hz * frame_ms // 1000)


def _wav(sample_rate_hz: int, preskip: int) -> HeaderMuxer:  # noqa: ARG001 - it has none
    return HeaderMuxer(wav_header(sample_rate_hz, None))


S16LE_CODING: Final = Coding(_new_s16le, takes_partial=True)
F32LE_CODING: Final = Coding(_new_f32le, takes_partial=True)
# A WAV file that is written while its length is not known yet.
WAV_CODING: Final = Coding(_new_s16le, takes_partial=True, new_muxer=_wav)
