"""What a recording is turned into: the flow's mel, and the input of the two networks that hear it.

Each feature is computed as for the model's own training data (docs/COSYVOICE3.md, voices), from first principles and in
float64. ``tests/synthesis/cosyvoice3/reference/frontend.npz`` holds the values that it must match.

Letters: N samples, T frames.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ...interface import EngineUnavailable
from ...rates import MEL_FRAMES_PER_TOKEN, MEL_HOP_SAMPLES, MODEL_SAMPLE_RATE_HZ
from ..release.model_facts import MEL_BINS, SPEAKER_DIM, SPEECH_CODES
from .prompt import BadVoice

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy.typing as npt
    import onnxruntime  # type: ignore[import-untyped]  # it ships neither annotations nor stubs

    Floats = npt.NDArray[np.float32]
    Doubles = npt.NDArray[np.float64]
    Reals = npt.NDArray[np.floating]

TOKENIZER_NAME: Final = "speech_tokenizer_v3.onnx"
SPEAKER_NAME: Final = "campplus.onnx"
HEARING_RATE_HZ: Final = 16_000  # both networks' input

_SINC_ZEROS: Final = 6  # zero crossings of the interpolating sinc on either side
_SINC_ROLLOFF: Final = 0.99  # its cut-off, as a share of the lower rate's bandwidth
_SINC_BLOCK: Final = 1 << 14  # outputs computed at once: about 10 MB

_MEL_FFT: Final = 1920  # cosyvoice3.yaml: n_fft and win_size
_MEL_TOP_HZ: Final = MODEL_SAMPLE_RATE_HZ / 2  # cosyvoice3.yaml: fmax null
_MEL_FLOOR: Final = 1e-5

_WHISPER_BINS: Final = 128
_WHISPER_FFT: Final = 400  # 25 ms
_WHISPER_HOP: Final = 160  # 10 ms
_WHISPER_FLOOR: Final = 1e-10
_WHISPER_RANGE: Final = 8.0  # decades kept below the loudest: 80 dB
_WHISPER_FRAMES_PER_TOKEN: Final = 4  # two strides of 2

_FBANK_BINS: Final = 80
_FBANK_WINDOW: Final = 400  # 25 ms
_FBANK_HOP: Final = 160  # 10 ms
_FBANK_FFT: Final = 512
_FBANK_LOW_HZ: Final = 20.0
_FBANK_PREEMPHASIS: Final = 0.97
_FBANK_FLOOR: Final = float(np.finfo(np.float32).eps)


def resample(samples: Reals, source_hz: int, target_hz: int) -> Floats:
    """Resample by a Hann-windowed sinc.

    Args:
        samples: (N,).
        source_hz: their rate.
        target_hz: the rate wanted.

    Returns:
        (ceil(N * target_hz / source_hz),) float32.
    """
    if source_hz == target_hz:
        return samples.astype(np.float32)
    divisor = math.gcd(source_hz, target_hz)
    source, target = source_hz // divisor, target_hz // divisor
    cutoff = _SINC_ROLLOFF * min(source, target) / source  # in cycles per source sample, twice over
    reach = math.ceil(_SINC_ZEROS / cutoff)
    padded = np.pad(samples.astype(np.float64), (reach, reach + 1))
    outputs = -(-len(samples) * target // source)
    taps = np.arange(-reach, reach + 2)
    resampled = np.empty(outputs, np.float32)
    for start in range(0, outputs, _SINC_BLOCK):
        numbers = np.arange(start, min(start + _SINC_BLOCK, outputs))
        whole, part = numbers * source // target, numbers * source % target / target
        at = np.clip((taps[None] - part[:, None]) * cutoff, -_SINC_ZEROS, _SINC_ZEROS)
        kernel = np.sinc(at) * np.cos(at * (np.pi / 2 / _SINC_ZEROS)) ** 2
        windows = padded[whole[:, None] + (taps + reach)[None]]
        resampled[numbers] = cutoff * np.einsum("nk,nk->n", windows, kernel)
    return resampled


def log_mel(samples: Floats) -> Floats:
    """Compute the mel that the flow continues and the vocoder turns into sound.

    Args:
        samples: (N,) at 24 kHz, full scale 1.

    Returns:
        (T, 80) natural logarithm of magnitudes, T = N // 480.
    """
    margin = (_MEL_FFT - MEL_HOP_SAMPLES) // 2
    padded = np.pad(samples.astype(np.float64), margin, mode="reflect")
    power = _power(padded, _MEL_FFT, MEL_HOP_SAMPLES)
    mel = np.sqrt(power + 1e-9) @ _slaney_bank(MEL_BINS, _MEL_FFT, MODEL_SAMPLE_RATE_HZ, _MEL_TOP_HZ).T
    logarithm: Floats = np.log(np.maximum(mel, _MEL_FLOOR)).astype(np.float32)
    return logarithm


def whisper_log_mel(samples: Floats) -> Floats:
    """Compute what the speech tokenizer hears.

    Args:
        samples: (N,) at 16 kHz, full scale 1.

    Returns:
        (128, T), T = N // 160; roughly -1 to 1.
    """
    padded = np.pad(samples.astype(np.float64), _WHISPER_FFT // 2, mode="reflect")
    power = _power(padded, _WHISPER_FFT, _WHISPER_HOP)[:-1]
    bank = _slaney_bank(_WHISPER_BINS, _WHISPER_FFT, HEARING_RATE_HZ, HEARING_RATE_HZ / 2)
    decades = np.log10(np.maximum(bank @ power.T, _WHISPER_FLOOR))
    decades = np.maximum(decades, decades.max() - _WHISPER_RANGE)
    scaled: Floats = ((decades + 4) / 4).astype(np.float32)
    return scaled


def kaldi_fbank(samples: Floats) -> Floats:
    """Compute what the speaker encoder hears, without removing its mean over time.

    Args:
        samples: (N,) at 16 kHz, full scale 1; N at least 400.

    Returns:
        (T, 80) natural logarithm of power, T = 1 + (N - 400) // 160.
    """
    frames = sliding_window_view(samples.astype(np.float64), _FBANK_WINDOW)[::_FBANK_HOP]
    frames = frames - frames.mean(axis=1, keepdims=True)
    previous = np.concatenate([frames[:, :1], frames[:, :-1]], axis=1)
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_FBANK_WINDOW) / (_FBANK_WINDOW - 1))
    windowed = (frames - _FBANK_PREEMPHASIS * previous) * hann**0.85  # the window that Kaldi calls povey
    power = np.abs(np.fft.rfft(windowed, _FBANK_FFT)) ** 2
    logarithm: Floats = np.log(np.maximum(power @ _kaldi_bank().T, _FBANK_FLOOR)).astype(np.float32)
    return logarithm


class VoiceNetworks:
    """The two networks that hear a recording: one hears the words, as speech tokens, the other hears the speaker."""

    def __init__(self, model_dir: Path) -> None:
        """Load both networks; the tokenizer is a gigabyte, which takes seconds.

        Raises:
            EngineUnavailable: onnxruntime is not installed.
            BadVoice: a file is missing or holds no such network.
        """
        self._tokenizer = _load(model_dir / TOKENIZER_NAME, inputs=2)
        self._speaker = _load(model_dir / SPEAKER_NAME, inputs=1)

    def speech_tokens(self, samples: Floats) -> tuple[int, ...]:
        """Hear the words: speech tokens, 25 a second, of (N,) samples at 16 kHz."""
        mel = whisper_log_mel(samples)
        frames = mel.shape[1]
        (found,) = _run(self._tokenizer, [mel[None], np.array([frames], np.int32)])
        tokens = tuple(int(token) for token in np.asarray(found).reshape(-1))
        expected = -(-frames // _WHISPER_FRAMES_PER_TOKEN)
        if len(tokens) != expected or not all(0 <= token < SPEECH_CODES for token in tokens):
            raise BadVoice(f"{TOKENIZER_NAME} is not the v3 speech tokenizer: {len(tokens)} tokens, not {expected}")
        return tokens

    def speaker_embedding(self, samples: Floats) -> Floats:
        """Hear the speaker: (192,), of (N,) samples at 16 kHz."""
        fbank = kaldi_fbank(samples)
        (found,) = _run(self._speaker, [(fbank - fbank.mean(axis=0))[None]])
        embedding = np.asarray(found, np.float32).reshape(-1)
        if embedding.shape != (SPEAKER_DIM,):
            raise BadVoice(f"{SPEAKER_NAME} is not the CAM++ encoder: {embedding.shape[0]} values, not {SPEAKER_DIM}")
        return embedding


def align(tokens: tuple[int, ...], mel: Floats) -> tuple[tuple[int, ...], Floats]:
    """Cut tokens and mel to the stretch that both cover: two mel frames for each token."""
    length = min(len(mel) // MEL_FRAMES_PER_TOKEN, len(tokens))
    return tokens[:length], mel[: MEL_FRAMES_PER_TOKEN * length]


def _power(padded: Doubles, window: int, hop: int) -> Doubles:
    """Power spectrum of Hann-windowed frames: (T, window // 2 + 1)."""
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(window) / window)
    spectrum = np.fft.rfft(sliding_window_view(padded, window)[::hop] * hann)
    power: Doubles = spectrum.real**2 + spectrum.imag**2
    return power


@lru_cache(maxsize=4)
def _slaney_bank(bins: int, fft: int, rate_hz: int, top_hz: float) -> Reals:
    """Triangles of equal area, (bins, fft // 2 + 1): their corners stand on Slaney's scale of pitch, from 0 Hz."""
    corners = _slaney_hz(np.linspace(0.0, _slaney_mel(top_hz), bins + 2))
    frequencies = np.arange(fft // 2 + 1) * (rate_hz / fft)
    return _triangles(frequencies, corners) * (2 / (corners[2:] - corners[:-2]))[:, None]


# Slaney's scale: linear at three mels in 200 Hz up to 1 kHz, then 27 mels for a factor of 6.4.
_LINEAR_HZ: Final = 200 / 3
_BREAK_HZ: Final = 1000.0
_LOG_STEP: Final = math.log(6.4) / 27


def _slaney_mel(hz: float) -> float:
    return _BREAK_HZ / _LINEAR_HZ + math.log(hz / _BREAK_HZ) / _LOG_STEP if hz >= _BREAK_HZ else hz / _LINEAR_HZ


def _slaney_hz(mel: Doubles) -> Doubles:
    break_mel = _BREAK_HZ / _LINEAR_HZ
    return np.where(mel < break_mel, mel * _LINEAR_HZ, _BREAK_HZ * np.exp(_LOG_STEP * (mel - break_mel)))


@lru_cache(maxsize=1)
def _kaldi_bank() -> Reals:
    """Triangles of height 1, (80, 257), straight on Kaldi's scale of pitch; the highest frequency belongs to none.

    They are computed in float32 and in this order, as for the encoder's training data. The lowest triangles are two
    frequencies wide, so another rounding of their corners would show.
    """
    low, high = (1127.0 * math.log1p(hz / 700.0) for hz in (_FBANK_LOW_HZ, HEARING_RATE_HZ / 2))
    step = np.float32((high - low) / (_FBANK_BINS + 1))
    corners = np.float32(low) + np.arange(_FBANK_BINS + 2, dtype=np.float32) * step
    frequencies = np.arange(_FBANK_FFT // 2 + 1, dtype=np.float32) * np.float32(HEARING_RATE_HZ / _FBANK_FFT)
    at = np.float32(1127.0) * np.log(np.float32(1.0) + frequencies / np.float32(700.0))
    bank = _triangles(at, corners)
    bank[:, -1] = 0.0
    return bank


def _triangles(at: Reals, corners: Reals) -> Reals:
    """Evaluate the triangles over three neighbouring corners each: (corners - 2, at)."""
    rising = (at[None] - corners[:-2, None]) / (corners[1:-1] - corners[:-2])[:, None]
    falling = (corners[2:, None] - at[None]) / (corners[2:] - corners[1:-1])[:, None]
    triangles: Reals = np.maximum(0, np.minimum(rising, falling))
    return triangles


def _load(path: Path, *, inputs: int) -> onnxruntime.InferenceSession:
    try:
        import onnxruntime  # noqa: PLC0415 - only the registration of voices needs it
    except ImportError as error:
        raise EngineUnavailable(
            "no voice can be made from a recording without onnxruntime: pip install 'sayline[cosyvoice3]'"
        ) from error
    if not path.is_file():
        raise BadVoice(f"{path} is missing: `sayline download cosyvoice3` fetches it")
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # errors only: the exported graphs have harmless oddities that it would report
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # its exceptions share no other base
        raise BadVoice(f"{path} is truncated or no network: {error}") from error
    if len(session.get_inputs()) != inputs:
        raise BadVoice(f"{path} takes {len(session.get_inputs())} inputs, not {inputs}: it is another network")
    return session


def _run(session: onnxruntime.InferenceSession, values: Sequence[npt.NDArray[np.generic]]) -> list[object]:
    """Run a network; inputs go by position, since exports name them differently."""
    names = [given.name for given in session.get_inputs()]
    try:
        found: list[object] = session.run(None, dict(zip(names, values, strict=True)))[:1]
    except Exception as error:  # as above
        raise BadVoice(f"the recording could not be heard: {error}") from error
    return found
