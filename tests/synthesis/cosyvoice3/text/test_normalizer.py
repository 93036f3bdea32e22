"""What is written in signs is written out in words, by the rules of the text's own language or not at all."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="the CosyVoice3 engine is not installed")
pytest.importorskip("wetext", reason="the CosyVoice3 engine is not installed")

from cosyvoice3_checkpoint import tiny_model_dir

from sayline.synthesis.cosyvoice3.text.normalizer import (
    TextNormalizer,
    cardinal,
    drop_blanks,
    drop_brackets,
    guess_language,
    is_only_punctuation,
    normalize,
    reading_of,
    spell_out_numbers,
    split_paragraph,
)
from sayline.synthesis.cosyvoice3.text.tokenizer import TextTokenizer

REFERENCE = json.loads((Path(__file__).parents[1] / "reference" / "text.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def normalizer():
    return TextNormalizer()


@pytest.fixture(scope="module")
def token_count():
    tokenizer = TextTokenizer(tiny_model_dir())
    return lambda text: len(tokenizer.encode(text, allow_markup=True))


def without_grammar(text):
    """As the reference data was made: every rule but the grammar's."""
    reading = "zh" if any("\u4e00" <= character <= "\u9fff" for character in text) else "en"
    return normalize(text, reading, lambda stretch, _: stretch, allow_markup=True), reading


@pytest.mark.parametrize(("text", "normal"), REFERENCE["normalize_unsplit"])
def test_the_rules_around_the_grammar_are_those_of_the_reference(text, normal):
    assert without_grammar(text)[0] == normal


@pytest.mark.parametrize(("text", "pieces"), REFERENCE["normalize"])
def test_rules_and_splitting_together_are_those_of_the_reference(text, pieces, token_count):
    normal, reading = without_grammar(text)
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
    ("text", "spoken"),
    [
        ("今天是2024年3月5日，气温25°C，涨了3.5%。", "今天是二零二四年三月五日，气温二十五摄氏度，涨了百分之三点五。"),
        ("共1,000,000人，３５％，￥5，3kg", "共一百万人，百分之三十五，五元，三千克"),
        ('他说"5"，COVID-19', '他说"五"，COVID十九'),
        ("It costs $5.99 at 3:05 pm.", "It costs five point nine nine dollars at three o five PM."),
        (
            "12 apples & 25% of 3.5 kg, since 1999",
            "twelve apples and twenty five percent of three point five kilograms, since nineteen ninety nine",
        ),
        ('say "5" or c:\\7', 'say "five" or c:\\seven'),
        ("I'm #1, call +1 555", "I'm number one, call plus one five hundred and fifty five"),
        ("50$ is 5 €", "fifty dollars is five euros"),
    ],
)
def test_signs_are_written_out_in_the_language_of_the_text(normalizer, text, spoken):
    assert normalizer.normalize(text, None) == spoken


def test_one_word_that_the_grammar_cannot_read_leaves_the_others_read(normalizer):
    assert normalizer.normalize("[1] costs 5% more", None) == "[one] costs five percent more"


@pytest.mark.parametrize("text", ["Dr. Smith isn't here.", "“Well” — he said…", "no signs at all"])
def test_text_without_signs_is_left_as_it_is(normalizer, text):
    assert normalizer.normalize(text, None) == text


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
def test_the_digits_of_other_languages_are_left_to_the_model(normalizer, text, language):
    assert normalizer.normalize(text, language) == text


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
        ("東京です", None, None),
        ("東京です", "zh", "zh"),
    ],
)
def test_the_stated_language_decides_and_without_one_the_script(text, language, reading):
    assert reading_of(text, language) == reading


def test_accents_make_a_language_unknown():
    assert guess_language("naïve") is None
    assert guess_language("naive 你") == "en"


def test_allowed_markup_is_not_read_as_a_number(normalizer):
    text = "5 [AH0] 6 <strong>7</strong>"
    assert normalizer.normalize(text, "en", allow_markup=True) == "five [AH0] six <strong>seven</strong>"
    assert "[AH0]" not in normalizer.normalize(text, "en", allow_markup=False)


def test_markup_in_chinese_keeps_its_place(normalizer):
    assert normalizer.normalize("报道[j][ǐ]予 5 次[breath]", None, allow_markup=True) == "报道[j][ǐ]予五次[breath]"


def test_loading_and_using_the_grammar_opens_no_connection():
    """An audit hook ends the program at the first attempt: nothing may be fetched while serving."""
    program = (
        "import sys\n"
        "def hook(event, arguments):\n"
        "    if event.startswith('socket.'): raise SystemExit(f'{event} {arguments}')\n"
        "sys.addaudithook(hook)\n"
        "from sayline.synthesis.cosyvoice3.text.normalizer import TextNormalizer\n"
        "print(TextNormalizer().normalize('5 kg', 'en'))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (run.stdout.strip(), run.returncode) == ("five kilograms", 0), run.stderr
