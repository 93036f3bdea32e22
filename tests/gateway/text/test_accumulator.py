"""When text is released: what depends on the text alone, and what depends on the clock and the listener."""

import math
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sayline.gateway.text.accumulator import ChunkingSettings, SentenceAccumulator

DEFAULTS = ChunkingSettings()
SMALL = ChunkingSettings(token_max_n=12, token_min_n=5, merge_len=3, first_min_n=2, first_max_n=8)
LONG = (
    "The ferry to the island had been late again that morning and everybody on the pier knew it by now. "  # 29 tokens
)


def accumulator(chunking="sentence", chunking_settings=DEFAULTS, **options):
    return SentenceAccumulator(chunking, chunking_settings, **options)


def released(text, *, cut=None, **options):
    """Everything that a text is released as, without timers; ``cut`` is the length of the deltas."""
    made = accumulator(**options)
    cut = cut or max(1, len(text))
    segments = [segment for at in range(0, len(text), cut) for segment in made.push(text[at : at + cut], 0.0)]
    return segments + made.end(0.0)


def texts(segments):
    return [segment.text for segment in segments]


# The source is kept.


ANY_TEXT = st.lists(
    st.sampled_from(
        [
            "a",
            "Bc",
            "word ",
            "Mr",
            '<break time="1s"/>',
            "<emphasis>",
            "</emphasis>",
            "<think>",
            "</think>",
            "$x^2$",
            "e.g",
            "U.S",
            "I",
            " ",
            "\n",
            "\n\n",
            ".",
            "...",
            ". . .",
            "!",
            "?",
            ",",
            ";",
            ":",
            " - ",
            "—",
            "(",
            ")",
            "[",
            "]",
            "](",
            "[1]",
            '"',
            "'",
            "“",
            "”",
            "«",
            "»",
            "*",
            "**",
            "_",
            "~~",
            "`",
            "```\n",
            "# ",
            "- ",
            "1. ",
            "2) ",
            "12",
            "|",
            "> ",
            "<b>",
            "<br>",
            "&amp;",
            "&",
            "\\",
            "https://x.io/a.b",
            "a@b.co",
            "你好",
            "世",
            "。",
            "！",
            "「",
            "」",
            "اكتب",
            "؟",
            "،",
            "ك",
            "🙂",
            "👨\u200d👩\u200d👧",
            "🇩🇪",
            "é",
            "\x00",
            "\r\n",
            "•",
            "Այ",
            "α;",
            "।",
            "क्या",
            "100%",
            "$5",
            " 3 < 4 ",
        ]
    ),
    max_size=60,
).map("".join)
ANY_SETTINGS = st.sampled_from([DEFAULTS, SMALL, ChunkingSettings(comma_split=True, token_max_n=20, token_min_n=5)])
ANY_CHUNKING = st.sampled_from(["sentence", "clause", "none"])


@settings(max_examples=300, deadline=None)
@given(ANY_TEXT, ANY_SETTINGS, ANY_CHUNKING, st.integers(min_value=1, max_value=9))
def test_any_cutting_of_the_text_gives_the_same_segments_and_they_tile_it(text, chunking_settings, chunking, cut):
    options = {"chunking": chunking, "chunking_settings": chunking_settings}
    whole = released(text, **options)
    assert "".join(texts(whole)) == text
    assert [segment.index for segment in whole] == list(range(len(whole)))
    assert [segment.char_start for segment in whole] == [0, *(segment.char_end for segment in whole)][: len(whole)]
    assert not any(segment.is_last for segment in whole[:-1])
    assert all(segment.spoken or segment.pause_ms or segment.is_last for segment in whole)
    assert released(text, cut=1, **options) == whole
    assert released(text, cut=cut, **options) == whole


@settings(max_examples=300, deadline=None)
@given(ANY_TEXT, ANY_SETTINGS, ANY_CHUNKING)
def test_what_is_spoken_leads_back_to_what_was_written(text, chunking_settings, chunking):
    for segment in released(text, chunking=chunking, chunking_settings=chunking_settings):
        for run in segment.alignment.runs:
            spoken, written = (
                segment.spoken[run.here_start : run.here_end],
                segment.text[run.there_start : run.there_end],
            )
            letters = [place for place, char in enumerate(spoken) if char.isalnum()]
            if run.is_exact:
                assert [spoken[place] for place in letters] == [written[place] for place in letters]
            elif len(letters) == 1 and not written.startswith("&"):
                assert spoken[letters[0]] in written
        reached = [segment.alignment.until(place) for place in range(len(segment.spoken) + 1)]
        assert reached == sorted(reached)


@pytest.mark.parametrize(
    ("text", "word", "written"),
    [
        ("See **Ber**lin now.", "Berlin", "**Ber**lin"),
        ("# Title\n\nText", "Title", "# Title"),
        ("the [details of it](https://a.example/x?y=1) here", "details", "[details"),
        ("the [details of it](https://a.example/x?y=1) here", "it", "it](https://a.example/x?y=1)"),
        ("cats &amp; dogs", "&", "&amp;"),
        ("at https://www.example.com/path/to?it=1 now", "example.com", "https://www.example.com/path/to?it=1"),
        ("mail ann@b.example.com now", "ann@b.example.com", "ann@b.example.com"),
        ("- one\n- two\n", "two", "- two"),
        ("| a1 | b2 |\n|--|--|\n| c3 | d4 |\n", "c3", "c3"),
        ("go 🙂, now", "go", "go"),
        ("go 🙂, now", "now", "now"),
        ("* One • Two", "Two", "Two"),
        ("1️⃣ First: 2 * 3", "First", "First"),
    ],
)
def test_a_word_leads_to_where_it_is_written_with_the_marks_around_it(text, word, written):
    (segment,) = released(text)
    at = segment.spoken.index(word)
    start, end = segment.alignment.span(at, at + len(word))
    assert segment.text[start:end].strip() == written


def test_a_cut_inside_characters_that_stand_for_their_source_together_leaves_it_to_the_rest():
    made = accumulator(chunking_settings=SMALL)
    segments = made.push("1️⃣", 0.0) + made.push(" go", 0.0) + made.end(0.0)
    assert "".join(texts(segments)) == "1️⃣ go"


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(ANY_TEXT, st.sampled_from(["push", "flush", "tick"]), st.floats(0, 2)), max_size=12))
def test_timers_and_flushes_release_early_but_lose_nothing(steps):
    made, now, written, segments = accumulator(chunking_settings=SMALL), 0.0, 0, []
    for text, action, seconds in steps:
        now += seconds
        written += len(text)
        segments += made.push(text, now)
        segments += made.flush(now) if action == "flush" else made.tick(now + 1, 0.0) if action == "tick" else []
        assert made.pending_chars == written - sum(map(len, texts(segments)))
    segments += made.end(now)
    assert "".join(texts(segments)) == "".join(text for text, _, _ in steps)
    assert made.pending_chars == 0


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(ANY_TEXT, st.sampled_from(["push", "flush", "tick"]), st.floats(0, 2)), max_size=12))
def test_to_ask_for_the_deadline_between_changes_none_that_is_told_later(steps):
    asked, unasked = accumulator(chunking_settings=SMALL), accumulator(chunking_settings=SMALL)
    now = 0.0
    for text, action, seconds in steps:
        now += seconds
        for made in (asked, unasked):
            made.push(text, now)
            if made is asked:
                made.next_deadline(now, 0.0)
            if action == "flush":
                made.flush(now)
            elif action == "tick":
                made.tick(now + 1, 0.0)
            if made is asked:
                made.next_deadline(now, 5.0)
    assert asked.next_deadline(now, 1.5) == unasked.next_deadline(now, 1.5)


@pytest.mark.parametrize("unsayable", ["1. ", "Dr. ", "3,"])
def test_to_ask_for_the_deadline_again_does_not_walk_the_text_in_hand(unsayable):
    """The session asks with every frame that it sends."""
    made = accumulator()
    made.push("Hello there, she said. " + unsayable * 60, 0.0)
    made.next_deadline(0.0, 5.0)

    assert made.pending_chars >= len(unsayable) * 60
    assert calls_of(lambda: made.next_deadline(0.1, 4.9)) < 40


def calls_of(work):
    """Count the functions that are called meanwhile."""
    calls = 0

    def count(_frame, event, _argument):
        nonlocal calls
        calls += event.endswith("call")

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return calls


def test_what_was_released_is_not_kept():
    made = accumulator()
    for _ in range(200):
        made.push(LONG, 0.0)
    assert made.pending_chars < 1000
    assert sum(map(len, made._source._chunks)) == made.pending_chars


# Text without chunking.


def test_without_chunking_only_the_client_says_where_segments_end():
    """Neither a sentence's end, nor a length at which other segments are cut, nor a writer's pause."""
    made = accumulator("none")
    text = "One. Two. *Three* " * 1000
    assert made.push(text, 0.0) == []
    assert made.next_deadline(0.0, 0.0) == math.inf
    assert [s.spoken for s in made.flush(0.0)] == [text]
    assert texts(made.end(0.0)) == []


# The first segment.


OPENING = "It has been raining since we left this morning. "


def test_the_first_sentence_is_released_as_soon_as_its_end_is_certain():
    made = accumulator()
    assert made.push(OPENING, 0.0) == []
    assert texts(made.push("T", 0.0)) == [OPENING]


def test_a_short_first_sentence_goes_with_the_next_where_both_came_at_once():
    assert texts(released("Yes! " + OPENING + "Take a coat.")) == ["Yes! " + OPENING, "Take a coat."]
    assert texts(released("Yes! No? " + OPENING + "Take a coat.", cut=1))[0] == "Yes! No? " + OPENING


def test_a_short_first_sentence_waits_for_no_more_than_a_burst():
    made = accumulator()
    assert made.push("Yes! It", 10.0) == []
    assert made.next_deadline(10.0, 0.0) == pytest.approx(10.0 + DEFAULTS.burst_s)
    assert made.tick(10.0 + DEFAULTS.burst_s / 2, 0.0) == []
    assert texts(made.tick(10.0 + DEFAULTS.burst_s, 0.0)) == ["Yes! "]


def test_a_short_first_sentence_is_not_kept_by_a_next_that_grows_too_long():
    assert texts(released("Yes! " + "and so on " * 20))[0] == "Yes! "


def test_the_first_segment_may_be_a_clause_of_some_length():
    assert (
        texts(released("Well, as far as I can tell from here, it rains."))[0]
        == "Well, as far as I can tell from here, "
    )


def test_a_first_sentence_without_any_end_is_cut_at_a_word():
    first = released("word " * 100)[0]
    assert first.text == "word " * 40


# Later segments.


def test_later_sentences_are_merged_up_to_a_size():
    segments = released(OPENING + LONG * 4)
    assert texts(segments) == [OPENING, LONG * 3, LONG]


def test_a_short_last_piece_joins_the_one_before_it():
    assert texts(released(OPENING + LONG * 3 + "It left in the afternoon then. Bye now.")) == [
        OPENING,
        LONG * 3 + "It left in the afternoon then. Bye now.",
    ]


def test_a_sentence_longer_than_a_segment_is_cut_at_a_clause_if_there_is_one():
    start = "and so " * 25 + "it went on, "
    segments = released("Go. " + start + "on and " * 60)
    assert segments[1].text == start


def test_commas_split_later_segments_only_if_asked_to():
    text = "Go. " + "first this happened, then that happened, " * 4
    sizes = {"token_max_n": 30, "token_min_n": 10, "merge_len": 0}
    assert texts(released(text, chunking_settings=ChunkingSettings(comma_split=True, **sizes)))[1].endswith(
        "happened, "
    )


def test_clause_chunking_releases_clauses_everywhere():
    text = "When the ferry came in at noon, the children ran down to the pier, and the dogs ran after them. Go."
    assert texts(released(text, chunking="clause")) == [
        "When the ferry came in at noon, ",
        "the children ran down to the pier, ",
        "and the dogs ran after them. ",
        "Go.",
    ]


def test_text_without_blanks_is_cut_between_characters_never_inside_one():
    family = "👨\u200d👩\u200d👧"
    segments = released(("语" + family + "e\u0301") * 200)
    assert len(segments) > 2
    assert all(segment.text[0] in "语👨e" for segment in segments)
    assert all(segment.text[-1] in "语👧\u0301" for segment in segments)


def test_no_segment_is_longer_than_the_limit_without_punctuation():
    for segment in released("一" * 1000)[1:]:
        assert len(segment.text) <= DEFAULTS.token_max_n + DEFAULTS.merge_len


# What has nothing to say.


def test_leftovers_without_voice_join_a_neighbour():
    assert texts(released("*** — ... Hello there. 🙂🙂")) == ["*** — ... Hello there. 🙂🙂"]
    made = accumulator()
    assert texts(made.push("Hello. ", 0.0) + made.flush(0.0)) == ["Hello. "]
    assert made.push("...! ", 0.0) + made.flush(0.0) == []
    assert texts(made.push("Go on.", 0.0) + made.end(0.0)) == ["...! Go on."]


def test_a_text_without_voice_is_one_silent_segment():
    (segment,) = released("```\ncode\n```\n")
    assert segment.spoken == ""
    assert segment.is_last


def test_a_line_that_ended_a_sentence_without_a_stop_is_said_with_one():
    segments = released(
        "Here is what you asked me for last night.\nTotal: $45.00\nTip: $9.00\nThe rest of it\nis wrapped."
    )
    assert [segment.spoken for segment in segments] == [
        "Here is what you asked me for last night.",
        "Total: $45.00. Tip: $9.00. The rest of it is wrapped.",
    ]


def test_ending_after_everything_was_released_releases_nothing():
    made = accumulator()
    assert len(made.push("Hello there.", 0.0) + made.flush(0.0)) == 1
    assert made.end(0.0) == []
    assert accumulator().end(0.0) == []


# Timers.


def after(text, **options):
    """An accumulator in its second segment, having read the text at time 10."""
    made = accumulator(**options)
    assert len(made.push("Go. ", 0.0) + made.flush(0.0)) == 1
    made.push(text, 10.0)
    return made


def test_complete_sentences_are_held_while_the_listener_has_audio_and_released_when_it_runs_low():
    made = after("It rains. It pours. And")
    deadline = made.next_deadline(10.0, 4.0)
    assert deadline == 10.0 + 4.0 - DEFAULTS.release_lead_s
    assert made.tick(deadline - 0.01, DEFAULTS.release_lead_s + 0.01) == []
    assert texts(made.tick(deadline, DEFAULTS.release_lead_s)) == ["It rains. It pours. "]


def test_a_probable_end_of_a_writer_of_phrases_is_released_after_a_burst_without_waiting_for_the_next_word():
    made = after("It rains once more today.")
    assert made.next_deadline(10.0, 0.0) == 10.0 + DEFAULTS.burst_s
    assert made.tick(10.0, 0.0) == []
    assert texts(made.tick(10.0 + DEFAULTS.burst_s, 0.0)) == ["It rains once more today."]
    assert made.next_deadline(10.1, 0.0) == math.inf


def test_a_first_token_with_a_mark_waits_for_the_next_while_the_writer_s_rhythm_is_unknown():
    made = after("Visit example.")
    assert made.tick(10.1, 0.0) == []
    assert made.push("com now. ", 10.11) == []
    assert texts(made.tick(10.2, 0.0)) == ["Visit example.com now. "]


def test_a_writer_who_is_slow_is_not_taken_for_one_who_has_stalled():
    made = accumulator()
    for at, token in enumerate(["We", " went", " on"]):
        assert made.push(token, at * 0.8) == []
        assert made.tick(at * 0.8 + 0.7, 0.0) == [] or at == 0
    assert texts(made.tick(1.6 + 1.5, 0.0)) == ["We went "]


def test_a_listener_who_waits_is_given_what_the_reader_holds_back():
    made = accumulator()
    for at, token in enumerate(["See", " [the", " very", " long", " label", " that", " nothing", " closes"]):
        made.push(token, at * 0.3)
    assert texts(made.tick(2.1, 0.0)) == ["See [the very long label that nothing "]


def test_a_listener_who_waits_is_given_a_sentence_that_seems_over_before_fewer_words():
    made = accumulator()
    for at, token in enumerate(["Hello", " there", " my", " friend", "! "]):
        made.push(token, at * 0.4)
    assert texts(made.tick(1.7, 0.0)) == ["Hello there my friend! "]


@pytest.mark.parametrize("text", ["It is for J.", "It rains..."])
def test_a_doubtful_end_is_released_only_when_the_writer_has_stalled(text):
    made = after(text)
    assert made.next_deadline(10.0, 0.0) == 10.0 + DEFAULTS.idle_release_s
    assert made.tick(10.1, 0.0) == []
    assert texts(made.tick(10.0 + DEFAULTS.idle_release_s, 0.0)) == [text]


@pytest.mark.parametrize("last", ["5.", "$3.", "1,", "10:", "Dr.", "Prof. Dr.", "No.", "$1,200."])
def test_a_stalled_writer_is_not_cut_behind_what_cannot_be_the_last_word_until_it_has_stalled_for_long(last):
    made = after(f"It is for {last}")
    assert texts(made.tick(10.0 + DEFAULTS.idle_release_s, 0.0)) == ["It is for "]
    assert made.tick(24.9, 0.0) == []
    assert texts(made.push(" and so on. ", 24.9) + made.end(24.9)) == [f"{last} and so on. "]


@pytest.mark.parametrize(
    ("said", "last"),
    [
        ("Apply at ", "https://www.service-public."),
        ("Look at ", "www.my-shop."),
        ("Is your address still ", "221 Baker "),
        ("They live at ", "1428 Elm "),
        ("Escribe a ", "reservas_grupo@hotelmar.com "),
        ("Für ", "|x "),
        ("If so, then ", "sin "),
    ],
)
def test_a_stalled_writer_is_not_cut_inside_an_address(said, last):
    made = after(said + last)
    assert texts(made.tick(10.0 + DEFAULTS.idle_release_s, 0.0)) == [said]
    assert made.tick(24.9, 0.0) == []
    assert texts(made.tick(26.0, 0.0)) == [last]


@pytest.mark.parametrize("text", ["We counted 221 Houses ", "It has 221 Baker ", "At noon 221 guests "])
def test_a_number_before_a_capital_that_is_no_address_is_not_held(text):
    assert texts(after(text).tick(10.0 + DEFAULTS.idle_release_s, 0.0)) == [text]


@pytest.mark.parametrize("last", ["5.", "Dr."])
@pytest.mark.parametrize("over", ["flush", "end", "blank"])
def test_a_number_that_nothing_follows_is_said_when_the_text_is_told_to_be_over(last, over):
    made = after(f"It is for {last}")
    assert texts(made.tick(11.0, 0.0)) == ["It is for "]
    match over:
        case "flush":
            said = made.flush(20.0)
        case "end":
            said = made.end(20.0)
        case _:
            said = made.push("\n\n", 12.0) + made.tick(14.0, 0.0)
    assert [segment.spoken.strip() for segment in said] == [last]


@pytest.mark.parametrize("last", ["5.", "Dr."])
def test_a_number_that_nothing_follows_is_said_in_the_end(last):
    """A client that neither flushes nor ends must not wait for it for ever."""
    made = after(f"It is for {last}")
    segments, now = [], 10.0
    while (deadline := made.next_deadline(now, 0.0)) < math.inf:
        now = max(now, deadline)
        segments += made.tick(now, 0.0)
    assert texts(segments) == ["It is for ", last]
    assert 24.0 < now <= 26.0  # long enough for a model that falls silent in mid-number


def test_an_abbreviation_is_not_parted_for_a_listener_who_waits_but_in_the_end():
    made = accumulator(language="fr")
    made.push("Env. 3 c. à s. de", 10.0)

    assert made.tick(24.9, 0.0) == []
    assert texts(made.tick(25.0, 0.0)) == ["Env. 3 c. à s. "]


# A writer in real time.


def live(text, gap_s, *, tokens=None, chars_per_s=15.0, **options):
    """What a writer's text becomes with a listener who hears so many characters a second: (segment, when) in order.

    Also the moments at which the listener had nothing to hear: (from when, for how long).
    """
    made, now, heard_until, segments, holes = accumulator(**options), 0.0, 0.0, [], []

    def release(released):
        nonlocal heard_until
        for segment in released:
            if now > heard_until:
                holes.append((heard_until, now - heard_until))
            heard_until = max(heard_until, now) + len(segment.spoken) / chars_per_s
            segments.append((segment, now))

    for at, token in enumerate(tokens or text):
        while (deadline := made.next_deadline(now, max(0.0, heard_until - now))) < at * gap_s:
            now = max(now, deadline)
            release(made.tick(now, max(0.0, heard_until - now)))
        now = at * gap_s
        release(made.push(token, now))
    release(made.end(now))
    return segments, holes


LIVE = [
    "Visit example.com now. It is at version 3.14, and costs $3.50 or 1,500 yen at 10:30 a.m. on most days.",
    "Hello!! Is it so?! She asked Dr. Smith (No. 5) for the U.S. report... and he sent it to a.b@c.org at once.",
    "他说：“好。”然后他走了。我们明天见！！你来吗？",
]


@pytest.mark.parametrize("gap_s", [0.004, 0.01, 0.03])
@pytest.mark.parametrize("text", LIVE)
def test_a_text_in_single_characters_is_cut_only_where_the_whole_text_is(text, gap_s):
    """The listener has nothing to hear, so that each end is judged as early as can be."""
    ends = {segment.char_end for size in (1, 8, 40) for segment in released(text, chunking_settings=ChunkingSettings(
        first_min_n=1, token_min_n=1, token_max_n=size, merge_len=0, comma_split=True))}  # fmt: skip
    segments, _ = live(text, gap_s, chars_per_s=1e9)
    assert {segment.char_end for segment, when in segments if when < DEFAULTS.most_wait_s} <= ends | {len(text)}


@pytest.mark.parametrize(("stop", "gap_s"), [(".", 0.02), (".", 0.15), ("!", 0.05)])
def test_an_end_without_a_blank_is_judged_by_the_token_after_it(stop, gap_s):
    goes_on = live("", gap_s, tokens=["Go", " and", " visit", " example", stop, "com", " now", ". "])[0]
    assert [segment.text for segment, _ in goes_on] == [f"Go and visit example{stop}com now. "]


def test_a_writer_who_is_silent_for_clearly_longer_than_usual_has_ended():
    made = accumulator()
    for at, token in enumerate(["Go", " and", " see", " it", "."]):
        made.push(token, at * 0.05)
    assert made.next_deadline(0.2, 0.0) == pytest.approx(0.3)
    assert texts(made.tick(0.3, 0.0)) == ["Go and see it."]


WORDS = "we then went along the river until there was nothing left to see but water and the small lights of one town "


@pytest.mark.parametrize("words_per_s", [2, 3, 5, 10, 20, 50, 200])
def test_a_speech_without_any_mark_begins_within_the_stated_time_and_has_no_hole_longer_than_that(words_per_s):
    words = [f"{word} " for word in (WORDS * 4).split()]
    segments, holes = live("", 1 / words_per_s, tokens=words)
    longest = max(DEFAULTS.most_wait_s, 4 / words_per_s)  # of four words
    assert segments[0][1] <= longest
    assert all(length <= longest for _, length in holes)


@pytest.mark.parametrize("chars_per_s", [4, 8, 30])
def test_chinese_without_any_mark_begins_within_the_stated_time(chars_per_s):
    segments, _ = live(
        "我们沿着河边一直走到再也看不见别的东西只有水和远处一个小镇的灯光" * 2, 1 / chars_per_s, chars_per_s=5.0
    )
    assert segments[0][1] <= max(DEFAULTS.most_wait_s, 8 / chars_per_s)


@pytest.mark.parametrize("words_per_s", [5, 10])
def test_a_listener_who_runs_dry_is_given_the_clause_in_hand(words_per_s):
    text = (
        "Go. Iron is an essential element, which the body needs to make blood that carries oxygen, which the muscles "
        "use all day long, and which no other element can replace in any of these roles that it has. "
    )
    segments, holes = live("", 1 / words_per_s, tokens=[f"{word} " for word in text.split()])
    assert "which the body needs to make blood that carries oxygen, " in [segment.text for segment, _ in segments]
    assert all(length < 1.0 for _, length in holes[1:])


def test_a_stalled_writer_is_cut_at_the_last_complete_word():
    made = after("So I went out to the gard")
    assert texts(made.tick(11.0, 0.0)) == ["So I went out to the "]
    assert made.next_deadline(11.0, 0.0) == math.inf
    assert texts(made.push("en.", 12.0) + made.end(12.0)) == ["garden."]


def test_a_stalled_writer_is_cut_at_a_clause_first_and_at_a_word_only_later():
    made = after("When the rain had stopped at last, we went out to the")
    assert texts(made.tick(11.0, 0.0)) == ["When the rain had stopped at last, "]
    assert made.tick(11.1, 0.0) == []
    assert texts(made.tick(11.0 + DEFAULTS.idle_release_s, 0.0)) == ["we went out to "]


@pytest.mark.parametrize("marks", ["!", "...", ": ", "!!! ", ", ", ") "])
def test_marks_at_the_start_of_a_segment_are_not_said(marks):
    made = accumulator()
    made.push("Hello!", 0.0)
    assert texts(made.flush(0.0)) == ["Hello!"]
    made.push(f"{marks}Yes", 0.0)
    assert [segment.spoken for segment in made.end(0.0)] == ["Yes"]


@pytest.mark.parametrize("text", [".5 is it", "-5 is it", "(so) it is", "¿Qué?"])
def test_a_start_that_means_something_is_said(text):
    assert [segment.spoken for segment in released(text)] == [text]


def test_a_stalled_writer_of_korean_is_cut_at_a_blank():
    made = accumulator()
    made.push("오늘은 날씨가 좋습", 0.0)
    assert texts(made.tick(1.0, 0.0)) == ["오늘은 날씨가 "]


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("现在大家都知道这个消", "现在大家都"),
        ("たくさんの人が駅前の広", "たくさんの"),
        ("พระอาทิตย์ขึ้นทางทิศตะวันอ", "พระอาทิตย์ขึ้นทาง"),
        ("ภาษาไทยกระเป๋าส", "ภาษาไทย"),
        ("ພາສາລາວເປັນພາສາທາງການ", "ພາສາລາວເປັນພາສາ"),
        ("ភាសាខ្មែរគឺជាភាសាផ្លូវការ", "ភាសាខ្មែរគឺជា"),
    ],
)
def test_text_without_blanks_is_cut_between_words_if_the_writer_stalls(text, cut):
    assert texts(after(text).tick(11.0, 0.0)) == [cut]


def test_a_stalled_writer_is_no_reason_to_release_while_the_listener_has_audio():
    made = after("So I went out to the gard")
    assert made.tick(20.0, 30.0) == []
    assert made.next_deadline(20.0, 30.0) == 20.0 + 30.0 - DEFAULTS.release_lead_s


def test_nothing_is_due_if_the_lead_does_not_fall_as_far_as_it_must():
    made = after("So I went out to the gard")
    low_s = DEFAULTS.release_lead_s
    assert made.next_deadline(20.0, low_s + 0.5, 0.4) == math.inf
    assert made.next_deadline(20.0, low_s + 0.5, 0.5) == 20.5
    assert made.next_deadline(20.0, low_s, 0.0) == 20.0


@settings(max_examples=200, deadline=None)
@given(ANY_TEXT, st.floats(0, 5), st.floats(0, 2))
def test_a_tick_releases_exactly_when_the_deadline_says_so(text, lead_s, waited_s):
    made = accumulator(chunking_settings=SMALL)
    made.push(text, 100.0)
    now = 100.0 + waited_s
    deadline = made.next_deadline(now, lead_s)
    if deadline == math.inf:
        assert made.tick(now + 1e6, 0.0) == []
    elif deadline > now:
        early = (now + deadline) / 2
        if deadline - early > 1e-4:
            assert made.tick(early, max(0.0, lead_s - (early - now))) == []
        released_now = made.tick(deadline, max(0.0, lead_s - (deadline - now)))
        # What the reader held may turn out to be no word; it is looked at once.
        assert released_now or made.next_deadline(deadline, max(0.0, lead_s - (deadline - now))) > deadline
    else:
        assert made.tick(now, lead_s) or made.next_deadline(now, lead_s) > now


# What the writer asks for beside the text.


def test_a_pause_ends_the_segment_and_has_its_length():
    text = 'Wait for it <break time="800ms"/> now. <break/><break/>It is here.'
    segments = released(text)
    assert [(segment.spoken, segment.pause_ms) for segment in segments] == [
        ("Wait for it", 800),
        ("now.", 400),
        ("", 400),
        ("It is here.", 0),
    ]
    assert "".join(texts(segments)) == text


def test_pauses_in_a_row_are_bounded_together():
    segments = released('One. <break time="8s"/>' * 1 + '<break time="8s"/>' * 50 + "Two.")
    assert sum(segment.pause_ms for segment in segments) == 8_000 + 2_000


def test_a_text_may_begin_with_a_pause():
    segments = released('<break time="2s"/>One.')
    assert [(segment.spoken, segment.pause_ms) for segment in segments] == [("", 2000), ("One.", 0)]


def test_wishes_lie_over_the_words_that_they_are_for():
    (segment,) = released(
        'It is **a** <emphasis level="strong">very big</emphasis>, '
        '<prosody rate="slow" volume="loud">slow</prosody> one.'
    )
    assert segment.spoken == "It is a very big, slow one."
    assert [(segment.spoken[w.start : w.end], w.kind, w.value) for w in segment.wishes] == [
        ("very big", "emphasis", "strong"),
        ("slow", "rate", "0.8"),
        ("slow", "volume", "1.4"),
    ]


def test_a_wish_that_reaches_over_segments_is_given_to_each():
    segments = released('<prosody rate="fast">' + "This is a sentence of some length. " * 30 + "</prosody>It is over.")
    assert len(segments) > 2
    for segment in segments[:-1]:
        assert [(wish.start, wish.end, wish.kind) for wish in segment.wishes] == [(0, len(segment.spoken), "rate")]
    last = segments[-1]
    assert [last.spoken[wish.start : wish.end] for wish in last.wishes] in ([], [last.spoken[: -len(" It is over.")]])


@settings(max_examples=200, deadline=None)
@given(ANY_TEXT, st.integers(1, 9))
def test_wishes_and_pauses_do_not_depend_on_the_cutting(text, cut):
    text = f'<emphasis>{text}<break time="1s"/>{text}</emphasis>'
    whole = released(text)
    assert released(text, cut=cut) == whole
    assert all(0 <= wish.start < wish.end <= len(segment.spoken) for segment in whole for wish in segment.wishes)


def test_a_price_that_may_go_on_is_held_back_from_a_writer_who_has_stalled_but_not_for_ever():
    made = accumulator()
    made.push("Give me $5.", 0.0)
    said, now = {}, 0.0
    while (now := made.next_deadline(now, 0.0)) < math.inf:
        said |= {segment.spoken: now for segment in made.tick(now, 0.0)}
    assert list(said) == ["Give me", "$5."]
    assert said["Give me"] < 3.0
    assert 14.0 < said["$5."] <= 16.0


def test_a_price_that_may_go_on_is_said_at_a_flush():
    made = accumulator()
    assert made.push("Give me $5.", 0.0) == []
    assert [segment.spoken for segment in made.flush(1.0)] == ["Give me $5."]


def test_a_closing_mark_that_a_flush_cuts_through_closes_all_the_same():
    made = accumulator()
    segments = [*made.push("<think>No. </thi", 0.0), *made.flush(1.0), *made.push("nk>Yes.", 2.0), *made.end(3.0)]
    assert "".join(segment.spoken for segment in segments) == "Yes."
    assert "".join(texts(segments)) == "<think>No. </think>Yes."


@pytest.mark.parametrize(
    "text",
    ["1. 打开 example.com 上的*设置*", "10:30第5号v1.2.3的Visual Studio", "1. เปิดหน้า*การตั้งค่า*ที่ example.com"],
)
def test_a_listener_with_nothing_to_hear_is_given_words_however_mixed_with_numbers_and_addresses(text):
    accumulator = SentenceAccumulator("sentence", ChunkingSettings())
    assert accumulator.push(text, 0.0) == []
    assert accumulator.tick(ChunkingSettings().most_wait_s, 0.0)


# Formulas and numbers of a writer who pauses.


def spoken_after(made, deltas, silence_s):
    """What is said of deltas, each with a silence behind it, to a listener who has nothing to hear."""
    segments, now = [], 0.0
    for delta in deltas:
        until = now + silence_s
        segments += made.push(delta, now)
        while (due_at := made.next_deadline(now, 0.0)) < until:
            now = max(now, due_at)
            segments += made.tick(now, 0.0)
        now = until
    return [segment.spoken for segment in segments]


def test_the_dollar_that_closes_a_formula_whose_beginning_was_said_is_no_price():
    made = accumulator()

    assert spoken_after(made, ["We know so well that $x^2 = "], 7.1) == ["We know so well that"]
    assert [segment.spoken for segment in made.flush(7.1)] == ["x^2 ="]
    assert [segment.spoken for segment in made.push("7$ and $5.", 7.1) + made.end(7.1)] == ["7 and $5."]


@pytest.mark.parametrize("text", ["Plans start at $9.99/month.", "It is $5 + ", "Look in $HOME/bin."])
def test_the_dollar_of_a_price_or_a_name_is_said_where_the_text_ends(text):
    made = accumulator()

    assert "$" in "".join(segment.spoken for segment in made.push(text, 0.0) + made.end(0.0))


def test_half_a_fraction_is_kept_from_a_listener_who_waits_and_given_when_the_writer_has_stalled_for_long():
    slow = ["Solve ", "\\(x = \\", "frac{-b \\pm", " \\sqrt", "{b^2 - 4ac}}{"]
    made, stalled = accumulator(), accumulator()

    assert spoken_after(made, slow, 0.59) == []
    assert [segment.spoken for segment in made.push("2a}\\).", 3.0) + made.end(3.0)] == [
        "Solve x = (-b ± √(b^2 - 4ac))/2a."
    ]
    assert spoken_after(stalled, slow, 0.59) + spoken_after(stalled, ["", ""], 6.0) == ["Solve"]
    assert spoken_after(stalled, ["", ""], 16.0) != []


def test_a_row_of_numbers_is_cut_where_it_falls_apart_for_a_listener_who_has_waited():
    made = accumulator(language="de")

    assert spoken_after(made, ["Ich zahle $20 und du 1 "], 4.9) == ["Ich zahle", "$20 und du"]
