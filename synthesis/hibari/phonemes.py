"""How a word sounds, in hibari's alphabet: diphthongs and affricates are one sign, stress stands before the vowel."""

from __future__ import annotations

from typing import Final

from ..phonemes import english_sounds, ipa_of, read_phonemes

_SIGNS: Final = {
    "aʊ": "W", "aɪ": "I", "eɪ": "A", "oʊ": "O", "ɔɪ": "Y", "tʃ": "ʧ", "dʒ": "ʤ", "ɝ": "ɜɹ", "ɚ": "əɹ",
}  # fmt: skip


def spelling(wish: str) -> str:
    """Spell what a segment's wish asks for; sounds that English lacks become the nearest that it has.

    Args:
        wish: ``ipa:…`` or ``cmu:…``.
    """
    phonemes = read_phonemes(wish)
    ipa = ipa_of(phonemes.value) if phonemes.alphabet == "cmu" else phonemes.value
    words = ("".join(_SIGNS.get(sound, sound) for sound in english_sounds(word).sounds) for word in ipa.split(" "))
    return " ".join(words)
