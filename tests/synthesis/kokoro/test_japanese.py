"""Japanese as the model was taught it: kana, mora by mora."""

import pytest

from sayline.synthesis.kokoro.japanese import MORAE, kana_phonemes, read
from sayline.synthesis.kokoro.reading import joined
from sayline.synthesis.kokoro.voice import ALPHABET


@pytest.mark.parametrize(
    ("kana", "phonemes"),
    [
        ("キョー", "kʲoː"),
        ("ガッコー", "ɡaʔkoː"),
        ("シンブン", "ɕimbɯɴ"),
        ("サンカイ", "saŋkai"),
        ("コンニチワ", "koɲɲiʨiβa"),
        ("ケントー", "kentoː"),
        ("ジャズ", "ʥazɨ"),
        ("ファイル", "ɸaiɾɯ"),
        ("ティー", "tʲiː"),
        ("ヴァイオリン", "vaioɾʲiɴ"),
        ("ヶ", "ke"),
        ("ァ", "a"),
        ("、a7", ""),
    ],
)
def test_kana_are_written_in_the_models_alphabet(kana, phonemes):
    assert kana_phonemes(kana) == phonemes


def test_every_mora_is_made_of_signs_that_the_model_knows():
    assert len(MORAE) > 120
    assert {sign for phonemes in MORAE.values() for sign in phonemes} <= ALPHABET.keys()


def test_a_text_is_read_by_its_words_each_with_its_place():
    pytest.importorskip("pyopenjtalk", reason="the kokoro extra is not installed")
    text = "今日は、学校へ行きます。"
    words = read(text)

    assert joined(words)[0].replace(" ", "") == "kʲoːβa,ɡaʔkoːeikʲimasɨ."
    assert "".join(text[word.start : word.end] for word in words) == text


def test_latin_letters_and_figures_are_found_although_they_come_back_wide():
    pytest.importorskip("pyopenjtalk", reason="the kokoro extra is not installed")
    text = "AIは3個です。"
    places = [text[word.start : word.end] for word in read(text)]
    assert "".join(places) == text
