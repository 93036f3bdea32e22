"""The rules of everyday messages, each made for a few words of its own."""

import pytest

from sayline.synthesis.reading.notation import everyday
from sayline.synthesis.reading.notation.tokens import Clock, Code, Measure, Number, Ordinal, Ratio, Said, Span, Unit


def found(rule, text, of):
    """The token that a rule finds at a part of a text; None if it finds nothing."""
    match = rule(text, text.index(of))
    return None if match is None else match[1]


def test_digits_behind_a_word_that_tells_a_code_are_one():
    rule = everyday.code_rule("customer number")

    assert found(rule, "customer number 77-205", "77") == Code(("77", "-", "205"), is_secret=True)
    assert found(rule, "customer number 12", "12") is None
    assert found(rule, "seventy of 77-205", "77") is None


def test_a_word_tells_a_code_as_far_as_it_reaches():
    rule = everyday.code_rule("customer number")

    assert found(rule, "x" * 300 + " customer number 55012", "55012") == Code(("55012",), is_secret=True)


def test_a_dotted_number_is_a_time_behind_its_word_or_in_front_of_one():
    rule = everyday.dotted_clock_rule("at", "to", words="Uhr")

    assert found(rule, "at 9.30", "9") == Clock(9, 30)
    assert found(rule, "9.30 Uhr", "9") == Clock(9, 30)
    assert found(rule, "9.00–17.30", "9") == Span(Clock(9, 0), Clock(17, 30))
    assert found(rule, "at 9.30 €", "9") is None


def test_an_abbreviated_unit_needs_a_number_in_front_and_none_behind():
    rule = everyday.measure_rule({"S.": "page"})

    assert found(rule, "320 S.", "320") == Measure(Number("320"), "page", "S.")
    assert found(rule, "Kap. 5 S. 12", "5") is None


def test_a_unit_without_a_number_stands_behind_its_word():
    rule = everyday.bare_unit_rule("per", {"wk": "week"})

    assert found(rule, "per kg", "kg") == Unit("kilogram", "kg")
    assert found(rule, "per wk", "wk") == Unit("week", "wk")
    assert found(rule, "in kg", "kg") is None


def test_a_day_at_the_end_follows_another_day():
    rule = everyday.last_day_rule({"seg": "segunda", "sex": "sexta"}, "a")

    assert found(rule, "seg. a sex.", "sex") == Said("sexta.")
    assert found(rule, "um a sex.", "sex") is None


def test_a_month_alone_needs_a_word_in_front_and_two_need_none():
    rule = everyday.month_rule({"okt": 2}, ["September", "Oktober"], "ab", "bis", lambda year: f"von {year}")

    assert found(rule, "ab Okt.", "Okt") == Said("Oktober.")
    assert found(rule, "Sept Okt.", "Okt") is None
    assert found(rule, "September-Okt. 2025", "Sep") == Said("September bis Oktober von 2025")


def test_a_quarter_has_its_year_beside_it():
    rule = everyday.quarter_rule({"T": ("first", "second", "third", "fourth")}, lambda year: f"of {year}")

    assert found(rule, "3T25", "3T") == Said("third of 2025")
    assert found(rule, "T3 2025", "T3") == Said("third of 2025")
    assert found(rule, "5T25", "5T") is None


def test_sets_are_scores():
    assert found(everyday.sets_rule, "6/4, 3/6", "3/6") == Ratio((Number("3"), Number("6")), ":")
    assert found(everyday.sets_rule, "3/6", "3/6") is None


def test_roman_numbers_with_a_dash_stand_behind_centuries():
    rule = everyday.roman_span_rule("centuries", "to", str)

    assert found(rule, "centuries XV-XVI", "XV") == Said("15 to 16")
    assert found(rule, "letters XV-XVI", "XV") is None


def test_the_gender_of_a_roman_ordinal_is_its_articles():
    rule = everyday.roman_rule("la|el", "a")

    assert found(rule, "la II Guerra", "II") == Ordinal("2", "ª")
    assert found(rule, "el II Congreso", "II") == Ordinal("2", "º")
    assert found(rule, "con II Congreso", "II") is None


@pytest.mark.parametrize(("distance", "token"), [(20, Number("19")), (60, None)])
def test_another_century_stands_within_a_clause(distance, token):
    rule = everyday.roman_rule("el", "a", "siglo")

    assert found(rule, "siglo XVI" + " " * distance + "el XIX", "XIX") == token


def test_a_prime_behind_its_word_is_minutes():
    rule = everyday.minutes_rule("for")

    assert found(rule, "for 40'", "40") == Measure(Number("40"), "minute", "′")
    assert found(rule, "the 40'", "40") is None


@pytest.mark.parametrize(("distance", "token"), [(20, Ratio((Number("1"), Number("3")), "-")), (40, None)])
def test_a_verb_makes_a_score_within_a_clause(distance, token):
    rule = everyday.score_rule("lost")

    assert found(rule, "lost" + " " * distance + "1-3", "1-3") == token


def test_no_ordinal_has_a_decimal_mark():
    assert found(everyday.read_degrees, "38,5º", "38") == Measure(Number("38", "5", mark=","), "degree", "º")
    assert found(everyday.read_degrees, "10h30", "10") == Clock(10, 30)


@pytest.mark.parametrize(("letters", "value"), [("XIX", 19), ("IV", 4), ("XL", 40), ("IIII", 0), ("", 0)])
def test_a_roman_number_is_worth_its_letters(letters, value):
    assert everyday.worth(letters) == value
