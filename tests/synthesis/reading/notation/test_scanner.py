"""Whether what a text costs to read is in proportion to its length, whatever stands in it."""

import itertools
import time
from dataclasses import replace

import pytest

from sayline.synthesis.reading.languages.registry import LANGUAGES, words_of
from sayline.synthesis.reading.notation.scanner import scan
from sayline.synthesis.reading.notation.tokens import Said
from sayline.synthesis.reading.reader import read

LENGTH = 100_000
MOST_SEEN = 800
UNITS = "1|1 |1-|1.|1/|1:|1A|A1|A-|a-|a.|a_|(1|1)|Я1|IV|0|'|/a|[|€|^|=|<|-|—|°|。|あ|가|\u0e01".split("|")


def pathological(unit, behind="", length=LENGTH):
    return (unit * length)[: length - len(behind)] + behind


@pytest.mark.parametrize("unit", ["1", ".", ":", "(", "]", " ", "あ", "가", "1:", "a."])
def test_a_rule_sees_a_bounded_part_of_a_long_text_and_is_asked_at_most_once_a_character(unit):
    asked = []

    def rule(text, at):
        asked.append(len(text))
        return at + 1, Said("")

    text = pathological(unit)
    found = list(scan(text, replace(words_of("en").customs, rules=(rule,))))

    assert max(asked, default=0) <= MOST_SEEN
    assert len(asked) <= LENGTH
    assert all(one.end <= two.start for one, two in itertools.pairwise(found))


@pytest.mark.parametrize("language", sorted(LANGUAGES))
@pytest.mark.parametrize("unit", [" ", "あ", "가"])
def test_a_long_text_in_which_nothing_is_to_be_read_stays_as_it_is(language, unit):
    text = pathological(unit)

    is_same = read(text, words_of(language)) == text

    assert is_same


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_no_digit_of_a_very_long_number_is_left_out(language):
    words = words_of(language)

    assert len(read("1" * LENGTH, words).split()) in (LENGTH, 1)
    assert len(read("1" * LENGTH, words)) >= LENGTH


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_no_rule_tries_each_way_to_cut_a_run(language):
    """A pattern that does takes longer than anybody waits for sixty characters; one that does not, a few ms."""
    words = words_of(language)
    for front in ("", "1A", "А1", "tel. ", "code ", "第", "番号は"):
        for unit in UNITS:
            text = front + pathological(unit, "a", 60)
            begun = time.process_time()
            read(text, words)

            assert time.process_time() - begun < 1, text


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "It costs $1,234.56 on May 3rd, at 3:05 PM. "),
        ("de", "Das kostet 1.234,56 € am 3. Mai um 15:05 Uhr. "),
        ("ru", "Это стоит 21 рубль с 3 мая. "),
        ("zh", "2025年3月5日花了￥1,234.56。"),
        ("ko", "3월 5일에 1,234원을 냈다. "),
    ],
)
def test_a_long_text_is_read_as_its_sentences_are(language, sentence):
    words = words_of(language)

    is_same = read(sentence * 120, words) == read(sentence, words) * 120

    assert is_same
