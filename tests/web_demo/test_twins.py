"""What the client in Python and the one in JavaScript must agree on: each number stands in both, and is the same."""

import json
import subprocess
from pathlib import Path
from typing import get_args

import browsers
import pytest

from sayline.codecs.base import WIRE_RATE_HZ
from sayline.gateway.client import arguments, connection, opening
from sayline.gateway.client.arguments import checked_milliseconds
from sayline.gateway.client.connection import wait_before
from sayline.gateway.dialects.tts_v1 import frames, messages
from sayline.gateway.dialects.tts_v1.frames import Codec, Flags
from sayline.gateway.errors import ErrorCode

CLIENT = Path(__file__).parents[2] / "web_demo/client"
PATIENCE_S = 120
WAITS = [(failures, lot) for failures in (*range(12), 100) for lot in (0, 0.25, 1)]
PROGRAM = """
const of = (name) => import(`%(client)s/${name}.js`);
const [frames, state, connection, queue] = await Promise.all(
  ["audio_frames", "client_state", "connection", "playback_queue"].map(of));
const plain = (value) => (value instanceof Set ? [...value] : value);
const constants = [frames, state, connection, queue].flatMap((module) => Object.entries(module))
  .filter(([, value]) => typeof value !== "function").map(([name, value]) => [name, plain(value)]);
const waits = %(waits)s.map(([failures, lot]) => state.waitBefore(failures, lot));
console.log(JSON.stringify({ ...Object.fromEntries(constants), waits }));
"""


@pytest.fixture(scope="module")
def browser_s():
    """What the modules of the browser's client export, by name."""
    program = PROGRAM % {"client": CLIENT.as_uri(), "waits": json.dumps(WAITS)}
    ran = subprocess.run(
        [browsers.find_node(), "--input-type=module", "-e", program],
        capture_output=True, text=True, timeout=PATIENCE_S, check=True,
    )  # fmt: skip
    return json.loads(ran.stdout)


def test_frames_are_read_alike(browser_s):
    assert browser_s["HEADER_BYTES"] == frames.HEADER_BYTES
    assert browser_s["FRAME_VERSION"] == frames.FRAME_VERSION
    assert browser_s["Codec"] == {codec.name: codec.value for codec in Codec}
    assert browser_s["Flags"] == {flag.name: flag.value for flag in Flags}
    assert browser_s["SAMPLE_RATE_HZ"] == WIRE_RATE_HZ


def test_the_same_endpoint_is_asked_for_the_same_protocol(browser_s):
    assert browser_s["ENDPOINT"] == messages.ENDPOINT
    assert browser_s["SUBPROTOCOL"] == messages.SUBPROTOCOL


def test_a_lost_connection_is_tried_again_after_the_same_waits(browser_s):
    assert browser_s["waits"] == [pytest.approx(1000 * wait_before(*wait)) for wait in WAITS]
    assert set(browser_s["FINAL_CLOSE_CODES"]) == set(opening._FINAL_CLOSE_CODES)


def test_a_quiet_connection_is_pinged_as_often(browser_s):
    assert browser_s["PING_EVERY_MS"] == 1000 * connection.PING_INTERVAL_S
    assert browser_s["PINGS_IN_IDLE_S"] == connection._PINGS_IN_IDLE_S


def test_the_same_errors_mean_that_a_context_never_began(browser_s):
    assert set(browser_s["NEVER_BEGAN"]) == connection._NEVER_BEGAN
    assert set(get_args(ErrorCode)) > connection._NEVER_BEGAN


def test_a_number_of_milliseconds_is_what_the_wire_takes(browser_s):
    assert browser_s["LONGEST_MS"] == arguments._MAX_MS
    longest = checked_milliseconds("played_ms", float("inf"))
    assert messages.Playback(context_id="a", played_ms=longest).played_ms == longest
    with pytest.raises(ValueError, match="less than or equal"):
        messages.Playback(context_id="a", played_ms=longest * 1.001)
