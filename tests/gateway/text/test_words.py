"""Words in every script: where they begin and end, and what hangs on them."""

import sys

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from sayline.gateway.text import words as rules
from sayline.gateway.text.words import character_end, find_words, word_breaks

ANY_TEXT = st.lists(
    st.sampled_from(
        [
            *"aé1 .,!?()\"“”«»-—…/&%$'\n",
            "...",
            "word ",
            "don't ",
            "3.14",
            "你好",
            "世界。",
            "「",
            "」",
            "たくさんの人が",
            "カタカナ",
            "ตะวันออก",
            "ພາສາລາວ",
            "ភាសាខ្មែរ",
            "မြန်မာဘာသာ",
            "한국어 ",
            "क्षत्रिय ",
            "e\u0301",
            "👨\u200d👩\u200d👧",
            "🇩🇪",
            "\u200d",
            "\u0e31",
        ]
    ),
    max_size=20,
).map("".join)


def words(text):
    return [text[word.start : word.end] for word in find_words(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Hello there. ", ["Hello", "there"]),
        ("It costs $5, or 3.50€ (so 20%)!", ["It", "costs", "$5", "or", "3.50€", "so", "20%"]),
        ("Yes—no… well...maybe - or don't", ["Yes", "no", "well", "maybe", "or", "don't"]),
        ("« Bonjour », dit-il & moi", ["Bonjour", "dit-il", "&", "moi"]),
        ("C# and #1", ["C#", "and", "#1"]),
        ("现在大家都知道。", ["现在", "大家", "都", "知道"]),
        ("他说：“好。”", ["他", "说", "好"]),
        ("面积是120m²左右", ["面积", "是", "120m²", "左右"]),
        ("推荐使用 Visual Studio和GitHub。", ["推荐", "使用", "Visual", "Studio", "和", "GitHub"]),
        ("たくさんの人が駅前の広場に集まった。", ["たくさんの", "人が", "駅前の", "広場に", "集まった"]),
        ("ตะวันออกของประเทศไทย", ["ตะวัน", "ออก", "ของ", "ประเทศไทย"]),
        ("หมอเอลลิสรออยู่กับกระเป๋าส", ["หมอ", "เอลลิสรอ", "อยู่", "กับ", "กระเป๋าส"]),
        ("「行けますよ」と言った", ["行けますよ", "と", "言った"]),
        ("ພາສາລາວເປັນ", ["ພາສາ", "ລາວ", "ເປັນ"]),
        ("ភាសាខ្មែរគឺជា", ["ភាសាខ្មែរ", "គឺជា"]),
        ("오늘은 날씨가", ["오늘은", "날씨가"]),
        ("क्या हाल है?", ["क्या", "हाल", "है"]),
        ("", []),
        ("... — !", []),
    ],
)
def test_words_are_those_that_are_said(text, found):
    assert words(text) == found


@pytest.fixture(scope="module")
def without_icu():
    """A base install, without the extra `words`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "icu4py", None)
        patch.setitem(sys.modules, "icu4py.breakers", None)
        rules._icu.cache_clear()
        assert rules._icu() is rules._without_icu
        yield
    rules._icu.cache_clear()


@pytest.mark.usefixtures("without_icu")
class TestWithoutIcu:
    @pytest.mark.parametrize(
        ("text", "found"),
        [
            ("现在大家都知道。", ["现在", "大家", "都", "知道"]),
            ("他说：“好。”", ["他", "说", "好"]),
            ("推荐使用 Visual Studio和GitHub。", ["推荐", "使用", "Visual", "Studio", "和", "GitHub"]),
            ("在2024年，GDP增长5.2%。", ["在", "2024", "年", "GDP", "增长", "5.2%"]),
            ("ของประเทศไทย", ["ของ", "ประเทศ", "ไทย"]),
            ("ເປັນ", ["ເ", "ປັ", "ນ"]),
            ("たくさんの人が駅前の広場に集まった。", ["たくさんの", "人が", "駅前の", "広場に", "集まった"]),
        ],
    )
    def test_chinese_and_thai_have_words_and_what_nobody_knows_has_characters(self, text, found):
        assert words(text) == found

    @given(ANY_TEXT)
    def test_words_hold_all_that_is_a_letter_or_a_digit(self, text):
        assert_words_hold_all(text)

    @given(ANY_TEXT)
    def test_no_word_ends_inside_a_character(self, text):
        for token in text.split():
            assert set(word_breaks(token)) <= {match.end() for match in regex.finditer(r"\X", token)}


@pytest.mark.parametrize(
    ("text", "reached"),
    [
        ("One (two). Three", ["One", "One (two).", "One (two). Three"]),
        ("他说：“好。”走", ["他", "他说：", "他说：“好。”", "他说：“好。”走"]),
        ("go — now", ["go", "go — now"]),
        ("yes—no", ["yes—", "yes—no"]),
    ],
)
def test_the_signs_behind_a_word_are_heard_with_it_and_an_opening_one_with_the_next(text, reached):
    assert [text[: word.reach] for word in find_words(text)] == reached


@given(ANY_TEXT)
def test_words_ascend_and_hold_all_that_is_a_letter_or_a_digit(text):
    assert_words_hold_all(text)


def assert_words_hold_all(text):
    at = 0
    for word in find_words(text):
        assert at <= word.start < word.end <= word.reach
        assert not any(char.isalnum() for char in text[at : word.start])
        assert not text[word.start : word.reach].strip() or not any(map(str.isspace, text[word.start : word.end]))
        at = word.end
    assert not any(char.isalnum() for char in text[at:])


@given(ANY_TEXT)
def test_no_word_ends_inside_a_character(text):
    ends = {match.end() for match in regex.finditer(r"\X", text)} | {0}
    for token in text.split():
        inside = {match.end() for match in regex.finditer(r"\X", token)}
        assert set(word_breaks(token)) <= inside
    for position in range(len(text) + 1):
        moved = character_end(text, position)
        assert moved in ends
        assert moved == min(end for end in ends if end >= position)


def test_a_character_longer_than_any_script_has_does_not_keep_us():
    assert character_end("a" + "\u0301" * 100_000, 50_000) <= 50_064
