"""Cartesia's tags: obeyed in front of the first words, left out behind them, never spoken, cut anywhere."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sayline.gateway.dialects.cartesia.tags import TagReader

TEXT = (
    '<speed ratio="1.5"/><volume ratio="0.5"/> <emotion value="angry" />I am 3 < 4 and <b>bold</b>. '
    'Wait<break time="1s"/>here. I am <spell>Bob-12</spell>, <emotion value="sad"/>alas.'
)
SPOKEN = ' I am 3 < 4 and <b>bold</b>. Wait<break time="1s"/>here. I am <spell>Bob-12</spell>, alas.'


def read(*pieces):
    reader = TagReader()
    text = "".join(map(reader.feed, pieces)) + reader.finish()
    return text, reader.manner


def test_tags_are_obeyed_or_left_out_and_never_spoken():
    text, manner = read(TEXT)

    assert text == SPOKEN
    assert (manner.speed, manner.volume, manner.emotion) == (1.5, 0.5, "angry")


@given(st.lists(st.integers(0, len(TEXT)), max_size=12))
def test_any_cutting_gives_the_same_text(cuts):
    bounds = [0, *sorted(cuts), len(TEXT)]
    pieces = [TEXT[start:end] for start, end in itertools.pairwise(bounds)]
    text, manner = read(*pieces)

    assert text == SPOKEN
    assert manner.emotion == "angry"


@pytest.mark.parametrize("text", ["<", "a < b", "<sp", "<speed", "<speedy>", "</", "x<y>z", "<" * 200])
def test_what_is_no_tag_is_text(text):
    assert read(text)[0] == text


def test_a_lone_bracket_holds_nothing_back():
    assert TagReader().feed("3 < 4 is true") == "3 < 4 is true"
    assert TagReader().feed("<div class") == "<div class"


@pytest.mark.parametrize("value", ["fast", "1.5.2", "", "nan"])
def test_a_speed_that_is_no_number_asks_for_nothing(value):
    _, manner = read(f'<speed ratio="{value}"/>Hello.')
    assert manner.speed is None


def test_a_break_is_no_word_and_is_passed_on():
    text, manner = read('<break time="1s"/><sp', 'eed ratio="1.5"/>Hello.')
    assert (text, manner.speed) == ('<break time="1s"/>Hello.', 1.5)


def test_a_speed_behind_the_first_words_changes_nothing():
    text, manner = read('Hello. <speed ratio="1.5"/>Bye.')
    assert (text, manner.speed) == ("Hello. Bye.", None)
