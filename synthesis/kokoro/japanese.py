"""Japanese as the model was taught it: the reading by Open JTalk, in kana, mora by mora in the model's alphabet."""

from __future__ import annotations

from typing import Final

from .reading import Word, pause

_VOWELS: Final = {"ア": "a", "イ": "i", "ウ": "ɯ", "エ": "e", "オ": "o"}
# Each row of the kana table: its consonant, and the one before i and before a glide (キ, キャ).
_ROWS: Final = {
    "カキクケコ": ("k", "kʲ"),
    "ガギグゲゴ": ("ɡ", "ɡʲ"),
    "サシスセソ": ("s", "ɕ"),
    "ザジズゼゾ": ("ʣ", "ʥ"),
    "タチツテト": ("t", "ʨ"),
    "ダヂヅデド": ("d", "ʥ"),
    "ナニヌネノ": ("n", "ɲ"),
    "ハヒフヘホ": ("h", "ç"),
    "バビブベボ": ("b", "bʲ"),
    "パピプペポ": ("p", "pʲ"),
    "マミムメモ": ("m", "mʲ"),
    "ラリルレロ": ("ɾ", "ɾʲ"),
}
# Morae that are not what their row says.
_OWN: Final = {
    "ス": "sɨ",
    "ズ": "zɨ",
    "ツ": "ʦɨ",
    "ヅ": "zɨ",
    "フ": "ɸɯ",
    "ヤ": "ja",
    "ユ": "jɯ",
    "ヨ": "jo",
    "ワ": "βa",
    "ヲ": "o",
    "ヰ": "i",
    "ヱ": "e",
    "ー": "ː",
    "ヴ": "vɯ",
    "ティ": "tʲi",
    "ディ": "dʲi",
    "トゥ": "tɯ",
    "ドゥ": "dɯ",
    "テュ": "tʲɨ",
    "デュ": "dʲɨ",
    "イェ": "je",
    "ファ": "ɸa",
    "フィ": "ɸʲi",
    "フェ": "ɸe",
    "フォ": "ɸo",
    "フュ": "ɸʲɨ",
    "ウィ": "βi",
    "ウェ": "βe",
    "ウォ": "βo",
    "ヴァ": "va",
    "ヴィ": "vʲi",
    "ヴェ": "ve",
    "ヴォ": "vo",
    "ツァ": "ʦa",
    "ツィ": "ʦʲi",
    "ツェ": "ʦe",
    "ツォ": "ʦo",
    "スィ": "sʲi",
    "ズィ": "zʲi",
    "クァ": "kᵝa",
    "クィ": "kᵝi",
    "クェ": "kᵝe",
    "クォ": "kᵝo",
    "グァ": "ɡᵝa",
    "グィ": "ɡᵝi",
    "グェ": "ɡᵝe",
    "グォ": "ɡᵝo",
}
_GLIDES: Final = {"ャ": "a", "ュ": "ɨ", "ョ": "o", "ェ": "e"}
# ん is said where the next consonant is; before a vowel and at the end it is ɴ.
_NASALS: Final = {
    **dict.fromkeys("mpb", "m"),
    **dict.fromkeys("kɡ", "ŋ"),
    **dict.fromkeys("ɲʨʥ", "ɲ"),
    **dict.fromkeys("ntdɾzʣʦ", "n"),
}
_SMALL: Final = frozenset("ァィゥェォャュョヮ")
_LARGE: Final = str.maketrans("ァィゥェォャュョヮヵヶ", "アイウエオヤユヨワカケ")


def _all_morae() -> dict[str, str]:
    morae = dict(_VOWELS)
    for row, (consonant, before_glide) in _ROWS.items():
        for kana, vowel in zip(row, "aiɯeo", strict=True):
            morae[kana] = (before_glide if vowel == "i" else consonant) + vowel
        for small, vowel in _GLIDES.items():
            morae[row[1] + small] = before_glide + vowel
    return morae | _OWN


MORAE: Final = _all_morae()


def read(text: str) -> list[Word]:
    """Read a text aloud.

    Raises:
        ImportError: pyopenjtalk is not installed.
    """
    import pyopenjtalk  # noqa: PLC0415 - an extra's; loads its dictionary when first used

    words: list[Word] = []
    at = 0
    for found in pyopenjtalk.run_frontend(text):
        written, said = found["string"], kana_phonemes(found["pron"])
        start, end = _place(text, written, at)
        at = end
        if said:
            words.append(Word(said, start, end))
        elif sign := pause(written, start):
            words.append(sign)
    return words


def kana_phonemes(kana: str) -> str:
    """Write kana in the model's alphabet; what is no kana is left out."""
    said = ""  # from the end on: how ん and ッ sound hangs on what follows
    at = len(kana)
    while at > 0:
        pair = kana[max(0, at - 2) : at]
        if len(pair) > 1 and pair[1] in _SMALL and pair in MORAE:
            said = MORAE[pair] + said
            at -= 2
            continue
        at -= 1
        if kana[at] == "ン":
            said = _NASALS.get(said[:1], "ɴ") + said
        elif kana[at] == "ッ":
            said = "ʔ" + said
        else:
            said = MORAE.get(kana[at].translate(_LARGE), "") + said
    return said


def _place(text: str, written: str, after: int) -> tuple[int, int]:
    """Find a word in the text. Open JTalk widens Latin letters and figures, so they are compared in that form."""
    widened = text.translate(_WIDE)
    start = widened.find(written, after)
    if start < 0:  # it has written the word in another way: the place is where it must be
        return after, min(len(text), after + len(written))
    return start, start + len(written)


_WIDE: Final = {code: code + 0xFEE0 for code in range(0x21, 0x7F)} | {0x20: 0x3000}
