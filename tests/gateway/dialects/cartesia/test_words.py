"""Word times: the words as they stand in the text, with their signs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sayline.gateway.conversation.events import SegmentStarted, Words
from sayline.gateway.dialects.cartesia.words import SignedWords
from sayline.synthesis.interface import Segment


def told(spoken, *batches):
    words = SignedWords()
    words.begin(SegmentStarted("c", Segment(0, spoken, spoken, 0, len(spoken)), 0.0))
    times = [words.times(Words("c", 0, [(word, 0.0, 1.0) for word in batch], is_guessed=False)) for batch in batches]
    return [word for each in times for word in each["words"]]


@pytest.mark.parametrize(
    ("spoken", "pronounced"),
    [
        ("Hello there, this is it!", ["Hello", "there", "this", "is", "it"]),
        ('She said: "Yes (really)!" - twice...', ["She", "said", "Yes", "really", "twice"]),
        ("It's 3.14, isn't it?", ["It's", "3.14", "isn't", "it"]),
    ],
)
def test_words_have_the_signs_around_them(spoken, pronounced):
    assert told(spoken, pronounced) == [part for part in spoken.split() if any(map(str.isalnum, part))]
    assert told(spoken, *[[word] for word in pronounced]) == told(spoken, pronounced)


def test_what_is_pronounced_otherwise_is_told_as_it_is_pronounced():
    assert told("It costs $3.", ["It", "costs", "three", "dollars"]) == ["It", "costs", "three", "dollars"]


@given(st.lists(st.text("ab,. !", min_size=1), min_size=1, max_size=5), st.text("ab,. !"))
def test_any_words_are_told_in_order_and_none_is_lost(words, spoken):
    assert len(told(spoken, words)) == len(words)
