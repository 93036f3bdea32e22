"""Handshakes: key, origin and capacity, before the upgrade."""

import base64
from http import HTTPStatus

import pytest

from sayline.gateway.admission import Refusal
from sayline.gateway.handshake import HandshakeRequest, choose_subprotocol, judge


def request(**shown):
    defaults = {
        "authorization": None,
        "xi_api_key": None,
        "origin": None,
        "host": "gateway:8080",
        "subprotocols": ["tts.v1"],
    }
    return HandshakeRequest(**{**defaults, **shown})


def status(shown, *, api_keys=(), allow_origins=(), refusal=None):
    verdict = judge(shown, api_keys, allow_origins, refusal)
    return verdict[0].status if verdict else None


def encoded(key):
    return "tts.auth." + base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")


def test_without_keys_everybody_may_come_in():
    assert status(request()) is None


@pytest.mark.parametrize(
    "shown",
    [
        {"authorization": "Bearer geheim"},
        {"authorization": "bearer geheim"},
        {"xi_api_key": "geheim"},
        {"subprotocols": ["tts.v1", encoded("geheim")]},
    ],
)
def test_a_key_may_be_shown_in_three_ways(shown):
    assert status(request(**shown), api_keys=("other", "geheim")) is None


@pytest.mark.parametrize(
    "shown",
    [
        {},
        {"authorization": "Bearer"},
        {"authorization": "Bearer wrong"},
        {"authorization": "Basic geheim"},
        {"authorization": "Bearer gehéim"},
        {"xi_api_key": ""},
        {"subprotocols": ["tts.v1", "tts.auth."]},
        {"subprotocols": ["tts.v1", "tts.auth.!!!"]},
        {"subprotocols": ["tts.v1", "tts.auth._w"]},
        {"subprotocols": ["tts.v1", encoded("wrong")]},
    ],
)
def test_a_wrong_or_missing_key_is_401(shown):
    assert status(request(**shown), api_keys=("geheim",)) == HTTPStatus.UNAUTHORIZED


@pytest.mark.parametrize(
    ("origin", "allowed", "answer"),
    [
        (None, (), None),
        ("http://gateway:8080", (), None),
        ("http://gateway:9090", (), HTTPStatus.FORBIDDEN),
        ("https://evil.example", (), HTTPStatus.FORBIDDEN),
        ("null", (), HTTPStatus.FORBIDDEN),
        ("https://app.example", ("https://app.example",), None),
        ("https://app.example.evil", ("https://app.example",), HTTPStatus.FORBIDDEN),
        ("https://any.example", ("*",), None),
    ],
)
def test_a_browsers_origin_must_be_our_own_or_allowed(origin, allowed, answer):
    assert status(request(origin=origin), allow_origins=allowed) == answer


def test_a_full_server_answers_503_and_when_to_retry():
    answer, reason = judge(request(), (), (), Refusal("too many connections", retry_after_s=3))

    assert answer.status == HTTPStatus.SERVICE_UNAVAILABLE
    assert ("Retry-After", "3") in answer.headers
    assert reason == "too many connections"


def test_strangers_do_not_learn_how_full_the_server_is():
    assert status(request(), api_keys=("geheim",), refusal=Refusal("full")) == HTTPStatus.UNAUTHORIZED


def test_the_protocol_is_echoed_and_the_key_never():
    assert choose_subprotocol([encoded("geheim"), "tts.v1"]) == "tts.v1"
    assert choose_subprotocol(["tts.v2", encoded("geheim")]) is None
    assert choose_subprotocol([]) is None
