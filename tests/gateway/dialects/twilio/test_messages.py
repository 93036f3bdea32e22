"""Twilio's messages: what is read of them, and what is refused."""

import base64
import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sayline.gateway.dialects.twilio import messages
from sayline.gateway.errors import BadMessage

START = {
    "event": "start",
    "sequenceNumber": "1",
    "start": {
        "streamSid": "MZ1",
        "accountSid": "AC1",
        "callSid": "CA1",
        "tracks": ["inbound"],
        "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
        "customParameters": {"token": "t", "odd": 7},
    },
    "streamSid": "MZ1",
}
JSON = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def with_start(**fields):
    return json.dumps(START | {"start": START["start"] | fields})


def test_a_call_begins_with_its_names_and_the_parameters_that_are_text():
    assert messages.read(json.dumps(START)) == messages.Started("MZ1", "CA1", {"token": "t"})


@pytest.mark.parametrize("parameters", [None, [], "x"])
def test_a_call_without_parameters_begins_all_the_same(parameters):
    assert messages.read(with_start(customParameters=parameters)) == messages.Started("MZ1", "CA1", {})


@pytest.mark.parametrize(
    ("fields", "meant"),
    [
        ({"event": "connected", "protocol": "Call", "version": "1.0.0"}, messages.Other()),
        ({"event": "media", "media": {"payload": "////"}}, messages.Other()),
        ({"event": "something new"}, messages.Other()),
        ({"event": "mark", "mark": {"name": "0:960"}}, messages.Marked("0:960")),
        ({"event": "dtmf", "dtmf": {"track": "inbound_track", "digit": "#"}}, messages.Pressed("#")),
        ({"event": "stop", "stop": {"accountSid": "AC1", "callSid": "CA1"}}, messages.Stopped()),
    ],
)
def test_the_other_messages_are_read_as_the_documentation_has_them(fields, meant):
    assert messages.read(json.dumps({"sequenceNumber": "2", "streamSid": "MZ1", **fields})) == meant


@pytest.mark.parametrize(
    "message",
    [
        "",
        "no JSON",
        "[]",
        "{}",
        '{"event": 7}',
        '{"event": "mark"}',
        '{"event": "mark", "mark": {"name": ""}}',
        '{"event": "dtmf", "dtmf": []}',
        '{"event": "start"}',
        with_start(callSid=None),
        with_start(callSid="C" * 129),
        with_start(mediaFormat={"encoding": "audio/x-l16", "sampleRate": 8000}),
        with_start(mediaFormat={"encoding": "audio/x-mulaw", "sampleRate": 16000}),
        "[" * 100_000,
    ],
)
def test_what_is_none_of_twilio_s_messages_is_refused(message):
    with pytest.raises(BadMessage):
        messages.read(message)


@given(st.sampled_from(["start", "mark", "dtmf", "stop", "media", "connected"]), JSON, JSON)
def test_whatever_stands_in_a_message_it_is_read_or_refused(event, inner, other):
    fields = {"event": event, event: inner, "streamSid": other}
    with contextlib.suppress(BadMessage):
        messages.read(json.dumps(fields))


def test_what_is_sent_is_what_the_documentation_asks_for():
    assert json.loads(messages.media("MZ1", b"\xff\x00")) == {
        "event": "media", "streamSid": "MZ1", "media": {"payload": base64.b64encode(b"\xff\x00").decode()},
    }  # fmt: skip
    assert json.loads(messages.mark("MZ1", "0:960")) == {"event": "mark", "streamSid": "MZ1", "mark": {"name": "0:960"}}
    assert json.loads(messages.clear("MZ1")) == {"event": "clear", "streamSid": "MZ1"}
