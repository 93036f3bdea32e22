"""Raw PCM as packets: 16-bit little-endian mono, whole samples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .base import Coding

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from .opus import OpusSettings

    Pcm = npt.NDArray[np.int16]  # (n,) mono samples


def pack_s16le(samples: Pcm) -> bytes:
    """Lay out samples as ``pcm_s16le``, whatever the byte order of the machine."""
    return samples.astype("<i2", copy=False).tobytes()


class PcmEncoder:
    """Cuts samples into frames; see ``base.FrameEncoder``."""

    preskip = 0

    def __init__(self, frame_samples: int) -> None:
        self._frame_samples = frame_samples

    def encode(self, samples: Pcm) -> list[bytes]:
        """Lay out samples frame by frame; the last frame may be shorter."""
        size = self._frame_samples
        return [pack_s16le(samples[at : at + size]) for at in range(0, len(samples), size)]


def _new_encoder(sample_rate_hz: int, frame_ms: int, opus: OpusSettings) -> PcmEncoder:  # noqa: ARG001 - it is no Opus
    return PcmEncoder(sample_rate_hz * frame_ms // 1000)


CODING: Final = Coding(_new_encoder, takes_partial=True)
