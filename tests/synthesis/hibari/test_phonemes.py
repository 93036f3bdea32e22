"""How a word sounds, as hibari is given it."""

import pytest

from sayline.synthesis.hibari.phonemes import spelling


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ("ipa:ˈɛndʒɪn ˈɛks", "ˈɛnʤɪn ˈɛks"),
        ("ipa:həˈloʊ", "həlˈO"),
        ("ipa:ˈbɝd", "bˈɜɹd"),
        ("cmu:T AH0 M EY1 T OW2", "təmˈAtˌO"),
        ("cmu:B OY1 Z", "bˈYz"),
        ("ipa:ˈniɲo", "nˈinjO"),
        ("ipa:xøːʁ", "kˈɜɹɹ"),
    ],
)
def test_sounds_are_spelled_in_its_alphabet_and_foreign_ones_by_the_nearest(wish, said):
    assert spelling(wish) == said
