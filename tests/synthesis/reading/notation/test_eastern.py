"""What Chinese, Japanese and Korean write and few others do, kind by kind, in all three languages."""

import pytest

from sayline.synthesis.reading.languages.registry import words_of
from sayline.synthesis.reading.notation import eastern
from sayline.synthesis.reading.notation.tokens import Code, Ratio, Sign, Span
from sayline.synthesis.reading.reader import read


def found(text, of):
    """The token that begins at a part of a text; None if no rule of this file knows it."""
    match = eastern.read(text, text.index(of))
    return None if match is None else match[1]


@pytest.mark.parametrize("text", ["21-18、19-21", "19-21，21-18", "19-21 21-18", "21:25, 25:23"])
def test_one_pair_that_descends_makes_scores_of_a_row(text):
    assert isinstance(found(text, text[:5]), Ratio)
    assert isinstance(found(text, text[-5:]), Ratio)


@pytest.mark.parametrize("text", ["8-10、11-13", "5-7岁、8-10岁", "9:00、14:30", "2-1-3、1-2-3", "1.5-2、3-1"])
def test_a_row_in_which_none_descends_has_no_scores(text):
    assert not isinstance(found(text, text[:1]), Ratio)


def test_scores_are_found_as_far_as_six_pairs_reach():
    row = "、".join(["21-18", *["18-21"] * 5])

    assert isinstance(found(row, "18-21、18-21"), Ratio)
    assert isinstance(found(row + "，", "18-21，"), Ratio)


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("zh", "第Ⅲ期，Ⅱ型，Ⅻ", "第三期，二型，十二"),
        ("ja", "第Ⅳ章、Ⅱ型", "第四章、二型"),
        ("ko", "제Ⅲ장, Ⅱ형", "제삼장, 이형"),
    ],
)
def test_a_roman_number_of_one_character_is_a_number(language, text, said):
    assert read(text, words_of(language)) == said


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("zh", "①打开设置②点击账号", "一，打开设置，二，点击账号"),
        ("zh", "①和②，见图③。", "一和二，见图三。"),
        ("ja", "①と②を比べる", "一と二を比べる"),
        ("ko", "①과 ②를 비교", "일과 이를 비교"),
    ],
)
def test_a_circled_number_begins_an_entry_or_is_referred_to(language, text, said):
    assert read(text, words_of(language)) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("请拨打*67", "请拨打星号六七"),
        ("拨打*#06#查询", "拨打星号井号零六井号查询"),
        ("输入*100*2#", "输入星号一零零星号二井号"),
        ("按*号键或#键", "按星号键或井号键"),
        ("100抽*3包", "一百抽乘以三包"),
        ("排名#1", "排名一号"),
    ],
)
def test_a_star_is_a_key_or_a_product(text, said):
    assert read(text, words_of("zh")) == said


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("zh", "答对8/10题", "答对十题中的八题"),
        ("zh", "第3/20页", "第三页，共二十页"),
        ("zh", "得分85/100分", "得分八十五分，满分一百分"),
        ("zh", "评分：8/10", "评分：八分，满分十分"),
        ("zh", "已完成2/10个任务", "已完成十个任务中的两个任务"),
        ("zh", "3/10个苹果", "十分之三个苹果"),
        ("zh", "3/4杯", "四分之三杯"),
        ("ja", "8/10問正解", "十問中八問正解"),
        ("ja", "18/20点", "二十点中十八点"),
        ("ja", "15/20人", "二十人中十五人"),
        ("ja", "3/4カップ", "四分の三カップ"),
        ("ko", "17/20문제를", "이십 문제 중 십칠 문제를"),
        ("ko", "15/20명이", "스무 명 중 열다섯 명이"),
        ("ko", "85/100점을", "백점 만점에 팔십오점을"),
        ("ko", "3/4컵", "사분의 삼컵"),
    ],
)
def test_so_many_of_a_whole_that_is_counted_is_no_fraction(language, text, said):
    assert read(text, words_of(language)) == said


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("zh", "比例是1:1.2", "比例是一比一点二"),
        ("ja", "1:1.5の割合", "一タイ一点五の割合"),
        ("ko", "비율은 1:1.5로", "비율은 일 대 일 점 오로"),
    ],
)
def test_a_ratio_keeps_its_decimals(language, text, said):
    assert read(text, words_of(language)) == said


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("zh", "¥3,500～¥4,200/月", "每月三千五百元到四千二百元"),
        ("zh", "35~75μg/m³", "每立方米三十五到七十五微克"),
        ("ja", "¥3,500〜¥4,200/月", "月額三千五百円から四千二百円"),
        ("ko", "₩3,500~₩4,200/월", "월 삼천오백 원에서 사천이백 원"),
    ],
)
def test_what_a_range_is_for_is_said_once(language, text, said):
    assert read(text, words_of(language)) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("26°C/79°F", "二十六摄氏度，七十九华氏度"),
        ("175cm/体重65kg", "一百七十五厘米，体重六十五千克"),
        ("iOS/Android", "iOS，Android"),
        ("5L/人", "五升每人"),
        ("60km/2h", "六十公里每两小时"),
    ],
)
def test_a_slash_between_two_that_stand_side_by_side_is_a_pause(text, said):
    assert read(text, words_of("zh")) == said


@pytest.mark.parametrize(("text", "of"), [("RTX 4090", "4090"), ("GB/T 19001-2016", "19001"), ("HTTP 404", "404")])
def test_the_number_of_a_standard_or_a_model_is_a_code(text, of):
    assert isinstance(found(text, of), Code)


def test_labels_with_the_same_letters_are_a_range():
    match = eastern.read_labels("P12-P15", 0)

    assert match is not None
    assert isinstance(match[1], Span)


@pytest.mark.parametrize("text", ["(5-2)×3", "2×(7-3)", "(1.5+2.5×3-2)=7"])
def test_a_dash_in_brackets_that_are_reckoned_with_is_a_minus(text):
    assert found(text, "-") == Sign("-", "between")
