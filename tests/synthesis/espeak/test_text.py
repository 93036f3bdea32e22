from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sayline.synthesis.espeak.text import CLAUSE_CHARACTERS, TEXT_WINDOW, Reading, speakable

LONG = " ".join(f"Sentence number {number}, which is not short, ends here." for number in range(12))


def windows(text: str) -> list[tuple[int, int, str]]:
    reading, found = Reading(text), []
    while window := reading.window():
        found.append((reading.position, reading.window_end, window))
        reading.advance(None)
    return found


@given(st.text(st.sampled_from("ab .,!?\n字か한。，😀\u0301-"), max_size=2_500))
def test_windows_tile_the_text_and_are_bounded(text):
    found = windows(text)
    assert "".join(text[start:end] for start, end, _ in found).split() == text.split()
    assert all(end - start <= TEXT_WINDOW for start, end, _ in found)
    assert all(end > start for start, end, _ in found)
    assert all(one_end <= start for (_, one_end, _), (start, _, _) in pairwise(found))


def test_a_text_without_punctuation_is_cut_between_words_with_the_voice_kept_up():
    text = "seven letters " * 20
    assert all(
        end - start <= CLAUSE_CHARACTERS and window.endswith(("letters,", "seven,"))
        for start, end, window in windows(text)[:-1]
    )
    assert windows(text)[-1][2] == text[windows(text)[-1][0] :]


def test_ordinary_sentences_are_handed_over_whole():
    assert [window for *_, window in windows(LONG)] == [LONG]
    assert [window for *_, window in windows("3.14, 1,000 and e.g. this")] == ["3.14, 1,000 and e.g. this"]


def test_a_text_cut_short_goes_on_where_it_was_cut():
    reading = Reading(LONG)
    assert reading.window() == LONG
    reading.advance(24)
    assert reading.window() == LONG[24:]
    assert not reading.goes_on


def test_a_word_said_in_several_parts_is_found_once():
    text = "cost $3,000.50 (really)."
    reading = Reading(text)
    reading.window()
    found = [reading.word_at(text.index(part), len(part)) for part in ("3", "000", "50", "really")]
    assert [word and text[slice(*word)] for word in found] == ["$3,000.50", None, None, "really"]


@pytest.mark.parametrize(("offset", "length"), [(-1, 3), (4, 1), (99, 1)])
def test_a_word_where_there_is_none_is_not_found(offset, length):
    reading = Reading("stop here")
    reading.window()
    assert reading.word_at(offset, length) is None


@given(st.text(max_size=200), st.sampled_from(["aav/vi", "inc/si+f3", "gmw/en"]))
def test_cleaning_keeps_every_character_in_its_place_and_makes_it_encodable(text, voice):
    cleaned = speakable(text, voice)
    assert len(cleaned) == len(text)
    cleaned.encode()
    assert speakable(cleaned, voice) == cleaned
