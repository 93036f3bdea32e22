"""Redone speech goes on behind what was handed over, at the place where its wave fits."""

import numpy as np
import pytest

from sayline.synthesis.workers.seam import Seam

RATE_HZ = 24_000
SOUND = (8000 * np.sin(np.cumsum(np.linspace(0.01, 0.08, 3 * RATE_HZ)))).astype(np.int16)  # never twice the same


def joined(sound, redone, given):
    seam = Seam(sound[:given], given, RATE_HZ)
    wanted = redone[seam.from_sample :]
    return np.concatenate((sound[:given], wanted[seam.find(wanted) :]))


@pytest.mark.parametrize("given", [0, 1, 479, 480, 481, 960, 30_000, len(SOUND) - 100, len(SOUND)])
def test_what_is_made_alike_goes_on_to_the_sample(given):
    assert np.array_equal(joined(SOUND, SOUND, given), SOUND)


@pytest.mark.parametrize("late", [-400, -7, 7, 400])
def test_what_drifted_goes_on_where_the_wave_fits(late):
    redone = np.concatenate((np.zeros(late, np.int16), SOUND)) if late > 0 else SOUND[-late:]

    assert np.array_equal(joined(SOUND, redone, 30_000), SOUND)


def test_in_silence_the_count_of_samples_decides():
    quiet = np.zeros(RATE_HZ, np.int16)
    seam = Seam(SOUND[:480], 12_000, RATE_HZ)  # what was handed over is nowhere in it

    assert seam.find(quiet[seam.from_sample :]) == 12_000 - seam.from_sample
    assert len(joined(quiet, quiet, 12_000)) == len(quiet)


def test_redone_speech_that_is_shorter_than_what_was_handed_over_adds_nothing_twice():
    assert len(joined(SOUND, SOUND[:20_000], 30_000)) == 30_000


def test_no_more_sound_is_asked_for_than_the_search_needs():
    seam = Seam(SOUND[:30_000], 30_000, RATE_HZ)

    assert (seam.from_sample, seam.needed) == (30_000 - 960, 1440)
    assert (Seam(SOUND[:0], 0, RATE_HZ).from_sample, Seam(SOUND[:0], 0, RATE_HZ).needed) == (0, 0)
