"""Louder and softer: exact where there is room, bent where there is none."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sayline.synthesis.delivery.loudness import at_volume

SAMPLES = np.arange(-32_768, 32_768).astype(np.int16)


def test_softer_sound_keeps_its_shape():
    assert np.abs(at_volume(SAMPLES, 0.5) - SAMPLES / 2).max() <= 0.5
    assert not at_volume(SAMPLES, 0).any()


def test_louder_sound_keeps_its_shape_as_long_as_there_is_room():
    quiet = SAMPLES[np.abs(SAMPLES.astype(int)) < 11_000]
    assert np.array_equal(at_volume(quiet, 2.0), 2 * quiet)


@pytest.mark.parametrize("volume", [1.01, 1.5, 2.0])
def test_peaks_are_bent_and_neither_cut_nor_turned_over(volume):
    louder = at_volume(SAMPLES, volume).astype(int)

    assert (np.diff(louder) >= 0).all()
    assert np.abs(louder).max() <= 32_767
    assert (np.abs(np.diff(louder)) <= np.ceil(volume)).all()


@given(cut=st.integers(0, 65_536), volume=st.floats(0, 2))
def test_no_cut_changes_it(cut, volume):
    pieces = [at_volume(piece, volume) for piece in (SAMPLES[:cut], SAMPLES[cut:])]
    assert np.array_equal(np.concatenate(pieces), at_volume(SAMPLES, volume))
