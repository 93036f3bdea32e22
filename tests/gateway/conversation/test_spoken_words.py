"""When words are heard, and how much of a text, whatever an engine marks."""

from itertools import pairwise
from random import Random

import pytest
import regex
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from readings import INPUTS, inputs_of

from sayline.gateway.conversation.audio import AudioFacts, AudioParameters
from sayline.gateway.conversation.context import Context
from sayline.gateway.conversation.playout_clock import PlayoutClock
from sayline.gateway.conversation.spoken_words import SpokenWords
from sayline.gateway.text.accumulator import ChunkingSettings, SentenceAccumulator
from sayline.gateway.text.words import find_words
from sayline.synthesis.interface import Segment, Style, WordMark
from sayline.synthesis.reading.languages.registry import words_of
from sayline.synthesis.reading.reader import read_segment

AUDIO = AudioParameters("opus", 24_000, 20, 32_000)
FACTS = AudioFacts(1, 24_000, 0)
RATE_HZ = 24_000
SAMPLES_PER_MS = 24
MS_PER_CHAR = 60

# Writing of every kind; each part is whole words, and no two parts make a word together.
PARTS = st.lists(
    st.sampled_from(
        [
            "Hello there. ",
            "**Ber**lin is *big*, ",
            "the [details of it](https://a.example/x?y=1&z=(2)) here ",
            "cats &amp; dogs ",
            "see https://www.example.com/a/b.c?d=1 now. ",
            "mail ann@b.example.com! ",
            "\n\n# Title\n\n",
            "- one\n- two (or 2)\n\n",
            "| a1 | b2 |\n|--|--|\n| c3 | d4 |\n\n",
            "go 🙂, [1] now ",
            "`code` it ",
            "caf\u0065\u0301 o\u0308l ",
            "现在大家都知道**这个**消息。",
            "たくさんの人が見た。",
            "ตะวันออกของประเทศไทย ",
            "ពាក្យខ្មែរ ",
            "오늘은 날씨가 **좋습**니다. ",
            "क्या **हाल** है? ",
            "مرحبا بكم، ",
            "1️⃣ First ",
        ]
    ),
    min_size=1,
    max_size=8,
).map("".join)


def segment(text, spoken=None):
    return Segment(0, text, text if spoken is None else spoken, 0, len(text))


def test_a_mark_for_two_words_anchors_the_first_and_they_share_its_time():
    words = SpokenWords(segment("One of the best."), 100.0)
    assert words.anchor(0, 3, 100.0) == []
    assert words.anchor(4, 10, 400.0) == [("One", 100.0, 400.0, False)]
    assert words.anchor(11, 15, 900.0) == [("of", 400.0, 600.0, False), ("the", 600.0, 900.0, True)]
    assert words.finish(1300.0) == [("best", 900.0, 1300.0, False)]


def test_words_that_no_mark_names_are_told_all_the_same():
    words = SpokenWords(segment("In Acme Inc. Bob"), 0.0)
    words.anchor(3, 7, 200.0)
    told = words.finish(1000.0)
    assert [word.text for word in told] == ["Acme", "Inc", "Bob"]
    assert [word.is_guessed for word in told] == [False, True, True]


@pytest.mark.parametrize("mark", [(5, 6), (0, 2), (9, 12)])
def test_marks_for_signs_for_words_that_have_begun_and_for_parts_of_words_change_nothing(mark):
    words = SpokenWords(segment("3,000 - five"), 0.0)
    words.anchor(0, 5, 0.0)
    words.anchor(8, 12, 500.0)
    assert words.anchor(*mark, 700.0) == []
    assert [word.text for word in words.finish(900.0)] == ["five"]


@given(PARTS, st.data())
def test_every_word_is_told_once_in_order_whatever_is_marked(text, data):
    """Marks may be missing, doubled, early, or for stretches that are no words."""
    words = SpokenWords(segment(text), 50.0)
    marks = data.draw(
        st.lists(st.tuples(st.integers(0, len(text)), st.integers(0, 9), st.floats(0, 5000)), max_size=12)
    )
    told = [word for start, length, at_ms in marks for word in words.anchor(start, start + length, at_ms)]
    told += words.finish(4000.0)
    assert [word.text for word in told] == [text[word.start : word.end] for word in find_words(text)]
    times = [time for word in told for time in (word.start_ms, word.end_ms)]
    assert times == sorted(times)


class Speech:
    """A context whose whole text is spoken by an engine that marks some of its words."""

    def __init__(self, text, *, is_marked, cuts=()):
        accumulator = SentenceAccumulator("sentence", ChunkingSettings(first_max_n=12, token_max_n=12, token_min_n=4))
        deltas = [text[start:end] for start, end in zip((0, *cuts), (*cuts, len(text)), strict=True)]
        self.context = Context("c", 1, Style("ada"), "word", accumulator, PlayoutClock(2000.0), AUDIO, FACTS, 0.0)
        self.segments = [segment for delta in deltas for segment in accumulator.push(delta, 0.0)]
        self.segments += accumulator.end(0.0)
        self.words = []  # (when it ends, end of its segment's text that it leads to)
        self.told = []
        for delta in deltas:
            self.context.add_text(delta, len(delta.encode()))
        at_ms = 0
        for spoken in self.segments:
            self.context.begin_segment(spoken, at_ms * 48)
            found = find_words(spoken.spoken)
            for place, word in enumerate(found):
                end_ms = at_ms + MS_PER_CHAR * (
                    found[place + 1].start if place + 1 < len(found) else len(spoken.spoken)
                )
                self.words.append((end_ms, spoken, word))
                if is_marked(place):
                    mark = WordMark(word.start, word.end, word.start * MS_PER_CHAR * SAMPLES_PER_MS)
                    self.told += self.context.place_words((mark,), RATE_HZ)
            at_ms += MS_PER_CHAR * len(spoken.spoken)
            self.context.fed = at_ms * 48
            self.told += self.context.place_last_words(self.context.fed)
            self.context.end_segment(self.context.fed)
        self.length_ms = at_ms


@settings(deadline=None, max_examples=200)
@given(PARTS, st.floats(0, 1), st.data())
def test_the_text_heard_at_any_moment_ends_at_a_word_of_the_text_as_sent(text, share, data):
    cuts = sorted(data.draw(st.sets(st.integers(1, len(text) - 1), max_size=5)))
    speech = Speech(text, is_marked=lambda place: place % 3 != 1, cuts=tuple(cuts))
    heard_ms = share * speech.length_ms
    spoken, remaining = speech.context.split_text(heard_ms)
    assert spoken + remaining == text
    assert len(spoken) in {match.end() for match in regex.finditer(r"\X", text)} | {0}

    # Words of the text that were over, and where they end: at most one of them is missing, none is too many. Several
    # spoken words may stand for one written word: "at" and "dot" of an address.
    ends = {
        written.char_start + written.alignment.span(word.start, word.end)[1]: end_ms
        for end_ms, written, word in speech.words
    }
    places = [(end_ms, end) for end, end_ms in ends.items()]
    over = sum(end_ms <= heard_ms for end_ms, _ in places)
    fewer = places[over - 2][1] if over >= 2 else 0
    more = places[over][1] if over < len(places) else len(text)
    assert fewer <= len(spoken)
    said = text.replace("[1]", "   ")  # nobody hears a reference's number, and so it comes with the word before it
    assert not any(char.isalnum() for char in said[more : len(spoken)]) or len(spoken) == len(text)
    # It ends where a word of the text ends, never inside one.
    assert any(
        end <= len(spoken) and not any(map(str.isalnum, said[end : len(spoken)])) for end in (0, len(text), *ends)
    )


@pytest.mark.parametrize("language", sorted(path.stem for path in INPUTS.glob("*.toml")))
@settings(deadline=None, max_examples=2, phases=[Phase.generate])
@given(st.integers(0, 2**32).map(Random))
def test_what_was_heard_of_numbers_and_signs_that_are_read_in_words_is_within_a_word_of_the_text(language, random):
    """Every input of the reading's tests, cut anywhere, cancelled at any moment; the engine marks all that it says."""
    words = words_of(language)
    for entry in (*inputs_of(language), *inputs_of(language, aside=True)):
        text = entry.text
        cuts = sorted(random.sample(range(1, len(text)), min(3, len(text) - 1)))
        accumulator = SentenceAccumulator("sentence", ChunkingSettings(), language=language)
        context = Context("c", 1, Style("ada"), "word", accumulator, PlayoutClock(2000.0), AUDIO, FACTS, 0.0)
        segments = []
        for start, end in pairwise((0, *cuts, len(text))):
            context.add_text(text[start:end], 0)
            segments += accumulator.push(text[start:end], 0.0)
        segments += accumulator.end(0.0)
        at_ms = 0
        # What was written for each said word or words, in the text as sent: (said from, until, where it ends).
        stretches = []
        ends, parted = {0}, set()
        for spoken in segments:
            said, alignment = read_segment(spoken, words, has_markup=False)
            context.begin_segment(spoken, at_ms * 48)
            found = find_words(said.spoken)
            spans = [spoken.alignment.span(*word[:2]) for word in find_words(spoken.spoken)]
            ends |= {spoken.char_start + end for _, end in spans}
            # A formula that a particle follows ends inside of a word, "= 25$이므로".
            parted |= {spoken.char_start + one[1] for one, other in pairwise(spans) if other[0] < one[1] < other[1]}
            for word, behind in zip(found, [*(word.start for word in found[1:]), len(said.spoken)], strict=True):
                start, end = alignment.span(word.start, word.end)
                context.place_words((WordMark(start, end, word.start * MS_PER_CHAR * SAMPLES_PER_MS),), RATE_HZ)
                place = spoken.char_start + spoken.alignment.span(start, end)[1]
                begun = (
                    stretches.pop()[0] if stretches and stretches[-1][2] >= place else at_ms + MS_PER_CHAR * word.start
                )
                stretches.append((begun, at_ms + MS_PER_CHAR * behind, place))
            at_ms += MS_PER_CHAR * len(said.spoken)
            context.fed = at_ms * 48
            context.place_last_words(context.fed)
            context.end_segment(context.fed)
        heard_ms = random.uniform(0, at_ms)
        heard, remaining = context.split_text(heard_ms)
        assert heard + remaining == text
        reached = max((place for _, until_ms, place in stretches if until_ms <= heard_ms), default=0)
        over = sorted(
            end for end in ends - parted if end <= reached
        )  # one written word may be several that are said: "3×10^8"
        begun = [place for from_ms, _, place in stretches if from_ms <= heard_ms]
        assert len(heard) >= (over[-2] if len(over) > 1 else 0), (text, heard)
        assert not any(map(str.isalnum, text[begun[-1] if begun else 0 : len(heard)])), (text, heard)
        assert any(end <= len(heard) and not any(map(str.isalnum, text[end : len(heard)])) for end in ends), (
            text,
            heard,
        )


@settings(deadline=None, max_examples=100)
@given(PARTS)
def test_the_words_told_are_those_that_are_spoken(text):
    speech = Speech(text, is_marked=lambda place: place % 2 == 0)
    assert [word.text for word in speech.told] == [
        written.spoken[word.start : word.end] for _, written, word in speech.words
    ]


@pytest.mark.parametrize(
    ("text", "words", "spoken"),
    [
        ("the [details of it](https://a.example/x) here", 3, "the [details of"),
        ("the [details of it](https://a.example/x) here", 4, "the [details of it](https://a.example/x)"),
        ("**Ber**lin is big", 1, "**Ber**lin"),
        ("# Title\n\nText", 1, "# Title"),
        ("现在大家都知道", 2, "现在大家"),
        ("ตะวันออกของประเทศไทย", 3, "ตะวันออกของ"),
        ("One (two). Three", 2, "One (two)."),
        ("a &amp; b", 2, "a &amp;"),
    ],
)
def test_what_was_heard_is_told_with_its_marks_and_no_part_of_the_next_word(text, words, spoken):
    speech = Speech(text, is_marked=lambda _: True)
    assert speech.context.split_text(speech.words[words - 1][0])[0] == spoken
