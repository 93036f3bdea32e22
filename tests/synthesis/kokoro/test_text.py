"""Where Chinese and Japanese are cut into turns, and whose language is whose."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sayline.synthesis.kokoro.text import (
    CLAUSE_PAUSE_MS,
    SENTENCE_PAUSE_MS,
    TURN_CHARACTERS,
    has_words,
    is_japanese,
    is_spoken,
    pause_ms,
    turns,
)


def cut(text):
    return [text[start:end] for start, end in turns(text)]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("你好。", ["你好。"]),
        ("今天天气非常非常好，我们去公园散步吧。", ["今天天气非常非常好，", "我们去公园散步吧。"]),
        ("今天天气很好，我们去公园散步吧。", ["今天天气很好，我们去公园散步吧。"]),  # too short to be said well alone
        ("今天天气非常非常好，走吧。", ["今天天气非常非常好，走吧。"]),  # ... and so is what would be left
        ("他说：“好！”然后走了。", ["他说：“好！”", "然后走了。"]),
        ("一二三四五六七八，一二三四五六七八，一二三四五六七八，一二三四五六七八。" * 2, None),
    ],
)
def test_a_long_first_clause_is_a_turn_and_then_each_sentence_is(text, parts):
    assert cut(text) == parts if parts else len(cut(text)) > 2


@given(st.text(alphabet="今天我们，。！？、あいう abc 12\n", max_size=200))
def test_turns_tile_the_text_and_none_is_too_long(text):
    parts = cut(text)
    assert "".join(parts) == text
    assert all(0 < len(part) <= TURN_CHARACTERS for part in parts)


@pytest.mark.parametrize(
    ("said", "pause"),
    [("你好。", SENTENCE_PAUSE_MS), ("你好？」", SENTENCE_PAUSE_MS), ("你好，", CLAUSE_PAUSE_MS), ("你好", 0.0)],
)
def test_a_turn_ends_with_the_pause_that_its_mark_asks_for(said, pause):
    assert pause_ms(said) == pause


def test_chinese_and_japanese_are_spoken_under_all_their_tags_and_nothing_else():
    assert all(map(is_spoken, ("zh", "cmn", "zh-CN", "ZH_hant", "ja", "ja-JP")))
    assert not any(map(is_spoken, (None, "en", "ko", "yue", "jav", "zha")))
    assert is_japanese("ja-JP")
    assert not is_japanese("zh")


@pytest.mark.parametrize(("text", "has"), [("你", True), ("7", True), ("。！", False), ("", False), ("__ ", False)])
def test_marks_are_no_words(text, has):
    assert has_words(text) == has
