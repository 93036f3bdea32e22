"""Phonemes in the tokens that CosyVoice3 has for them."""

import pytest

from sayline.synthesis.cosyvoice3.text.markup import ADDED_IDS, split_markup, written
from sayline.synthesis.phonemes import read_phonemes


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ("pinyin:yǔ", "[y][ǔ]"),
        ("pinyin:chong2 qing4", "[ch][óng][q][ìng]"),
        ("pinyin:nü3", "[n][ǚ]"),
        ("pinyin:lve4", "[l][vè]"),
        ("pinyin:jü2 xue2", "[j][ú][x][ué]"),
        ("pinyin:gui4 liu2 hao3", "[g][uì][l][iú][h][ǎo]"),
        ("pinyin:de", "[d][e]"),
        ("pinyin:er2", "[ér]"),
        ("cmu:N UW1", "[N][UW1]"),
        ("ipa:ˈtʃɝtʃ", "[CH][ER1][CH]"),
    ],
)
def test_phonemes_are_tokens_of_the_model(wish, said):
    assert written(read_phonemes(wish)) == said
    assert all(token in ADDED_IDS for token in split_markup(said)[1::2])


def test_what_the_model_has_no_token_for_is_left_to_its_own_reading():
    assert written(read_phonemes("pinyin:bo1 lve3")) is None  # there is no [vě]
