"""Wyoming's events: any cutting of the bytes gives the same, and what is none is refused."""

import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sayline.gateway.dialects.wyoming.events import MAX_JSON_BYTES, Event, EventReader, write
from sayline.gateway.errors import BadMessage

DATA = st.dictionaries(st.text(max_size=5), st.one_of(st.integers(), st.text(max_size=20), st.none()), max_size=3)
EVENTS = st.lists(st.tuples(st.text(min_size=1, max_size=12), DATA, st.binary(max_size=40)), max_size=6)


@given(EVENTS, st.lists(st.integers(0, 4000), max_size=8))
def test_any_cutting_of_the_bytes_gives_the_same_events(sent, cuts):
    wire = b"".join(write(*event) for event in sent)
    edges = sorted({0, len(wire), *(cut for cut in cuts if cut < len(wire))})
    reader = EventReader()
    read = [
        event for begin, end in itertools.pairwise(edges) for event in reader.receive(wire[begin:end])
    ]  # fmt: skip
    assert read == [Event(kind, data) for kind, data, _ in sent]


def test_a_byte_at_a_time_gives_the_same_events():
    wire = write("synthesize", {"text": "Hé"}) + write("audio-chunk", {"rate": 1}, b"\n{}\n") + write("describe")
    reader = EventReader()
    read = [event for byte in wire for event in reader.receive(bytes([byte]))]
    assert read == [Event("synthesize", {"text": "Hé"}), Event("audio-chunk", {"rate": 1}), Event("describe")]


def test_data_in_the_line_is_overlaid_by_the_block_behind_it():
    block = b'{"text": "block"}'
    line = {"type": "synthesize", "data": {"text": "line", "voice": {}}, "data_length": len(block)}
    assert EventReader().receive(json.dumps(line).encode() + b"\n" + block) == [
        Event("synthesize", {"text": "block", "voice": {}})
    ]


def test_a_payload_of_any_announced_length_is_dropped_and_never_kept():
    reader = EventReader()
    reader.receive(b'{"type": "audio-chunk", "payload_length": 1000000000000}\n')
    for _ in range(100):
        assert reader.receive(bytes(10_000)) == []
    assert len(reader._came) == 0


@pytest.mark.parametrize(
    "wire",
    [
        b"GET / HTTP/1.1\r\n",
        b"[]\n",
        b'"describe"\n',
        b"{}\n",
        b'{"type": 7}\n',
        b'{"type": "describe", "data": []}\n',
        b'{"type": "describe", "data_length": -1}\n',
        b'{"type": "describe", "data_length": true}\n',
        b'{"type": "describe", "payload_length": "9"}\n',
        b'{"type": "describe", "data_length": 200000}\n',
        b'{"type": "synthesize", "data_length": 2}\n[]',
        b"[" * 100_000 + b"\n",
        b"\xff\xfe\n",
        b" " * (MAX_JSON_BYTES + 1),
    ],
)
def test_what_is_no_event_is_refused(wire):
    with pytest.raises(BadMessage):
        EventReader().receive(wire)
