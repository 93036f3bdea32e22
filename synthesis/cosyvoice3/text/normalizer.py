"""Writes out text that is not read as it is spelt: numbers, dates, units and symbols, in Chinese and in English.

The grammar is wetext's (WeTextProcessing compiled into its wheel, so nothing is fetched at run time). Around it are the
rules that the model's training texts went through (docs/COSYVOICE3.md, text), and a few repairs of text that the
grammar cannot read. Text in any other language is left alone, because reading its digits in English is worse than
letting the model read them. The same holds for Latin text with accents, unless its language is said to be English.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final, Literal, Protocol

from ...interface import EngineUnavailable
from ...language import detect
from .tokenizer import split_markup

if TYPE_CHECKING:
    from collections.abc import Callable

    Reading = Literal["zh", "en"]

    class _Grammar(Protocol):
        def normalize(self, text: str) -> str: ...


# Paragraphs are packed into pieces of the model's training length; a unit is a character in Chinese, otherwise a token.
PIECE_MAX_UNITS: Final = 80
PIECE_MIN_UNITS: Final = 60
PIECE_MERGE_UNITS: Final = 20  # a last piece shorter than this joins the one before

_CHINESE: Final = frozenset({"zh", "cmn", "yue"})
_HAN: Final = re.compile("[\u4e00-\u9fff]")
_ASCII_LETTER: Final = re.compile("[A-Za-z]")
_DIGITS: Final = re.compile(r"\d+")
_SENTENCE_ENDS: Final = {"zh": "。？！；：、.?!;", "en": ".?!;:"}
_CLOSING_QUOTES: Final = '"”'


class TextNormalizer:
    """Writes text out; it holds the grammars of both languages (about 40 MB), so all streams share one."""

    def __init__(self) -> None:
        """Load the grammars.

        Raises:
            EngineUnavailable: wetext is not installed.
        """
        try:
            from wetext import Normalizer  # type: ignore[import-untyped]  # noqa: PLC0415 - see Raises; it has no types
        except ImportError as error:
            raise EngineUnavailable("text cannot be normalised: pip install 'sayline[cosyvoice3]'") from error
        self._chinese: _Grammar = Normalizer(lang="zh", operator="tn")
        self._english: _Grammar = Normalizer(lang="en", operator="tn")

    def normalize(self, text: str, language: str | None, *, allow_markup: bool = False) -> str:
        """Write out one segment; about 3 ms if it holds digits, otherwise less than one.

        Args:
            text: what is to be said.
            language: its BCP 47 tag; None guesses by script.
            allow_markup: leave markup tokens unchanged (the digit in ``[AH0]`` is not a number).
        """
        return normalize(text, reading_of(text, language), self._write_out, allow_markup=allow_markup)

    def _write_out(self, text: str, reading: Reading) -> str:
        text = text.translate(_TO_HALF_WIDTH)
        if reading == "zh":
            for pattern, replacement in _CHINESE_REPAIRS:
                text = pattern.sub(replacement, text)
            return self._try(self._chinese, text) or text
        if not any(_is_written_sign(character) for character in text):
            return text
        for pattern, replacement in _ENGLISH_REPAIRS:
            text = pattern.sub(replacement, text)
        whole = self._try(self._english, text)
        if whole is not None:
            return whole
        # One odd word must not keep all other words from being written out.
        return " ".join(self._try(self._english, word) or word for word in text.split())

    @staticmethod
    def _try(grammar: _Grammar, text: str) -> str | None:
        """Run a grammar; None if it finds no reading."""
        try:
            return _ESCAPED.sub(r"\1", grammar.normalize(text))
        except (AssertionError, RuntimeError):  # its parser raises these if its tagger gave up on the text
            return None


def reading_of(text: str, language: str | None) -> Reading | None:
    """Choose the rules for a text: Chinese, English, or None for neither."""
    primary = language.lower().replace("_", "-").partition("-")[0] if language else None
    if primary and primary not in _CHINESE | {"en"}:
        return None
    if _HAN.search(text):
        return "zh" if primary or detect(text) in ("cmn", "en") else None  # Japanese and Korean write Han as well
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


def normalize(
    text: str, reading: Reading | None, write_out: Callable[[str, Reading], str], *, allow_markup: bool = False
) -> str:
    """Write a text out by ``write_out``, within the rules that the model was trained with.

    Args:
        text: what is to be said; text with both ``<|`` and ``|>`` in it comes back unchanged, as in training.
        reading: the language of the rules; None strips outer blanks only.
        write_out: the grammar; applied to the stretches between markup.
        allow_markup: whether markup tokens count as markup.
    """
    if "<|" in text and "|>" in text:
        return text
    text = text.strip()
    if reading is None:
        return text
    pieces = split_markup(text) if allow_markup else [text]
    pieces[::2] = [_inside_blanks(piece, reading, write_out) for piece in pieces[::2]]
    if reading == "zh":
        return clean_chinese("".join(pieces))
    pieces[::2] = [spell_out_numbers(piece) for piece in pieces[::2]]
    return "".join(pieces)


def split_paragraph(text: str, reading: Reading, length: Callable[[str], int] = len) -> list[str]:
    """Cut a normalised text after its sentences and pack them into pieces of 60 to 80 units.

    A sentence without end is one piece, however long.

    Args:
        text: not empty.
        reading: the language of the punctuation.
        length: counts the units of a text: characters in Chinese, BPE tokens in English.
    """
    ends = _SENTENCE_ENDS[reading]
    if text[-1] not in ends:
        text += "。" if reading == "zh" else "."
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


def _inside_blanks(text: str, reading: Reading, write_out: Callable[[str, Reading], str]) -> str:
    """Write out what lies inside a stretch's outer blanks, because the grammar would drop the blanks."""
    inner = text.strip()
    if not inner:
        return text
    before, _, after = text.partition(inner)
    return before + write_out(inner, reading) + after


def _is_written_sign(character: str) -> bool:
    return unicodedata.category(character) in ("Nd", "No", "Sc") or character in "%&@+=°"


# Digits and signs as Chinese keyboards write them; the grammars know only the narrow ones.
_TO_HALF_WIDTH: Final = str.maketrans("０１２３４５６７８９％＄￥＋－＝＃", "0123456789%$¥+-=#")
_ESCAPED: Final = re.compile(r"\\([\"\\])")  # the grammar's own escapes, which it leaves in its output
_CHINESE_REPAIRS: Final = (
    (re.compile(r"(?<=\d),(?=\d{3}(?!\d))"), ""),  # 1,000,000 would be read figure by figure
    (re.compile(r"(?<=\d)，(?=\d)"), "， "),  # 5，3 is not 53
    (re.compile(r"(?<=[A-Za-z])-(?=\d)"), " "),  # COVID-19 is not minus nineteen
)
_ENGLISH_REPAIRS: Final = (  # text for which the grammar finds no reading
    (re.compile(r"[#№]\s?(?=\d)"), "number "),
    (re.compile(r"(?<![\w+])\+(?=\d)"), "plus "),
    (re.compile(r"(?<![\w.,])(\d[\d.,]*)\s?([$€£])(?!\d)"), r"\2\1"),
)
