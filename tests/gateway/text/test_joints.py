"""Where a row of numbers is cut for a listener who can wait no longer."""

import pytest

from sayline.gateway.text import joints
from sayline.gateway.text.joints import hangs_over, leads_on
from sayline.synthesis.reading.languages.registry import LANGUAGES

# Of these the stop ends a sentence more often than not: everyday words, and letters that are said whatever follows.
WORDS_AS_WELL = frozenset(
    "in. Bio. Cat. Da. Fa. ab. On. Pe. bi. M. P.O. P.S. N.B. n.b. E.U. U.K. U.N. U.S. U.S.A. U.s. u.s. J.-C. j.-c. "
    "J.-c. un. uns. AA. OO. aa. oo. S/. s/.".split()
)


def last_joint(text, formula=range(0)):
    return joints.last_joint(text, formula.__contains__)


@pytest.mark.parametrize(
    "text",
    [
        "$20 und du |1 ",
        "21 tables et |1 ",
        "80 places et |200 000 ",
        "31 дом и |1 000 ",
        "3 + 4 = 7 and |10 - 2 ",
        "1.249,90 € |inkl. M",
        "20% |of",
        "12 March |2005",
        "5 de mayo de |20",
        "3 p.m. and |5 p",
        "red (5), |6 kg",
        "MAC地址是|00:1A:2B:3",
        "5%-10%|的",
        "1/3的|学生请假",
        "2024年12月|5",
        "电话|+86 138-",
    ],
)
def test_a_text_falls_apart_where_what_follows_shows_that_a_number_is_over(text):
    before, _, behind = text.partition("|")

    assert last_joint(before + behind) == len(before)


@pytest.mark.parametrize(
    "text",
    [
        "10 - 2",
        "+34 91 123",
        "1 000 000",
        "No. 5",
        "US$ 1.000",
        "JPY 500",
        "5 km",
        "$20 million",
        "20:08",
        "5-10分",
        "s. XIII y XX",
        "3 x 1",
        "61.1 x 36.5 cm",
        "I República",
        "5 × 3 m",
        "x > 5",
        "(a+b)²",
        "7×24小时",
        "35~75μg/m³",
        "221—前206年",
        "Rm 4207",
    ],
)
def test_what_is_read_as_one_has_no_place(text):
    assert last_joint(text) == 0


@pytest.mark.parametrize("text", ["6 × 7 = |4", "10 − 4 = |6", "$5 + |3"])
def test_a_sum_that_is_all_there_is_may_be_left_behind_a_sign(text):
    before, _, behind = text.partition("|")

    assert last_joint(before + behind) == len(before)


@pytest.mark.parametrize(
    "text",
    [
        "¥3,500～|¥4,200",
        "35|~75μg",
        "5元|-10元",
        "μg/|m³",
        "(a+b|)²",
        "2ab+|b²",
        "7×|24",
        "12/15(|月)",
        "(月|)17:00",
        "II|种",
        "查A2:|A50",
        "前221—前|206年",
        "混悬液2ml|:1mg",
        "发到pm-team|@acme.io",
    ],
)
def test_a_place_inside_what_is_read_together_hangs_over(text):
    before, _, behind = text.partition("|")

    assert hangs_over(before + behind, len(before))


@pytest.mark.parametrize(
    "text", ["他来了——|然后", "他来了|——然后", "签收后|7×24", "月末|（土）", "电话|+86", "气温|-5℃", "PDF|文件"]
)
def test_a_place_between_words_does_not(text):
    before, _, behind = text.partition("|")

    assert not hangs_over(before + behind, len(before))


def test_a_place_between_the_bars_of_an_absolute_value_hangs_over():
    assert [hangs_over("若|x|小于3", place) for place in range(1, 6)] == [False, True, True, False, False]


def test_a_bar_alone_holds_no_more_than_a_term():
    assert not hangs_over("甲|乙丙丁戊己庚辛壬癸子丑寅卯", 13)


def test_nothing_at_all_falls_apart():
    assert last_joint("") == last_joint("   ") == 0


@pytest.mark.parametrize(
    "word", ["Mo.", "ap.", "(Gl.", "(b.", "mer.", "sept.", "XIX", "sq", "Dr.", "z.", "t.a.", "Kunden-Nr."]
)
def test_behind_an_abbreviation_something_follows(word):
    assert leads_on(word)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_reader_abbreviates_is_held_until_something_follows(language):
    customs = LANGUAGES[language].customs
    written = {*customs.abbreviations, *customs.units, *customs.scales, *customs.currencies, *customs.halves}
    stopped = {words.split()[-1] for words in written if words.endswith(".")}

    assert not {word for word in stopped if not leads_on(word) and word not in WORDS_AS_WELL and len(word) > len("B.")}


@pytest.mark.parametrize("word", ["home.", "now.", "so.", "Paris", "die", "1971)"])
def test_behind_a_word_nothing_has_to_follow(word):
    assert not leads_on(word)


def test_nothing_falls_apart_inside_a_formula():
    text = "it says 3 (a + b) (c + d) + 1"
    formula = range(text.index("3") + 1, len(text))

    assert text[: last_joint(text)] == "it says 3 (a + b) "
    assert text[: last_joint(text, formula)] == "it says "
