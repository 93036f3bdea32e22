from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sayline.synthesis.language import _STARTS, detect


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Hello there.", "en"),
        ("Füße, naïve, Đặng", "en"),
        ("Привет, мир", "ru"),
        ("你好，世界", "cmn"),
        ("漢字とかなで書く", "ja"),
        ("カタカナ", "ja"),
        ("안녕하세요", "ko"),
        ("مرحبا", "ar"),
        ("नमस्ते दुनिया", "hi"),
        ("Καλημέρα", "el"),
        ("שלום", "he"),
        ("สวัสดี", "th"),
        ("გამარჯობა", "ka"),
        ("வணக்கம்", "ta"),
        ("𠮷野家", "cmn"),  # beyond the basic plane
    ],
)
def test_each_script_stands_for_a_language(text, language):
    assert detect(text) == language


@pytest.mark.parametrize("text", ["", "123.45 %", "… — !?", "😀🎉", "\x00\ud800"])
def test_text_without_letters_says_nothing(text):
    assert detect(text) is None


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("我在用 iPhone 打电话给我的朋友", "cmn"),
        ("He said 你好 and walked on.", "en"),
        ("中文里偶尔有一个装饰用的の字也没有关系", "cmn"),
        ("Слово hello в русском предложении", "ru"),
    ],
)
def test_mixed_text_goes_by_the_majority(text, language):
    assert detect(text) == language


@given(st.text())
def test_any_text_has_an_answer(text):
    assert detect(text) is None or isinstance(detect(text), str)


def test_the_blocks_are_in_order():
    assert sorted(set(_STARTS)) == _STARTS
