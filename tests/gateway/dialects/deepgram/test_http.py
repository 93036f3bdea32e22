"""Deepgram's ``POST /v1/speak``, read. No server is here."""

import json
from http import HTTPStatus

import pytest

from sayline.gateway.dialects.deepgram.http import DEEPGRAM, read_speech
from sayline.gateway.dialects.http import Body, Fault, HttpRequest
from sayline.gateway.dialects.wav_body import WavBody
from sayline.gateway.errors import BadMessage


def read(body=b'{"text": "Hello there."}', headers=None, **query):
    return read_speech(HttpRequest("POST", "/v1/speak", query=query, headers=headers or {}, body=body))


@pytest.mark.parametrize(
    ("query", "form", "rate_hz", "media_type", "body"),
    [
        ({}, "mp3", 22_050, "audio/mpeg", Body),
        ({"encoding": "linear16"}, "wav", 24_000, "audio/wav", Body),
        ({"encoding": "linear16", "container": "none", "sample_rate": "16000"}, "pcm_s16le", 16_000, "audio/l16", Body),
        ({"encoding": "mulaw"}, "mulaw", 8_000, "audio/wav", WavBody),
        ({"encoding": "alaw", "container": "none"}, "alaw", 8_000, "audio/alaw", Body),
        ({"encoding": "opus", "container": "ogg"}, "ogg_opus", 48_000, "audio/ogg", Body),
        ({"encoding": "flac", "sample_rate": "16000"}, "flac", 16_000, "audio/flac", Body),
        ({"encoding": "aac"}, "aac", 22_050, "audio/aac", Body),
    ],
)
def test_rule_12_sound_comes_in_the_format_that_was_asked_for(query, form, rate_hz, media_type, body):
    speech = read(**query)
    assert (speech.audio.format, speech.audio.sample_rate_hz) == (form, rate_hz)
    assert (speech.content_type.partition(";")[0], type(speech.body)) == (media_type, body)


def test_a_bit_rate_is_obeyed_where_there_is_one():
    assert read().audio.bitrate == 48_000
    assert read(encoding="mp3", bit_rate="32000").audio.bitrate == 32_000
    assert read(encoding="opus").audio.bitrate == 12_000


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ({"encoding": "midi"}, "linear16, mulaw, alaw, mp3, opus, flac, aac"),
        ({"encoding": "mp3", "sample_rate": "24000"}, "22050"),
        ({"encoding": "flac", "sample_rate": "44100"}, "8000, 16000, 22050, 24000, 32000, 48000"),
        ({"encoding": "linear16", "sample_rate": "4000"}, "8000 to 48000"),
        ({"encoding": "opus", "container": "wav"}, "ogg"),
        ({"encoding": "mp3", "bit_rate": "fast"}, "bit_rate"),
        ({"speed": "9"}, "speed"),
    ],
)
def test_rule_12_what_cannot_be_had_is_refused_with_the_list(query, named):
    with pytest.raises(BadMessage, match=named):
        read(**query)


@pytest.mark.parametrize("body", [b"", b"{}", b'{"text": ""}', b'{"text": " "}', b'{"text": 5}', b"[]", b"no JSON"])
def test_a_request_without_a_text_is_refused(body):
    with pytest.raises(BadMessage):
        read(body)


def test_a_text_may_be_plain():
    assert read("Grüße!".encode(), {"content-type": "text/plain; charset=utf-8"}).text == "Grüße!"


def test_the_answer_names_the_model_and_counts_the_text():
    speech = read(model="aura-2-celeste-es\r\n")
    headers = dict(speech.headers)
    assert headers["dg-model-name"] == "aura-2-celeste-es??"
    assert headers["dg-char-count"] == "12"
    assert speech.opening.or_default  # rule 21: their names are nobody's here
    assert read(model="aura-2-celeste-es").opening.language == "es"


def test_errors_have_deepgram_s_shape():
    answer = DEEPGRAM.error(Fault(HTTPStatus.UNAUTHORIZED, "key", "a valid API key is required"))
    content = json.loads(answer.body)
    assert (answer.status, content["err_code"]) == (401, "INVALID_AUTH")
    assert set(content) == {"err_code", "err_msg", "request_id"}
