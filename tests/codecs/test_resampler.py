from __future__ import annotations

import numpy as np
import pytest
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st

from sayline.codecs.resampler import QUALITY, Resampler

DITHER = 2  # soxr rounds to int16 with dither: two runs over the same sound differ by this much, in LSB


def stream(samples: np.ndarray, cuts: list[int], source_hz: int, target_hz: int) -> np.ndarray:
    resampler = Resampler(source_hz, target_hz)
    pieces = np.split(samples, sorted(min(cut, len(samples)) for cut in cuts))
    return np.concatenate([resampler.push(piece, last=index == len(pieces) - 1) for index, piece in enumerate(pieces)])


@pytest.mark.parametrize("target_hz", [8_000, 11_025, 16_000, 24_000, 44_100, 48_000])
def test_streamed_equals_offline(speech, speech_rate_hz, target_hz):
    offline = soxr.resample(speech, speech_rate_hz, target_hz, QUALITY)
    streamed = stream(speech, list(range(0, len(speech), 1_323)), speech_rate_hz, target_hz)
    assert len(streamed) == len(offline)
    assert np.abs(streamed.astype(int) - offline).max() <= DITHER


@settings(max_examples=25, deadline=None)
@given(cuts=st.lists(st.integers(0, 20_000), max_size=8))
def test_any_cutting_gives_the_same_sound(speech, speech_rate_hz, cuts):
    samples = speech[:20_000]
    whole, pieces = (stream(samples, cut, speech_rate_hz, 24_000) for cut in ([], cuts))
    assert len(pieces) == len(whole)
    assert np.abs(pieces.astype(int) - whole).max() <= DITHER


def test_equal_rates_pass_through_untouched(speech):
    resampler = Resampler(24_000, 24_000)
    assert resampler.push(speech) is speech
    assert len(resampler.push(speech[:0], last=True)) == 0


def test_a_stretch_after_the_end_hears_nothing_of_the_one_before(speech, speech_rate_hz):
    resampler = Resampler(speech_rate_hz, 24_000)
    first = resampler.push(speech[:30_000], last=True)
    again = resampler.push(speech[:30_000], last=True)
    assert len(first) == len(again)
    assert np.abs(first.astype(int) - again).max() <= DITHER


def test_ending_twice_adds_nothing(speech, speech_rate_hz):
    resampler = Resampler(speech_rate_hz, 24_000)
    resampler.push(speech, last=True)
    assert len(resampler.push(speech[:0], last=True)) == 0


def test_an_empty_stretch_is_empty(speech, speech_rate_hz):
    assert len(Resampler(speech_rate_hz, 24_000).push(speech[:0], last=True)) == 0
