"""A text has the form that the model was trained with, as in the reference."""

import json
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="the CosyVoice3 engine is not installed")

from cosyvoice3_checkpoint import tiny_model_dir

from sayline.synthesis.cosyvoice3.text.normalizer import (
    cardinal,
    drop_blanks,
    drop_brackets,
    guess_language,
    is_only_punctuation,
    normalize,
    reading_of,
    spell_out_numbers,
    split_paragraph,
    with_stop,
)
from sayline.synthesis.cosyvoice3.text.tokenizer import TextTokenizer

REFERENCE = json.loads((Path(__file__).parents[1] / "reference" / "text.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def token_count():
    tokenizer = TextTokenizer(tiny_model_dir())
    return lambda text: len(tokenizer.encode(text, allow_markup=True))


def normalized(text):
    """As the reference data was made: without a grammar, which the reference leaves out if none is installed."""
    reading = "zh" if any("\u4e00" <= character <= "\u9fff" for character in text) else "en"
    return normalize(text, reading, allow_markup=True), reading


@pytest.mark.parametrize(("text", "normal"), REFERENCE["normalize_unsplit"])
def test_the_form_is_that_of_the_reference(text, normal):
    assert normalized(text)[0] == normal


@pytest.mark.parametrize(("text", "pieces"), REFERENCE["normalize"])
def test_rules_and_splitting_together_are_those_of_the_reference(text, pieces, token_count):
    normal, reading = normalized(text)
    if normal == text and ("<|" in text or not text):
        split = [normal]  # the reference leaves these whole
    else:
        split = split_paragraph(normal, reading, len if reading == "zh" else token_count)
        split = [piece for piece in split if not is_only_punctuation(piece)]
    assert split == pieces


@pytest.mark.parametrize(("text", "pieces"), REFERENCE["split"]["zh"])
def test_chinese_paragraphs_are_split_as_in_the_reference(text, pieces):
    assert split_paragraph(text, "zh") == pieces


@pytest.mark.parametrize(("text", "pieces"), REFERENCE["split"]["en_whitespace"])
def test_english_paragraphs_are_split_as_in_the_reference(text, pieces):
    assert split_paragraph(text, "en", lambda piece: len(piece.split())) == pieces


@pytest.mark.parametrize(("text", "pieces"), REFERENCE["split"]["en_bpe"])
def test_english_paragraphs_are_split_by_tokens_as_in_the_reference(text, pieces, token_count):
    assert split_paragraph(text, "en", token_count) == pieces


@pytest.mark.parametrize(
    ("function", "case"),
    [
        *((drop_blanks, case) for case in REFERENCE["replace_blank"]),
        *((drop_brackets, case) for case in REFERENCE["remove_bracket"]),
        *((spell_out_numbers, case) for case in REFERENCE["spell_out_number"]),
        *((is_only_punctuation, case) for case in REFERENCE["only_punctuation"]),
    ],
)
def test_the_small_rules_are_those_of_the_reference(function, case):
    text, expected = case
    assert function(text) == expected


def test_a_quote_after_nothing_but_punctuation_stands_alone():
    assert split_paragraph("。”好。", "zh") == ["好。"]


@pytest.mark.parametrize(
    ("digits", "words"),
    [
        ("0", "zero"),
        ("007", "seven"),
        ("40", "forty"),
        ("1001", "one thousand and one"),
        ("1100", "one thousand, one hundred"),
        ("1001001", "one million, one thousand and one"),
        ("9" * 37, " ".join(["nine"] * 37)),
        ("1" * 5000, " ".join(["one"] * 5000)),
    ],
)
def test_cardinals_are_named_as_in_books_and_past_the_names_digit_by_digit(digits, words):
    assert cardinal(digits) == words


@pytest.mark.parametrize(
    ("text", "pieces"),
    [case for case in REFERENCE["normalize"] if len(case[1]) == 1 and case[0] and "<|" not in case[0]],
)
def test_a_text_ends_with_a_stop_where_the_reference_appends_one(text, pieces):
    normal, reading = normalized(text)
    assert with_stop(normal, reading) == pieces[0]


@pytest.mark.parametrize(
    ("text", "reading", "ended"),
    [
        ("Hello", "en", "Hello."),
        ("Hello!", "en", "Hello!"),
        ("你好", "zh", "你好。"),
        ("他说“好。”", "zh", "他说“好。”。"),
        ("안녕", None, "안녕."),
        ("コンニチハ", "ja", "コンニチハ。"),
        ("コンニチハ。", "ja", "コンニチハ。"),
        ("<|en|>Hello", "en", "<|en|>Hello"),
        ("", "en", ""),
    ],
)
def test_a_text_ends_with_a_stop(text, reading, ended):
    assert with_stop(text, reading) == ended


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Il a 3 chats.", "fr"),
        ("Il a déjà 3 chats.", None),
        ("Sono 3 gatti & 5%.", "it-IT"),
        ("日本語で3つ", None),
        ("東京2024年", "ja"),
        ("고양이 3마리", None),
        ("3 кота", None),
        ("3", None),
    ],
)
def test_digits_that_are_left_in_other_languages_are_left_to_the_model(text, language):
    assert normalize(text, reading_of(text, language)) == text


@pytest.mark.parametrize(
    ("text", "language", "reading"),
    [
        ("3", "en-GB", "en"),
        ("3", "zh-CN", "zh"),
        ("3 cats", "zh", "en"),
        ("3 caf\u00e9s", "en", "en"),
        ("三 cats", "en", "zh"),
        ("3", "yue", "zh"),
        ("I love 北京 very much", None, "zh"),
        ("東京です", None, "ja"),
        ("東京です", "zh", "zh"),
    ],
)
def test_the_stated_language_decides_and_without_one_the_script(text, language, reading):
    assert reading_of(text, language) == reading


def test_accents_make_a_language_unknown():
    assert guess_language("naïve") is None
    assert guess_language("naive 你") == "en"


def test_allowed_markup_is_not_read_as_a_number():
    text = "5 [AH0] 6 <strong>7</strong>"
    assert normalize(text, "en", allow_markup=True) == "five [AH0] six <strong>seven</strong>"
    assert "[AH0]" not in normalize(text, "en")


def test_markup_in_chinese_keeps_its_place():
    assert normalize("报道[j][ǐ]予 五 次[breath]", "zh", allow_markup=True) == "报道[j][ǐ]予五次[breath]"
