"""Mandarin as the model was taught it: words found by jieba, their pinyin by pypinyin, numbers by cn2an.

A syllable is its initial, its final, and the mark of its tone behind the vowel: 妈 is ``ma→``, 难 is ``na↗n``.
Characters that no dictionary holds are left out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from .reading import Word, pause

if TYPE_CHECKING:
    from collections.abc import Iterator

# Pinyin's initials and finals in the model's alphabet. ``0`` is where the tone's mark stands: behind the vowel, before
# a nasal.
INITIALS: Final = {
    "b": "p",
    "p": "pʰ",
    "m": "m",
    "f": "f",
    "d": "t",
    "t": "tʰ",
    "n": "n",
    "l": "l",
    "g": "k",
    "k": "kʰ",
    "h": "x",
    "j": "ʨ",
    "q": "ʨʰ",
    "x": "ɕ",
    "zh": "ꭧ",
    "ch": "ꭧʰ",
    "sh": "ʂ",
    "r": "ɻ",
    "z": "ʦ",
    "c": "ʦʰ",
    "s": "s",
    "": "",
}
FINALS: Final = {
    "a": "a0",
    "o": "wo0",
    "e": "ɤ0",
    "ê": "ɛ0",
    "er": "ɚ0",
    "ai": "ai0",
    "ei": "ei0",
    "ao": "au0",
    "ou": "ou0",
    "an": "a0n",
    "en": "ə0n",
    "ang": "a0ŋ",
    "eng": "ə0ŋ",
    "ong": "ʊ0ŋ",
    "i": "i0",
    "ia": "ja0",
    "ie": "je0",
    "io": "jɔ0",
    "iao": "jau0",
    "iou": "jou0",
    "ian": "jɛ0n",
    "in": "i0n",
    "iang": "ja0ŋ",
    "ing": "i0ŋ",
    "iong": "jʊ0ŋ",
    "u": "u0",
    "ua": "wa0",
    "uo": "wo0",
    "uai": "wai0",
    "uei": "wei0",
    "uan": "wa0n",
    "uen": "wə0n",
    "uang": "wa0ŋ",
    "ueng": "wə0ŋ",
    "v": "y0",
    "ve": "ɥe0",
    "van": "ɥɛ0n",
    "vn": "y0n",
}
TONES: Final = {"1": "→", "2": "↗", "3": "↓", "4": "↘", "5": ""}
# 是 and 字 have no vowel of their own: the consonant goes on.
_APICAL: Final = frozenset({"zh", "ch", "sh", "r", "z", "c", "s"})
# Interjections: 嗯, 哼, 哦.
_HUMS: Final = {"m": "m0", "n": "n0", "ng": "ŋ0", "hm": "hm0", "hng": "hŋ0", "o": "ɔ0"}

_HAN: Final = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af〇"
# A number with what is read together with it: a date, a time, a percentage, a temperature.
_NUMBER: Final = r"(?<!\d)[-+]?\d[\d.,:/]*\d*(?:%|‰|℃|年|月|日|号)?(?:\d+(?:月|日|号))*"
_PIECES: Final = re.compile(rf"(?P<number>{_NUMBER})|(?P<han>[{_HAN}]+)|(?P<other>.)", re.DOTALL)


def read(text: str) -> list[Word]:
    """Read a text aloud.

    Raises:
        ImportError: jieba, pypinyin or cn2an is not installed.
    """
    words: list[Word] = []
    for piece in _PIECES.finditer(text):
        start, end = piece.span()
        if piece["number"]:
            words += _number(piece[0], start, end)
        elif piece["han"]:
            words += _han(piece[0], start)
        elif sign := pause(piece[0], start):
            words.append(sign)
    return words


def _han(text: str, start: int) -> Iterator[Word]:
    import jieba  # type: ignore[import-untyped] # noqa: PLC0415 - an extra's; reads its dictionary when first used

    for word in jieba.cut(text, HMM=True):
        end = start + len(word)
        if phonemes := _phonemes(word):
            yield Word(phonemes, start, end)
        start = end


def _number(text: str, start: int, end: int) -> Iterator[Word]:
    """Read a number as it is said; all of it counts as one place in the text."""
    import cn2an  # type: ignore[import-untyped] # noqa: PLC0415 - an extra's

    sign = ("零下" if text.endswith("℃") else "负") if text.startswith("-") else ""
    unsigned = text.removeprefix("-")
    try:
        said = sign + cn2an.transform(unsigned, "an2cn")
    except ValueError:  # a telephone number, a version: figure by figure
        said = sign + unsigned
    said = said.translate(_FIGURES)
    for word in _han("".join(re.findall(f"[{_HAN}]+", said)), 0):
        yield Word(word.phonemes, start, end)


_FIGURES: Final = str.maketrans("0123456789.+", "零一二三四五六七八九点加")


def _phonemes(word: str) -> str:
    from pypinyin import Style, lazy_pinyin  # noqa: PLC0415 - an extra's

    syllables = lazy_pinyin(word, style=Style.TONE3, neutral_tone_with_five=True, errors="ignore")
    return "".join(syllable_phonemes(syllable) for syllable in syllables)


def syllable_phonemes(pinyin: str) -> str:
    """Write a syllable in the model's alphabet: ``hao3`` is ``xau↓``; empty if it is none."""
    from pypinyin.contrib.tone_convert import to_finals, to_initials  # noqa: PLC0415 - an extra's

    syllable, tone = pinyin.rstrip("12345"), TONES.get(pinyin[-1:], "")
    if syllable in _HUMS:
        return _HUMS[syllable].replace("0", tone)
    initial, final = to_initials(pinyin), to_finals(pinyin, v_to_u=False)
    if initial in _APICAL and final == "i":
        return f"{INITIALS[initial]}ɨ{tone}"
    if initial not in INITIALS or final not in FINALS:
        return ""
    return INITIALS[initial] + FINALS[final].replace("0", tone)
