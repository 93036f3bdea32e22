"""Guesses a text's language from its script: enough to choose a voice if the client named no language.

Each script stands for one language, that of most of its readers. A text of several scripts gets the language of most of
its letters. Telling French from Polish would need a model; a client that knows sets the context's ``language``.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from typing import Final

# Unicode blocks that hold letters (Blocks.txt), each with the language its script stands for. A block ends where the
# next entry begins. None marks characters that say nothing of the language: digits, punctuation, symbols, emoji.
_BLOCKS: Final[tuple[tuple[int, str | None], ...]] = (
    (0x0000, None),
    (0x0041, "en"),  # Latin
    (0x005B, None),
    (0x0061, "en"),
    (0x007B, None),
    (0x00C0, "en"),
    (0x0250, None),
    (0x0370, "el"),  # Greek
    (0x0400, "ru"),  # Cyrillic
    (0x0530, "hy"),  # Armenian
    (0x0590, "he"),  # Hebrew
    (0x0600, "ar"),  # Arabic
    (0x0700, None),
    (0x0750, "ar"),
    (0x0780, None),
    (0x08A0, "ar"),
    (0x0900, "hi"),  # Devanagari
    (0x0980, "bn"),  # Bengali
    (0x0A00, "pa"),  # Gurmukhi
    (0x0A80, "gu"),  # Gujarati
    (0x0B00, "or"),  # Oriya
    (0x0B80, "ta"),  # Tamil
    (0x0C00, "te"),  # Telugu
    (0x0C80, "kn"),  # Kannada
    (0x0D00, "ml"),  # Malayalam
    (0x0D80, "si"),  # Sinhala
    (0x0E00, "th"),  # Thai
    (0x0E80, None),
    (0x1000, "my"),  # Myanmar
    (0x10A0, "ka"),  # Georgian
    (0x1100, "ko"),  # Hangul letters
    (0x1200, "am"),  # Ethiopic
    (0x13A0, "chr"),  # Cherokee
    (0x1400, None),
    (0x1C80, "ru"),
    (0x1C90, "ka"),
    (0x1CC0, None),
    (0x1E00, "en"),  # Latin with two accents, as Vietnamese and other languages use
    (0x1F00, "el"),
    (0x2000, None),
    (0x3041, "ja"),  # Hiragana, Katakana
    (0x3100, None),
    (0x3130, "ko"),
    (0x3190, None),
    (0x31F0, "ja"),
    (0x3200, None),
    (0x3400, "cmn"),  # Han
    (0xA000, None),
    (0xAC00, "ko"),  # Hangul syllables
    (0xD7B0, None),
    (0xF900, "cmn"),
    (0xFB00, None),
    (0xFB1D, "he"),
    (0xFB50, "ar"),
    (0xFE00, None),
    (0xFE70, "ar"),
    (0xFEFF, None),
    (0xFF21, "en"),  # fullwidth Latin
    (0xFF3B, None),
    (0xFF41, "en"),
    (0xFF5B, None),
    (0xFF66, "ja"),  # halfwidth Katakana
    (0xFFA0, None),
    (0x20000, "cmn"),
    (0x32000, None),
)
_STARTS: Final = [start for start, _ in _BLOCKS]
_SYLLABIC: Final = frozenset({"cmn", "ja", "ko"})
# Each character of these languages is a syllable, which takes two to three letters elsewhere.
_SYLLABLE_WEIGHT: Final = 2
# Japanese is written in Han and Kana together, Chinese in Han with at most the odd decorative Kana.
_KANA_SHARE_OF_JAPANESE: Final = 0.1


def detect(text: str) -> str | None:
    """Guess the language of ``text``, as a BCP 47 tag; None if it holds no letter.

    Latin script answers ``en``; a caller that knows better should say so.
    """
    counts: Counter[str] = Counter()
    for character, times in Counter(text).items():
        language = _BLOCKS[bisect_right(_STARTS, ord(character)) - 1][1]
        if language is not None:
            counts[language] += times * (_SYLLABLE_WEIGHT if language in _SYLLABIC else 1)
    if counts["ja"] > _KANA_SHARE_OF_JAPANESE * (counts["ja"] + counts["cmn"]):
        counts["ja"] += counts.pop("cmn", 0)
    (language, count), *_ = counts.most_common(1) or [("", 0)]
    return language if count else None
