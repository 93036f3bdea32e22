"""What an engine is given to say, and what its word marks name."""

import sys
import threading
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from readings import INPUTS, inputs_of

from sayline.synthesis.interface import MAX_BEFORE_CHARS, Segment, Style, Wish
from sayline.synthesis.pronunciation import Pronunciation
from sayline.synthesis.reading import stage
from sayline.synthesis.reading.languages.registry import LANGUAGES, words_of
from sayline.synthesis.reading.lexicon import Lexicon
from sayline.synthesis.reading.notation.words import Words
from sayline.synthesis.reading.reader import read, read_segment
from sayline.synthesis.reading.stage import Reading
from sayline.synthesis.tone import VOICE, ToneSynthesizer


class Listening(ToneSynthesizer):
    """Keeps what it is given to say."""

    def __init__(self, *languages, alphabets=()):
        super().__init__()
        self.given = []
        self.offered = tuple(
            replace(voice, languages=languages or voice.languages, alphabets=frozenset(alphabets))
            for voice in super().voices()
        )

    def voices(self):
        return self.offered

    async def speak(self, segment, style, *rest):
        self.given.append(segment)
        async for chunk in super().speak(segment, style, *rest):
            yield chunk


def segment(text, **fields):
    return Segment(0, text, text, 0, len(text), **fields)


async def spoken(text, *languages, style=None, lexicon=(), alphabets=(), **fields):
    """What the engine is given for a text, and the words that are named."""
    engine = Listening(*languages, alphabets=alphabets)
    reading = Reading(engine, lambda: Lexicon(lexicon))
    await reading.start()
    said = segment(text, **fields)
    chunks = [chunk async for chunk in reading.speak(said, style or Style(VOICE, language="en"))]
    await reading.close()
    words = [word for chunk in chunks for word in chunk.words]
    assert [word.start_sample for word in words] == sorted(word.start_sample for word in words)
    return engine.given[0], [text[word.char_start : word.char_end] for word in words]


async def test_an_engine_is_given_words_and_what_was_written_is_named_once():
    said, words = await spoken("It costs $5.50 at 3:00 PM today.")

    assert said.spoken == "It costs five dollars and fifty cents at three PM today."
    assert [word.strip(".") for word in words] == ["It", "costs", "$5.50", "at", "3:00 PM", "today"]


async def test_what_is_said_leads_back_to_the_text_as_it_was_sent():
    said, _ = await spoken("Pay $5 now.")
    at = said.spoken.index("five dollars")

    assert said.alignment.span(at, at + len("five")) == (4, 6)
    assert said.text == "Pay $5 now."


async def test_a_text_without_anything_to_read_reaches_the_engine_as_it_is():
    said, _ = await spoken("Nothing to read here.")

    assert said == segment("Nothing to read here.")


async def test_a_long_text_is_read_whole():
    said, words = await spoken("It costs $5 and more. " * 40)

    assert said.spoken.count("five dollars") == 40
    assert words.count("$5") == 40


async def test_the_engines_own_markup_stays_if_the_context_allows_it():
    text = "[laughter] Say [2](/tuː/) and 3 <|breath|> times."
    style = Style(VOICE, language="en", allow_markup=True)

    said, _ = await spoken(text, style=style)

    assert said.spoken == "[laughter] Say [2](/tuː/) and three <|breath|> times."


@pytest.mark.parametrize(
    ("text", "kind", "value", "said"),
    [
        ("Say 12 now", "characters", "", "Say one two now"),
        ("Say NASA now", "characters", "", "Say N A S A now"),
        ("Say 12 now", "say-as", "digits", "Say one two now"),
        ("Say 12 now", "say-as", "ordinal", "Say twelfth now"),
        ("Say 1999 now", "say-as", "cardinal", "Say one thousand nine hundred and ninety-nine now"),
        ("Say 0199 now", "say-as", "telephone", "Say zero one nine nine now"),
        ("Say 3/4/2021 now", "say-as", "date:dmy", "Say the third of April, twenty twenty-one now"),
        ("Say 3/4/2021 now", "say-as", "date:mdy", "Say March fourth, twenty twenty-one now"),
        ("Say 12 now", "language", "de", "Say zwölf now"),
        ("Say 12 now", "say-as", "nonsense", "Say twelve now"),
    ],
)
async def test_a_stretch_is_read_as_its_writer_wishes(text, kind, value, said):
    start = 4
    end = text.index(" now")
    given, _ = await spoken(text, wishes=(Wish(start, end, kind, value),))

    assert given.spoken == said
    assert [(wish.kind, given.spoken[wish.start : wish.end]) for wish in given.wishes] == [
        (wish, said[4 : -len(" now")]) for wish in [kind] if wish not in ("characters", "say-as")
    ]


@pytest.mark.parametrize(
    ("text", "languages", "asked", "told", "said"),
    [
        ("Das kostet 5 €.", ("de",), None, "en", "Das kostet fünf Euro."),  # the voice's own language
        ("It costs €5.", ("mul",), None, "en", "It costs five euros."),
        ("42.", ("mul",), None, "ru", "сорок два."),  # remembered from the segments before
        ("42.", ("mul",), "de", "ru", "zweiundvierzig."),
        ("iPhone 15.", ("mul",), "ru", "en", "iPhone пятнадцать."),  # a name in a Russian context
        ("Он купил iPhone 15.", ("mul",), None, "ru", "Он купил iPhone пятнадцать."),
        ("Zapłać na info@example.pl 5.", ("pl",), None, "en", "Zapłać na info małpa example kropka pl 5."),
    ],
)
async def test_the_contexts_language_counts_then_the_voices_then_the_sentences(text, languages, asked, told, said):
    given, _ = await spoken(text, *languages, style=Style(VOICE, language=asked), language=told)

    assert given.spoken == said


@pytest.mark.parametrize(
    ("language", "before", "text", "said"),
    [
        ("de", "Ihr Code lautet ", "482913.", "vier acht zwei neun eins drei."),  # a word that tells what a number is
        ("fr", "Le roi Louis ", "XIV est mort.", "quatorze est mort."),
        ("ru", "Страницы ", "12–15.", "с двенадцатой по пятнадцатую."),
        ("en", "born on July ", "4, 1976.", "fourth, nineteen seventy-six."),  # a cut inside of what is read as one
        ("en", "It is 12", ".5 today.", "point five today."),
        ("en", "It costs $3", ".50 now.", "and fifty cents now."),
        ("en", "Read docs.", "python.org first.", "dot python dot org first."),
        ("zh", "一共2", "0人", "十人"),
        ("en", "They raised $1", ".5M now.", "zero point five million now."),  # "one dollar" was said
        ("en", "Call 5. ", "It is 7.", "It is seven."),
    ],
)
async def test_a_piece_of_a_sentence_is_read_as_in_the_whole(language, before, text, said):
    given, words = await spoken(text, style=Style(VOICE, language=language), before=before)

    assert given.spoken == said
    assert given.alignment.there_length == len(text)
    assert words


async def test_a_part_of_a_segment_knows_what_is_spoken_before_it():
    part = segment("is 12 and 15.", before="It ").part(6, 13)

    assert (part.spoken, part.before) == ("and 15.", "It is 12 ")


def tiles(alignment):
    """Whether every character of either text belongs to one run, in order."""
    here = [0, *(end for run in alignment.runs for end in (run.here_start, run.here_end)), alignment.here_length]
    there = [0, *(end for run in alignment.runs for end in (run.there_start, run.there_end)), alignment.there_length]
    return all(ends[::2] == ends[1::2] and ends == sorted(ends) for ends in (here, there))


@pytest.mark.parametrize("language", sorted(path.stem for path in INPUTS.glob("*.toml")))
def test_what_is_said_of_each_input_leads_back_in_order_without_a_gap(language):
    for entry in [*inputs_of(language), *inputs_of(language, aside=True)]:
        _, alignment = read_segment(segment(entry.text), words_of(language), has_markup=False)

        assert tiles(alignment), entry.text


BITS = [
    *"0125.,:;-–/$€£%°²½#@&*^=<>~+()[]'\"xXeEhKMAI √π_|\\",
    *(
        " ",
        "am",
        "1,000",
        "3.5",
        "12:30",
        "May ",
        "Chapter ",
        "IV",
        "No. ",
        "code ",
        "km/h",
        "kg",
        "中",
        "年",
        "é",
        "🙂",
        "ー",
        "만",
        "г.",
    ),
]


@settings(max_examples=60)
@given(st.sampled_from(sorted(LANGUAGES)), st.lists(st.sampled_from(BITS), max_size=14).map("".join))
@example("de", "1/" * 200)
@example("en", "1-" * 200)
def test_any_text_is_read_and_leads_back(language, text):
    """Digits are never left out: whatever is read instead of them, something is."""
    words = words_of(language)
    said, alignment = read_segment(segment(text), words, has_markup=False)

    assert alignment.here_length == len(said.spoken)
    assert alignment.there_length == len(text)
    assert said.spoken == read(text, words)
    assert tiles(alignment)
    for run in alignment.runs:
        if any(char.isdecimal() for char in text[run.there_start : run.there_end]):
            assert said.spoken[run.here_start : run.here_end].strip()


class Broken(Words):
    """A language whose rules have a fault."""

    customs = words_of("en").customs

    def say(self, *_):
        raise ZeroDivisionError


async def test_a_fault_in_a_languages_rules_costs_nobody_the_answer(monkeypatch, caplog):
    monkeypatch.setattr(stage, "words_of", lambda _: Broken())
    said, words = await spoken("It costs $5.")

    assert said.spoken == "It costs $5."
    assert words[-1].strip(".") == "$5"
    assert "spoken as it stands" in caplog.text


async def test_what_takes_long_is_read_off_the_event_loop(monkeypatch):
    threads = []
    read_as_before = stage.read_segment

    def watched(*arguments, **options):
        threads.append(threading.current_thread())
        return read_as_before(*arguments, **options)

    monkeypatch.setattr(stage, "read_segment", watched)
    await spoken("Take $5 now.")
    await spoken("1-" * 40)
    await spoken("plain words " * 40)

    assert [thread is threading.main_thread() for thread in threads] == [True, False, False]


# Each is cheap or dear to read in its own way; the longest row of each that is read at once is tried.
UNITS = (
    "word ", "Aa ", "one two ", "I II ", "MAC ", "MACs ", "a-b ", "a.b.", "a:b ", "ab_cd ", "$5 ",
    "5 € ", "5 km ", "3.10.2025 ", "12:30 ", "1/2 ", "x^2 ", "1-", "1 ", "(a) ", "a@b.c ", "No. 5 ",
    "XIV ", "July 4 ", "+1 800 ", "5% ", "слово ", "21 книга ", "5×8=40", "一", "三点", "3本", "あ",
    "カナ ", "5시 ", "글자 ", "é ", "'tis ", "v1.2.3 ", "#1 ", "«a» ", "β ", "x² ", "½ ",
)  # fmt: skip


def calls_to_read(said, words):
    """How many functions are called to read a segment, once what is made at the first reading is there."""
    read_segment(said, words, has_markup=False)
    calls = 0

    def count(_frame, event, _function):
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        read_segment(said, words, has_markup=False)
    finally:
        sys.setprofile(None)
    return calls


def longest_at_once(unit, share_before):
    """The longest row of a unit that is read at once, of which a share stands before the segment."""
    found = segment(unit)
    for times in range(1, 400):
        row = unit * times
        border = int(len(row) * share_before)
        said = segment(row[border:], before=row[max(0, border - MAX_BEFORE_CHARS) : border])
        if not stage._is_read_at_once(said):
            break
        found = said
    return found


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_what_is_read_at_once_takes_no_more_calls_than_are_allowed(language):
    words = words_of(language)
    tried = [longest_at_once(unit, share) for unit in UNITS for share in (0, 0.3, 0.6)]
    for entry in inputs_of(language.partition("-")[0]):
        border = len(entry.text) // 2
        tried += [segment(entry.text), segment(entry.text[border:], before=entry.text[:border])]
    dear = [
        (calls, said.before, said.spoken)
        for said in tried
        if stage._is_read_at_once(said) and (calls := calls_to_read(said, words)) > stage._AT_ONCE_CALLS
    ]

    assert dear == []


# -- pronunciations ----------------------------------------------------------------------------------------------------

NGINX = Pronunciation("nginx", respelling="engine x", cmu="EH1 N JH IH0 N EH1 K S")


async def test_a_word_of_the_lexicon_is_said_by_its_respelling_and_named_as_it_was_written():
    said, words = await spoken("Restart nginx 2 times.", lexicon=[NGINX])

    assert said.spoken == "Restart engine x two times."
    assert [word.strip(".") for word in words] == ["Restart", "nginx", "2", "times"]


async def test_a_voice_that_takes_phonemes_is_given_them_and_the_word_as_it_stands():
    said, _ = await spoken("Restart nginx 2 times.", lexicon=[NGINX], alphabets=["cmu"])

    assert said.spoken == "Restart nginx two times."
    assert said.wishes == (Wish(8, 13, "phonemes", "cmu:EH1 N JH IH0 N EH1 K S"),)


async def test_a_word_is_looked_up_before_numbers_are_read():
    said, _ = await spoken("A 747 flew.", lexicon=[Pronunciation("747", respelling="seven four seven")])
    assert said.spoken == "A seven four seven flew."


async def test_a_context_s_own_word_goes_before_the_server_s():
    style = Style(VOICE, language="en", lexicon=(Pronunciation("gif", respelling="jif"),))
    said, _ = await spoken("a gif", style=style, lexicon=[Pronunciation("gif", respelling="ghif")])
    assert said.spoken == "a jif"


async def test_phonemes_that_a_voice_does_not_take_leave_the_word_as_it_stands():
    said, _ = await spoken("in 重庆", "zh", lexicon=[Pronunciation("重庆", pinyin="chong2 qing4")], alphabets=["cmu"])
    assert (said.spoken, said.wishes) == ("in 重庆", ())


async def test_cmu_phones_are_not_given_in_another_language_of_latin_script():
    style = Style(VOICE, language="de")
    said, _ = await spoken("Starte nginx neu.", style=style, lexicon=[NGINX], alphabets=["cmu"])
    assert (said.spoken, said.wishes) == ("Starte engine x neu.", ())


@pytest.mark.parametrize(
    ("value", "alphabets", "given"),
    [
        ("ipa:/twɛlv/", ["ipa"], "ipa:twɛlv"),
        ("ipa:twɛlv", ["cmu"], "cmu:T W EH1 L V"),
        ("cmu:t w eh1 l v", ["cmu"], "cmu:T W EH1 L V"),
        ("ipa:nonsense?", ["ipa"], None),
        ("ipa:twɛlv", [], None),
    ],
)
async def test_phonemes_of_the_writer_are_given_as_the_voice_takes_them_or_not_at_all(value, alphabets, given):
    said, _ = await spoken("Say 12 now", alphabets=alphabets, wishes=(Wish(4, 6, "phonemes", value),))
    assert [wish.value for wish in said.wishes] == ([given] if given else [])
    assert said.spoken == ("Say 12 now" if given else "Say twelve now")


async def test_what_the_writer_says_of_a_word_goes_before_any_lexicon():
    said, _ = await spoken("Say gif now", wishes=(Wish(4, 7, "characters"),), lexicon=[Pronunciation("gif", "jif")])
    assert said.spoken == "Say G I F now"
