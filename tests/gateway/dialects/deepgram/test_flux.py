"""Deepgram's ``/v2/speak``: turns, one heard after the other. No loop, no socket, no clock."""

import pytest
from dialect_room import Room

from sayline.gateway.dialects.deepgram.flux import FluxProtocol

FLUSH, CLOSE, INTERRUPT = {"type": "Flush"}, {"type": "Close"}, {"type": "Interrupt"}


def speak(text):
    return {"type": "Speak", "text": text}


def interrupt(ms):
    return {"type": "Interrupt", "playback_offset": {"type": "time_ms", "value": ms}}


@pytest.fixture
def room():
    return Room(FluxProtocol, {"model": "ada"})


def test_a_turn_s_sound_lies_between_its_start_and_its_metadata(room):
    room.say(speak("Hello "), speak("there."), FLUSH)
    room.wait(10)

    assert room.kinds() == ["Connected", "SpeechStarted", "sound", "SpeechMetadata", "Flushed"]
    speech_id = room.of("SpeechStarted")[0]["speech_id"]
    metadata = room.of("SpeechMetadata")[0]
    assert metadata["speech_id"] == room.of("Flushed")[0]["speech_id"] == speech_id
    assert (metadata["audio_duration_ms"], metadata["input_character_count"]) == (1000, 12)


def test_a_turn_that_waits_is_heard_behind_the_one_before_it(room):
    room.say(speak("Hello there."), FLUSH, speak("Bye now."), FLUSH)
    room.wait(20)

    turn = ["SpeechStarted", "sound", "SpeechMetadata", "Flushed"]
    assert room.kinds() == ["Connected", *turn, *turn]
    assert len({message["speech_id"] for message in room.of("SpeechStarted")}) == 2


def test_an_interruption_tells_what_was_heard(room):
    room.say(speak("Hello there you two. "), FLUSH)
    room.wait(0.2)
    said = room.say(interrupt(500))

    (heard,) = said
    assert (heard["type"], heard["audio_played_ms"]) == ("SpeechInterrupted", 500)
    assert (heard["text_spoken"], heard["text_remaining"]) == ("Hello there", " you two. ")
    assert heard["metadata"]["speech_id"] == room.of("SpeechStarted")[0]["speech_id"]
    assert room.wait(30) == []
    assert room.slots == set()


def test_an_interruption_without_an_offset_goes_by_the_gateway_s_clock(room):
    room.say(speak("Hello there you two. "), FLUSH)
    room.wait(0.28)
    (heard,) = room.say(INTERRUPT)
    assert heard["text_spoken"] + heard["text_remaining"] == "Hello there you two. "
    assert heard["text_spoken"]


def test_an_interruption_drops_the_turns_that_wait_and_the_next_turn_is_clean(room):
    room.say(speak("Hello there you two. "), FLUSH, speak("Never heard. "), FLUSH, speak("Nor this."))
    room.wait(0.3)
    assert [message["type"] for message in room.say(interrupt(100))] == ["SpeechInterrupted"]
    assert room.wait(10) == []

    room.say(speak("Next."), FLUSH)
    room.wait(10)
    assert room.kinds()[-4:] == ["SpeechStarted", "sound", "SpeechMetadata", "Flushed"]


@pytest.mark.parametrize("message", [FLUSH, INTERRUPT, interrupt(5)])
def test_rule_06_what_concerns_no_turn_is_a_warning(room, message):
    said = room.say(message)
    assert [(each["type"], each["code"]) for each in said] == [("Warning", "NO_ACTIVE_SPEECH")]


@pytest.mark.parametrize("offset", [None, 5, "x", {}, {"type": "time_ms"}, {"type": "time_ms", "value": True}])
def test_an_offset_that_is_none_is_left_out(room, offset):
    room.say(speak("Hello there you two. "), FLUSH)
    room.wait(0.2)
    assert [each["type"] for each in room.say({"type": "Interrupt", "playback_offset": offset})] == [
        "SpeechInterrupted"
    ]


@pytest.mark.parametrize("value", [-1, 10**400, "5", 1e300])
def test_an_offset_that_is_no_time_is_left_out(room, value):
    room.say(speak("Hello there you two. "), FLUSH)
    room.wait(0.2)
    assert [each["type"] for each in room.say(interrupt(value))] == ["SpeechInterrupted"]


def test_rule_16_a_turn_without_anything_to_say_ends_all_the_same(room):
    room.say(speak(" "), FLUSH)
    assert room.kinds() == ["Connected", "Warning", "SpeechStarted", "SpeechMetadata", "Flushed"]
    assert room.of("Warning")[0]["code"] == "NO_SYNTHESIZABLE_TEXT"
    assert room.of("SpeechMetadata")[0]["audio_duration_ms"] == 0
    assert room.ordered == []


def test_offsets_count_from_the_connection_s_first_sound(room):
    room.say(speak("Hello there."), FLUSH)
    room.wait(10)
    room.say(speak("Hello there you two. "), FLUSH)
    room.wait(0.2)
    (heard,) = room.say(interrupt(1500))
    assert (heard["text_spoken"], heard["audio_played_ms"]) == ("Hello there", 1500)

    room.say(speak("Hello there you two. "), FLUSH)
    room.wait(0.2)
    (heard,) = room.say(interrupt(1500 + 250))
    assert (heard["text_spoken"], heard["audio_played_ms"]) == ("Hello", 1750)


def test_a_speed_holds_from_the_next_turn_on(room):
    assert [each["type"] for each in room.say({"type": "Configure", "speed": 1.5})] == ["ConfigureSuccess"]
    assert [each["code"] for each in room.say({"type": "Configure", "speed": 9})] == ["SPEED_OUT_OF_RANGE"]
    room.say(speak("Hello."), FLUSH)
    assert [style.speed for style in room.styles.values()] == [1.5]


def test_close_ends_the_connection_as_soon_as_all_was_said(room):
    room.say(speak("Hello there."), FLUSH, speak("Bye now."), CLOSE, speak("Never heard."))
    room.wait(20)
    turn = ["SpeechStarted", "sound", "SpeechMetadata", "Flushed"]
    assert room.kinds() == ["Connected", *turn, *turn, "SessionMetadata"]
    assert room.said[-1]["total_audio_duration_ms"] == 2000
    assert (room.closed.code, room.slots) == (1000, set())


def test_close_ends_the_connection_at_once_if_nothing_is_to_be_said(room):
    room.say(CLOSE)
    assert room.closed.code == 1000


def test_what_cannot_be_spoken_is_an_error_and_closes_the_connection(room):
    room.is_broken = True
    room.say(speak("Hello there. "), FLUSH)
    assert room.of("Error")[0]["code"] == "NET-0000"
    assert room.closed.code == 1011


def test_what_cannot_be_read_is_a_warning_and_the_connection_goes_on(room):
    said = room.say("no JSON", {"type": "Sing"}, {"type": "Speak"}, {"type": "KeepAlive"})
    assert [message["type"] for message in said] == ["Warning"] * 3
    assert room.closed is None
