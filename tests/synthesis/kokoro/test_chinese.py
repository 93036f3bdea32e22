"""Chinese as the model was taught it. Expected phonemes are those of misaki 0.9.4, with which the model was made."""

import pytest

for package in ("jieba", "pypinyin", "cn2an"):  # the first of them comes with other extras too
    pytest.importorskip(package, reason="the kokoro extra is not installed")

from sayline.synthesis.kokoro.chinese import read, syllable_phonemes
from sayline.synthesis.kokoro.reading import joined

pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::SyntaxWarning", "ignore::ResourceWarning"
)


@pytest.mark.parametrize(
    ("syllable", "phonemes"),
    [
        ("ma1", "ma→"),
        ("nan2", "na↗n"),
        ("hao3", "xau↓"),
        ("shi4", "ʂɨ↘"),
        ("zi5", "ʦɨ"),
        ("qu4", "ʨʰy↘"),
        ("lüe4", "lɥe↘"),
        ("yuan2", "ɥɛ↗n"),
        ("er4", "ɚ↘"),
        ("bo1", "pwo→"),
        ("o2", "ɔ↗"),
        ("zhuang1", "ꭧwa→ŋ"),
        ("weng1", "wə→ŋ"),
        ("xiong2", "ɕjʊ↗ŋ"),
        ("ng2", "ŋ↗"),
    ],
)
def test_a_syllable_is_its_initial_its_final_and_the_mark_of_its_tone(syllable, phonemes):
    assert syllable_phonemes(syllable) == phonemes


@pytest.mark.parametrize("syllable", ["", "hello", "5", "xyz1"])
def test_what_is_no_syllable_has_no_phonemes(syllable):
    assert syllable_phonemes(syllable) == ""


def said(text):
    return joined(read(text))[0]


def test_words_are_apart_and_marks_close_to_the_word_before():
    assert said("今天天气很好，我们去公园散步吧。") == (
        "ʨi→ntʰjɛ→ntʰjɛ→nʨʰi↘ xə↓n xau↓, wo↓mən ʨʰy↘ kʊ→ŋɥɛ↗n sa↘npu↘ pa."
    )


@pytest.mark.parametrize(
    ("text", "as_if"),
    [
        ("3.5元", "三点五元"),
        ("2024年5月1日", "二零二四年五月一日"),
        ("50%", "百分之五十"),
        ("-3℃", "零下三摄氏度"),
        ("-5", "负五"),
        ("3-5", "三五"),
        ("110", "一百一十"),
    ],
)
def test_a_number_is_read_as_it_is_said(text, as_if):
    assert said(text).replace(" ", "") == said(as_if).replace(" ", "")


def test_each_word_knows_its_place_in_the_text():
    text = "我有3.5元（真的）。"
    words = [word for word in read(text) if not word.is_pause]
    assert [text[word.start : word.end] for word in words] == ["我", "有", "3.5", "3.5", "元", "真的"]
    assert all(word.phonemes for word in words)


@pytest.mark.parametrize("text", ["", "   ", "😀", "\ud800", "𠀀", "abc", "\x00"])
def test_what_cannot_be_read_is_left_out(text):
    assert [word for word in read(text) if not word.is_pause and not word.phonemes] == []
