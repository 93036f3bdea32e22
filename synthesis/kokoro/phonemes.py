"""The model's alphabet, and how words sound in it that somebody gave in the IPA, CMU phones or pinyin."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from ..phonemes import PRIMARY, english_sounds, ipa_of, read_phonemes
from . import chinese, japanese
from .reading import Word
from .text import is_japanese

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..turns.link import Speak

# Affricates are one sign.
_PAIRS: Final = {"tʃ": "ʧ", "dʒ": "ʤ", "ts": "ʦ", "dz": "ʣ", "tɕ": "ʨ", "dʑ": "ʥ"}
# The model's alphabet: what each number stands for, None for numbers that stand for nothing.
ALPHABET: Final[dict[str, int]] = {
    **{sign: place for place, sign in enumerate(";:,.!?", 1)},
    "—": 9,
    "…": 10,
    '"': 11,
    "(": 12,
    ")": 13,
    "“": 14,
    "”": 15,
    " ": 16,
    "ʣ": 18,
    "ʥ": 19,
    "ʦ": 20,
    "ʨ": 21,
    "ᵝ": 22,
    "ꭧ": 23,
    "a": 43,
    "b": 44,
    "d": 46,
    "e": 47,
    "f": 48,
    "h": 50,
    "i": 51,
    "j": 52,
    "k": 53,
    "l": 54,
    "m": 55,
    "n": 56,
    "o": 57,
    "p": 58,
    "s": 61,
    "t": 62,
    "u": 63,
    "v": 64,
    "w": 65,
    "x": 66,
    "y": 67,
    "z": 68,
    "β": 75,
    "ɔ": 76,
    "ɕ": 77,
    "ç": 78,
    "ə": 83,
    "ɚ": 85,
    "ɛ": 86,
    "ɡ": 92,
    "ɥ": 99,
    "ɨ": 101,
    "ɯ": 110,
    "ŋ": 112,
    "ɲ": 114,
    "ɴ": 115,
    "ɸ": 118,
    "ɾ": 125,
    "ɻ": 126,
    "ʂ": 130,
    "ʊ": 135,
    "ɤ": 140,
    "ʔ": 148,
    "ː": 158,
    "ʰ": 162,
    "ʲ": 164,
    "↓": 169,
    "→": 171,
    "↗": 172,
    "↘": 173,
    # Of other languages: only words whose sound somebody gave have these.
    "c": 45,
    "q": 59,
    "r": 60,
    "ɑ": 69,
    "ɐ": 70,
    "ɒ": 71,
    "æ": 72,
    "ɖ": 80,
    "ð": 81,
    "ʤ": 82,
    "ɜ": 87,
    "ɟ": 90,
    "ɪ": 102,
    "ʝ": 103,
    "ɰ": 111,
    "ɳ": 113,
    "ø": 116,
    "θ": 119,
    "œ": 120,
    "ɹ": 123,
    "ʁ": 128,
    "ɽ": 129,
    "ʃ": 131,
    "ʈ": 132,
    "ʧ": 133,
    "ʋ": 136,
    "ʌ": 138,
    "ɣ": 139,
    "χ": 142,
    "ʎ": 143,
    "ʒ": 147,
    "ˈ": 156,
    "ˌ": 157,
    "ᵻ": 177,
}


def read_turn(turn: Speak) -> list[Word]:
    """Read a turn's text aloud.

    Raises:
        ImportError: what its language is read with is not installed.
    """
    return list(_words(turn))


def _words(turn: Speak) -> Iterator[Word]:
    read = japanese.read if is_japanese(turn.language) else chinese.read
    at = 0
    for start, end, value in turn.phonemes:
        said = _spelling(value)
        if start < at or not said:
            continue
        yield from _moved(read(turn.text[at:start]), at)
        yield Word(said, start, end)
        at = end
    yield from _moved(read(turn.text[at:]), at)


def _moved(words: list[Word], by: int) -> Iterator[Word]:
    for word in words:
        yield replace(word, start=word.start + by, end=word.end + by)


def _spelling(wish: str) -> str:
    phonemes = read_phonemes(wish)
    if phonemes.alphabet == "pinyin":
        return "".join(chinese.syllable_phonemes(syllable) for syllable in phonemes.value.split(" "))
    ipa = ipa_of(phonemes.value) if phonemes.alphabet == "cmu" else phonemes.value
    for pair, sign in _PAIRS.items():
        ipa = ipa.replace(pair, sign)
    return "".join(map(_sign, ipa))


def _sign(sound: str) -> str:
    """Write a sound as the alphabet has it, or the nearest sound of English; what is no sound of its own goes."""
    if sound in ALPHABET:
        return sound
    return "".join(each for each in english_sounds(sound).sounds if each not in PRIMARY)
