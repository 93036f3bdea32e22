"""Deepgram's ``/v1/speak``: one stream of text, one of sound. No loop, no socket, no clock."""

import pytest
from dialect_room import Room

from sayline.gateway.conversation.audio import AudioParameters
from sayline.gateway.dialects.deepgram.dialect import AURA, check, shown_keys
from sayline.gateway.dialects.deepgram.parameters import read_speed
from sayline.gateway.dialects.deepgram.protocol import DeepgramProtocol
from sayline.gateway.dialects.opening import Opening
from sayline.gateway.errors import BadMessage

FLUSH, CLEAR, CLOSE = {"type": "Flush"}, {"type": "Clear"}, {"type": "Close"}


def speak(text):
    return {"type": "Speak", "text": text}


@pytest.fixture
def room():
    return Room(DeepgramProtocol, {"model": "bob"})


def test_the_first_word_is_metadata(room):
    (metadata,) = room.said
    assert metadata["type"] == "Metadata"
    assert set(metadata) == {"type", "request_id", "model_name", "model_version", "model_uuid"}
    assert metadata["model_name"] == "bob"


def test_text_and_a_flush_are_answered_by_sound_and_flushed(room):
    room.say(speak("Hello "), speak("there. "), speak("How are"), FLUSH)
    room.wait(10)

    assert "".join(room.texts) == "Hello there. How are"
    assert room.kinds() == ["Metadata", "sound", "Flushed"]
    assert room.said[-1] == {"type": "Flushed", "sequence_id": 0}


def test_rule_04_each_flush_is_answered_once_behind_its_sound(room):
    room.say(speak("Hello there."), FLUSH, speak("Bye now."), FLUSH)
    room.wait(10)

    assert room.kinds() == ["Metadata", "sound", "Flushed", "sound", "Flushed"]
    assert [message["sequence_id"] for message in room.of("Flushed")] == [0, 1]


def test_a_flush_is_answered_before_the_listener_has_heard_its_last_frame(room):
    room.say(speak("Hello there."), FLUSH)
    said = room.wait(0.7)  # a second of sound: 400 ms at once, and the rest at twice real time
    assert said[-1] == {"type": "Flushed", "sequence_id": 0}


@pytest.mark.parametrize("text", [None, "", " ", "..."])
def test_rule_16_a_flush_of_nothing_is_answered_without_an_engine(room, text):
    said = room.say(*([] if text is None else [speak(text)]), FLUSH)
    assert said == [{"type": "Flushed", "sequence_id": 0}]
    assert room.ordered == []


def test_rule_06_a_clear_of_nothing_is_answered_and_costs_nothing(room):
    assert room.say(CLEAR, CLEAR) == [{"type": "Cleared", "sequence_id": 0}, {"type": "Cleared", "sequence_id": 1}]
    assert room.slots == set()


def test_rule_05_no_sound_of_what_was_cleared_follows_cleared(room):
    room.say(speak("Hello there, this is a long one. And another. "), FLUSH)
    room.wait(0.1)
    assert [message["type"] for message in room.say(CLEAR)] == ["Cleared"]
    assert room.wait(30) == []
    assert room.slots == set()

    room.say(speak("Next."), FLUSH)
    room.wait(10)
    assert room.texts[-1] == "Next."
    assert room.kinds()[-3:] == ["Cleared", "sound", "Flushed"]


def test_a_turn_behind_one_that_was_heard_begins_as_a_first_one(room):
    long = "Well, as I said before, when the water is finally warm enough, we "
    room.say(speak("Hello there."), FLUSH)
    room.wait(10)
    room.say(speak(long))
    assert room.texts[-1].startswith("Well, as I said before,")  # the first clause, without waiting for a sentence

    contexts = {name for name, _ in room.ordered}
    assert len(contexts) == 2


def test_a_turn_behind_one_that_is_being_heard_follows_it(room):
    room.say(speak("Hello there."), FLUSH)
    room.wait(0.1)
    room.say(speak("How are you?"), FLUSH)
    room.wait(10)
    assert len({name for name, _ in room.ordered}) == 1
    assert room.kinds() == ["Metadata", "sound", "Flushed", "sound", "Flushed"]


def test_rule_18_close_ends_the_connection_as_soon_as_all_was_said(room):
    room.say(speak("Hello there."), FLUSH, CLOSE, speak("Never heard."), FLUSH)
    assert room.closed is None
    room.wait(10)
    assert room.kinds() == ["Metadata", "sound", "Flushed"]
    assert room.texts == ["Hello there."]
    assert (room.closed.code, room.closed.reason) == (1000, "")


def test_rule_18_close_ends_the_connection_at_once_if_nothing_is_to_be_said(room):
    room.say(CLOSE)
    assert (room.closed.code, room.closed.reason) == (1000, "")


def test_rule_11_sound_is_whole_samples(room):
    room.say(speak("Hello there. How are you?"), FLUSH)
    room.wait(10)
    assert all(len(each) % 2 == 0 for each in room.said if isinstance(each, bytes))


@pytest.mark.parametrize(
    ("query", "audio"),
    [
        ({}, AudioParameters("pcm_s16le", 24_000, 20, 32_000)),
        ({"encoding": "linear16", "sample_rate": "48000"}, AudioParameters("pcm_s16le", 48_000, 20, 32_000)),
        ({"encoding": "mulaw"}, AudioParameters("mulaw", 8_000, 20, 32_000)),
        (
            {"encoding": "alaw", "sample_rate": "16000", "container": "none"},
            AudioParameters("alaw", 16_000, 20, 32_000),
        ),
    ],
)
def test_rule_12_the_format_of_the_query_is_the_format_of_the_sound(query, audio):
    room = Room(DeepgramProtocol, query)
    room.say(speak("Hello."), FLUSH)
    assert set(room.audio.values()) == {audio}


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ({"encoding": "opus"}, "linear16, mulaw, alaw"),
        ({"encoding": ""}, "encoding"),
        ({"sample_rate": "4000"}, "8000 to 48000"),
        ({"sample_rate": "96000"}, "8000 to 48000"),
        ({"sample_rate": "١٦٠٠٠"}, "8000 to 48000"),
        ({"container": "wav"}, "container"),
        ({"speed": "9"}, "speed"),
        ({"speed": "nan"}, "speed"),
        ({"speed": "fast"}, "speed"),
    ],
)
def test_rule_12_what_cannot_be_had_is_refused_before_the_upgrade_with_the_list(query, named):
    with pytest.raises(BadMessage, match=named):
        check(Opening(query=query))


def test_a_model_s_name_ends_with_its_language():
    room = Room(DeepgramProtocol, {"model": "ada-es", "speed": "1.5"}, voices=("ada", "ada-es"))
    room.say(speak("Hola."), FLUSH)
    (style,) = room.styles.values()
    assert (style.language, style.speed) == ("es", 1.5)


@pytest.mark.parametrize("value", [True, [], {}, "1e999", "0", -1, 10**400])
def test_a_speed_that_is_none_is_refused(value):
    with pytest.raises(BadMessage):
        read_speed(value)


def test_what_cannot_be_read_is_a_warning_and_the_connection_goes_on(room):
    said = room.say("no JSON", "[]", {"type": "Sing"}, {"type": "Speak"}, {"type": "Speak", "text": 5}, {"type": []})
    assert [set(message) for message in said] == [{"type", "description", "code"}] * 6
    assert {message["type"] for message in said} == {"Warning"}
    assert room.closed is None
    assert room.say({"type": "KeepAlive"}) == []
    room.say(speak("Hello \ud83d there."), FLUSH)
    room.wait(5)
    assert room.kinds()[-1] == "Flushed"


def test_what_cannot_be_spoken_closes_the_connection_so_that_its_client_comes_back(room):
    room.is_broken = True
    room.say(speak("Hello there. "), FLUSH)
    assert room.closed.code == 1011
    assert room.closed.reason.startswith("NET-0000")


def test_rule_17_a_connection_that_nobody_reads_stays_for_five_minutes(room):
    """LiveKit answers no ping between two turns."""
    room.answers_pings = False
    room.say(speak("Hello there."), FLUSH)
    room.wait(290)
    assert room.closed is None
    room.say(speak("How are you?"), FLUSH)
    room.wait(10)
    assert room.kinds()[-1] == "Flushed"
    room.wait(300)
    assert (room.closed.code, room.closed.reason) == (1011, "NET-0001: idle")


def test_rule_19_a_browser_s_key_is_the_second_of_two_subprotocols_and_is_never_confirmed():
    for scheme in ("token", "bearer"):
        opening = Opening(subprotocols=(scheme, "secret", "x-deepgram-session-id", "5"))
        assert "secret" in list(shown_keys(opening))
        assert AURA.confirm(opening.subprotocols) == scheme
    assert AURA.confirm(()) is None
    assert list(shown_keys(Opening(headers={"authorization": "Token k"}))) == ["k"]
