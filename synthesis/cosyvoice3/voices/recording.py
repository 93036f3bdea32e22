"""Reads a recording of a voice and refuses one that makes a poor voice: better once here than in every sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import av
import av.error
import numpy as np

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

FRAME_SECONDS: Final = 0.02
# A recording's loudness: the level, in dB of full scale, at the start of the loudest twentieth of its frames.
LOUD_QUANTILE: Final = 0.95
MIN_LOUD_DBFS: Final = -40.0  # below, a recording is mostly the noise of its own equipment
NO_SOUND_DBFS: Final = -60.0  # below, the recording holds no speech at all
PAUSE_BELOW_LOUD_DB: Final = 30.0  # the softest sounds of speech lie some 25 dB below the loudest
MAX_PAUSE_SHARE: Final = 0.6  # half of slow speech is pauses
CLIPPED_LEVEL: Final = 0.999  # of full scale: the largest values of 16 bits, and values to which decoders overshoot
MAX_CLIPPED_SHARE: Final = 0.001  # a peak or two may touch; one sample in a thousand is heard as crackle


def read_recording(path: Path) -> tuple[Floats, int]:
    """Read the first audio stream of any container, mixed to mono, at its own rate.

    Returns:
        (N,) samples, full scale 1, and their rate in Hz.

    Raises:
        BadVoice: the file is no audio, or no voice can be made from it.
    """
    samples, rate_hz = _decode(path)
    if fault := fault_of(samples, rate_hz):
        raise BadVoice(f"{path}: {fault}")
    return samples, rate_hz


def fault_of(samples: Floats, rate_hz: int) -> str | None:
    """Tell what is wrong with a recording; None if nothing is."""
    seconds = len(samples) / rate_hz
    if rate_hz < MIN_RATE_HZ:
        return f"recorded at {rate_hz} Hz; {MIN_RATE_HZ} Hz at least, or the voice will sound muffled"
    if seconds < MIN_SECONDS:
        return f"{seconds:.1f} s is too short; {MIN_SECONDS:g} to {MAX_SECONDS:g} s of one person speaking are right"
    if seconds > MAX_SECONDS:
        return f"longer than {MAX_SECONDS:g} s, which is all the speech tokenizer takes; cut it at a sentence"
    if not np.isfinite(samples).all():
        return "has samples that are no numbers"
    frame = int(rate_hz * FRAME_SECONDS)
    frames = samples[: len(samples) // frame * frame].reshape(-1, frame).astype(np.float64)
    levels = 10 * np.log10(np.maximum((frames**2).mean(axis=1), 1e-12))  # dB of full scale
    loud = float(np.quantile(levels, LOUD_QUANTILE))
    if loud < NO_SOUND_DBFS:
        return "it is silent"
    if loud < MIN_LOUD_DBFS:
        return f"too quiet: speech at {loud:.0f} dB of full scale; {MIN_LOUD_DBFS:g} dB at least"
    pauses = float((levels < loud - PAUSE_BELOW_LOUD_DB).mean())
    if pauses > MAX_PAUSE_SHARE:
        return f"{pauses:.0%} of it is silence; cut the pauses"
    clipped = float((np.abs(samples) >= CLIPPED_LEVEL).mean())
    if clipped > MAX_CLIPPED_SHARE:
        return f"clipped: {clipped:.1%} of its samples are at full scale; record it again at a lower level"
    return None


def _decode(path: Path) -> tuple[Floats, int]:
    """Decode to the end, or until the sound is longer than a voice may be: the rest of an audiobook is not needed."""
    try:
        with av.open(str(path)) as container:
            if not container.streams.audio:
                raise BadVoice(f"{path} holds no audio")
            stream = container.streams.audio[0]
            rate_hz = stream.rate
            to_float = av.AudioResampler(format="fltp", rate=rate_hz)
            pieces: list[Floats] = []
            length = 0
            for frame in container.decode(stream):
                for converted in to_float.resample(frame):
                    pieces.append(converted.to_ndarray().mean(axis=0, dtype=np.float32))
                    length += len(pieces[-1])
                if length > MAX_SECONDS * rate_hz:
                    break
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise BadVoice(f"{path} cannot be read as audio: {error}") from error
    if not length:
        raise BadVoice(f"{path} holds no sound")
    return np.concatenate(pieces), rate_hz
