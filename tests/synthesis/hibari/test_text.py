import pytest
from hypothesis import given
from hypothesis import strategies as st

from sayline.synthesis.hibari.text import (
    CLAUSE_PAUSE_MS,
    SENTENCE_PAUSE_MS,
    TURN_CHARACTERS,
    has_words,
    pause_ms,
    readable,
    turns,
    without_links,
)

LONG = "The train that you asked for, which leaves from platform four, is late, and nobody at the station knows when, "


def cut(text, **options):
    return [text[start:end] for start, end, _ in turns(text, **options)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello there.", ["Hello there."]),
        ("We waited there. Nobody came! Why? I ask.", ["We waited there. ", "Nobody came! ", "Why? ", "I ask."]),
        ("He said “nothing.” Then he left.", ["He said “nothing.” ", "Then he left."]),
        ("Dr. Smith met Prof. Lee at St. Paul's.", ["Dr. Smith met Prof. Lee at St. Paul's."]),
        ("Use tools, e.g. Hammers, or No. 5.", ["Use tools, e.g. Hammers, or No. 5."]),
        ("It is version 3.14 of example.com now.", ["It is version 3.14 of example.com now."]),
    ],
)
def test_a_turn_is_a_sentence_unless_its_end_may_be_an_abbreviation(text, expected):
    assert cut(text) == expected


def test_a_sentence_that_is_too_long_is_cut_between_clauses():
    parts = cut(LONG * 4)

    assert all(part.rstrip().endswith(",") for part in parts)
    assert max(map(len, parts)) <= TURN_CHARACTERS


def test_a_clause_that_is_too_long_is_cut_between_words():
    parts = cut("word " * 100)

    assert all(part.endswith("word ") for part in parts)


def test_a_word_that_is_too_long_is_cut_all_the_same():
    assert cut("x" * 400) == ["x" * 150, "x" * 150, "x" * 100]


@given(st.text(st.sampled_from("aB1 .,!?\"'[](/)é你\n"), max_size=500), st.booleans())
def test_turns_tile_any_text_and_are_bounded(text, has_links):
    parts = cut(text, has_links=has_links)

    assert "".join(parts) == text
    assert has_links or all(len(part) <= TURN_CHARACTERS for part in parts)


def test_a_pronunciation_is_never_cut():
    text = "I said [tomato](/tə, mˈɑ. Atə/), " * 30
    parts = cut(text, has_links=True)

    assert len(parts) > 1
    assert all(part.count("[") == part.count("/)") for part in parts)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Plain text, 100 % of it.", [("Plain text, 100 % of it.", True)]),
        ("Naïve café: £5, 20 °C, ½ → €3", [("Naïve café: £5, 20 °C, ½ → €3", True)]),
        ("I ♥ you", [("I ", True), ("♥", False), (" you", True)]),
        ("≈", [("≈", False)]),
        ("item ⑴", [("item ", True), ("⑴", False)]),
        ("¥500 and ¥", [("¥500 and ", True), ("¥", False)]),
    ],
)
def test_symbols_that_hibari_would_leave_out_stand_apart(text, expected):
    assert [(text[start:end], is_readable) for start, end, is_readable in readable(text)] == expected


def test_without_its_pronunciations_a_text_keeps_its_places():
    text = "a [tomato](/təmˈɑtO/) is [red](link) [x](/y/)"

    assert without_links(text) == "a  tomato             is [red](link)  x      "
    assert len(without_links(text)) == len(text)


@pytest.mark.parametrize(
    ("text", "has"), [("", False), (" … -- ()", False), ("a", True), ("5", True), ("&", True), ("é", True)]
)
def test_punctuation_alone_is_nothing_to_say(text, has):
    assert has_words(text) is has


@pytest.mark.parametrize(
    ("turn", "pause"),
    [("One. ", SENTENCE_PAUSE_MS), ("Why?” ", SENTENCE_PAUSE_MS), ("one, ", CLAUSE_PAUSE_MS), ("one ", 0.0)],
)
def test_the_pause_behind_a_turn_goes_by_its_punctuation(turn, pause):
    assert pause_ms(turn) == pause
