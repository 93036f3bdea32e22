"""Every input of the reading's tests, cut anywhere and written at any pace: the same segments, or none that hurts."""

from itertools import pairwise
from random import Random

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from pauses import LANGUAGES, LONGEST_PAUSE_S, heard, texts_of, written

from sayline.synthesis.reading.languages.registry import words_of
from sayline.synthesis.reading.reader import read_segment

NO_PAUSE_S = 0.002  # less than a network's burst

# An example is all texts of a language; a smaller one than a text that fails would tell no more.


def tiles(alignment):
    runs = alignment.runs
    here, there = [run[:2] for run in runs], [run[2:4] for run in runs]
    return all(a[1] == b[0] for spans in (here, there) for a, b in pairwise(spans))


def readings(segments, language):
    return [read_segment(segment, words_of(language), has_markup=False) for segment in segments]


@pytest.mark.parametrize("language", LANGUAGES)
@settings(deadline=None, max_examples=2, phases=[Phase.generate])
@given(st.integers(0, 2**32).map(Random))
def test_any_cutting_without_a_pause_gives_the_same_segments_readings_and_offsets_which_tile(language, random):
    for text in texts_of(language):
        whole = written(text, language, (), 0.0)
        assert "".join(segment.text for segment in whole) == text
        assert [segment.char_end for segment in whole[:-1]] == [segment.char_start for segment in whole[1:]]
        said = readings(whole, language)
        for segment, (_, alignment) in zip(whole, said, strict=True):
            assert tiles(segment.alignment)
            assert tiles(alignment)
            assert (segment.alignment.here_length, segment.alignment.there_length) == (
                len(segment.spoken),
                len(segment.text),
            )
            assert alignment.there_length == len(segment.spoken)
        cuts = sorted(random.sample(range(1, len(text)), random.randint(1, len(text) - 1)))
        again = written(text, language, cuts, NO_PAUSE_S, lead_s=10.0)  # sound lasts longer than milliseconds
        assert again == whole
        assert readings(again, language) == said


@pytest.mark.parametrize("language", LANGUAGES)
@settings(deadline=None, max_examples=3, phases=[Phase.generate])
@given(st.integers(0, 2**32).map(Random))
def test_after_any_pauses_of_the_writer_the_pieces_read_as_the_whole(language, random):
    """A sample; ``python tests/pauses.py`` tries every place for one pause."""
    for text in texts_of(language, is_paused=True):
        places = sorted(random.sample(range(1, len(text)), random.randint(1, min(6, len(text) - 1))))
        pause_s = random.uniform(0.01, LONGEST_PAUSE_S)
        pieces = written(text, language, places, pause_s)
        assert "".join(segment.text for segment in pieces) == text
        whole = heard(written(text, language, (), 0.0), language)
        assert heard(pieces, language) == whole, (text, places, pause_s)
