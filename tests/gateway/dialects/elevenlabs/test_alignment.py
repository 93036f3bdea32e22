"""Times of characters: stretches that lie end to end, each told with the sound that begins with it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sayline.gateway.dialects.elevenlabs.alignment import Alignment
from sayline.synthesis.interface import Segment


def segment(text, spoken=None):
    return Segment(0, text, text if spoken is None else spoken, 0, len(text))


def placed(words, *, at=0.0, each_ms=300.0):
    """Words of equal length, one after the other."""
    return [(word, at + place * each_ms, at + (place + 1) * each_ms) for place, word in enumerate(words)]


def told(alignment, sound_ms=0.0):
    """(written, spoken) as text, or None."""
    taken = alignment.take(sound_ms)
    return None if taken is None else ("".join(taken.written.chars), "".join(taken.spoken.chars))


def spoken_since(stretch):
    return stretch.spoken.since(stretch.begins_ms)


@pytest.fixture
def alignment():
    return Alignment()


def test_all_characters_are_told_with_the_signs_between_words_and_a_blank_at_the_end(alignment):
    alignment.segment_started(segment("Hello, there!"))
    alignment.words_placed(placed(["Hello", "there"]))

    stretch = alignment.take(0.0)
    spoken = spoken_since(stretch)

    assert "".join(spoken["chars"]) == "".join(stretch.written.chars) == "Hello, there! "
    assert stretch.spoken.in_seconds()["character_end_times_seconds"][-1] == 0.6
    assert spoken["charStartTimesMs"][0] == 0
    assert spoken["charStartTimesMs"][-1] + spoken["charDurationsMs"][-1] == 600


def test_what_is_spoken_is_told_beside_what_was_written(alignment):
    alignment.segment_started(segment("It is **so** *cold*.", "It is so cold."))
    alignment.words_placed(placed(["It", "is", "so", "cold"]))

    assert told(alignment) == ("It is **so** *cold*. ", "It is so cold. ")


def test_what_is_spoken_stands_for_what_was_written_if_their_words_do_not_match(alignment):
    alignment.segment_started(segment("It costs $3.", "It costs three dollars."))
    alignment.words_placed(placed(["It", "costs", "three", "dollars"]))

    assert told(alignment) == ("It costs three dollars. ", "It costs three dollars. ")


def test_a_stretch_ends_with_a_whole_word(alignment):
    alignment.segment_started(segment("One two-three four."))
    alignment.words_placed(placed(["One", "two"]))
    assert told(alignment) == ("One ", "One ")

    alignment.words_placed(placed(["three", "four"], at=600.0))
    assert told(alignment, 300.0) == ("two-three four. ", "two-three four. ")


def test_a_script_without_blanks_is_told_by_segments(alignment):
    alignment.segment_started(segment("你好，世界。"))
    alignment.words_placed(placed(["你好"]))
    assert told(alignment) is None

    alignment.words_placed(placed(["世界"], at=300.0))
    assert told(alignment) == ("你好，世界。 ", "你好，世界。 ")


def test_rule_22_a_stretch_is_told_when_its_sound_begins_and_its_times_count_from_there(alignment):
    alignment.segment_started(segment("One two."))
    alignment.words_placed(placed(["One", "two"]))
    alignment.take(0.0)
    alignment.segment_started(segment("Three."))
    alignment.words_placed(placed(["Three"], at=600.0))

    assert alignment.has_more
    assert alignment.take(599.0) is None
    assert spoken_since(alignment.take(600.0))["charStartTimesMs"][0] == 0
    assert not alignment.has_more


def test_words_that_the_engine_did_not_get_are_not_told(alignment):
    alignment.segment_started(segment("One two."))
    alignment.words_placed([("zero", 0.0, 100.0), ("", 100.0, 200.0), ("two", 200.0, 500.0)])

    assert told(alignment) == ("One two. ", "One two. ")


@given(st.lists(st.tuples(st.integers(1, 4), st.floats(1, 900), st.floats(0, 500)), min_size=1, max_size=12))
def test_whatever_the_words_last_a_client_that_adds_up_the_stretches_is_never_off_by_a_millisecond(segments):
    alignment = Alignment()
    added_ms, at_ms = 0, 0.0
    for count, each_ms, gap_ms in segments:
        words = [f"w{number}" for number in range(count)]
        alignment.segment_started(segment(" ".join(words)))
        at_ms += gap_ms
        alignment.words_placed(placed(words, at=at_ms, each_ms=each_ms))
        at_ms += count * each_ms
        spoken = spoken_since(alignment.take(at_ms))
        starts, durations = spoken["charStartTimesMs"], spoken["charDurationsMs"]
        assert all(duration >= 0 for duration in durations)
        assert starts == sorted(starts)
        assert abs(added_ms + starts[0] - (at_ms - count * each_ms)) <= 1
        added_ms += starts[-1] + durations[-1]
        assert added_ms == alignment.told_ms
        assert abs(added_ms - at_ms) <= 0.5
