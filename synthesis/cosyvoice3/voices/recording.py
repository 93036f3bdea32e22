"""Reads a recording of a voice and refuses one that makes a poor voice: better once here than in every sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import av
import av.error
import numpy as np

from ...hearing.judgement import JudgedRecording, UnfitRecording, judge_recording
from .features import HEARING_RATE_HZ
from .prompt import BadVoice

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]

# The speech tokenizer takes no more than 30 s. Below 3 s there is too little to learn a manner of speaking from, and
# hardly a sentence for a transcript.
MIN_SECONDS: Final = 3.0
MAX_SECONDS: Final = 30.0
MIN_RATE_HZ: Final = HEARING_RATE_HZ  # what the networks hear; a lower rate lacks sound that nothing can replace
# Silence at the edges is cut off before the length is judged, so a little more than the longest recording is read.
_READ_SECONDS: Final = 2 * MAX_SECONDS
# Below so many bits a second a codec is heard, and the voice would have its gurgling.
_LEAST_BITS: Final = {
    "mp3": 48_000,
    "aac": 40_000,
    "vorbis": 40_000,
    "wmav2": 48_000,
    "opus": 20_000,
}


def read_recording(path: Path) -> tuple[JudgedRecording, int]:
    """Read the first audio stream of any container, at its own rate, and judge it.

    Returns:
        What is left of it, mono, and its rate in Hz.

    Raises:
        BadVoice: the file is no audio, or no voice can be made from it.
    """
    channels, rate_hz, warnings = _decode(path)
    try:
        judged = judge(channels, rate_hz)
    except UnfitRecording as fault:
        raise BadVoice(f"{path}: {fault}") from None
    return JudgedRecording(judged.samples, (*warnings, *judged.warnings)), rate_hz


def judge(channels: Floats, rate_hz: int) -> JudgedRecording:
    """Judge (C, N) samples by what the model needs.

    Raises:
        UnfitRecording: with the reason.
    """
    return judge_recording(channels, rate_hz, min_s=MIN_SECONDS, max_s=MAX_SECONDS, min_rate_hz=MIN_RATE_HZ)


def _decode(path: Path) -> tuple[Floats, int, list[str]]:
    """Decode to (C, N), to the end or until nothing more can matter: the rest of an audiobook is not needed.

    Returns:
        The samples, their rate in Hz, and what the file says against itself.
    """
    try:
        with av.open(str(path)) as container:
            if not container.streams.audio:
                raise BadVoice(f"{path} holds no audio")
            stream = container.streams.audio[0]
            rate_hz = stream.rate
            codec = stream.codec_context.codec.canonical_name
            bits = stream.codec_context.bit_rate or container.bit_rate
            warnings = []
            if bits and bits < _LEAST_BITS.get(codec, 0):
                warnings.append(f"it has {bits // 1000} kbit/s of {codec}, which gurgles; the voice will too")
            to_float = av.AudioResampler(format="fltp", rate=rate_hz)
            pieces: list[Floats] = []
            length = 0
            for frame in container.decode(stream):
                for converted in to_float.resample(frame):
                    pieces.append(converted.to_ndarray().astype(np.float32, copy=False))
                    length += pieces[-1].shape[1]
                if length > _READ_SECONDS * rate_hz:
                    break
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise BadVoice(f"{path} cannot be read as audio: {error}") from error
    if not length:
        raise BadVoice(f"{path} holds no sound")
    return np.concatenate(pieces, axis=1), rate_hz, warnings
