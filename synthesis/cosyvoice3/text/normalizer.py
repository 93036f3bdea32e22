"""The form of the texts that the model was trained with (docs/COSYVOICE3.md, text).

Numbers and signs have become words before (``synthesis.reading``). Digits that are left are written out in English
text only: in other languages, reading them in English is worse than letting the model read them.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final, Literal

from ...language import detect
from .markup import split_markup

if TYPE_CHECKING:
    from collections.abc import Callable

    Reading = Literal["zh", "en", "ja"]


# Paragraphs are packed into pieces of the model's training length; a unit is a character in Chinese, otherwise a token.
PIECE_MAX_UNITS: Final = 80
PIECE_MIN_UNITS: Final = 60
PIECE_MERGE_UNITS: Final = 20  # a last piece shorter than this joins the one before

_CHINESE: Final = frozenset({"zh", "cmn", "yue"})
_HAN: Final = re.compile("[\u4e00-\u9fff]")
_ASCII_LETTER: Final = re.compile("[A-Za-z]")
_DIGITS: Final = re.compile(r"\d+")
_SENTENCE_ENDS: Final = {"zh": "。？！；：、.?!;", "en": ".?!;:", "ja": "。？！；：、.?!;"}
_CLOSING_QUOTES: Final = '"”'


def reading_of(text: str, language: str | None) -> Reading | None:
    """Choose the rules for a text: Chinese, English, Japanese, or None for any other language."""
    primary = language.lower().replace("_", "-").partition("-")[0] if language else None
    if (primary or detect(text)) == "ja":
        return "ja"
    if primary and primary not in _CHINESE | {"en"}:
        return None
    if _HAN.search(text):
        return "zh" if primary or detect(text) in ("cmn", "en") else None  # Korean writes Han as well
    if primary == "en":
        return "en"
    if primary:
        return "en" if _ASCII_LETTER.search(text) else "zh"
    return "en" if guess_language(text) == "en" else None


def guess_language(text: str) -> str | None:
    """Guess a text's language; Latin script counts as English only if no letter has an accent."""
    language = detect(text)
    accented = any(not character.isascii() and detect(character) == "en" for character in text)
    return None if language == "en" and accented else language


def normalize(text: str, reading: Reading | None, *, allow_markup: bool = False) -> str:
    """Bring a text into the form that the model was trained with.

    Args:
        text: what is to be said; text with both ``<|`` and ``|>`` in it comes back unchanged, as in training.
        reading: the language of the rules; Japanese and None strip outer blanks only.
        allow_markup: whether markup tokens count as markup (the digit in ``[AH0]`` is not a number).
    """
    if "<|" in text and "|>" in text:
        return text
    text = text.strip()
    if reading not in ("zh", "en"):
        return text
    if reading == "zh":
        return clean_chinese(text)
    pieces = split_markup(text) if allow_markup else [text]
    pieces[::2] = map(spell_out_numbers, pieces[::2])
    return "".join(pieces)


def with_stop(text: str, reading: Reading | None) -> str:
    """End a text with a stop, as every text did in training; one with both ``<|`` and ``|>`` in it is left."""
    if not text or ("<|" in text and "|>" in text) or text[-1] in _SENTENCE_ENDS[reading or "en"]:
        return text
    return text + ("." if reading in ("en", None) else "。")


def split_paragraph(text: str, reading: Reading, length: Callable[[str], int] = len) -> list[str]:
    """Cut a normalised text after its sentences and pack them into pieces of 60 to 80 units.

    A sentence without end is one piece, however long.

    Args:
        text: not empty.
        reading: the language of the punctuation.
        length: counts the units of a text: characters in Chinese, BPE tokens in English.
    """
    ends = _SENTENCE_ENDS[reading]
    text = with_stop(text, reading)
    pieces: list[str] = []
    piece = ""
    for sentence in _sentences(text, ends):
        if length(piece + sentence) > PIECE_MAX_UNITS and length(piece) > PIECE_MIN_UNITS:
            pieces.append(piece)
            piece = ""
        piece += sentence
    if pieces and length(piece) < PIECE_MERGE_UNITS:
        pieces[-1] += piece
    else:
        pieces.append(piece)
    return pieces


def is_only_punctuation(text: str) -> bool:
    """Tell whether a text holds nothing to say: punctuation, symbols, or nothing at all."""
    return all(unicodedata.category(character)[0] in "PS" for character in text)


def clean_chinese(text: str) -> str:
    """Bring a text with Chinese in it into the form of the training texts."""
    text = drop_blanks(text.replace("\n", ""))
    text = text.replace("²", "平方").replace("³", "立方").replace(".", "。").replace(" - ", "，")
    return re.sub("[，,、]+$", "。", drop_brackets(text))


def drop_blanks(text: str) -> str:
    """Drop spaces, except between two ASCII signs: words of English in a Chinese text."""
    kept = []
    for place, character in enumerate(text):
        around = text[max(place - 1, 0) : place] + text[place + 1 : place + 2]
        if character != " " or (len(around) == 2 and around.isascii() and " " not in around):
            kept.append(character)
    return "".join(kept)


def drop_brackets(text: str) -> str:
    """Drop Chinese brackets and backticks; a Chinese dash becomes a space."""
    return re.sub("[（）【】`]", "", text).replace("——", " ")


def spell_out_numbers(text: str) -> str:
    """Replace every run of digits by its English cardinal."""
    return _DIGITS.sub(lambda digits: cardinal(digits[0]), text)


def cardinal(digits: str) -> str:
    """Name a number in English, as ``one thousand, nine hundred and ninety-nine``; digit by digit past the names."""
    if len(digits) > 3 * len(_SCALES):
        return " ".join(_SMALL[int(digit)] for digit in digits)
    groups = []
    rest = int(digits)
    while rest:
        rest, group = divmod(rest, 1000)
        groups.append(group)
    words = [
        _below_thousand(group) + scale for group, scale in reversed(list(zip(groups, _SCALES, strict=False))) if group
    ]
    if len(words) > 1 and 0 < groups[0] < 100:
        words[-2:] = [f"{words[-2]} and {words[-1]}"]
    return ", ".join(words) or _SMALL[0]


_SMALL: Final = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
_TENS: Final = "- - twenty thirty forty fifty sixty seventy eighty ninety".split()
_SCALES: Final = (
    "",
    *(f" {scale}" for scale in "thousand million billion trillion quadrillion quintillion sextillion".split()),
    *(f" {scale}" for scale in "septillion octillion nonillion decillion".split()),
)


def _below_thousand(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    words = [f"{_SMALL[hundreds]} hundred"] if hundreds else []
    if rest:
        tens, ones = divmod(rest, 10)
        words.append(_SMALL[rest] if rest < len(_SMALL) else _TENS[tens] + (f"-{_SMALL[ones]}" if ones else ""))
    return " and ".join(words)


def _sentences(text: str, ends: str) -> list[str]:
    """Cut after every sentence end and the quote that closes it; ends with nothing before them are dropped."""
    sentences: list[str] = []
    start = 0
    for place, character in enumerate(text):
        if character not in ends:
            continue
        if place > start:
            sentences.append(text[start : place + 1])
        start = place + 1
        if text[start : start + 1] in tuple(_CLOSING_QUOTES):
            if sentences:
                sentences[-1] += text[start]
            start += 1
    return sentences
