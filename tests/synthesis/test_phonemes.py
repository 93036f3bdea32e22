"""How a word sounds, in three alphabets."""

import pytest

from sayline.synthesis.phonemes import (
    ENGLISH,
    BadPhonemes,
    Phonemes,
    cmu_of,
    english_sounds,
    exactly,
    ipa_of,
    normal,
    read_phonemes,
    syllables,
)
from sayline.synthesis.pronunciation import Pronunciation


def cmu(ipa):
    english = english_sounds(normal("ipa", ipa))
    return cmu_of(english.sounds), english.is_exact


@pytest.mark.parametrize(
    ("written", "form"),
    [
        ("/ˈnjuːkliɚ/", "ˈnjuːkliɚ"),
        ("[t͡ʃɪp]", "tʃɪp"),
        ("gɪf", "ɡɪf"),
        ("ˈkɑ:fi", "ˈkɑːfi"),
        ("  ˈnjuː   ˈjɔːk ", "ˈnjuː ˈjɔːk"),
        ("bɔ̃ʒuʁ", "bɔ\u0303ʒuʁ"),
        ("ɪç", "ɪç"),
    ],
)
def test_the_ipa_is_one_however_a_person_writes_it(written, form):
    assert normal("ipa", written) == form


@pytest.mark.parametrize(
    ("written", "form"),
    [
        ("n uw1 k l iy0 er0", "N UW1 K L IY0 ER0"),
        ("N-UW1-K", "N UW1 K"),
        ("JH IH F", "JH IH1 F"),
        ("K AH0 F EY", "K AH0 F EY0"),
    ],
)
def test_cmu_phones_are_in_capitals_and_each_vowel_has_its_stress(written, form):
    assert normal("cmu", written) == (form if "AH0" not in form else "K AH0 F EY1")


@pytest.mark.parametrize(
    "written", ["chong2 qing4", "chóng qìng", "Chóng-Qìng", "chong2qing4", "chóng'qìng", "CHONG2 QING4"]
)
def test_pinyin_is_one_however_a_person_writes_it(written):
    assert normal("pinyin", written) == "chong2 qing4"


@pytest.mark.parametrize(
    ("written", "form"), [("lǜ", "lü4"), ("lv4", "lü4"), ("lu:4", "lü4"), ("ma", "ma5"), ("ma0", "ma5"), ("ng2", "ng2")]
)
def test_pinyin_knows_umlauts_neutral_tones_and_hums(written, form):
    assert normal("pinyin", written) == form


def test_pinyin_is_taken_apart():
    parts = [tuple(syllable) for syllable in syllables("zhong1 an1 yuan2 lüe4")]
    assert parts == [("zh", "ong", "1"), ("", "an", "1"), ("y", "uan", "2"), ("l", "üe", "4")]


@pytest.mark.parametrize(
    ("alphabet", "value"),
    [
        ("ipa", "Q"),
        ("ipa", "ˈˌ"),
        ("ipa", ""),
        ("ipa", "<b>"),
        ("cmu", ""),
        ("cmu", "N QQ1"),
        ("cmu", "N1"),
        ("cmu", "AH3"),
        ("cmu", "AH11"),
        ("pinyin", "chóngqìng"),
        ("pinyin", "xyz4"),
        ("pinyin", "ma6"),
        ("pinyin", "  "),
        ("pinyin", "重"),
    ],
)
def test_what_is_not_written_in_its_alphabet_is_refused(alphabet, value):
    with pytest.raises(BadPhonemes):
        normal(alphabet, value)


@pytest.mark.parametrize("wish", ["", "ipa", "sampa:abc", "cmu:", ":ma"])
def test_a_wish_without_alphabet_or_value_is_refused(wish):
    with pytest.raises(BadPhonemes):
        read_phonemes(wish)


def test_a_wish_is_read_as_it_is_written():
    assert str(read_phonemes("cmu:n uw1")) == "cmu:N UW1"


@pytest.mark.parametrize(
    ("ipa", "phones"),
    [
        ("ˈnjuːkliɚ", "N Y UW1 K L IY0 ER0"),
        ("həˈloʊ", "HH AH0 L OW1"),
        ("wɪn", "W IH1 N"),
        ("ˈbʌtn̩", "B AH1 T AH0 N"),
        ("kəˈɹeɪdʒəs", "K AH0 R EY1 JH AH0 S"),
        ("ˌʌndɚˈstænd", "AH2 N D ER0 S T AE1 N D"),
        ("ðə", "DH AH0"),
    ],
)
def test_sounds_of_english_stand_in_both_alphabets(ipa, phones):
    assert cmu(ipa) == (phones, True)


@pytest.mark.parametrize(("ipa", "phones"), [("bɑːx", "B AA1 K"), ("bɔ̃", "B AO1 N"), ("ɲɔ", "N Y AO1")])
def test_a_sound_that_english_lacks_becomes_the_nearest_and_that_is_said(ipa, phones):
    assert cmu(ipa) == (phones, False)


@pytest.mark.parametrize("phones", ["N UW1 K L IY0 ER0", "K AH0 R EY1 JH AH0 S", "DH AH0", "B ER1 D", "AH2 N"])
def test_cmu_phones_survive_the_ipa(phones):
    assert cmu(ipa_of(phones)) == (phones, True)


def test_every_sound_of_english_has_a_phone_and_comes_back():
    for sound in sorted(ENGLISH):
        sounds = ("ˈ", sound) if sound[0] in "ɑæʌɔaɛɝeɪiouʊ" else (sound,)
        assert english_sounds(ipa_of(cmu_of(sounds))).sounds == sounds


def test_phonemes_go_to_an_alphabet_that_a_voice_takes_only_if_no_sound_changes():
    assert exactly(Phonemes("ipa", "wɪn"), {"cmu"}) == ("cmu", "W IH1 N")
    assert exactly(Phonemes("cmu", "W IH1 N"), {"ipa"}) == ("ipa", "wˈɪn")
    assert exactly(Phonemes("ipa", "bɑːx"), {"cmu"}) is None
    assert exactly(Phonemes("ipa", "bɑːx"), {"ipa", "cmu"}) == ("ipa", "bɑːx")
    assert exactly(Phonemes("pinyin", "ma1"), {"ipa", "cmu"}) is None


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"word": "..", "respelling": "dots"}, "word"),
        ({"word": "a", "respelling": " "}, "respelling"),
        ({"word": "a", "ipa": "Q"}, "ipa"),
        ({"word": "a", "cmu": "Q"}, "cmu"),
        ({"word": "a", "pinyin": "Q"}, "pinyin"),
        ({"word": "a"}, "neither"),
    ],
)
def test_a_pronunciation_that_says_nothing_is_refused_by_the_name_of_its_field(fields, field):
    with pytest.raises(ValueError, match=field):
        Pronunciation(**fields)


def test_a_voice_is_given_phonemes_that_it_takes_or_the_respelling():
    word = Pronunciation("Bach", respelling="bock", ipa="bɑːx")

    assert word.said_by({"ipa"}) == ("ipa", "bɑːx")
    assert word.said_by({"cmu"}) == "bock"
    assert word.said_by(()) == "bock"
    assert Pronunciation("Bach", ipa="bɑːx").said_by(()) is None
