"""Phonemes in a text that espeak-ng reads: it has every mnemonic that it is given, and says nothing else."""

import ctypes
import re

import espeakng_loader
import pytest

from sayline.synthesis.espeak import process
from sayline.synthesis.espeak.phonemes import _HAS, _OPTIONAL, BRACKETS, pinyin_text, written
from sayline.synthesis.phonemes import read_phonemes

# The vowels of each language, and what is hardest of its consonants.
SOUNDS = {
    "gmw/en-US": "ˈɪŋɡlɪʃ ðə θɪŋk ˈdʒʌmps aʊt fəɹ bɔɪz ænd ɡɝlz",
    "gmw/de": "ˈʃøːnə ˈmyːtə ˈbʏçɐ ˈkœnən ʁaʊm",
    "roa/fr": "bɔ̃ʒuʁ œ̃ vɛ̃ blɑ̃ pø lœʁ lyn",
    "roa/es": "ˈniɲo ˈkaʎe ˈpero ˈaβa ˈaɣwa",
    "roa/it": "ˈɲɔkki ˈfiʎʎo ˈtsuppa dʒa",
    "roa/pt": "mɐ̃w̃ ˈkaʎu ˈʒẽtʃi",
    "zle/ru": "ˈʂto ˈɕːi mɨ",
    "ko": "ˈsʌul ɯ",
    "jpx/ja": "ˈtoːkjoː ɯ",
    "sit/cmn": "ˈɕyɛ ʐɤ",
    "inc/hi": "nəməsteː ɖ ʈ",
}


@pytest.fixture(scope="module")
def mnemonics_of():
    """Tell how espeak-ng reads a mnemonic in a voice; empty if it does not know it."""
    library = process.load(espeakng_loader.get_library_path(), espeakng_loader.get_data_path())
    library.espeak_TextToPhonemes.restype = ctypes.c_char_p
    library.espeak_TextToPhonemes.argtypes = (ctypes.POINTER(ctypes.c_char_p), ctypes.c_int, ctypes.c_int)

    def read(voice, mnemonic):
        assert not library.espeak_SetVoiceByName(voice.encode())
        library.espeak_Synth(b"[[a]]", 6, 0, 1, 0, 1 | process.PHONEMES, None, None)  # brackets count from now on
        text = ctypes.c_char_p(f"[[{mnemonic}]]".encode())
        return library.espeak_TextToPhonemes(ctypes.byref(text), 1, 2)

    return read


@pytest.mark.parametrize("voice", SOUNDS)
def test_a_voice_has_every_mnemonic_that_it_is_given(mnemonics_of, voice):
    said = written(read_phonemes(f"ipa:{SOUNDS[voice]}"), voice)
    given = [each.lstrip("',") for each in said.strip("[]|").split("|") if each]
    assert given
    assert [each for each in given if not mnemonics_of(voice, each)] == []


@pytest.mark.parametrize("family", _HAS)
def test_what_a_voice_is_said_to_have_is_what_it_has(mnemonics_of, family):
    voice = {"gmw/en": "gmw/en-US"}.get(family, family)
    assert {each for each in _OPTIONAL if mnemonics_of(voice, each)} == set(_HAS[family].split())


@pytest.mark.parametrize(
    ("wish", "voice", "said"),
    [
        ("ipa:həˈloʊ", "gmw/en-US+f3", "[[h|@|l|'oU|]]"),
        ("ipa:nuː ˈjɔɹk", "gmw/en-US", "[[n|u:||j|'O|r|k|]]"),
        ("cmu:T AH0 M EY1 T OW2", "gmw/en-US", "[[t|@|m|'eI|t|,oU|]]"),
        ("ipa:bɔ̃ʒuːʁ", "inc/hi", "[[b|o|n|Z|u:|r|]]"),
        ("pinyin:chong2 qing4", "sit/cmn", None),
    ],
)
def test_phonemes_are_written_in_the_mnemonics_of_the_voice(wish, voice, said):
    assert written(read_phonemes(wish), voice) == said


def test_no_voice_is_given_the_bracket_at_which_it_dies():
    assert written(read_phonemes("ipa:a"), "inc/si") is None


def test_pinyin_is_written_as_its_own_voice_reads_it():
    assert pinyin_text(read_phonemes("pinyin:lǜ sè")) == "lv4 se4"


def test_a_writers_brackets_are_found():
    assert re.sub(BRACKETS, "()", "a [[b]] [c]") == "a ()b() [c]"
