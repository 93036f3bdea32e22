"""How words sound in Kokoro's alphabet, and that the rest of a turn is read as ever."""

import pytest

for _package in ("jieba", "pypinyin"):
    pytest.importorskip(_package, reason="the kokoro extra is not installed")

from sayline.synthesis.kokoro import chinese
from sayline.synthesis.kokoro.phonemes import ALPHABET, read_turn
from sayline.synthesis.turns.link import Speak

TEXT = "我在重庆，不重要。"


def turn(text, *phonemes, language="zh"):
    return Speak(0, text, "zf_xiaoxiao", language, 0, 0.0, obeys_markup=False, phonemes=phonemes)


def test_without_phonemes_a_turn_is_read_as_ever():
    assert read_turn(turn(TEXT)) == chinese.read(TEXT)


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ("pinyin:zhong4 qing4", "ꭧʊ↘ŋʨʰi↘ŋ"),
        ("ipa:ˈtʃʊŋtɕiŋ", "ˈʧʊŋʨiŋ"),
        ("cmu:N UW1", "nˈu"),
        ("ipa:ʀɵ", "ɹʊ"),
    ],
)
def test_a_word_sounds_as_somebody_says_and_keeps_its_place(wish, said):
    words = read_turn(turn(TEXT, (2, 4, wish)))
    assert [(word.phonemes, word.start, word.end) for word in words if (word.start, word.end) == (2, 4)] == [
        (said, 2, 4)
    ]
    assert set(said) <= ALPHABET.keys()
    assert [word.start for word in words] == sorted(word.start for word in words)
    assert words[-1].end == len(TEXT)
