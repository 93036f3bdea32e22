"""Phonemes are written into a text, foreign marks are disarmed, and words are named as they were written."""

import re
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sayline.synthesis.interface import PcmChunk, Segment, Wish, WordMark
from sayline.synthesis.marking import Naming, marked

MARKS = re.compile(r"\[[a-z]+\]")


def segment(text, *wishes):
    return Segment(0, text, text, 0, len(text), wishes=wishes)


def said(phonemes):
    return f"[{phonemes.value}]"


def test_phonemes_take_the_place_of_their_word_and_other_wishes_stay():
    text = "a nginx b"
    emphasis = Wish(0, 9, "emphasis", "strong")
    made, alignment = marked(segment(text, emphasis, Wish(2, 7, "phonemes", "ipa:ndʒ")), said)
    assert made.spoken == "a [ndʒ] b"
    assert made.wishes == (emphasis,)
    assert alignment.span(2, 7) == (2, 7)


def test_a_segment_without_phonemes_is_handed_on_as_it_is():
    plain = segment("an [aside]", Wish(0, 2, "language", "de"))
    assert marked(plain, said, foreign=MARKS)[0] is plain
    refused = segment("nginx", Wish(0, 5, "phonemes", "ipa:n"))
    assert marked(refused, lambda _: None)[0] is refused


def test_marks_of_others_are_disarmed_only_where_marks_count():
    made, _ = marked(segment("[s] n", Wish(4, 5, "phonemes", "ipa:n")), said, foreign=MARKS)
    assert made.spoken == "(s) [n]"


@given(st.text("abc [] ", max_size=30), st.lists(st.tuples(st.integers(0, 30), st.integers(1, 5)), max_size=4))
def test_every_word_of_the_marked_text_is_named_once_and_in_order(text, places):
    wishes = sorted(
        (Wish(start, min(start + size, len(text)), "phonemes", "ipa:n") for start, size in places if start < len(text)),
        key=lambda wish: wish.start,
    )
    made, alignment = marked(segment(text, *wishes), said, foreign=MARKS)
    words = tuple(WordMark(*match.span(), at) for at, match in enumerate(re.finditer(r"\S+", made.spoken)))
    named = Naming(alignment).named(PcmChunk(np.zeros(1, np.int16), words)).words
    assert all(0 <= word.char_start < word.char_end <= len(text) for word in named)
    assert all(one.char_end <= other.char_start for one, other in pairwise(named))
