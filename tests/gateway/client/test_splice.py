"""One speech out of several contexts: its counts go on, and each word of its text is told once."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sayline.gateway.client.splice import Splice
from sayline.gateway.client.wire.messages import (
    ContextDone,
    ContextStarted,
    SegmentDone,
    SegmentStarted,
    Words,
    WordTime,
)
from sayline.gateway.dialects.tts_v1.frames import AudioFrame, Codec, Flags

PRESKIP = 312  # 6.5 ms
FRAME = 960  # 20 ms; both are 48 kHz samples
WORD_MS = 100  # five frames each
TEXT = "one two three four five six"


def started():
    return ContextStarted(context_id="a", channel=0, format="opus", sample_rate=24_000, preskip=PRESKIP)


def frame(sequence):
    """The first one of a context also has the samples before its sound."""
    duration = FRAME if sequence else FRAME + PRESKIP
    pts = sequence * FRAME + (PRESKIP if sequence else 0)
    flags = Flags.NONE if sequence else Flags.FIRST_OF_CONTEXT
    return AudioFrame(Codec.OPUS, 0, sequence, pts, duration, flags, b"")


def context(text):
    """Everything that a gateway says of a text of one segment, but its end: each word lasts as long."""
    said = text.split()
    times = tuple(
        WordTime(text=word, start_ms=place * WORD_MS, end_ms=(place + 1) * WORD_MS) for place, word in enumerate(said)
    )
    yield SegmentStarted(context_id="a", segment_id=0, text=text, char_start=0, char_end=len(text), start_ms=0)
    yield Words(context_id="a", segment_id=0, words=times, approximate=False)
    yield from map(frame, range(5 * len(said)))


def ends(text):
    """How a context of a text ends."""
    length_ms = WORD_MS * len(text.split())
    yield SegmentDone(context_id="a", segment_id=0, end_ms=length_ms)
    yield ContextDone(context_id="a", reason="end", audio_ms=length_ms, text_spoken=text, text_remaining="")


def spoken(splice, cuts):
    """Speak the text over connections of which each, but the last, is cut after so many frames; gives all events."""
    events, told_from = [], 0
    for cut in (*cuts, None):
        splice.begin(started())
        for event in context(TEXT[told_from:]):
            if isinstance(event, AudioFrame) and event.sequence == cut:
                break
            events.append(splice.take(event, TEXT))
        if cut is None:
            events += [splice.take(event, TEXT) for event in ends(TEXT[told_from:])]
        else:
            told_from, cut_segments = splice.cut("a")
            events += cut_segments
            if told_from == len(TEXT):  # nothing is left that another gateway could speak
                return [*events, splice.done("a", "end", TEXT)]
    return events


def of(kind, events):
    return [event for event in events if isinstance(event, kind)]


def test_a_speech_on_one_connection_is_told_as_it_came():
    events = spoken(Splice(), [])
    assert events == [*context(TEXT), *ends(TEXT)]


def test_after_a_cut_the_first_unheard_word_is_spoken_again_and_all_counts_go_on():
    splice = Splice()
    events = spoken(splice, [7])  # 140 ms: the second word has not come whole
    again = of(SegmentStarted, events)[1]
    assert (again.segment_id, TEXT[again.char_start :], again.start_ms) == (1, "two three four five six", 140)
    assert [(end.segment_id, end.end_ms) for end in of(SegmentDone, events)] == [(0, 140), (1, 140 + 5 * WORD_MS)]
    first_again = of(AudioFrame, events)[7]
    assert (first_again.sequence, first_again.pts) == (7, 7 * FRAME + PRESKIP)
    assert first_again.flags == Flags.DISCONTINUITY
    assert [word.start_ms for word in of(Words, events)[1].words] == [140, 240, 340, 440, 540]
    done = of(ContextDone, events)[0]
    assert (done.text_spoken, done.text_remaining, done.audio_ms) == (TEXT, "", 140 + 5 * WORD_MS)


@given(st.lists(st.integers(0, 12), max_size=4))
def test_wherever_connections_are_cut_counts_go_on_and_the_text_is_told_whole(cuts):
    events = spoken(Splice(), cuts)
    frames = of(AudioFrame, events)
    assert [each.sequence for each in frames] == list(range(len(frames)))
    for before, after in pairwise(frames):
        assert after.pts == before.pts + before.duration
    assert sum(Flags.FIRST_OF_CONTEXT in each.flags for each in frames) == 1
    segments, segment_ends = of(SegmentStarted, events), of(SegmentDone, events)
    assert [each.segment_id for each in segments] == [each.segment_id for each in segment_ends]
    assert [each.segment_id for each in segments] == list(range(len(segments)))
    assert all(TEXT[each.char_start : each.char_end] == each.text for each in segments)
    for start, end in zip(segments, segment_ends, strict=True):
        assert end.end_ms >= start.start_ms
    done = of(ContextDone, events)[0]
    assert (done.text_spoken, done.text_remaining) == (TEXT, "")
    assert done.audio_ms == pytest.approx(segment_ends[-1].end_ms, abs=1)


def test_a_connection_on_which_nothing_came_changes_no_count():
    splice = Splice()
    splice.begin(started())
    assert splice.cut("a") == (0, [])
    assert splice.received_ms == 0
    assert splice.take(frame(0), TEXT).flags == Flags.FIRST_OF_CONTEXT


def test_the_samples_before_the_sound_are_no_sound_that_came():
    splice = Splice()
    splice.begin(started())
    splice.take(frame(0), TEXT)
    assert splice.received_ms == 20


def test_a_position_of_the_speech_becomes_one_of_the_present_context():
    splice = Splice()
    spoken(splice, [7])
    assert splice.context_played_ms(100) == 0  # heard on the connection before
    assert splice.context_played_ms(240) == 100


def test_a_cancel_before_what_the_present_context_speaks_is_told_by_what_was_heard():
    splice = Splice()
    spoken(splice, [13])  # 260 ms: two words have come whole
    splice.cancel(150)
    cancelled = ContextDone(context_id="a", reason="cancel", audio_ms=0, text_spoken="", text_remaining=TEXT[8:])
    done = splice.take(cancelled, TEXT)
    assert (done.text_spoken, done.text_remaining) == ("one ", "two three four five six")


@pytest.mark.parametrize(
    ("reason", "heard_ms", "text_spoken"),
    [("end", None, TEXT), ("cancel", None, "one two "), ("cancel", 120, "one "), ("cancel", 9999, "one two ")],
)
def test_a_speech_whose_gateway_is_gone_says_itself_how_it_ended(reason, heard_ms, text_spoken):
    splice = Splice()
    splice.begin(started())
    for event in context(TEXT):
        if isinstance(event, AudioFrame) and event.sequence == 10:
            break
        splice.take(event, TEXT)
    splice.cancel(heard_ms)
    done = splice.done("a", reason, TEXT)
    assert (done.reason, done.audio_ms) == (reason, 200)
    assert (done.text_spoken, done.text_remaining) == (text_spoken, TEXT[len(text_spoken) :])
