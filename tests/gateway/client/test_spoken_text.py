"""Which part of a text was heard: by segments, by words, and after a cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sayline.gateway.client.spoken_text import SpokenText
from sayline.gateway.client.wire.messages import SegmentDone, SegmentStarted, Words, WordTime

TEXT = "Hello there. Bye now."


def segment(number, start, end, start_ms, text=TEXT):
    return SegmentStarted(
        context_id="a", segment_id=number, text=text[start:end], char_start=start, char_end=end, start_ms=start_ms
    )


def words(number, *times):
    return Words(
        context_id="a",
        segment_id=number,
        words=tuple(WordTime(text=text, start_ms=start, end_ms=end) for text, start, end in times),
        approximate=False,
    )


def done(number, end_ms):
    return SegmentDone(context_id="a", segment_id=number, end_ms=end_ms)


@pytest.fixture
def spoken():
    """Two segments with their words; the second is being spoken."""
    spoken = SpokenText()
    spoken.add_segment(segment(0, 0, 13, 0))
    spoken.add_words(words(0, ("Hello", 0, 300), ("there", 350, 700)), TEXT)
    spoken.end_segment(done(0, 800))
    spoken.add_segment(segment(1, 13, 21, 800))
    spoken.add_words(words(1, ("Bye", 800, 1000), ("now", 1000, 1300)), TEXT)
    return spoken


@pytest.mark.parametrize(
    ("ms", "heard"),
    [
        (0, ""),
        (298.9, ""),
        (299, "Hello"),  # times are rounded to whole milliseconds
        (320, "Hello"),
        (400, "Hello "),
        (750, "Hello there"),
        (799, "Hello there. "),
        (900, "Hello there. "),
        (1100, "Hello there. Bye "),
        (9999, "Hello there. Bye now"),
    ],
)
def test_text_counts_as_heard_word_by_word(spoken, ms, heard):
    assert TEXT[: spoken.heard_until(ms)] == heard


def test_nothing_is_heard_before_the_first_segment():
    assert SpokenText().heard_until(1000) == 0


def test_a_segment_without_words_is_heard_when_it_is_over():
    spoken = SpokenText()
    spoken.add_segment(segment(0, 0, 13, 0))
    assert spoken.heard_until(5000) == 0
    spoken.end_segment(done(0, 700))
    assert (spoken.heard_until(698), spoken.heard_until(700)) == (0, 13)


def test_a_segment_without_sound_is_never_the_one_being_heard():
    text = "Hi. --- "
    spoken = SpokenText()
    spoken.add_segment(segment(0, 0, 4, 0, text))
    spoken.add_segment(segment(1, 4, 8, 200, text))
    spoken.end_segment(done(1, 200))
    spoken.add_words(words(0, ("Hi", 0, 100)), text)
    assert text[: spoken.heard_until(250)] == "Hi"


def test_a_word_is_found_behind_the_one_before_it_and_not_beyond_its_segment():
    text = "bold **bold** 10 far. Far."
    spoken = SpokenText()
    spoken.add_segment(segment(0, 0, 21, 0, text))
    spoken.add_words(
        words(0, ("bold", 0, 100), ("bold", 100, 200), ("ten", 200, 300), ("far", 300, 400), ("Far", 400, 500)), text
    )
    assert [text[: spoken.heard_until(ms)] for ms in (150, 250, 350)] == ["bold **", "bold **bold", "bold **bold** 10 "]
    assert text[: spoken.heard_until(450)] == "bold **bold** 10 far"


def test_messages_of_a_segment_that_was_not_announced_are_passed_over():
    spoken = SpokenText()
    spoken.add_words(words(7, ("Hello", 0, 1)), TEXT)
    spoken.end_segment(done(7, 1))
    assert (spoken.segment_count, spoken.heard_until(5)) == (0, 0)


def test_a_cut_ends_what_is_being_spoken_where_the_sound_ends(spoken):
    assert spoken.cut(17, 1005.4) == [(1, 1005)]
    assert spoken.heard_until(9999) == 17
    assert spoken.cut(17, 1005.4) == []  # all are over


def test_a_cut_ends_two_segments_if_the_second_was_announced_and_not_heard():
    spoken = SpokenText()
    spoken.add_segment(segment(0, 0, 13, 0))
    spoken.add_segment(segment(1, 13, 21, 800))
    assert spoken.cut(0, 600) == [(0, 600), (1, 800)]


@given(
    st.lists(st.tuples(st.sampled_from(["one", "two", "\N{GRINNING FACE}", "four"]), st.integers(1, 900)), min_size=1),
    st.lists(st.floats(0, 30_000), min_size=2, max_size=20),
)
def test_what_was_heard_never_shrinks_and_ends_at_words(said, moments):
    text = " ".join(word for word, _ in said)
    spoken = SpokenText()
    spoken.add_segment(segment(0, 0, len(text), 0, text))
    times, at = [], 0
    for word, length in said:
        times.append((word, at, at + length))
        at += length
    spoken.add_words(words(0, *times), text)
    heard = [spoken.heard_until(ms) for ms in sorted(moments)]
    assert heard == sorted(heard)
    edges = {0, len(text)} | {edge for i, letter in enumerate(text) if letter == " " for edge in (i, i + 1)}
    assert set(heard) <= edges
