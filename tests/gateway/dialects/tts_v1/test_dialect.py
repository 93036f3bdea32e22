"""How clients of tts.v1 come in."""

import base64

import pytest

from sayline.gateway.dialects.opening import Opening
from sayline.gateway.dialects.tts_v1.dialect import DIALECT


def encoded(key):
    return "tts.auth." + base64.urlsafe_b64encode(key.encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "opening",
    [
        Opening(headers={"authorization": "Bearer geheim"}),
        Opening(headers={"xi-api-key": "geheim"}),
        Opening(subprotocols=("tts.v1", encoded("geheim"))),
    ],
)
def test_a_key_may_be_shown_in_three_ways(opening):
    assert list(DIALECT.keys(opening)) == ["geheim"]


@pytest.mark.parametrize("offered", ["tts.auth.", "tts.auth.!!!", "tts.auth._w"])
def test_a_subprotocol_that_cannot_be_read_is_an_empty_key(offered):
    assert list(DIALECT.keys(Opening(subprotocols=("tts.v1", offered)))) == [""]


def test_rule_19_the_protocol_is_echoed_and_the_key_never():
    assert DIALECT.confirm([encoded("geheim"), "tts.v1"]) == "tts.v1"
    assert DIALECT.confirm(["tts.v2", encoded("geheim")]) is None
    assert DIALECT.confirm([]) is None
