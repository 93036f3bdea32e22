"""Clicks, holes and seams are found where they were put, and nowhere else."""

import numpy as np
import pytest
from spoken import say

from sayline.synthesis.hearing.seams import MOST_UNLIKELY, chance, clicks, gaps, holes, seams

TEXT = "The ferry leaves the northern harbour at seven, and nobody waits for late passengers."


@pytest.fixture(scope="module")
def speech():
    return say(TEXT)


def loud_places(pcm, rate_hz, count=8):
    """Samples in the middle of the loudest parts, a tenth of a second apart or more."""
    window = rate_hz // 50
    power = np.convolve(pcm.astype(float) ** 2, np.ones(window), "same")
    places = []
    for at in np.argsort(power)[::-1]:
        if (
            all(abs(int(at) - other) > rate_hz // 10 for other in places)
            and rate_hz // 5 < at < len(pcm) - rate_hz // 5
        ):
            places.append(int(at))
        if len(places) == count:
            break
    return sorted(places)


def with_step(pcm, at, rate_hz, share=0.25):
    """The sound goes on from another value than where it was, and returns to itself within some milliseconds."""
    spoilt = pcm.astype(float)
    decay = np.exp(-np.arange(len(pcm) - at) / (0.003 * rate_hz))
    spoilt[at:] += share * np.abs(pcm).max() * decay
    return spoilt.clip(-32768, 32767).astype(np.int16)


def with_hole(pcm, at, rate_hz, seconds=0.02):
    spoilt = pcm.copy()
    spoilt[at : at + round(seconds * rate_hz)] = 0
    return spoilt


def test_speech_has_neither_clicks_nor_holes(speech):
    assert clicks(*speech) == []
    assert holes(*speech) == []


@pytest.mark.parametrize("place", range(8))
def test_a_step_between_two_samples_is_heard_as_a_click_where_it_is(speech, place):
    pcm, rate_hz = speech
    at = loud_places(pcm, rate_hz)[place]
    found = clicks(with_step(pcm, at, rate_hz), rate_hz)
    assert [click.at_s for click in found] == [pytest.approx(at / rate_hz, abs=0.003)]


@pytest.mark.parametrize("place", range(8))
def test_a_hole_is_found_with_its_length(speech, place):
    pcm, rate_hz = speech
    at = loud_places(pcm, rate_hz)[place]
    (hole,) = holes(with_hole(pcm, at, rate_hz), rate_hz)
    assert hole.at_s == pytest.approx(at / rate_hz, abs=0.006)
    assert hole.length_s == pytest.approx(0.02, abs=0.006)


def test_a_pause_is_no_hole(speech):
    pcm, rate_hz = speech
    assert holes(with_hole(pcm, loud_places(pcm, rate_hz)[0], rate_hz, 0.4), rate_hz) == []


def test_what_was_made_and_not_heard_is_a_gap(speech):
    pcm, rate_hz = speech
    at = loud_places(pcm, rate_hz)[0]
    (gap,) = gaps(pcm, with_hole(pcm, at, rate_hz, 0.04), rate_hz)
    assert gap.at_s == pytest.approx(at / rate_hz, abs=0.02)
    assert gaps(pcm, pcm, rate_hz) == []


def test_a_seam_that_is_none_differs_from_nothing(speech):
    pcm, rate_hz = speech
    found = seams(pcm, rate_hz, range(rate_hz // 10, len(pcm), rate_hz // 10))
    assert found.count > 10
    assert found.step == pytest.approx(1, abs=0.8)
    assert found.spectrum == pytest.approx(1, abs=0.8)


def test_a_rough_seam_stands_out(speech):
    pcm, rate_hz = speech
    at = range(rate_hz // 10, len(pcm), rate_hz // 10)
    for place in at:
        pcm = with_step(pcm, place, rate_hz)
    assert seams(pcm, rate_hz, at).step > 2


@pytest.mark.parametrize("first", range(0, 2400, 300))
def test_many_seams_that_are_none_are_as_sharp_as_chance_has_it(speech, first):
    pcm, rate_hz = speech
    assert chance(seams(pcm, rate_hz, range(first, len(pcm), rate_hz // 10)).ranks) > 0.001


def test_steps_too_soft_to_be_clicks_are_found_where_they_are_known_to_be(speech):
    """Eight steps of 3 % of the loudest sample; not one of them is a click."""
    pcm, rate_hz = speech
    at = loud_places(pcm, rate_hz)
    for place in at:
        pcm = with_step(pcm, place, rate_hz, 0.03)
    assert clicks(pcm, rate_hz) == []
    assert chance(seams(pcm, rate_hz, at).ranks) < MOST_UNLIKELY


def test_a_step_in_silence_is_found_and_silence_is_none():
    silence = np.zeros(24_000, np.int16)
    at = [4_800, 9_600, 14_400]
    stepped = silence.copy()
    for place in at:
        stepped[place:] += 200
    assert chance(seams(stepped, 24_000, at).ranks) < MOST_UNLIKELY
    assert chance(seams(silence, 24_000, at).ranks) > 0.1


@pytest.mark.parametrize("samples", [0, 1, 10, 1000])
def test_almost_no_sound_is_judged_all_the_same(samples):
    silence = np.zeros(samples, np.int16)
    assert clicks(silence, 24_000) == holes(silence, 24_000) == gaps(silence, silence, 24_000) == []
    found = seams(silence, 24_000, [0, samples // 2])
    assert found.count == 0
    assert chance(found.ranks) == 1


def test_silence_and_full_scale_noise_have_no_clicks():
    noise = np.random.default_rng(0).integers(-32768, 32767, 24_000).astype(np.int16)
    assert clicks(noise, 24_000) == []
    assert clicks(np.zeros(24_000, np.int16), 24_000) == []
