from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sayline.synthesis.language import _STARTS, detect, lookup, primary, runs, wished_runs


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


# --- runs -------------------------------------------------------------------------------------------------------------


def cut(text, language=None):
    found = runs(text, language)
    assert [found[0].start, *(run.end for run in found)] == [*(run.start for run in found), len(text)], "they tile it"
    return [(text[run.start : run.end], run.language) for run in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello there.", [("Hello there.", "en")]),
        ("“Naïve” – she said…", [("“Naïve” – she said…", "en")]),
        ("The word 你好 means hello.", [("The word ", "en"), ("你好 ", "cmn"), ("means hello.", "en")]),
        ("He wrote 《你好》 there", [("He wrote ", "en"), ("《你好》 ", "cmn"), ("there", "en")]),
        ("我有3个苹果。Three.", [("我有3个苹果。", "cmn"), ("Three.", "en")]),
        ("東京は日本の首都です。Tokyo", [("東京は日本の首都です。", "ja"), ("Tokyo", "en")]),
        ("Привет, world!", [("Привет, ", "ru"), ("world!", "en")]),
        ("3, 2, 1", [("3, 2, 1", None)]),
        ("…「", [("…「", None)]),
    ],
)
def test_a_text_is_cut_where_its_script_changes(text, expected):
    assert cut(text) == expected


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Guten Morgen.", "de", [("Guten Morgen.", "de")]),
        ("Das Wort 你好 heißt hallo.", "de-AT", [("Das Wort ", "de-AT"), ("你好 ", "cmn"), ("heißt hallo.", "de-AT")]),
        ("请打开Settings页面", "zh", [("请打开", "zh"), ("Settings", "en"), ("页面", "zh")]),
        ("漢字とかな", "ja", [("漢字とかな", "ja")]),
        ("Це Київ, not Kyiv", "uk", [("Це Київ, ", "uk"), ("not Kyiv", "en")]),
        ("Beograd и Нови Сад", "sr", [("Beograd и Нови Сад", "sr")]),
        ("1, 2, 3", "fr", [("1, 2, 3", "fr")]),
        ("Hello", "zh", [("Hello", "en")]),
        ("nǐ hǎo", "cmn-latn-pinyin", [("nǐ hǎo", "cmn-latn-pinyin")]),
    ],
)
def test_scripts_of_the_named_language_are_that_language_and_no_other(text, language, expected):
    assert cut(text, language) == expected


def test_nothing_has_no_run():
    assert runs("") == []


@pytest.mark.parametrize(
    ("tag", "found"),
    [("pt-BR", "pt"), ("zh_Hant_HK", "zh-hant"), ("ZH-HANT", "zh-hant"), ("en", ""), ("", ""), ("-", "")],
)
def test_a_tag_is_looked_up_by_its_longest_form_that_is_known(tag, found):
    assert lookup(tag, {"pt", "zh", "zh-hant"}) == found


@pytest.mark.parametrize(("tag", "language"), [("pt-BR", "pt"), ("EN_us", "en"), ("cmn", "cmn"), ("", "")])
def test_the_language_of_a_tag_is_its_first_part(tag, language):
    assert primary(tag) == language


def wished(text, language, *wishes):
    found = wished_runs(text, language, wishes, lambda tag: tag != "tlh")
    return [(text[run.start : run.end], run.language) for run in found]


def test_a_writer_names_the_language_of_a_stretch():
    text = "She said Guten Tag, then left."
    assert wished(text, "en", (9, 18, "de")) == [("She said ", "en"), ("Guten Tag,", "de"), (" then left.", "en")]


def test_an_inner_wish_goes_before_the_outer_one_and_unknown_languages_change_nothing():
    assert wished("ab cd ef", "en", (0, 8, "fr"), (3, 5, "de")) == [("ab ", "fr"), ("cd", "de"), (" ef", "fr")]
    assert wished("ab cd ef", "en", (3, 5, "tlh")) == [("ab cd ef", "en")]


def test_without_wishes_runs_are_those_of_the_scripts():
    text = "我用 Python。"
    assert wished_runs(text, None, (), lambda _: True) == runs(text)


@given(st.text("ab 中я.", max_size=20), st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=3))
def test_runs_tile_the_text_whatever_is_wished(text, places):
    wishes = [(min(each), max(each), "de") for each in places if max(each) <= len(text)]
    found = wished_runs(text, None, wishes, lambda _: True)
    assert "".join(text[run.start : run.end] for run in found) == text
