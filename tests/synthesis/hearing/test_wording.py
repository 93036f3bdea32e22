"""What was heard is compared with what was said, in one spelling, and every error has its sentence."""

import pytest

pytest.importorskip("jiwer", reason="sayline[eval] is not installed")
pytest.importorskip("whisper_normalizer", reason="sayline[eval] is not installed")
pytest.importorskip("opencc", reason="sayline[eval] is not installed")

from sayline.synthesis.hearing.wording import Mishearing, mishearings, tokens, unit_of


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("It's twenty four degrees.", "It is 24 degrees"),
        ("The neighbour's colour, please!", "the neighbor's color please"),
        ("Half past seven", "half past seven."),
    ],
)
def test_spelling_is_no_mishearing_in_english(said, heard):
    assert tokens(said, "en") == tokens(heard, "en")


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        ("早上七点半，从北京出发。", "早上7点半从北京出发"),
        ("两百年前", "200年前"),
        ("二十四", "24"),
        ("十五楼", "15楼"),
        ("一千零五", "1005"),
        ("三千", "3000"),
        ("一三八零零", "13800"),
        ("请把窗户关上，外面太吵了。", "請把窗戶關上,外面太吵了"),
        ("头发；发展", "頭髮；發展"),  # one simplified character for two
    ],
)
def test_spelling_is_no_mishearing_in_chinese(said, heard):
    assert tokens(said, "zh") == tokens(heard, "zh")


@pytest.mark.parametrize(
    ("language", "unit"),
    [
        ("en", "word"),
        ("de-AT", "word"),
        ("zh", "character"),
        ("zh-TW", "character"),
        ("ja", "kana"),
        ("ko", "character"),
    ],
)
def test_what_is_counted_depends_on_the_language(language, unit):
    assert unit_of(language) == unit


SAID = [["go", "north"], ["stay", "dry", "today"]]


@pytest.mark.parametrize(
    ("heard", "errors"),
    [
        ("go north stay dry today", []),
        ("go south stay dry today", [Mishearing(0, "north", "south")]),
        ("go north stay today", [Mishearing(1, "dry", "")]),
        ("go north stay dry today now", [Mishearing(1, "", "now")]),
        ("so go north stay dry today", [Mishearing(0, "", "so")]),
        ("", [Mishearing(0, "go", ""), Mishearing(0, "north", "")] + [Mishearing(1, word, "") for word in SAID[1]]),
    ],
)
def test_each_error_has_its_sentence(heard, errors):
    assert mishearings(SAID, heard.split()) == errors


def test_whatever_is_heard_of_nothing_is_too_much():
    assert mishearings([[]], ["hello"]) == [Mishearing(0, "", "hello")]


def test_an_error_reads_as_a_sentence():
    assert str(Mishearing(0, "north", "south")) == "north heard as south"
    assert str(Mishearing(0, "north", "")) == "north not heard"
    assert str(Mishearing(0, "", "south")) == "south heard beyond the text"
