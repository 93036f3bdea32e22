"""Phonemes as espeak-ng is given them inside a text: the IPA in its own mnemonics, between double brackets.

Each of its voices says them with the sounds of its own language, and is silent at mnemonics that its language lacks. So
each sound of the IPA has several mnemonics, the nearest first, and the last of them is one that every voice has.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from ..phonemes import PRIMARY, SECONDARY, ipa_of, is_ipa_vowel, syllables
from .text import OVERRUNS

if TYPE_CHECKING:
    from ..phonemes import Phonemes

# What would be taken for phonemes in a text that somebody else wrote.
BRACKETS: Final = re.compile(r"\[\[|\]\]")
PINYIN_VOICE: Final = "cmn-latn-pinyin"  # the language whose voice reads pinyin

# Mnemonics that not every voice has, and that each of these has (espeak-ng 1.52). Voices that are not named here are
# taken to have none of them.
_OPTIONAL: Final = frozenset("O I U y Y W A: O: OI V 3: 0 A E y: W: Y: A~ O~ W~ E~ E:".split())
_HAS: Final = {
    "gmw/en": "O I U A: O: OI V 3: 0 E A~ O~ E~ E:",
    "gmw/de": "O I U y W A: O: OI 3: A E y: W: Y: A~ O~ W~ E~ E:",
    "roa/fr": "O I y Y W O: OI V E y: W: Y: A~ O~ W~ E~ E:",
    "roa/es": "O U y Y O: OI E y: Y: O~ E~ E:",
    "roa/it": "O I U y Y O: OI E y: Y: O~ E~ E:",
    "roa/pt": "O I U y Y A: O: OI A E y: Y: A~ O~ E~ E:",
    "zle/ru": "O I y Y A: O: OI V A E y: Y: A~ O~ E~ E:",
    "ko": "E E~ E:",
    "sit/cmn": "y A: A E y: A~ E~ E:",
}
_VOWELS: Final = {
    "ɑ": "A: A a", "æ": "a", "ʌ": "V a", "ə": "@", "ɔ": "O o", "aʊ": "aU", "aɪ": "aI", "ɛ": "E e", "ɝ": "3: @",
    "ɚ": "3: @", "eɪ": "eI", "ɪ": "I i", "i": "i", "oʊ": "oU", "əʊ": "oU", "ɔɪ": "OI o|i", "ʊ": "U u", "u": "u",
    "a": "a", "e": "e", "o": "o", "y": "y u", "ø": "Y Y: W e", "œ": "W Y E e", "ɐ": "V a", "ɒ": "0 O o", "ɜ": "3: @",
    "ɨ": "I i", "ʉ": "u", "ɯ": "u", "ɤ": "@", "ɘ": "@", "ɞ": "3: @", "ɵ": "@", "ʏ": "y u", "ɶ": "W a", "ᵻ": "I i",
    "ɑː": "A: a:", "ɔː": "O: o:", "iː": "i:", "uː": "u:", "aː": "a:", "eː": "e:", "oː": "o:", "yː": "y: u:",
    "øː": "Y: Y W: e:", "œː": "W: W e:", "ɛː": "E: E e:", "ɜː": "3: @", "ɝː": "3: @", "ɑ\u0303": "A~ a|n",
    "ɛ\u0303": "E~ e|n", "ɔ\u0303": "O~ o|n", "œ\u0303": "W~ E~ e|n", "a\u0303": "A~ a|n", "o\u0303": "O~ o|n",
    "e\u0303": "E~ e|n",
}  # fmt: skip
_CONSONANTS: Final = {
    **{sound: sound for sound in "bdfhjklmnpstvwxz"},
    "ɡ": "g", "ŋ": "N", "ʃ": "S", "ʒ": "Z", "θ": "T", "ð": "D", "tʃ": "tS", "dʒ": "dZ", "tɕ": "tS;", "dʑ": "dZ",
    "ç": "C", "ɲ": "n^", "ʎ": "l^", "ɹ": "r", "ʁ": "r", "ʀ": "r", "r": "r", "ɾ": "r", "ɻ": "r", "ɽ": "r", "ɺ": "r",
    "ɣ": "Q", "β": "B", "ɕ": "S;", "ʑ": "Z;", "ʔ": "?", "ɸ": "f", "ħ": "h", "ɦ": "h", "ʋ": "v", "ɥ": "j", "ʍ": "w",
    "ɰ": "w", "ɬ": "l", "ɮ": "l", "ɫ": "l", "ɭ": "l", "ʟ": "l", "ɱ": "m", "ɴ": "N", "ɳ": "n", "c": "k", "ɟ": "g",
    "q": "k", "ɢ": "g", "χ": "x", "ʈ": "t", "ɖ": "d", "ʂ": "S", "ʐ": "Z", "ʝ": "j", "ɧ": "S", "ʕ": "h", "ʢ": "h",
    "ʡ": "?", "ɓ": "b", "ʙ": "b", "ɗ": "d", "ɠ": "g", "ʛ": "g", "ƙ": "k", "ƈ": "k", "ʄ": "g",
}  # fmt: skip
_SOUNDS: Final = _VOWELS | _CONSONANTS
_LONGEST: Final = max(map(len, _SOUNDS))


def written(phonemes: Phonemes, voice: str) -> str | None:
    """Write phonemes as one of espeak-ng's voices takes them in a text; None if it takes none.

    Args:
        phonemes: in their normal form.
        voice: espeak-ng's name for it, a variant included: ``gmw/en-US+f3``.
    """
    if phonemes.alphabet == "pinyin" or "]" in OVERRUNS.get(voice.partition("+")[0], ""):
        return None
    ipa = ipa_of(phonemes.value) if phonemes.alphabet == "cmu" else phonemes.value
    words = ("|".join(_mnemonics(word, _lacking(voice))) for word in ipa.split(" "))
    return f"[[{'||'.join(words)}|]]"  # no blank, and no mark before the brackets: they would end a word or a clause


def pinyin_text(phonemes: Phonemes) -> str | None:
    """Write pinyin as the voice for pinyin reads it: ``chong2 qing4``, ``lv4``; None for other phonemes."""
    if phonemes.alphabet != "pinyin":
        return None
    return " ".join(f"{initial}{final}{tone}".replace("ü", "v") for initial, final, tone in syllables(phonemes.value))


def _lacking(voice: str) -> frozenset[str]:
    had = next((has for name, has in _HAS.items() if voice.partition("+")[0].startswith(name)), "")
    return _OPTIONAL - frozenset(had.split())


def _mnemonics(word: str, lacking: frozenset[str]) -> list[str]:
    found: list[str] = []
    stress, at = "", 0
    while at < len(word):
        if word[at] in (PRIMARY, SECONDARY):
            stress = "'" if word[at] == PRIMARY else ","
            at += 1
            continue
        size = next((size for size in range(_LONGEST, 0, -1) if word[at : at + size] in _SOUNDS), 0)
        if not size:  # a diacritic, or what parts syllables
            at += 1
            continue
        sound = word[at : at + size]
        mnemonic = next(each for each in _SOUNDS[sound].split() if each not in lacking)
        if stress and is_ipa_vowel(sound):  # espeak-ng has the stress before the vowel
            mnemonic, stress = stress + mnemonic, ""
        found.append(mnemonic)
        at += size
    return found
