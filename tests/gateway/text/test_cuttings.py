"""Every input of the reading's tests, cut anywhere and written at any pace: the same segments, or none that hurts."""

from itertools import pairwise
from random import Random

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from readings import INPUTS, inputs_of

from sayline.gateway.text.accumulator import ChunkingSettings, SentenceAccumulator
from sayline.synthesis.reading.languages.registry import words_of
from sayline.synthesis.reading.reader import read_segment

LANGUAGES = sorted(path.stem for path in INPUTS.glob("*.toml"))
NO_PAUSE_S = 0.002  # less than a network's burst
LONGEST_PAUSE_S = 1.4  # beyond, a listener who has nothing to hear is given numbers, too

# An example is all texts of a language; a smaller one than a text that fails would tell no more.


def texts_of(language):
    return [entry.text for aside in (False, True) for entry in inputs_of(language, aside=aside)]


def written(text, language, cuts, pause_s):
    """The segments of a text whose pieces come a pause apart; the listener hears each in no time, or not at all."""
    made, now, segments = SentenceAccumulator("sentence", ChunkingSettings(), language=language), 0.0, []
    for start, end in pairwise((0, *cuts, len(text))):
        segments += made.push(text[start:end], now)
        until = now + pause_s if end < len(text) else now
        while (deadline := made.next_deadline(now, lead_s(segments, pause_s))) < until:
            now = max(now, deadline)
            segments += made.tick(now, lead_s(segments, pause_s))
        now = until
    return segments + made.end(now)


def lead_s(segments, pause_s):
    return 10.0 if segments and pause_s <= NO_PAUSE_S else 0.0  # milliseconds later, all sound is still to be heard


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
        again = written(text, language, cuts, NO_PAUSE_S)
        assert again == whole
        assert readings(again, language) == said


@pytest.mark.parametrize("language", LANGUAGES)
@settings(deadline=None, max_examples=3, phases=[Phase.generate])
@given(st.integers(0, 2**32).map(Random))
def test_no_pause_of_the_writer_parts_a_number_from_what_it_is_read_with(language, random):
    for text in texts_of(language):
        place = random.randint(1, len(text) - 1)
        pieces = written(text, language, [place], random.uniform(0.01, LONGEST_PAUSE_S))
        assert "".join(segment.text for segment in pieces) == text
        ends = [segment.char_end for segment in pieces[:-1]]
        for segment, (_, alignment) in zip(
            whole := written(text, language, (), 0.0), readings(whole, language), strict=True
        ):
            for run in alignment.runs:
                if run.is_exact:
                    continue
                start, end = segment.alignment.span(run.there_start, run.there_end)
                start, end = segment.char_start + start, segment.char_start + end
                parted = [text[start:cut] for cut in ends if start < cut < end]
                assert not any(any(map(str.isdigit, part)) for part in parted), (text, place, parted)
