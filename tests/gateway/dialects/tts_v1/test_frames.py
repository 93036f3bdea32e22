"""The binary audio frame."""

import re
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sayline.gateway.dialects.tts_v1.frames import (
    FRAME_VERSION,
    HEADER,
    HEADER_BYTES,
    AudioFrame,
    Codec,
    Flags,
    pack_frame,
    unpack_frame,
)
from sayline.gateway.errors import BadMessage

JAVASCRIPT = (Path(__file__).parents[4] / "web_demo/client/audio_frames.js").read_text()


def test_a_frame_is_laid_out_as_the_protocol_says():
    frame = pack_frame(1, 0x0203, 4, 0x01020304, 960, Flags.FIRST_OF_CONTEXT | Flags.LAST_OF_SEGMENT, b"xyz")

    assert frame == bytes.fromhex("01 01 0302 04000000 04030201 c003 03 00") + b"xyz"


@given(
    codec=st.sampled_from(Codec),
    channel=st.integers(0, 2**16 - 1),
    sequence=st.integers(0, 2**32 - 1),
    pts=st.integers(0, 2**32 - 1),
    duration=st.integers(0, 2**16 - 1),
    flags=st.integers(0, 15),
    payload=st.binary(max_size=50),
)
def test_what_is_packed_is_unpacked(codec, channel, sequence, pts, duration, flags, payload):
    frame = AudioFrame(codec, channel, sequence, pts, duration, Flags(flags), payload)

    assert unpack_frame(pack_frame(codec, channel, sequence, pts, duration, flags, payload)) == frame


def test_counters_wrap_instead_of_failing_after_a_day():
    frame = unpack_frame(pack_frame(1, 0, 2**32, 2**32 + 5, 960, 0, b""))

    assert (frame.sequence, frame.pts) == (0, 5)


@pytest.mark.parametrize(
    ("frame", "complaint"),
    [
        (b"", "16-byte header"),
        (b"\1" * (HEADER_BYTES - 1), "16-byte header"),
        (b"\2\1" + bytes(14), "version 2"),
        (b"\1\310" + bytes(14), "unknown codec 200"),
    ],
)
def test_a_frame_that_is_not_ours_is_refused(frame, complaint):
    with pytest.raises(BadMessage, match=complaint):
        unpack_frame(frame)


def javascript_numbers(name):
    """``const NAME = Object.freeze({ ONE: 1, ... })`` of the browser's client, as a dict."""
    listed = re.search(rf"const {name} = Object\.freeze\(\{{(.*?)\}}\)", JAVASCRIPT, re.DOTALL)[1]
    return {key: int(number) for key, number in re.findall(r"(\w+): (\d+)", listed)}


def test_the_browser_s_client_has_the_same_numbers():
    assert javascript_numbers("Codec") == {codec.name: codec.value for codec in Codec}
    assert javascript_numbers("Flags") == {flag.name: flag.value for flag in Flags}
    assert f"const HEADER_BYTES = {HEADER_BYTES};" in JAVASCRIPT
    assert f"const FRAME_VERSION = {FRAME_VERSION};" in JAVASCRIPT


def test_the_browser_s_client_reads_each_field_where_it_is_written():
    fields = ("version", "codec", "channel", "sequence", "pts", "duration", "flags")
    getters = {"B": r"getUint8\({}\)", "H": r"getUint16\({}, true\)", "I": r"getUint32\({}, true\)"}
    order, *letters = HEADER.format
    assert order == "<"
    for place, field in enumerate(fields):
        getter = getters[letters[place]].format(struct.calcsize("<" + "".join(letters[:place])))
        assert re.search(rf"\b{field}(?: =|:) header\.{getter}", JAVASCRIPT), field
