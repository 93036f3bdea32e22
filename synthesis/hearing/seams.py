"""Hears what should not be in speech: clicks, holes, and seams where one stretch of sound was joined to the next.

Everything here compares a place with its own surroundings, so it needs no other recording to compare with. The limits
were set by voices without a fault (docs/HEARING.md has the figures).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from .pitch import PitchTrack

    Pcm = npt.NDArray[np.int16]
    Floats = npt.NDArray[np.float64]

# -- clicks
_CELL_S: Final = 0.001
# Pulses of a voice come every 2.5 to 16 ms, so within 25 ms on either side a pulse has others of its kind; a click has
# not. Cells beside the click's own share its edge.
_COMPANY_CELLS: Final = 25
_OWN_CELLS: Final = 2
CLICK_CONTRAST: Final = 2.2  # two voices without a fault have 2.04 at most, in 140 s
_CLICK_SIDE_S: Final = 0.012
_CLICK_SIDE_DB: Final = 12.0  # below the loud parts: softer, a burst of breath can look like a click
_CLICK_FLOOR: Final = 0.004  # of full scale; a smaller step is not heard beside speech
_PREDICTION_STEP_S: Final = 0.01
_PREDICTION_WINDOW_S: Final = 0.03
_PREDICTION_NOISE: Final = 1.0001  # 40 dB below the sound: keeps the fit to silence and pure tones sound

# -- holes
_HOLE_CELL_S: Final = 0.0025
MIN_HOLE_S: Final = 0.0125
_GAP_CELL_S: Final = 0.005
_MIN_GAP_CELLS: Final = 2  # with the cell on either side 20 ms; a codec rounds off what is shorter
MAX_HOLE_S: Final = 0.150  # what is silent for longer is a pause
_HOLE_DROP_DB: Final = 35.0  # within two cells; a vowel dies away at some 2 dB a millisecond
# A consonant such as t is silent too, and a robot's begins as suddenly. A hole is told from it by what is in it, which
# is nothing at all, or by the sound on its other side, which is the same.
_DIGITAL_SHARE: Final = 0.95
_SIDE_S: Final = 0.015
_SIDES_DB: Final = 8.0  # between the levels
_SIDES_SPECTRUM_DB: Final = 7.0  # between the spectra; around a consonant it is 8 and more
_LOUD_DB: Final = 25.0  # below the loud parts; speech that is softer than this may end at any moment
_QUANTILE_LOUD: Final = 0.95
_FLOOR: Final = 1e-10
_FFT: Final = 1024
_BANDS: Final = 12
_BANDS_HZ: Final = (150.0, 8_000.0)

# -- seams
# Fewer than one run in so many is failed for a step that is none, and a step of 2 % of full scale at every seam of five
# sentences is found: docs/HEARING.md has the figures.
MOST_UNLIKELY: Final = 1e-5
SHARP: Final = 0.95  # a seam is called sharp if so much of its surroundings is less so
_SEAM_WINDOW_S: Final = 0.02
_CONTROL_EVERY_S: Final = 0.01
_CONTROL_AWAY_S: Final = 0.06


@dataclass(frozen=True, slots=True)
class Click:
    """A step that stands out from everything around it.

    Attributes:
        at_s: when.
        contrast: how many times as large as any other within 25 ms.
    """

    at_s: float
    contrast: float


@dataclass(frozen=True, slots=True)
class Hole:
    """Silence that begins in the middle of a sound."""

    at_s: float
    length_s: float


@dataclass(frozen=True, slots=True)
class Seams:
    """How much seams differ from other moments of the same speech; 1 for each if nothing is heard of them.

    Attributes:
        count: seams with sound on both sides; the others cannot be heard.
        step: the largest step within 1 ms, at the median seam, as a multiple of that elsewhere.
        ranks: of every seam, quiet ones too, the share of the 25 ms on either side whose samples are foretold better.
        spectrum: how far the spectrum moves from one side to the other, in the same way.
        pitch: how far the pitch moves, in the same way; None if too little is voiced.
    """

    count: int
    step: float
    spectrum: float
    pitch: float | None
    ranks: tuple[float, ...] = ()


def clicks(pcm: Pcm, rate_hz: int) -> list[Click]:
    """Find clicks in (N,) int16 mono."""
    cell = round(_CELL_S * rate_hz)
    surprise = _surprise(pcm, rate_hz)
    count = len(surprise) // cell
    if count < 2 * _COMPANY_CELLS:
        return []
    sharpest = surprise[: count * cell].reshape(count, cell).max(axis=1)
    padded = np.pad(sharpest, _COMPANY_CELLS)
    around = sliding_window_view(padded, 2 * _COMPANY_CELLS + 1).copy()
    around[:, _COMPANY_CELLS - _OWN_CELLS + 1 : _COMPANY_CELLS + _OWN_CELLS] = 0.0
    contrast = sharpest / np.maximum(around.max(axis=1), _CLICK_FLOOR / CLICK_CONTRAST)
    loud = float(np.quantile(_levels(pcm, round(_SEAM_WINDOW_S * rate_hz)), _QUANTILE_LOUD))
    found = np.flatnonzero((contrast > CLICK_CONTRAST) & (sharpest > _CLICK_FLOOR))
    return [
        Click(float(at * _CELL_S), float(contrast[at]))
        for at in found
        if not np.any(contrast[max(0, at - _OWN_CELLS) : at] >= contrast[at])  # the same click, in the cell before
        and _is_inside_sound(pcm, rate_hz, int(at) * cell, loud)
    ]


def _is_inside_sound(pcm: Pcm, rate_hz: int, sample: int, loud: float) -> bool:
    """Tell a click from the burst of a consonant, before which it is quiet."""
    side, edge = round(_CLICK_SIDE_S * rate_hz), round(_OWN_CELLS * _CELL_S * rate_hz)
    before, after = pcm[max(0, sample - edge - side) : max(0, sample - edge)], pcm[sample + edge : sample + edge + side]
    return len(before) == side == len(after) and min(_level(before), _level(after)) > loud - _CLICK_SIDE_DB


def holes(pcm: Pcm, rate_hz: int) -> list[Hole]:
    """Find holes in (N,) int16 mono."""
    levels = _levels(pcm, round(_HOLE_CELL_S * rate_hz))
    if len(levels) < 4:
        return []
    loud = float(np.quantile(levels, _QUANTILE_LOUD))
    found = []
    at = 2
    while at < len(levels):
        before = levels[at - 2]
        if before > loud - _LOUD_DB and levels[at] < before - _HOLE_DROP_DB:
            quiet_below = before - _HOLE_DROP_DB
            end = at
            while end < len(levels) and levels[end] < quiet_below:
                end += 1
            hole = Hole(at * _HOLE_CELL_S, (end - at) * _HOLE_CELL_S)
            if MIN_HOLE_S <= hole.length_s <= MAX_HOLE_S and end < len(levels) and _is_fault(pcm, rate_hz, hole):
                found.append(hole)
            at = end + 1
        else:
            at += 1
    return found


def _is_fault(pcm: Pcm, rate_hz: int, hole: Hole) -> bool:
    """Tell a hole from a consonant that is silent for a moment."""
    start, end = round(hole.at_s * rate_hz), round((hole.at_s + hole.length_s) * rate_hz)
    if float((pcm[start:end] == 0).mean()) >= _DIGITAL_SHARE:
        return True
    side, edge = round(_SIDE_S * rate_hz), round(_HOLE_CELL_S * rate_hz)
    before, after = pcm[max(0, start - edge - side) : start - edge], pcm[end + edge : end + edge + side]
    if len(before) < side or len(after) < side or abs(_level(before) - _level(after)) > _SIDES_DB:
        return False
    return float(np.abs(_bands(before, rate_hz) - _bands(after, rate_hz)).mean()) < _SIDES_SPECTRUM_DB


def gaps(made: Pcm, heard: Pcm, rate_hz: int) -> list[Hole]:
    """Find where sound that was made was not heard: of two recordings of the same length in time."""
    cell = round(_GAP_CELL_S * rate_hz)
    count = min(len(made), len(heard)) // cell
    if not count:
        return []
    source, arrived = _levels(made, cell)[:count], _levels(heard, cell)[:count]
    # A codec spreads a sound over some milliseconds, so what is gone is gone from the cells beside it too.
    nearby = sliding_window_view(np.pad(arrived, 1, mode="edge"), 3).max(axis=1)
    loud = float(np.quantile(source, _QUANTILE_LOUD))
    is_gone = (source > loud - _LOUD_DB) & (nearby < source - _HOLE_DROP_DB / 2)
    edges = np.flatnonzero(np.diff(np.concatenate(([0], is_gone.astype(np.int8), [0]))))
    return [
        Hole(float(start * _GAP_CELL_S), float((end - start) * _GAP_CELL_S))
        for start, end in zip(edges[::2], edges[1::2], strict=True)
        if end - start >= _MIN_GAP_CELLS
    ]


def seams(pcm: Pcm, rate_hz: int, at: Sequence[int], track: PitchTrack | None = None) -> Seams:
    """Compare seams with other moments.

    Args:
        pcm: (N,) int16 mono.
        rate_hz: its rate.
        at: the first sample behind each seam.
        track: the pitch over time; None if it is not known.
    """
    window = round(_SEAM_WINDOW_S * rate_hz)
    surprise = _surprise(pcm, rate_hz)
    levels = _levels(pcm, window)
    loud = float(np.quantile(levels, _QUANTILE_LOUD)) if len(levels) else 0.0

    def is_between_sounds(sample: int) -> bool:
        if not window <= sample <= len(pcm) - window:
            return False
        sides = (pcm[sample - window : sample], pcm[sample : sample + window])
        return all(_level(side) > loud - _LOUD_DB for side in sides)

    away = round(_CONTROL_AWAY_S * rate_hz)
    every = round(_CONTROL_EVERY_S * rate_hz)
    joined = np.array([sample for sample in at if is_between_sounds(sample)], np.int64)
    others = np.array(
        [
            sample
            for sample in range(window, len(pcm) - window, every)
            if is_between_sounds(sample) and not any(abs(sample - seam) < away for seam in at)
        ],
        np.int64,
    )
    ranks = _ranks(surprise, rate_hz, at)
    if not len(joined) or not len(others):
        return Seams(0, 1.0, 1.0, None, ranks)

    def step(sample: int) -> float:
        """As a multiple of the largest other within 25 ms, so that loud places count like soft ones."""
        cell = round(_CELL_S * rate_hz)
        here = surprise[max(0, sample - cell) : sample + cell].max(initial=0.0)
        before = surprise[max(0, sample - _COMPANY_CELLS * cell) : max(0, sample - _OWN_CELLS * cell)]
        after = surprise[sample + _OWN_CELLS * cell : sample + _COMPANY_CELLS * cell]
        return float(here / max(before.max(initial=0.0), after.max(initial=0.0), _FLOOR))

    def spectrum(sample: int) -> float:
        before, after = (_bands(pcm[start : start + window], rate_hz) for start in (sample - window, sample))
        return float(np.abs(before - after).mean())

    def pitch(sample: int) -> float:
        """In semitones; NaN if a side is not voiced."""
        assert track is not None  # noqa: S101 - asked below
        frame = int(sample / rate_hz / track.every_s)
        before, after = track.hz[max(0, frame - 1)], track.hz[min(len(track.hz) - 1, frame + 1)]
        return abs(12 * float(np.log2(after / before)))

    moved = _ratio(pitch, joined, others) if track is not None and len(track.hz) and track.every_s else None
    return Seams(
        len(joined), _ratio(step, joined, others) or 1.0, _ratio(spectrum, joined, others) or 1.0, moved, ranks
    )


def chance(ranks: Sequence[float]) -> float:
    """Tell how likely it is that seams without a step have such ranks or higher ones.

    Of sound that goes on as if there were no seam, every rank is as likely as any other. So minus the logarithm of what
    is left above a rank adds up, over n seams, to a sum whose distribution is Erlang's. A step that is far too soft to
    stand out at one seam shows in the sum of many.
    """
    total = -sum(math.log(1 - rank) for rank in ranks)
    term = share = 1.0
    for place in range(1, len(ranks)):
        term *= total / place
        share += term
    return min(1.0, math.exp(-total) * share)


def _ranks(surprise: Floats, rate_hz: int, at: Sequence[int]) -> tuple[float, ...]:
    """Rank seams among their surroundings; one that is nearer to an end than these reach is left out."""
    side, edge = round(_COMPANY_CELLS * _CELL_S * rate_hz), round(_OWN_CELLS * _CELL_S * rate_hz)
    # A seam is told to the sample, but for rounding of times: it and its neighbours count, here and elsewhere.
    sharpest = sliding_window_view(np.pad(surprise, 1), 3).max(axis=1) if len(surprise) else surprise
    ranks = []
    for sample in at:
        if side <= sample < len(sharpest) - side:
            near = np.concatenate(
                (sharpest[sample - side : sample - edge], sharpest[sample + edge + 1 : sample + side])
            )
            below = np.count_nonzero(near < sharpest[sample]) + np.count_nonzero(near == sharpest[sample]) / 2
            ranks.append(float(below / (len(near) + 1)))
    return tuple(ranks)


def _ratio(
    measure: Callable[[int], float], joined: npt.NDArray[np.int64], others: npt.NDArray[np.int64]
) -> float | None:
    here, elsewhere = (
        [value for value in map(measure, map(int, samples)) if np.isfinite(value)] for samples in (joined, others)
    )
    if not here or not elsewhere or not np.median(elsewhere):
        return None
    return float(np.median(here) / np.median(elsewhere))


def _surprise(pcm: Pcm, rate_hz: int) -> Floats:
    """Tell of each sample how far it is from what those before it foretell; (M,), M whole steps of 10 ms.

    Linear prediction, fitted to 30 ms at a time: what a mouth does is foretold but for the pulses of the voice and the
    noise of consonants, and a step between two samples is not.
    """
    step, window = round(_PREDICTION_STEP_S * rate_hz), round(_PREDICTION_WINDOW_S * rate_hz)
    order = rate_hz // 1000
    count = len(pcm) // step
    if not count:
        return np.zeros(0)
    padded = np.pad(pcm.astype(np.float64) / 32768, window)
    starts = window + step * np.arange(count)
    around = padded[(starts + (step - window) // 2)[:, None] + np.arange(window)] * np.hanning(window)
    transform = 1 << (2 * window - 1).bit_length()
    alike = np.fft.irfft(np.abs(np.fft.rfft(around, transform)) ** 2)[:, : order + 1]
    alike[:, 0] = alike[:, 0] * _PREDICTION_NOISE + _FLOOR
    lags = np.abs(np.arange(order)[:, None] - np.arange(order))
    weights = np.linalg.solve(alike[:, lags], alike[:, 1:, None])[..., 0]
    histories = sliding_window_view(padded[(starts - order)[:, None] + np.arange(step + order)], order + 1, axis=1)
    foretold = np.einsum("fsl,fl->fs", histories[..., -2::-1], weights)
    surprise: Floats = np.abs(histories[..., -1] - foretold).reshape(-1)
    return surprise


def _levels(pcm: Pcm, cell: int) -> Floats:
    """Levels of whole cells, in dB of full scale."""
    count = len(pcm) // cell
    cells = pcm[: count * cell].reshape(count, cell).astype(np.float64) / 32768
    levels: Floats = 10 * np.log10(np.maximum((cells**2).mean(axis=1), _FLOOR))
    return levels


def _level(pcm: Pcm) -> float:
    return float(_levels(pcm, len(pcm))[0])


def _bands(pcm: Pcm, rate_hz: int) -> Floats:
    """Levels of twelve bands from 150 Hz to 8 kHz, as wide as the ear hears them, in dB."""
    power = np.abs(np.fft.rfft(pcm.astype(np.float64) / 32768 * np.hanning(len(pcm)), _FFT)) ** 2
    edges = np.geomspace(*_BANDS_HZ, _BANDS + 1) * (_FFT / rate_hz)
    starts = np.minimum(edges.astype(np.int64), len(power) - 2)
    sums = [power[start : max(end, start + 1)].mean() for start, end in pairwise(starts.tolist())]
    bands: Floats = 10 * np.log10(np.maximum(sums, _FLOOR))
    return bands
