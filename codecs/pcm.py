"""Raw PCM as packets: 16-bit little-endian mono, whole samples."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Pcm = npt.NDArray[np.int16]  # (n,) mono samples


def pack_s16le(samples: Pcm) -> bytes:
    """Lay out samples as ``pcm_s16le``, whatever the byte order of the machine."""
    return samples.astype("<i2", copy=False).tobytes()
