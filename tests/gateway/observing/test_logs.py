"""The log: one line an event whatever is in it, bounded for each peer, and never delaying the process."""

import asyncio
import contextlib
import fcntl
import json
import logging
import os
import re
import signal
import subprocess
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from server_process import SERVE
from websockets.exceptions import InvalidStatus
from wire_peer import PATIENCE_S, WirePeer

from sayline import __version__
from sayline.gateway.conversation.context import ContextReport
from sayline.gateway.observing.log_output import (
    MAX_WAITING_BYTES,
    Counts,
    LineWriter,
    RateLimits,
    StandardError,
)
from sayline.gateway.observing.logs import BoundedLines, JsonLines, TextLines, printable

# Characters that end a line, move the cursor, or turn the direction of what follows, in any terminal or editor.
HOSTILE = "\n\r\t\x00\x1b\x7f\x85\x9b\u2028\u2029\u202e\u2066\u200f\ufeff\ud800"
ANYTHING = st.text(st.one_of(st.characters(), st.sampled_from(HOSTILE)))


def record(message="context over", *args, exc_info=None, **facts):
    made = logging.LogRecord("sayline.connection", logging.INFO, "file", 1, message, args, exc_info)
    vars(made).update(facts)
    return made


def failure(message):
    error = ValueError(message)
    with contextlib.suppress(ValueError):
        exec("raise error", {"error": error})  # noqa: S102 - so that it has a traceback
    return type(error), error, error.__traceback__


# -- one event, one line -----------------------------------------------------------------------------------------------


@given(ANYTHING, ANYTHING)
def test_nothing_that_a_peer_chooses_can_end_a_line_or_reach_the_terminal(field, argument):
    line = TextLines().format(record("context %s over", argument, context_id=field, peer="127.0.0.1:1"))

    assert line.isprintable()
    assert line.endswith("peer=127.0.0.1:1")


@pytest.mark.parametrize("char", HOSTILE)
def test_a_hostile_character_is_escaped_where_there_is_no_blank_beside_it(char):
    assert char not in TextLines().format(record(context_id=f"a{char}b"))


@given(ANYTHING)
def test_a_field_is_one_word_or_stands_in_quotes(field):
    value = TextLines().format(record(context_id=field)).partition("context_id=")[2]

    assert re.fullmatch(r'[^ "=\\]+|"(?:[^"\\]|\\.)*"', value)


@given(ANYTHING)
def test_the_lines_of_a_traceback_are_indented_so_none_can_pass_for_an_event(message):
    first, *others = TextLines().format(record(exc_info=failure(message))).split("\n")

    assert others[0] == "    Traceback (most recent call last):"
    assert all(line.startswith("    ") and line.isprintable() for line in others)
    assert first.isprintable()


@given(ANYTHING)
def test_json_is_one_line_of_ascii_that_says_the_same(field):
    line = JsonLines().format(record(context_id=field, exc_info=failure(field)))

    assert line.isascii()
    assert line.isprintable()
    if len(field) <= 256:
        assert json.loads(line)["context_id"] == field


def test_a_text_line_has_the_date_and_the_offset_of_its_clock():
    assert re.match(
        r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d info context over", TextLines().format(record())
    )


@pytest.mark.parametrize("formatter", [TextLines(), JsonLines()])
def test_a_value_of_eight_kilobytes_is_cut_and_its_length_told(formatter):
    line = formatter.format(record(origin="x" * 8192))

    assert len(line) < 600
    assert "(8192 characters)" in line


def test_text_that_is_for_the_eye_is_left_as_it_is():
    assert printable("Grüße, 你好 (τ)") == "Grüße, 你好 (τ)"


# -- how much ----------------------------------------------------------------------------------------------------------


def test_a_source_gets_its_burst_then_its_rate_and_what_was_held_back_is_counted():
    limits = RateLimits(burst=3, per_s=1.0)

    assert [limits.admit("refused", "a", 0.0) for _ in range(5)] == [0, 0, 0, None, None]
    assert limits.admit("refused", "b", 0.0) == 0
    assert limits.admit("closing", "a", 0.0) == 0
    assert limits.admit("refused", "a", 1.0) == 2
    assert limits.admit("refused", "a", 1.5) is None


def test_a_part_of_a_source_has_no_burst_of_its_own_and_then_the_rate_whatever_the_other_parts_do():
    limits = RateLimits(burst=2, per_s=1.0)
    parts = ("old", "new 1", "new 2", "new 3")

    assert [limits.admit("over", "a", 0.0, part=part) for part in parts] == [0, 0, None, None]
    assert limits.admit("over", "a", 1.0, part="old") == 2
    assert limits.admit("over", "a", 1.0, part="new 4") == 0
    assert limits.admit("over", "a", 1.0, part="new 5") is None


def test_what_the_limits_remember_is_bounded():
    limits = RateLimits(burst=1, per_s=1.0)
    for number in range(5000):
        limits.admit("refused", str(number), 0.0)

    assert len(limits._buckets) == 1000


@pytest.mark.parametrize(
    "event",
    [
        lambda number: record("handshake refused", why="key", peer=f"10.0.0.1:{number}", origin="http://" + "x" * 8000),
        lambda number: record("context over", session_id="s", peer="10.0.0.1:1", context_id=f"c{number}"),
        # A connection for each, or for a hundred: new ones come as fast as it likes.
        lambda number: record("context over", session_id=f"s{number}", peer=f"10.0.0.1:{number}", context_id="c" * 128),
        lambda number: record("context over", session_id=f"s{number // 100}", peer="10.0.0.1:1", context_id="c" * 128),
        lambda _: record("request refused", why="head", peer=None),
        lambda _: record("connection handler failed", exc_info=failure("broken")),
        lambda number: record("speech failed", context_id="c" * 128, session_id="s", peer=None, error=str(number)),
    ],
)
def test_25_seconds_of_one_peer_s_worst_leave_less_than_100_kb(event):
    """At a thousand events a second, on a clock of our own."""
    lines, now = [], 0.0
    handler = BoundedLines(lines.append, lambda: now)
    handler.setFormatter(TextLines())
    for number in range(25_000):
        now = number / 1000
        handler.handle(event(number))

    assert len(lines) > 10
    assert sum(map(len, lines)) < 100_000
    told = sum(int(match[1]) for line in lines if (match := re.search(r"held_back=(\d+)", line)))
    assert 25_000 * 0.75 < told + len(lines) <= 25_000  # the rest waits to be told by the next line


@pytest.mark.parametrize("reason", ["end", "gone"])
def test_160_streams_at_work_lose_no_line(reason):
    """18 contexts a second, on connections of which each has an address of its own."""
    lines, now = [], 0.0
    handler = BoundedLines(lines.append, lambda: now)
    handler.setFormatter(TextLines())
    for number in range(18 * 120):
        now = number / 18
        handler.handle(over(reason, number % 160, host=f"10.0.0.{number % 160}"))

    assert len(lines) == 18 * 120


def test_160_streams_of_one_address_lose_no_line_once_each_has_had_one():
    """A server of voice agents opens a connection for each of its calls; the calls begin four a second."""
    lines, now = [], 0.0
    handler = BoundedLines(lines.append, lambda: now)
    handler.setFormatter(TextLines())
    for number in range(160):
        now = number / 4
        handler.handle(over("end", number, host="10.0.0.1"))
    for number in range(18 * 120):
        now = 40 + number / 18
        handler.handle(over("end", number % 160, host="10.0.0.1"))

    assert len(lines) == 160 + 18 * 120


def over(reason, number, *, host):
    report = ContextReport("c", reason, "heart", 40, 1, 150, 3000, 0.1, 0.0, 0.1, 0.2, 4.0, 0.5, 0.17, 0, 0.0)
    return record("context over", session_id=f"s{number}", peer=f"{host}:{number}", report=report)


# -- a reader that stalls ----------------------------------------------------------------------------------------------


@pytest.fixture
def full_pipe():
    """(reading end, writing end) of a pipe that takes nothing more; and how many bytes it holds."""
    reading, writing = os.pipe()
    flags = fcntl.fcntl(writing, fcntl.F_GETFL)
    fcntl.fcntl(writing, fcntl.F_SETFL, flags | os.O_NONBLOCK)
    held = 0
    with contextlib.suppress(BlockingIOError):
        while True:
            held += os.write(writing, b"." * 1024)
    fcntl.fcntl(writing, fcntl.F_SETFL, flags)
    yield reading, writing, held
    for end in (reading, writing):
        with contextlib.suppress(OSError):
            os.close(end)


def read_all(reading, writing, writer):
    """What comes out once the reader goes on, to the end."""
    parts = []

    def read():
        while part := os.read(reading, 65_536):
            parts.append(part)

    reader = threading.Thread(target=read)
    reader.start()
    writer.close(PATIENCE_S)
    os.close(writing)
    reader.join()
    return b"".join(parts)


def test_a_stalled_reader_of_the_log_delays_nothing_and_learns_how_many_lines_it_lost(full_pipe):
    reading, writing, held = full_pipe
    counts = Counts()
    writer = LineWriter(writing, counts, "{} were lost\n".format)
    for number in range(200_000):
        writer.offer(f"{number}\n")  # blocks for ever if it blocks
    lines = read_all(reading, writing, writer)[held:].decode().splitlines()

    assert counts.lost > 10_000
    assert lines.count(f"{counts.lost} were lost") == 1
    lines.remove(f"{counts.lost} were lost")
    assert lines == [str(number) for number in range(200_000 - counts.lost)]


def test_what_waits_for_a_reader_is_bounded_in_bytes(full_pipe):
    reading, writing, _ = full_pipe
    counts = Counts()
    writer = LineWriter(writing, counts, "{}".format)
    for _ in range(3000):
        writer.offer("x" * 999 + "\n")
    assert counts.lost == 3000 - MAX_WAITING_BYTES // 1000
    read_all(reading, writing, writer)


def test_a_process_that_ends_does_not_wait_for_a_stalled_reader(full_pipe):
    reading, writing, held = full_pipe
    writer = LineWriter(writing, Counts(), "{}".format)
    writer.offer("a line\n")

    writer.close(timeout_s=0.05)  # returns
    assert read_all(reading, writing, writer)[held:] == b"a line\n"


def test_a_reader_that_is_gone_loses_lines_and_fails_nothing():
    reading, writing = os.pipe()
    os.close(reading)
    counts = Counts()
    writer = LineWriter(writing, counts, "{}".format)
    writer.offer("a line\n")
    writer.close()
    os.close(writing)

    assert counts.lost == 1


def test_what_is_printed_leaves_by_whole_lines():
    reading, writing = os.pipe()
    writer = LineWriter(writing, Counts(), "{}".format)
    printed = StandardError(writer)
    print("a", "b", file=printed)
    printed.write("half")
    printed.write(" a line\nand")
    printed.flush()
    writer.close()
    os.close(writing)

    assert os.read(reading, 1000) == b"a b\nhalf a line\nand"
    os.close(reading)


@contextlib.contextmanager
def serving(stderr, *flags, before=()):
    """A server whose standard error is ours to read or not; ended with the block, by SIGTERM."""
    command = [*before, *SERVE, "--port", "0", "--engine", "espeak", *flags]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, text=True)
    try:
        yield process, re.search(r"http://(\S+)", process.stdout.readline()).expand(r"ws://\1")
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE_S) == 0
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("flags", [[], ["--workers", "2"]])
async def test_a_server_whose_log_is_not_read_serves_on_and_ends_when_told(full_pipe, flags):
    """Its pipe is full from the beginning, so the first line would block it."""
    _, writing, _ = full_pipe
    with serving(writing, "--engine", "tone", *flags) as (_, url):
        for _ in range(3):
            async with asyncio.timeout(PATIENCE_S), await WirePeer.join(url) as peer:
                await peer.send("session.update", max_lead_ms=0)
                await peer.speak("Hello there.")
                assert (await peer.listen()).done["reason"] == "end"


def test_a_server_whose_standard_output_is_not_read_serves_too(full_pipe):
    """It only says there where it listens, and from the loop."""

    async def speak(url):
        async with asyncio.timeout(PATIENCE_S), await WirePeer.join(url) as peer:
            await peer.speak("Hi.")
            assert (await peer.listen()).done["reason"] == "end"

    _, writing, _ = full_pipe
    command = [*SERVE, "--port", "0", "--engine", "tone", "--log-format", "json"]
    process = subprocess.Popen(command, stdout=writing, stderr=subprocess.PIPE, text=True)
    try:
        asyncio.run(speak(json.loads(process.stderr.readline())["url"]))
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE_S)
    finally:
        process.kill()
        process.communicate()
    assert process.returncode == 0


async def test_a_server_that_was_started_with_its_standard_error_closed_serves():
    closed = ["sh", "-c", 'exec "$@" 2>&-', "sh"]
    with serving(None, "--engine", "tone", before=closed) as (_, url):
        async with asyncio.timeout(PATIENCE_S), await WirePeer.join(url) as peer:
            await peer.speak("Hi.")
            assert (await peer.listen()).done["reason"] == "end"


# -- what is in it -----------------------------------------------------------------------------------------------------


async def log_of(tmp_path, talk, *flags):
    """The lines that a server leaves of what ``talk(url)`` does."""
    path = tmp_path / "log"
    with path.open("w") as file, serving(file, *flags) as (_, url):
        await talk(url)
    return path.read_text().splitlines()


async def come_and_go(url):
    async with await WirePeer.join(url, additional_headers={"Authorization": "Bearer second-secret"}):
        pass


async def test_a_json_log_begins_with_what_runs_and_its_settings_and_holds_no_key(tmp_path):
    flags = ["--log-format", "json", "--api-keys", "first-secret,second-secret", "--max-lead-ms", "1234"]
    lines = await log_of(tmp_path, come_and_go, *flags)
    started = next(event for line in lines if (event := json.loads(line))["event"] == "started")

    assert started["version"] == __version__
    assert started["build"]
    assert started["settings"].items() >= {"max_lead_ms": 1234, "api_keys": "2 set"}.items()
    assert started["settings"].keys() == started["origins"].keys(), "defaults need not be told"
    assert not any("secret" in line for line in lines)


async def test_every_line_about_a_session_names_it_and_its_peer(tmp_path):
    async def speak_and_go(url):
        async with await WirePeer.join(url) as peer:
            await peer.speak("Hello.")
            await peer.listen("c")

    events = [json.loads(line) for line in await log_of(tmp_path, speak_and_go, "--log-format", "json")]
    told = {event["event"]: (event["session_id"], event["peer"]) for event in events if "session_id" in event}

    assert told.keys() >= {"connected", "context over", "disconnected"}
    assert len(set(told.values())) == 1
    assert re.fullmatch(r"[0-9a-f]{16}", told["connected"][0])
    assert re.fullmatch(r"127\.0\.0\.1:\d+", told["connected"][1])


async def test_the_key_that_let_a_peer_in_is_named_by_its_place(tmp_path):
    lines = await log_of(tmp_path, come_and_go, "--api-keys", "first-secret,second-secret")
    (came,) = [line for line in lines if " connected " in line]

    assert "key=2" in came
    assert "secret" not in came


async def test_a_refusal_names_peer_origin_path_and_reason(tmp_path):
    async def be_refused(url):
        with pytest.raises(InvalidStatus):
            await WirePeer.join(url, origin="http://evil.example")

    lines = await log_of(tmp_path, be_refused)
    (refusal,) = [line for line in lines if "handshake refused" in line]

    assert "why=origin" in refusal
    assert re.search(r"peer=127\.0\.0\.1:\d+", refusal)
    assert "origin=http://evil.example" in refusal
    assert "path=/v1/tts/stream" in refusal


async def test_one_peer_that_is_refused_hundreds_of_times_fills_no_disk(tmp_path):
    async def knock(url):
        for _ in range(15):
            tries = [WirePeer.join(url, origin="http://evil.example/" + "x" * 2000) for _ in range(20)]
            outcomes = await asyncio.gather(*tries, return_exceptions=True)
            assert all(isinstance(outcome, InvalidStatus) for outcome in outcomes)

    lines = await log_of(tmp_path, knock)

    assert 30 <= len([line for line in lines if "handshake refused" in line]) < 300
    assert sum(map(len, lines)) < 100_000
