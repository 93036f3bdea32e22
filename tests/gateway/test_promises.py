"""Promises with a number in them, against a server in a process of its own (docs/BENCHMARKS.md has the figures).

Each figure is measured several times and judged by its median, because other work may share the machine; ``pytest -rP``
shows them.
"""

import asyncio
import json
import signal
import socket
import statistics
import subprocess
import time

import pytest
from server_process import SERVE, ServerProcess
from websockets.exceptions import ConnectionClosed
from wire_peer import PATIENCE_S, WirePeer

from sayline.gateway.dialects.tts_v1.frames import Flags
from sayline.gateway.errors import CloseCode

LONG_TEXT = "This sentence is one of many, and there is always another one after it. " * 40
TRIES = 9
# A second of sound. Until a listener has that much a busy machine may leave a hole, whatever its neighbours do.
FRAMES_IN_HAND = 50


@pytest.fixture
def server_process():
    with ServerProcess() as server:
        yield server


async def stalled_listener(server, audio_format):
    """A peer that asks for speech and then reads no more."""
    peer = await WirePeer.join(server.url, max_queue=1, sock=narrow_socket(server.port))
    await peer.send("session.update", format=audio_format)
    peer.websocket.transport.pause_reading()
    await peer.speak(LONG_TEXT)
    return peer


def narrow_socket(port):
    """A client's socket whose kernel buffer is soon full."""
    narrow = socket.socket()
    narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 * 1024)
    narrow.connect(("127.0.0.1", port))
    return narrow


async def listener(server, context_id="c", text=LONG_TEXT, *, frames=1):
    """A peer that is being spoken to, and has heard so many frames."""
    peer = await WirePeer.join(server.url)
    await peer.speak(text, context_id)
    while len(peer.heard(context_id).frames) < frames:
        await peer.take()
    return peer


async def until_gone(server):
    """Wait until no client is connected any more."""
    async with asyncio.timeout(PATIENCE_S):
        while (await server.health())["connections"]:
            await asyncio.sleep(0.1)


async def until_running(server, count):
    """Wait until so many contexts are being spoken."""
    async with asyncio.timeout(PATIENCE_S):
        while (await server.health())["current_requests"] < count:
            await asyncio.sleep(0.1)


async def test_after_a_cancel_the_last_byte_leaves_within_50_ms(server_process):
    waits_ms = []
    for _ in range(TRIES):
        peer = await listener(server_process)
        await peer.send("context.cancel", context_id="c")
        cancelled_at = time.perf_counter()
        while peer.heard().done is None:
            await peer.take()
        waits_ms.append(1000 * (time.perf_counter() - cancelled_at))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(peer.websocket.recv(), 0.1)  # and nothing comes after it
        peer.websocket.transport.abort()

    print(f"cancel to last byte: median {statistics.median(waits_ms):.1f} ms, most {max(waits_ms):.1f} ms")
    assert statistics.median(waits_ms) <= 50


async def test_a_disconnect_frees_its_slot_within_100_ms(server_process):
    waits_ms = []
    for _ in range(TRIES):
        peer = await listener(server_process)
        assert (await server_process.health())["current_requests"] == 1
        peer.websocket.transport.abort()  # gone without a word
        gone_at = time.perf_counter()
        while (await server_process.health())["current_requests"]:
            pass
        waits_ms.append(1000 * (time.perf_counter() - gone_at))

    print(f"disconnect to free slot: median {statistics.median(waits_ms):.1f} ms, most {max(waits_ms):.1f} ms")
    assert statistics.median(waits_ms) <= 100


@pytest.mark.parametrize("audio_format", ["opus", "pcm_s16le"])
async def test_a_listener_that_stops_reading_costs_little(audio_format):
    """A small packet takes long to fill a buffer, PCM fills it at once; either way the cost is taken from memory."""
    # However long a busy machine takes to bring them all: none is closed before the cost is taken.
    with ServerProcess("--max-lead-ms", "60000", "--slow-client-s", "600") as server:
        # The first ones are not counted, and stay: what they bring into memory (code, tables, and the heaps of three
        # processes, which grow by what is done at the same time and are not given back) is there for all that follow.
        first = [await stalled_listener(server, audio_format) for _ in range(20)]
        await asyncio.sleep(1.5)  # what the server would put into buffers, it has put there by now
        peers, costs, before = [], [], server.private_bytes
        for _ in range(3):  # heaps grow in steps, which are now one group's and now another's
            peers += [await stalled_listener(server, audio_format) for _ in range(30)]
            await until_running(server, len(first + peers))
            await asyncio.sleep(1.5)
            after = server.private_bytes
            costs.append((after - before) / 30)
            before = after
        cost = statistics.median(costs)
        running = (await server.health())["current_requests"]
        for peer in first + peers:
            peer.websocket.transport.abort()
        await until_gone(server)

    print(f"a listener of {audio_format} that stopped reading costs {cost / 1024:.0f} KiB")
    assert running == len(first + peers)
    # 256 KiB were promised, and held at 32 kbit/s of Opus (210 to 247); at 64, the default since, 277 were seen. Since
    # the gateway keeps the sound that its encoder holds, so that another one can go on with it, 343; of six runs on one
    # machine 369 to 406, by what allocators of three processes keep.
    assert cost < 448 * 1024


@pytest.mark.parametrize("audio_format", ["opus", "pcm_s16le"])
async def test_a_listener_that_stops_reading_is_closed_as_slow(audio_format):
    """Whatever still lies in a narrow socket: there may be no room in it for the close code."""
    flags = ("--max-lead-ms", "60000", "--slow-client-s", "1", "--ping-interval-s", "1")
    with ServerProcess(*flags) as server:
        peer = await stalled_listener(server, audio_format)
        await until_gone(server)
        peer.websocket.transport.resume_reading()
        await peer.until_closed()


async def test_a_slow_listener_learns_why_it_was_closed():
    """What fits into the kernel's buffers still reaches it, the close code last."""
    with ServerProcess("--ping-interval-s", "0.5", "--slow-client-s", "1.5") as server:
        peer = await listener(server)
        peer.websocket.transport.pause_reading()
        await until_gone(server)
        peer.websocket.transport.resume_reading()
        closed = await peer.until_closed()

    assert closed.rcvd.code == CloseCode.SLOW_OR_IDLE


async def test_a_hundred_thousand_tiny_messages_are_one_text(server_process):
    """As fast as the client can write; the connection next door speaks on without a hole.

    By the server's own account, which a busy client cannot spoil.
    """
    async with (
        await listener(server_process, frames=FRAMES_IN_HAND) as neighbour,
        await WirePeer.join(server_process.url) as flood,
    ):
        delta = json.dumps({"type": "text", "context_id": "c", "text": "a"})
        await flood.send("context.start", context_id="c", chunking="none")
        for _ in range(100_000):
            await flood.websocket.send(delta)
        await flood.send("context.cancel", context_id="c")
        heard = await flood.listen()
        await neighbour.send("context.cancel", context_id="c")
        await neighbour.listen()

    assert len(heard.done["text_spoken"] + heard.done["text_remaining"]) == 100_000
    assert neighbour.heard().done["reason"] == "cancel"
    assert not any(frame.flags & Flags.DISCONTINUITY for frame in neighbour.heard().frames)


async def test_sigterm_drains_and_exits_with_success():
    with ServerProcess("--drain-s", "5") as server:
        peer = await listener(server, text="One two three four. ")
        server.process.send_signal(signal.SIGTERM)
        heard = await peer.listen()
        with pytest.raises(ConnectionClosed) as closed:
            await peer.take()
        assert server.process.wait(PATIENCE_S) == 0

    assert heard.done["reason"] == "end"
    assert [message["type"] for message in peer.others] == ["goaway"]
    assert closed.value.rcvd.code == CloseCode.DRAIN


@pytest.mark.parametrize(
    ("flags", "line"),
    [
        (["--port", "x"], "sayline: port: "),
        (["--fp16"], "sayline: fp16: only the cosyvoice3 engine has it"),
        (["--default-voice", "nobody"], "sayline: default_voice: "),
    ],
)
def test_a_bad_setting_is_one_line_on_stderr_and_exit_2(flags, line):
    run = subprocess.run(
        [*SERVE, "--engine", "espeak", *flags],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert run.returncode == 2
    assert run.stderr.startswith(line)
    assert run.stderr.count("\n") == 1


def test_a_port_that_is_taken_is_one_line_and_exit_1(server_process):
    run = subprocess.run(
        [*SERVE, "--engine", "espeak", "--port", str(server_process.port)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert run.returncode == 1
    assert "cannot listen on" in run.stderr
    assert run.stderr.count("\n") == 1
