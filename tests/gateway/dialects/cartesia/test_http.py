"""Cartesia's requests over HTTP, read; and their answers, written. No server is here."""

import json
from http import HTTPStatus

import pytest

from sayline.codecs.base import Packet
from sayline.gateway.conversation.events import Done, SegmentStarted, Words
from sayline.gateway.dialects.cartesia.http import CARTESIA, Events
from sayline.gateway.dialects.http import Body, Fault, HttpRequest, Offer
from sayline.gateway.dialects.wav_body import WavBody
from sayline.gateway.errors import BadMessage, UnknownVoice
from sayline.synthesis.interface import Segment, Voice

RAW = {"container": "raw", "encoding": "pcm_s16le", "sample_rate": 24_000}
READ = {route.path: getattr(route, "read", None) for route in CARTESIA.routes}
PAGES = {route.path: getattr(route, "answer", None) for route in CARTESIA.routes}
OFFER = Offer((Voice("ada", "calm", ("en", "de")), Voice("bob", "", ())), {"6ccb": "bob", "ada": "bob"}, "ada")


def read(path="/tts/bytes", **fields):
    body = {"model_id": "sonic-3", "transcript": "Hello there.", "voice": {"mode": "id", "id": "6ccb"}, **fields}
    return READ[path](HttpRequest("POST", path, body=json.dumps(body).encode()))


@pytest.mark.parametrize(
    ("output", "form", "rate_hz", "media_type", "body"),
    [
        (RAW, "pcm_s16le", 24_000, "application/octet-stream", Body),
        ({**RAW, "encoding": "pcm_mulaw", "sample_rate": 8000}, "mulaw", 8_000, "application/octet-stream", Body),
        ({**RAW, "container": "wav"}, "wav", 24_000, "audio/wav", Body),
        ({**RAW, "container": "wav", "encoding": "pcm_f32le"}, "pcm_f32le", 24_000, "audio/wav", WavBody),
        ({**RAW, "container": "wav", "encoding": "pcm_alaw"}, "alaw", 24_000, "audio/wav", WavBody),
        ({"container": "mp3", "sample_rate": 44_100, "bit_rate": 192_000}, "mp3", 44_100, "audio/mpeg", Body),
    ],
)
def test_rule_12_sound_comes_in_the_format_that_was_asked_for(output, form, rate_hz, media_type, body):
    speech = read(output_format=output)
    assert (speech.audio.format, speech.audio.sample_rate_hz) == (form, rate_hz)
    assert (speech.content_type, type(speech.body)) == (media_type, body)
    assert (speech.opening.voice, speech.opening.or_default) == ("6ccb", True)


def test_an_mp3_has_the_bit_rate_that_was_asked_for():
    assert read(output_format={"container": "mp3", "sample_rate": 44_100}).audio.bitrate == 128_000
    assert read(output_format={"container": "mp3", "sample_rate": 44_100, "bit_rate": 64_000}).audio.bitrate == 64_000


@pytest.mark.parametrize(
    "output", [None, {}, {"container": "ogg"}, {**RAW, "encoding": None}, {**RAW, "sample_rate": 1}, "mp3"]
)
def test_rule_12_a_format_that_cannot_be_had_is_refused(output):
    with pytest.raises(BadMessage, match="output_format"):
        read(output_format=output)


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b'"x"'])
def test_what_is_no_json_object_is_refused(content):
    with pytest.raises(BadMessage):
        READ["/tts/bytes"](HttpRequest("POST", "/tts/bytes", body=content))


def test_tags_are_obeyed_and_never_spoken():
    speech = read(output_format=RAW, transcript='<speed ratio="1.5"/><volume ratio="0.5"/>Hi<break time="1s"/>you.')
    assert (speech.text, speech.opening.speed, speech.opening.volume) == ('Hi<break time="1s"/>you.', 1.5, 0.5)


def test_events_are_the_messages_of_the_websocket():
    speech = read("/tts/sse", output_format=RAW, add_timestamps=True, context_id="c")
    assert (speech.content_type, speech.opening.timestamps) == ("text/event-stream", "word")
    with pytest.raises(BadMessage, match="raw"):
        read("/tts/sse", output_format={**RAW, "container": "wav"})

    events = Events("c")
    written = events.audio([Packet(b"\1\2", 1), Packet(b"\3\4", 1)]).decode()
    events.event(SegmentStarted("speech", Segment(0, "Hi!", "Hi!", 0, 3), 0.0))
    written += events.event(Words("speech", 0, [("Hi", 0.0, 250.0)], is_guessed=False))
    written += events.event(Done("speech", "end", 20.0, "Hi!", ""))
    parts = [part.split("\n") for part in written.removesuffix("\n\n").split("\n\n")]
    contents = [json.loads(data.removeprefix("data: ")) for _, data in parts]
    assert [name for name, _ in parts] == ["event: chunk", "event: timestamps", "event: done"]
    assert [content["type"] for content in contents] == ["chunk", "timestamps", "done"]
    assert {content["context_id"] for content in contents} == {"c"}
    assert contents[0]["data"] == "AQIDBA=="
    assert contents[1]["word_timestamps"] == {"words": ["Hi!"], "start": [0.0], "end": [0.25]}
    assert contents[2]["done"] is True


def test_a_fault_behind_the_first_sound_is_an_event():
    fault = Fault(HTTPStatus.INTERNAL_SERVER_ERROR, "synthesis_failed", "speech synthesis failed")
    content = json.loads(Events(None).fault(fault).decode().split("data: ")[1])
    assert (content["type"], content["done"], content["status_code"]) == ("error", True, 500)


def test_errors_have_cartesia_s_shape():
    answer = CARTESIA.error(Fault(HTTPStatus.TOO_MANY_REQUESTS, "full", "the server is full"))
    content = json.loads(answer.body)
    assert (answer.status, content["error_code"], content["status_code"]) == (429, "too_many_requests", 429)
    assert set(content) == {"title", "message", "error_code", "status_code", "doc_url", "request_id"}


def test_voices_are_listed_page_by_page_and_told_by_name_or_alias():
    listed = json.loads(PAGES["/voices"](HttpRequest("GET", "/voices"), OFFER).body)
    assert ([voice["id"] for voice in listed["data"]], listed["has_more"]) == (["ada", "bob"], False)
    assert listed["data"][0]["language"] == "en"

    def page(**query):
        listed = json.loads(PAGES["/voices"](HttpRequest("GET", "/voices", query=query), OFFER).body)
        return [voice["id"] for voice in listed["data"]], listed["next_page"]

    assert page(starting_after="ada") == (["bob"], None)
    assert page(starting_after="bob") == page(starting_after="x") == ([], None)
    assert page(ending_before="bob") == (["ada"], None)
    assert page(limit="1") == (["ada"], "ada")
    assert page(limit="0") == page(limit="1")
    assert page(limit="x") == (["ada", "bob"], None)

    for name, found in (("6ccb", "bob"), ("ada", "ada")):  # a voice's own name comes before an alias, as in speech
        one = PAGES["/voices/{id}"](HttpRequest("GET", f"/voices/{name}", {"id": name}), OFFER)
        assert json.loads(one.body)["id"] == found
    with pytest.raises(UnknownVoice):
        PAGES["/voices/{id}"](HttpRequest("GET", "/voices/x", {"id": "x"}), OFFER)
