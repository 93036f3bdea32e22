"""OpenAI's request, read; and its answers, written. No server is here."""

import base64
import json
from http import HTTPStatus

import pytest

from sayline.codecs.base import Packet
from sayline.gateway.conversation.events import Done
from sayline.gateway.dialects.http import Body, Fault, HttpRequest, Offer
from sayline.gateway.dialects.openai.dialect import OPENAI
from sayline.gateway.dialects.openai.speech import FORMATS, SpeechEvents, read_speech
from sayline.gateway.errors import BadField, BadMessage
from sayline.synthesis.interface import Voice


def read(**fields):
    body = {"model": "tts-1", "input": "Hello there.", "voice": "alloy", **fields}
    return read_speech(HttpRequest("POST", "/v1/audio/speech", body=json.dumps(body).encode()))


def test_a_request_without_a_format_gets_mp3_at_the_rate_of_the_service():
    speech = read()
    assert (speech.text, speech.opening.voice, speech.opening.or_default) == ("Hello there.", "alloy", True)
    assert (speech.audio.format, speech.audio.sample_rate_hz, speech.audio.bitrate) == ("mp3", 24_000, 64_000)
    assert speech.content_type == "audio/mpeg"
    assert type(speech.body) is Body


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("mp3", "audio/mpeg"),
        ("opus", "audio/ogg"),
        ("ogg", "audio/ogg"),
        ("aac", "audio/aac"),
        ("flac", "audio/flac"),
        ("wav", "audio/wav"),
        ("pcm", "audio/pcm"),
    ],
)
def test_rule_12_every_format_is_labelled_as_what_it_is(name, media_type):
    assert read(response_format=name).content_type == media_type


def test_rule_12_an_unknown_format_is_refused_with_the_list():
    with pytest.raises(BadField) as refused:
        read(response_format="midi")
    assert refused.value.field == "response_format"
    assert all(name in str(refused.value) for name in FORMATS)


def test_rule_13_the_body_is_chosen_by_stream_format_whatever_the_format():
    speech = read(stream_format="sse", response_format="pcm")
    assert speech.content_type == "text/event-stream"
    assert isinstance(speech.body, SpeechEvents)
    assert read(stream_format="audio").content_type == "audio/mpeg"


def test_rule_21_any_model_is_accepted_and_none_too():
    for model in ("tts-1", "gpt-4o-mini-tts", "eleven_turbo_v2_5", "", None, 7):
        assert read(model=model).text


def test_a_voice_may_be_named_by_an_object_with_its_id():
    assert read(voice={"id": "voice_123"}).opening.voice == "voice_123"
    assert read(voice=None).opening.voice is None
    assert read(voice="").opening.voice is None


@pytest.mark.parametrize(
    ("asked", "spoken", "ignored"), [(1, 1.0, ()), (0.25, 0.5, ("speed",)), (4.0, 2.0, ("speed",)), (None, 1.0, ())]
)
def test_a_speed_beyond_what_is_spoken_here_becomes_the_nearest_and_is_told(asked, spoken, ignored):
    speech = read(speed=asked)
    assert (speech.opening.speed, speech.ignored) == (spoken, ignored)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"input": ""}, "input"),
        ({"input": " \n"}, "input"),
        ({"input": None}, "input"),
        ({"input": ["a"]}, "input"),
        ({"voice": 7}, "voice"),
        ({"voice": {"name": "x"}}, "voice"),
        ({"speed": 0.2}, "speed"),
        ({"speed": 5}, "speed"),
        ({"speed": "1"}, "speed"),
        ({"speed": True}, "speed"),
        ({"response_format": 1}, "response_format"),
        ({"stream_format": "xml"}, "stream_format"),
        ({"instructions": "x" * 5000}, "instructions"),
    ],
)
def test_a_wrong_field_is_named(fields, field):
    with pytest.raises(BadField) as refused:
        read(**fields)
    assert refused.value.field == field


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"\xff", b"[" * 100_000, b'{"input": NaN'])
def test_a_body_that_is_no_json_object_is_refused(body):
    with pytest.raises(BadMessage):
        read_speech(HttpRequest("POST", "/v1/audio/speech", body=body))


def test_fields_of_other_services_are_ignored():
    assert read(user="x", stream=True, lang_code="a", volume_multiplier=1).text


def test_events_carry_the_sound_and_then_what_was_used():
    body = SpeechEvents(12)
    packets = [Packet(b"one", 480), Packet(b"two", 480)]
    delta = json.loads(body.audio(packets).removeprefix(b"data: "))
    done = json.loads(body.event(Done("speech", "end", 20.4, "Hello there.", "")).removeprefix("data: "))

    assert (delta["type"], base64.b64decode(delta["audio"])) == ("speech.audio.delta", b"onetwo")
    assert done == {
        "type": "speech.audio.done",
        "usage": {"input_tokens": 12, "output_tokens": 20, "total_tokens": 32},
    }


def test_rule_13_a_fault_is_an_event_among_events_and_nothing_in_sound():
    fault = Fault(HTTPStatus.INTERNAL_SERVER_ERROR, "synthesis_failed", "speech synthesis failed")
    event = json.loads(SpeechEvents(1).fault(fault).removeprefix(b"data: "))
    assert (event["type"], event["error"]["code"]) == ("error", "synthesis_failed")
    assert Body().fault(fault) is None


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (HTTPStatus.UNAUTHORIZED, "key", "authentication_error"),
        (HTTPStatus.TOO_MANY_REQUESTS, "too_many_connections", "rate_limit_error"),
        (HTTPStatus.BAD_REQUEST, "bad_message", "invalid_request_error"),
        (HTTPStatus.SERVICE_UNAVAILABLE, "draining", "server_error"),
    ],
)
def test_errors_have_the_services_shape(status, code, kind):
    answer = OPENAI.error(Fault(status, code, "why", "input"))
    assert answer.status == status
    assert json.loads(answer.body) == {"error": {"message": "why", "type": kind, "param": "input", "code": code}}


def test_settings_pages_find_models_and_voices():
    offer = Offer((Voice("one", "", ("en",)), Voice("two", "", ("de",))), {"alloy": "two", "one": "two"}, "one")

    def page(path, **parameters):
        (route,) = [route for route in OPENAI.routes if route.path == path]
        return json.loads(route.answer(HttpRequest("GET", path, parameters), offer).body)

    assert page("/v1/models")["object"] == "list"
    assert {"tts-1", "gpt-4o-mini-tts"} <= {model["id"] for model in page("/v1/models")["data"]}
    assert page("/v1/models/{model}", model="eleven_v3")["id"] == "eleven_v3"
    assert {model["id"] for model in page("/v1/audio/models")["models"]} >= {"tts-1"}
    assert page("/v1/audio/voices") == {"voices": [{"id": name, "name": name} for name in ("one", "two", "alloy")]}
