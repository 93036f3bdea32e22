"""Stretching: exact lengths, the same pitch, events where they belong, whatever the cuts."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sayline.synthesis.delivery.stretcher import HELD_BACK_MS, Stretcher

RATE_HZ = 24_000
SPEEDS = [0.5, 0.8, 1.1, 1.25, 2.0]


def tone(seconds, hz=220):
    at = np.arange(round(seconds * RATE_HZ))
    return (8_000 * np.sin(2 * np.pi * hz / RATE_HZ * at)).astype(np.int16)


def stretched(sound, speed, step=4_800):
    stretcher = Stretcher(RATE_HZ, speed)
    pieces = [stretcher.feed(sound[at : at + step]) for at in range(0, len(sound), step)]
    return np.concatenate([*pieces, stretcher.finish()])


@pytest.mark.parametrize("speed", SPEEDS)
@pytest.mark.parametrize("samples", [0, 1, 479, 480, 1_000, 24_000, 70_001])
def test_the_length_is_exactly_what_the_speed_says(speed, samples):
    assert len(stretched(tone(5)[:samples], speed)) == round(samples / speed)


@pytest.mark.parametrize("speed", SPEEDS)
def test_the_pitch_stays(speed):
    sound = stretched(tone(2), speed)
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))

    assert spectrum.argmax() * RATE_HZ / len(sound) == pytest.approx(220, abs=2)
    assert np.abs(sound).max() < 9_000


@pytest.mark.parametrize("speed", SPEEDS)
def test_what_is_heard_lies_where_the_speed_puts_it(speed):
    """Bursts of 100 ms after pauses: each within 30 ms of its place in what was fed, or 20 ms in what is heard."""
    pause = np.zeros(RATE_HZ * 3 // 10, np.int16)
    sound = np.concatenate([part for _ in range(8) for part in (pause, tone(0.1, 500))])
    loud = np.abs(stretched(sound, speed)) > 1_000
    begins = [at for at in np.flatnonzero(loud) if not loud[max(0, at - RATE_HZ // 10) : at].any()]
    stretcher = Stretcher(RATE_HZ, speed)
    meant = [stretcher.position(len(pause) + number * RATE_HZ * 4 // 10) for number in range(8)]

    assert len(begins) == 8
    assert np.abs(np.array(begins) - meant).max() < max(0.03 / speed, 0.02) * RATE_HZ


@pytest.mark.parametrize("speed", SPEEDS)
def test_little_is_held_back(speed):
    """What of the first hop is not heard at once keeps its listener close to running dry."""
    stretcher = Stretcher(RATE_HZ, speed)
    given = len(stretcher.feed(tone(0.24)))

    assert 0.24 - given * speed / RATE_HZ <= HELD_BACK_MS / 1_000


@settings(deadline=None, max_examples=20)
@given(cuts=st.lists(st.integers(0, 24_000), max_size=12), speed=st.floats(0.5, 2))
def test_no_cut_changes_the_sound(cuts, speed):
    sound = (tone(1) * np.linspace(0.2, 1, RATE_HZ)).astype(np.int16)
    stretcher = Stretcher(RATE_HZ, speed)
    edges = sorted({0, *cuts, len(sound)})
    pieces = [stretcher.feed(sound[start:end]) for start, end in itertools.pairwise(edges)]
    pieces.append(stretcher.finish())

    assert np.array_equal(np.concatenate(pieces), stretched(sound, speed))
