"""Judges a recording of a voice by its samples: what makes a poor voice is refused, or mended and told.

A model copies what it hears, so noise, a hum, crackle or a telephone's narrow band would be in every sentence of the
voice. Each limit is between what speech of several voices measures and what the fault measures (docs/VOICES.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from .seams import clicks, holes

if TYPE_CHECKING:
    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]
    Doubles = npt.NDArray[np.float64]

FRAME_SECONDS: Final = 0.02
# A recording's loudness: the level, in dB of full scale, at the start of the loudest twentieth of its frames.
LOUD_QUANTILE: Final = 0.95
MIN_LOUD_DBFS: Final = -40.0  # below, a recording is mostly the noise of its own equipment
NO_SOUND_DBFS: Final = -60.0  # below, the recording holds no speech at all
PAUSE_BELOW_LOUD_DB: Final = 30.0  # the softest sounds of speech lie some 25 dB below the loudest
MAX_PAUSE_SHARE: Final = 0.6  # half of slow speech is pauses

CLIPPED_LEVEL: Final = 0.999  # of full scale: the largest values of 16 bits, and values to which decoders overshoot
MAX_CLIPPED_SHARE: Final = 0.001  # a peak or two may touch; one sample in a thousand is heard as crackle
# A wave that was cut off flat spends far more time within a hundredth of its peak than in the hundredth below it,
# whatever it was lowered to afterwards. Speech spends less, the nearer to its peak.
_FLAT_TOP: Final = 0.99
_BELOW_TOP: Final = 0.98
_FLAT_TIMES: Final = 2.0

_DC_WORTH_TELLING: Final = 0.01  # of full scale: -40 dB, as loud as the softest speech that is taken
_RUMBLE_HZ: Final = 45.0  # below: steps, wind, a desk that is touched; no voice and no mains
_RUMBLE_WORTH_TAKING: Final = 0.05  # of the power; of speech it is a thousandth
_OPPOSED: Final = -0.5  # correlation of two channels of one voice; in phase it is above 0.5
_STRANGERS: Final = 0.3  # less, either way: two people, or one who is heard late on one of them
_SILENT_CHANNEL_DB: Final = 20.0  # so far below the other one, a channel holds crosstalk

_QUIET_QUANTILE: Final = 0.1  # speech pauses, or nearly does, for a tenth of its time
_MIN_RANGE_DB: Final = 12.0  # between loud and quiet; speech over a wide noise has less
_CLEAN_RANGE_DB: Final = 22.0  # below, the noise is heard in the voice

_SPECTRUM_S: Final = 0.1  # 10 Hz apart, so that a tone stands alone and a voice's harmonics spread
_TONE_LINES: Final = 3
_TONE_REACH: Final = 2  # lines on either side that a tone's window spreads to
_TONE_SHARE: Final = 0.85  # of all power; a voice's pitch moves, and no harmonic keeps it
_HUM_HZ: Final = (45.0, 65.0)  # mains; a deep voice begins at 70 Hz
_HUM_SHARE: Final = 0.01  # 20 dB below the speech

_VOICE_HZ: Final = (60.0, 500.0)
_MIN_PERIODIC: Final = 0.5  # of a frame's autocorrelation: voiced
_MIN_VOICED_SHARE: Final = 0.15  # of the loud frames; speech has a half, whispering and noise nothing
_MAX_VOICED_SHARE: Final = 0.97  # speech of seven voices has 0.6 to 0.92; a saxophone has 1.0
_VOICING_RATE_HZ: Final = 8_000
_VOICING_WINDOW_S: Final = 0.04

# Telephones end at 3.4 kHz, the rate that they use at 4 kHz. Consonants have most of their power above that.
_LOW_BAND_HZ: Final = (300.0, 3_400.0)
_HIGH_BAND_HZ: Final = (4_600.0, 7_600.0)
_NARROW_DB: Final = -52.0
# A rate of 11 kHz, and codecs of 8 to 16 kbit/s, end at 5 to 6 kHz. Speech of six voices has -6 to -22 dB here, and
# what was cut off -79 and less.
_BRIGHT_BAND_HZ: Final = (5_800.0, 7_800.0)
_MUFFLED_DB: Final = -55.0

_THIN_HZ: Final = (70.0, 300.0)  # the lower part of every voice
_THIN_DB: Final = -20.0  # of it to the telephone's band; speech of several voices has -9 to +1

_MOST_DROPS_A_SECOND: Final = 2.0  # chopped: by a noise gate, a bad connection or a few bits a sample
_CLICKS_WORTH_TELLING: Final = 3  # clean speech of three voices has none in minutes
_MOST_CLICKS_A_SECOND: Final = 1.0
_LEVEL_JUMP_DB: Final = 10.0  # between the halves; people move, but not so far

_FEWEST_LEVELS: Final = 400  # different sizes of samples: 8 bits have 256 at most, 16 bits of six voices 4,700 and more

# Of the cepstrum of a whole recording: speech of six voices has 0.03 at most behind the pitch, a copy of half the size
# 0.25.
_ECHO: Final = 0.1
_ECHO_FROM_S: Final = 0.018  # before it lie the periods of deep voices
_TWICE: Final = 1.0  # nothing but the same samples again has so much
_TWICE_FROM_S: Final = 0.5

_EDGE_KEPT_S: Final = 0.1  # of silence before and after: enough for a soft beginning
_EDGE_WORTH_TELLING_S: Final = 0.3


class UnfitRecording(ValueError):
    """No voice should be made of this; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class JudgedRecording:
    """A recording that will do.

    Attributes:
        samples: (N,) mono, full scale 1, without silence at its edges.
        warnings: what was mended, and what will be heard in the voice.
    """

    samples: Floats
    warnings: tuple[str, ...]


def judge_recording(channels: Floats, rate_hz: int, *, min_s: float, max_s: float, min_rate_hz: int) -> JudgedRecording:
    """Judge (C, N) samples, full scale 1.

    Args:
        channels: all channels of the recording.
        rate_hz: its rate.
        min_s: the least that a voice can be made of.
        max_s: the most that the model takes.
        min_rate_hz: what the model hears.

    Raises:
        UnfitRecording: with the reason.
    """
    if rate_hz < min_rate_hz:
        raise UnfitRecording(f"recorded at {rate_hz} Hz; {min_rate_hz} Hz at least, or the voice will sound muffled")
    _check_length(channels.shape[1], rate_hz, min_s, np.inf)
    if not np.isfinite(channels).all():
        raise UnfitRecording("has samples that are no numbers")
    warnings: list[str] = []
    samples = _mono(channels, warnings)
    if samples.any() and len(np.unique(np.round(samples * 32768))) < _FEWEST_LEVELS:
        warnings.append("it has 8 bits a sample or fewer; the voice will have their hiss too")
    if clipped_share(samples) > MAX_CLIPPED_SHARE:  # before anything is moved
        raise UnfitRecording(
            f"clipped: {clipped_share(samples):.1%} of its samples are at full scale; record it again at a lower level"
        )
    samples = _without_rumble(_without_dc(samples, warnings), rate_hz, warnings)
    levels = _levels(samples, rate_hz)
    loud = float(np.quantile(levels, LOUD_QUANTILE))
    if loud < NO_SOUND_DBFS:
        raise UnfitRecording("it is silent")
    if loud < MIN_LOUD_DBFS:
        raise UnfitRecording(f"too quiet: speech at {loud:.0f} dB of full scale; {MIN_LOUD_DBFS:g} dB at least")
    _check_is_speech(samples, rate_hz, levels, loud, warnings)
    if is_flat_topped(samples):
        raise UnfitRecording(
            "clipped, and made quieter afterwards: its peaks are cut off flat; record it again at a lower level"
        )
    trimmed = _trimmed(samples, rate_hz, levels, loud, warnings)
    _check_length(len(trimmed), rate_hz, min_s, max_s)
    pauses = float((_levels(trimmed, rate_hz) < loud - PAUSE_BELOW_LOUD_DB).mean())
    if pauses > MAX_PAUSE_SHARE:
        raise UnfitRecording(f"{pauses:.0%} of it is silence; cut the pauses")
    _check_faults(trimmed, rate_hz, warnings)
    return JudgedRecording(trimmed, tuple(warnings))


def clipped_share(samples: Floats) -> float:
    """Tell how much of a recording is at full scale."""
    return float((np.abs(samples) >= CLIPPED_LEVEL).mean())


def is_flat_topped(samples: Floats) -> bool:
    """Tell whether peaks were cut off, at any level: one side is enough."""
    for side in (samples, -samples):
        peak = float(side.max(initial=0.0))
        at_top = int((side > _FLAT_TOP * peak).sum())
        below = int(((side > _BELOW_TOP * peak) & (side <= _FLAT_TOP * peak)).sum())
        if at_top > MAX_CLIPPED_SHARE * len(side) and at_top > _FLAT_TIMES * below:
            return True
    return False


def speech_seconds(samples: Floats, rate_hz: int) -> float:
    """Tell how long somebody speaks in (N,) samples, without the pauses."""
    levels = _levels(samples, rate_hz)
    loud = float(np.quantile(levels, LOUD_QUANTILE))
    return float((levels >= loud - PAUSE_BELOW_LOUD_DB).sum()) * FRAME_SECONDS


def _check_length(samples: int, rate_hz: int, min_s: float, max_s: float) -> None:
    if samples < round(min_s * rate_hz):
        raise UnfitRecording(
            f"{samples / rate_hz:.1f} s is too short (silence at the edges does not count): {min_s:g} s of one person "
            "speaking are the least"
        )
    if samples > max_s * rate_hz:
        raise UnfitRecording(f"longer than {max_s:g} s, which is all the speech tokenizer takes; cut it at a sentence")


def _mono(channels: Floats, warnings: list[str]) -> Floats:
    """Mix channels that belong together; take the louder one of those that would cancel or thin each other out."""
    if len(channels) == 1:
        only: Floats = channels[0]
        return only
    powers = (channels.astype(np.float64) ** 2).mean(axis=1)
    louder, other = (int(index) for index in np.argsort(powers)[::-1][:2])
    louder_channel: Floats = channels[louder]
    if powers[other] < powers[louder] * 10 ** (-_SILENT_CHANNEL_DB / 10):
        return louder_channel
    together = float(np.corrcoef(channels[louder], channels[other])[0, 1])
    if together < _OPPOSED:
        warnings.append("its channels are in opposite phase and would cancel each other out; the louder one was taken")
        return louder_channel
    if abs(together) < _STRANGERS:
        warnings.append(
            "its channels hold different sounds, of two people or of one at two times; the louder one was taken"
        )
        return louder_channel
    mixed: Floats = channels.mean(axis=0, dtype=np.float32)
    return mixed


def _without_dc(samples: Floats, warnings: list[str]) -> Floats:
    offset = float(samples.mean(dtype=np.float64))
    if abs(offset) <= _DC_WORTH_TELLING:
        return samples
    warnings.append(f"it lies {offset:+.1%} of full scale off the middle (DC), which was taken out")
    return samples - np.float32(offset)


def _without_rumble(samples: Floats, rate_hz: int, warnings: list[str]) -> Floats:
    spectrum = np.fft.rfft(samples.astype(np.float64))
    low = round(_RUMBLE_HZ * len(samples) / rate_hz)
    power = np.abs(spectrum) ** 2
    if power[:low].sum() <= _RUMBLE_WORTH_TAKING * power.sum() or not power[low:].any():
        return samples
    warnings.append(f"it rumbles below {_RUMBLE_HZ:g} Hz, which was taken out")
    spectrum[:low] = 0
    cleared: Floats = np.fft.irfft(spectrum, len(samples)).astype(np.float32)
    return cleared


def _check_is_speech(samples: Floats, rate_hz: int, levels: Doubles, loud: float, warnings: list[str]) -> None:
    """Refuse a tone, noise, whatever has no voice in it, and a telephone's band; tell of hum and of some noise."""
    power, hz = _long_spectrum(samples, rate_hz)
    strongest = np.argsort(power)[::-1]
    lines: list[int] = []
    for line in strongest:
        if all(abs(int(line) - kept) > 2 * _TONE_REACH for kept in lines):
            lines.append(int(line))
        if len(lines) == _TONE_LINES:
            break
    in_lines = sum(power[max(0, line - _TONE_REACH) : line + _TONE_REACH + 1].sum() for line in lines)
    if in_lines > _TONE_SHARE * power.sum():
        raise UnfitRecording(f"it is a tone of {hz[lines[0]]:.0f} Hz and no speech")
    span = loud - float(np.quantile(levels, _QUIET_QUANTILE))
    voiced = _voiced_share(samples, rate_hz, levels, loud)
    if voiced < _MIN_VOICED_SHARE:
        raise UnfitRecording("no voice is heard in it: noise, whispering, or music without a melody")
    if voiced > _MAX_VOICED_SHARE:
        warnings.append("hardly a consonant is heard in it: is it an instrument, or somebody who sings?")
    hums = power[(hz >= _HUM_HZ[0]) & (hz <= _HUM_HZ[1])].sum() > _HUM_SHARE * power.sum()
    if span < _MIN_RANGE_DB:
        what = "it hums with the mains" if hums else "noisy"
        raise UnfitRecording(
            f"{what}: what is heard between the words is only {span:.0f} dB below them; record it in a quiet room"
        )
    if hums:
        warnings.append("it hums with the mains; the voice will have it too")
    elif span < _CLEAN_RANGE_DB:
        warnings.append(f"what is heard between the words is only {span:.0f} dB below them; the voice will have it too")
    deep, middle = (power[(hz >= band[0]) & (hz <= band[1])].sum() for band in (_THIN_HZ, _LOW_BAND_HZ))
    if 10 * np.log10(max(deep, 1e-30) / max(middle, 1e-30)) < _THIN_DB:
        warnings.append(f"it has next to nothing below {_THIN_HZ[1]:g} Hz, and the voice will be as thin")
    low, high, bright = (
        power[(hz >= band[0]) & (hz <= band[1])].mean() for band in (_LOW_BAND_HZ, _HIGH_BAND_HZ, _BRIGHT_BAND_HZ)
    )
    if 10 * np.log10(max(high, 1e-30) / max(low, 1e-30)) < _NARROW_DB:
        raise UnfitRecording(
            f"it holds nothing above {_LOW_BAND_HZ[1] / 1000:g} kHz: it went through a telephone, or was recorded at "
            f"8000 Hz, though its rate is {rate_hz} Hz now; the voice would sound muffled"
        )
    if 10 * np.log10(max(bright, 1e-30) / max(low, 1e-30)) < _MUFFLED_DB:
        warnings.append(
            f"it holds nothing above {_BRIGHT_BAND_HZ[0] / 1000:g} kHz: a low rate, or few bits a second; the voice "
            "will be as dull"
        )


def _check_faults(samples: Floats, rate_hz: int, warnings: list[str]) -> None:
    """Refuse speech that is chopped, crackles or is there twice; tell of less, of echoes, and of a level that jumps."""
    seconds = len(samples) / rate_hz
    again_s, share = _copy(samples, rate_hz)
    if share > _TWICE and again_s > _TWICE_FROM_S:
        raise UnfitRecording(f"the same sound comes again after {again_s:.1f} s; cut it down to one time")
    if share > _ECHO:
        warnings.append(f"it has an echo {1000 * again_s:.0f} ms later; the voice will have it too")
    pcm = np.round(samples * 32767).clip(-32768, 32767).astype(np.int16)
    if dropped := holes(pcm, rate_hz):
        first = dropped[0]
        told = (
            f"sound drops out {len(dropped)} times, first after {first.at_s:.2f} s for {1000 * first.length_s:.0f} ms"
        )
        if len(dropped) > _MOST_DROPS_A_SECOND * seconds:
            raise UnfitRecording(f"chopped: {told}; record it without a noise gate, or over a better connection")
        warnings.append(told)
    crackles = clicks(pcm, rate_hz)
    if len(crackles) > _MOST_CLICKS_A_SECOND * seconds:
        raise UnfitRecording(f"crackles: {len(crackles)} clicks, the first after {crackles[0].at_s:.2f} s")
    if len(crackles) >= _CLICKS_WORTH_TELLING:
        warnings.append(f"it clicks {len(crackles)} times, first after {crackles[0].at_s:.2f} s")
    halves = [np.quantile(_levels(half, rate_hz), LOUD_QUANTILE) for half in np.array_split(samples, 2)]
    if abs(jump := float(halves[1] - halves[0])) > _LEVEL_JUMP_DB:
        warnings.append(f"its second half is {abs(jump):.0f} dB {'louder' if jump > 0 else 'softer'} than its first")


def _copy(samples: Floats, rate_hz: int) -> tuple[float, float]:
    """Find the copy that a recording holds of itself: how much later, and how much of it, by its cepstrum."""
    spectrum = np.abs(np.fft.rfft(samples.astype(np.float64), 2 * len(samples)))
    cepstrum = np.fft.irfft(np.log(np.maximum(spectrum, 1e-9)))
    first = round(_ECHO_FROM_S * rate_hz)
    at = first + int(np.argmax(cepstrum[first : len(samples) - first]))
    return at / rate_hz, float(cepstrum[at])


def _trimmed(samples: Floats, rate_hz: int, levels: Doubles, loud: float, warnings: list[str]) -> Floats:
    """Cut silence off the edges, but for a moment."""
    frame = round(rate_hz * FRAME_SECONDS)
    sounding = np.flatnonzero(levels >= loud - PAUSE_BELOW_LOUD_DB)
    kept = round(_EDGE_KEPT_S * rate_hz)
    start = max(0, int(sounding[0]) * frame - kept)
    end = min(len(samples), (int(sounding[-1]) + 1) * frame + kept)
    cut = (start / rate_hz, (len(samples) - end) / rate_hz)
    if max(cut) > _EDGE_WORTH_TELLING_S:
        warnings.append(f"{cut[0]:.1f} s of silence before the speech and {cut[1]:.1f} s after it were cut off")
    return samples[start:end]


def _voiced_share(samples: Floats, rate_hz: int, levels: Doubles, loud: float) -> float:
    """Tell how many of the loud frames repeat themselves at the pitch of a voice."""
    step = max(1, rate_hz // _VOICING_RATE_HZ)
    # A mean of neighbours is filter enough: only low frequencies matter here.
    slow = samples[: len(samples) // step * step].reshape(-1, step).mean(axis=1, dtype=np.float64)
    slow_hz = rate_hz / step
    window = round(_VOICING_WINDOW_S * slow_hz)
    hop = FRAME_SECONDS * slow_hz
    starts = [round(index * hop) for index in np.flatnonzero(levels > loud - 15)]
    frames = np.array([slow[start : start + window] for start in starts if start + window <= len(slow)])
    if not len(frames):
        return 0.0
    frames = frames - frames.mean(axis=1, keepdims=True)
    spectrum = np.abs(np.fft.rfft(frames, 2 * window)) ** 2
    repeats = np.fft.irfft(spectrum)[:, :window]
    shares = np.arange(window, 0, -1) / window  # fewer samples overlap, the longer the lag
    periodic = repeats / np.maximum(repeats[:, :1], 1e-12) / shares
    first, last = round(slow_hz / _VOICE_HZ[1]), min(round(slow_hz / _VOICE_HZ[0]), window * 3 // 4)
    return float((periodic[:, first:last].max(axis=1) > _MIN_PERIODIC).mean())


def _long_spectrum(samples: Floats, rate_hz: int) -> tuple[Doubles, Doubles]:
    """Mean power over the whole recording: (F,) and the (F,) frequencies."""
    window = round(_SPECTRUM_S * rate_hz)
    frames = sliding_window_view(samples.astype(np.float64), window)[:: window // 2] * np.hanning(window)
    power: Doubles = (np.abs(np.fft.rfft(frames)) ** 2).mean(axis=0)
    hz: Doubles = np.arange(len(power), dtype=np.float64) * (rate_hz / window)
    return power, hz


def _levels(samples: Floats, rate_hz: int) -> Doubles:
    """Levels of whole frames, in dB of full scale."""
    frame = round(rate_hz * FRAME_SECONDS)
    frames = samples[: len(samples) // frame * frame].reshape(-1, frame).astype(np.float64)
    levels: Doubles = 10 * np.log10(np.maximum((frames**2).mean(axis=1), 1e-12))
    return levels
