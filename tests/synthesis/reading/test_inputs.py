"""Whether texts are read as a newsreader would, in each language: the shares that are promised, and no wrong value."""

import pytest
from readings import INPUTS, folded, inputs_of, lost

from sayline.synthesis.reading.languages.registry import LANGUAGES

NATIVE = 0.97
OTHERS = 0.90
LEAST = {"en": NATIVE, "zh": NATIVE}
ALL = sorted(path.stem for path in INPUTS.glob("*.toml"))
JUDGED = [language for language in ALL if language in LANGUAGES]


@pytest.mark.parametrize("language", ALL)
def test_each_language_has_inputs_enough(language):
    inputs, aside = inputs_of(language), inputs_of(language, aside=True)

    assert len(inputs) >= 40
    assert len(aside) >= 14
    assert not {entry.text for entry in inputs} & {entry.text for entry in aside}


@pytest.mark.parametrize("language", JUDGED)
@pytest.mark.parametrize("aside", [False, True], ids=["", "aside"])
def test_the_value_that_must_be_heard_stands_in_every_accepted_reading(language, aside):
    """Otherwise an accepted reading would be told to be wrong."""
    unfit = [
        (entry.text, reading)
        for entry in inputs_of(language, aside=aside)
        for reading in entry.reading
        if lost(entry.value, reading, language)
    ]

    assert not unfit


@pytest.mark.parametrize("language", JUDGED)
@pytest.mark.parametrize("aside", [False, True], ids=["", "aside"])
def test_a_language_is_read_as_a_newsreader_would(language, aside):
    inputs = inputs_of(language, aside=aside)
    wrong = [entry for entry in inputs if not entry.is_right]
    share = 1 - len(wrong) / len(inputs)
    report = "\n".join(f"{entry.kind}: {entry.text}\n  {entry.said}" for entry in wrong)

    assert share >= LEAST.get(language, OTHERS), report


@pytest.mark.parametrize("language", JUDGED)
@pytest.mark.parametrize("aside", [False, True], ids=["", "aside"])
def test_no_value_changes(language, aside):
    changed = {entry.text: (entry.lost, entry.said) for entry in inputs_of(language, aside=aside) if entry.lost}

    assert not changed


def test_a_part_of_a_word_is_not_the_value():
    assert lost(("six",), "It is sixteen.", "en") == ["six"]


def test_values_are_heard_in_their_order():
    assert lost(("five", "six"), "Six, five.", "en") == ["six"]


def test_one_of_several_ways_to_say_a_value_will_do():
    assert lost(("half past two|two thirty", "ten"), "Two thirty, ten.", "en") == []
    assert lost(("half past two|two thirty",), "Two.", "en") == ["half past two|two thirty"]


def test_case_hyphens_and_the_english_and_do_not_count():
    assert folded("One Hundred and twenty-five!", "en") == folded("one hundred twenty five", "en")
