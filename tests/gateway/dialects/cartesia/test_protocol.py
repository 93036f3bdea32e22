"""Cartesia's WebSocket: what its clients say, and what they hear back. No loop, no socket, no clock."""

import base64
import itertools

import pytest
from dialect_room import Room
from hypothesis import given
from hypothesis import strategies as st

from sayline.gateway.conversation.audio import AudioParameters
from sayline.gateway.dialects.cartesia.dialect import shown_keys
from sayline.gateway.dialects.cartesia.protocol import CartesiaProtocol
from sayline.gateway.dialects.opening import Opening

RAW = {"container": "raw", "encoding": "pcm_s16le", "sample_rate": 24_000}


def generation(transcript, context_id="c", **fields):
    return {
        "context_id": context_id, "model_id": "sonic-3", "transcript": transcript, "output_format": RAW,
        "voice": {"mode": "id", "id": "bob"}, "language": "en", "continue": True, **fields,
    }  # fmt: skip


def ended(transcript="", context_id="c", **fields):
    return generation(transcript, context_id, **{"continue": False, **fields})


@pytest.fixture
def room():
    return Room(CartesiaProtocol)


def test_a_context_is_spoken_to_its_end_and_done_once(room):
    room.say(generation("Hello "), generation("there. "), ended("How are you?"))
    room.wait(10)

    assert "".join(room.texts) == "Hello there. How are you?"
    assert room.kinds()[-1] == "done"
    assert room.kinds().count("done") == 1
    assert {message["context_id"] for message in room.said} == {"c"}
    assert room.said[-1] == {"type": "done", "context_id": "c", "done": True, "status_code": 200}


def test_sound_comes_in_chunks_of_base64(room):
    room.say(ended("Hello there."))
    room.wait(10)
    chunks = room.of("chunk")

    assert len(b"".join(base64.b64decode(chunk["data"], validate=True) for chunk in chunks)) == 50 * 2
    assert {(chunk["done"], chunk["status_code"], chunk["flush_id"]) for chunk in chunks} == {(False, 206, 1)}


def test_rule_10_every_message_names_its_context_also_errors(room):
    room.say(ended("Hello there.", "a"), ended("Bye now.", "b"), "no JSON", {"context_id": "d"}, {"cancel": True})
    room.wait(10)

    assert all("context_id" in message for message in room.said)
    assert [message["context_id"] for message in room.of("error")] == [None, "d", None]


def test_rule_06_a_cancel_of_an_unknown_or_finished_context_says_nothing_and_costs_no_slot(room):
    assert room.say({"context_id": "never", "cancel": True}) == []
    room.say(ended("Hello there."))
    room.wait(10)
    assert room.say({"context_id": "c", "cancel": True}, {"context_id": "c", "cancel": True}, ended("")) == []
    assert room.slots == set()


def test_rule_06_text_that_crossed_with_a_cancel_is_not_spoken(room):
    room.say(generation("Hello there. "))
    room.say({"context_id": "c", "cancel": True})
    known = len(room.ordered)

    assert room.say(generation("More of it. "), ended("And more.")) == []
    assert len(room.ordered) == known


def test_a_cancel_stops_at_once_and_is_done_once(room):
    room.say(generation("Hello there, this is a long sentence. And another one. "))
    room.wait(0.1)
    before = len(room.of("chunk"))
    said = room.say({"context_id": "c", "cancel": True, "transcript": 5})

    assert [message["type"] for message in said] == ["done"]
    assert room.slots == set()
    assert [each for each in room.wait(30) if each["type"] == "chunk"] == []
    assert before > 0


def test_rule_05_no_sound_of_a_context_follows_its_done(room):
    room.say(ended("One. ", "a"), ended("Two. ", "b"), generation("Three. ", "c"))
    room.wait(0.3)
    room.say({"context_id": "c", "cancel": True})
    room.wait(30)

    over = set()
    for message in room.said:
        assert not (message["type"] == "chunk" and message["context_id"] in over)
        if message["type"] == "done":
            assert message["context_id"] not in over
            over.add(message["context_id"])
    assert over == {"a", "b", "c"}


@pytest.mark.parametrize("transcript", ["", " ", "\n", "...", '<speed ratio="1.5"/>'])
def test_rule_16_a_context_without_anything_to_say_is_done_without_an_engine(room, transcript):
    room.say(ended(transcript))

    assert room.ordered == []
    assert room.kinds() == ["done"]


def test_rule_16_a_blank_end_closes_a_context(room):
    room.say(generation("Hello there. ", max_buffer_delay_ms=0), ended(" ", max_buffer_delay_ms=0))
    room.wait(10)

    assert room.texts == ["Hello there. "]
    assert room.kinds()[-1] == "done"


def test_rule_15_with_no_buffer_delay_each_message_is_a_boundary(room):
    room.say(generation("Hello there.", max_buffer_delay_ms=0), generation("How are you?", max_buffer_delay_ms=0))
    room.say(ended("", max_buffer_delay_ms=0))
    room.wait(10)

    assert room.texts == ["Hello there.", "How are you?"]


@given(st.lists(st.integers(0, 40), max_size=6))
def test_rule_15_transcripts_are_joined_exactly_as_they_come(cuts):
    text = "Hello there, Dr. Smith. It is 3.14 today.  Is it?"
    bounds = [0, *sorted(cuts), len(text)]
    room = Room(CartesiaProtocol)
    room.say(*[generation(text[a:b]) for a, b in itertools.pairwise(bounds)], ended(""))
    room.wait(20)

    assert "".join(room.texts) == text


def test_a_flush_speaks_what_has_no_end_and_says_when_it_was_sent(room):
    room.say(generation("Hello"), generation("", flush=True), generation(" there"))
    room.wait(5)
    room.say(generation("", flush=True), ended(""))
    room.wait(10)

    assert room.texts == ["Hello", " there"]
    assert [message["flush_id"] for message in room.of("flush_done")] == [1, 2]
    at = [place for place, message in enumerate(room.said) if message["type"] == "flush_done"]
    ids = [[m["flush_id"] for m in part if m["type"] == "chunk"] for part in (room.said[: at[0]], room.said[at[0] :])]
    assert set(ids[0]) == {1}
    assert set(ids[1]) == {2}


def test_a_flush_of_nothing_is_answered_at_once(room):
    room.say(generation("Hello there. "))
    room.wait(10)
    assert [message["type"] for message in room.say(generation("", flush=True))] == ["flush_done"]


def test_word_times_are_seconds_from_the_context_s_start(room):
    room.say(generation("Hello there. ", add_timestamps=True, max_buffer_delay_ms=0))
    room.say(ended("Bye now.", add_timestamps=True))
    room.wait(10)
    times = [message["word_timestamps"] for message in room.of("timestamps")]

    assert [word for each in times for word in each["words"]] == ["Hello", "there.", "Bye", "now."]
    starts = [start for each in times for start in each["start"]]
    assert starts == [0.0, 0.5, 1.0, 1.5]
    assert [end for each in times for end in each["end"]] == [0.5, 1.0, 1.5, 2.0]


def test_rule_22_without_being_asked_for_no_times_are_sent(room):
    room.say(ended("Hello there."))
    room.wait(10)
    assert room.of("timestamps") == []


@pytest.mark.parametrize(
    ("encoding", "form"),
    [("pcm_s16le", "pcm_s16le"), ("pcm_f32le", "pcm_f32le"), ("pcm_mulaw", "mulaw"), ("pcm_alaw", "alaw")],
)
@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 22_050, 24_000, 44_100, 48_000])
def test_rule_12_each_context_has_the_format_that_it_asks_for(room, encoding, form, rate_hz):
    room.say(ended("Hello.", "a", output_format={**RAW, "encoding": encoding, "sample_rate": rate_hz}))
    room.say(ended("Hello.", "b"))
    room.wait(10)

    assert room.audio["a"] == AudioParameters(form, rate_hz, 20, 32_000)
    assert room.audio["b"] == AudioParameters("pcm_s16le", 24_000, 20, 32_000)


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        {},
        {**RAW, "encoding": "opus"},
        {**RAW, "encoding": None},
        {**RAW, "sample_rate": 4_000},
        {**RAW, "sample_rate": "fast"},
        {**RAW, "container": "mp3"},
        "raw",
    ],
)
def test_rule_12_a_format_that_cannot_be_had_is_an_error_and_no_other_sound(room, wrong):
    said = room.say(ended("Hello.", output_format=wrong))

    assert [(message["type"], message["done"], message["status_code"]) for message in said] == [("error", True, 400)]
    assert "output_format" in said[0]["message"]
    assert room.ordered == []


def test_rule_21_any_model_and_any_shape_of_voice_are_welcome(room):
    for number, voice in enumerate(
        [{"mode": "id", "id": "ada"}, "ada", {"id": "ada"}, {"mode": "embedding", "embedding": [0.1]}, None]
    ):
        room.say(ended("Hello.", str(number), voice=voice, model_id=f"sonic-{number}", future_field={"x": [1]}))
    room.wait(20)

    assert room.of("error") == []
    assert len(room.of("done")) == 5


@pytest.mark.parametrize(
    ("fields", "speed"),
    [
        ({}, 1.0),
        ({"generation_config": {"speed": 1.3}}, 1.3),
        ({"generation_config": {"speed": 9}}, 2.0),
        ({"generation_config": {"speed": 0}}, 0.5),
        ({"speed": "slow"}, 0.8),
        ({"speed": "fast"}, 1.2),
        ({"voice": {"mode": "id", "id": "ada", "__experimental_controls": {"speed": "fastest"}}}, 1.5),
        ({"voice": {"mode": "id", "id": "ada", "__experimental_controls": {"speed": -1.0, "emotion": []}}}, 0.5),
        ({"voice": {"mode": "id", "id": "ada", "__experimental_controls": {"speed": 10**400}}}, 1.5),
        ({"transcript": '<speed ratio="nan"/>Hello.', "generation_config": {"speed": 1.3}}, 1.3),
        ({"transcript": '<speed ratio="0.7"/>Hello.', "generation_config": {"speed": 1.3}}, 0.7),
    ],
)
def test_a_pace_is_obeyed_however_it_is_asked_for(room, fields, speed):
    room.say(ended("Hello.") | fields)
    assert room.styles["c"].speed == pytest.approx(speed)
    assert room.texts == ["Hello."]


@pytest.mark.parametrize(
    ("fields", "volume"),
    [
        ({}, 1.0),
        ({"generation_config": {"volume": 0.5}}, 0.5),
        ({"generation_config": {"volume": 9}}, 2.0),
        ({"generation_config": {"volume": 0}}, 0.0),
        ({"transcript": '<volume ratio="1.5"/>Hello.', "generation_config": {"volume": 0.5}}, 1.5),
    ],
)
def test_a_volume_is_obeyed_however_it_is_asked_for(room, fields, volume):
    room.say(ended("Hello.") | fields)
    assert room.styles["c"].volume == pytest.approx(volume)


def test_an_emotion_is_an_instruction(room):
    room.say(ended("Hello.", generation_config={"emotion": "sad"}))
    assert "sad" in room.styles["c"].instructions


def test_an_emotion_is_no_longer_than_one(room):
    room.say(ended("Hello.", "a", generation_config={"emotion": "sad " * 1000}))
    room.say(ended(f'<emotion value="{"sad" * 1000}"/>Hello.', "b"))
    assert all(len(room.styles[name].instructions) < 100 for name in "ab")


@pytest.mark.parametrize("wish", ["speed", "volume"])
def test_a_wish_that_is_no_number_is_a_fault(room, wish):
    room.say(ended("Hello.", generation_config={wish: float("nan")}))
    assert f"generation_config.{wish}" in room.of("error")[0]["message"]
    assert room.styles == {}


def test_an_id_may_be_used_again_once_its_context_is_done(room):
    for _ in range(3):
        room.say(ended("Hello there."))
        room.wait(5)

    assert room.texts == ["Hello there."] * 3
    assert [message["context_id"] for message in room.of("done")] == ["c"] * 3


def test_text_behind_the_end_is_told_and_the_context_goes_on(room):
    room.say(ended("Hello there."))
    said = room.say(generation("More."))
    assert [(message["type"], message["done"], message["context_id"]) for message in said] == [("error", False, "c")]
    assert room.say(ended(" ")) == []
    room.wait(5)
    assert room.kinds()[-1] == "done"


def test_a_context_that_fails_ends_with_one_error_and_no_done(room):
    room.is_broken = True
    room.say(generation("Hello there. "))
    room.say(generation("More. "), ended(""))
    room.wait(10)

    assert [(message["type"], message["done"], message["status_code"]) for message in room.said] == [
        ("error", True, 500)
    ]
    room.is_broken = False
    room.say(ended("Hello there.", "next"))
    room.wait(10)
    assert room.kinds()[-1] == "done"


def test_rule_09_sixteen_contexts_speak_on_one_socket_and_idle_ones_hold_no_slot(room):
    for number in range(40):
        room.say(generation("Hello there. ", str(number)))
        room.wait(5)
    assert room.slots == set()
    assert room.of("error") == []


def test_a_socket_that_drains_takes_no_new_context_and_finishes_the_others(room):
    room.say(generation("Hello there. "))
    room.protocol.drain(room.now, 30.0)
    room.perform()
    said = room.say(generation("Bye. ", "b"), generation("Bye. ", "b"))
    assert [(m["type"], m["context_id"], m["done"], m["status_code"]) for m in said] == [("error", "b", True, 503)]
    room.say(ended(""))
    room.wait(10)
    assert room.kinds()[-1] == "done"
    assert room.closed is not None


def test_rule_17_an_idle_socket_is_closed_after_five_minutes_as_cartesia_does_and_not_sooner(room):
    room.answers_pings = False
    room.wait(299)
    assert room.closed is None
    room.wait(1000)
    assert (room.closed.code, room.closed.reason) == (1000, "connection idle timeout")


@pytest.mark.parametrize(
    "message",
    [
        "",
        "[]",
        "{}",
        '{"context_id": 5}',
        '{"context_id": ""}',
        '{"context_id": "\\ud83d", "transcript": []}',
        "x" * 99,
    ],
)
def test_what_cannot_be_read_is_told_and_the_socket_goes_on(room, message):
    said = room.say(message)
    assert [each["type"] for each in said] == ["error"]
    assert room.closed is None


def test_half_a_character_does_not_break_a_context(room):
    room.say(
        '{"context_id":"c","transcript":"Hello \\ud83d there.","output_format":' + str(RAW).replace("'", '"') + "}"
    )
    room.wait(5)
    assert room.kinds()[-1] == "done"


def test_a_binary_message_is_told(room):
    room.protocol.binary_received(room.now)
    room.perform()
    assert [message["type"] for message in room.said] == ["error"]


def test_a_key_may_stand_in_a_header_or_in_the_query():
    for opening in (
        Opening(headers={"x-api-key": "k"}),
        Opening(headers={"authorization": "Bearer k"}),
        Opening(query={"api_key": "k", "cartesia_version": "2099-01-01"}),
        Opening(query={"access_token": "k"}),
    ):
        assert list(shown_keys(opening)) == ["k"]
