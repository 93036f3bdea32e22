"""A segment's text becomes what the model was taught to read: Japanese as it sounds, a stop at the end, ids once."""

import threading

import pytest

pytest.importorskip("torch", reason="the CosyVoice3 engine is not installed")
pytest.importorskip("pyopenjtalk", reason="the CosyVoice3 engine is not installed")

from cosyvoice3_checkpoint import tiny_model_dir

from sayline.synthesis.cosyvoice3.text.kana import katakana
from sayline.synthesis.cosyvoice3.text.reader import TextReader


@pytest.fixture(scope="module")
def reader():
    reader = TextReader(tiny_model_dir())
    yield reader
    reader.close()


@pytest.mark.parametrize(
    ("text", "kana"),
    [
        ("過去は単に過ぎ去ったものではない。", "カコ ワ タンニ スギサッ タ モノ デ ワ ナイ。"),
        ("三本の鉛筆を四月一日に買った", "サン ボン ノ エンピツ ヲ シガツ ツイタチ ニ カッ タ"),
        ("「え？」と言った！", "「エ？」ト イッ タ！"),
        ("今日はGitHub Copilotを使う。", "キョー ワ GitHub Copilot ヲ ツカウ。"),
        ("Hello", "Hello"),
        ("", ""),
    ],
)
def test_japanese_is_written_as_it_sounds_and_latin_as_it_stands(text, kana):
    assert katakana(text) == kana


@pytest.mark.parametrize(
    ("text", "language", "given"),
    [
        ("東京です", None, "トーキョー デス。"),
        ("東京", "ja-JP", "トーキョー。"),
        ("東京", None, "東京。"),  # nothing says that it is Japanese
        ("东京很大", "zh", "东京很大。"),
        ("It does", "en", "It does."),
        ("...", None, ""),
    ],
)
def test_the_model_is_given_the_form_of_its_training(reader, text, language, given):
    written = reader.read_now(text, language)

    assert written.text == given
    assert written.ids == reader.tokenizer.encode(given, allow_markup=False)


def test_markup_in_japanese_keeps_its_place(reader):
    assert (
        reader.read_now("[breath]東京です[laughter]", "ja", allow_markup=True).text
        == "[breath]トーキョー デス[laughter]。"
    )


async def test_texts_are_read_in_a_thread_of_their_own(reader):
    await reader.start()
    written = await reader.read("東京です", "ja", allow_markup=False)

    assert written == reader.read_now("東京です", "ja")
    assert any(thread.name.startswith("text") for thread in threading.enumerate())
