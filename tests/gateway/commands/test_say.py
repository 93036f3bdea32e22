"""``sayline say`` as a person uses it: a process of its own, against the real gateway or a scripted peer."""

import asyncio
import json
import os
import signal
import sys
import wave
from contextlib import asynccontextmanager

import av
import numpy as np
import pytest
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed

from sayline.gateway.dialects.tts_v1 import messages as wire
from sayline.gateway.dialects.tts_v1.frames import Codec, pack_frame
from sayline.gateway.settings import Settings
from sayline.gateway.wiring import running_server

TEXT = "Hello there. This is real time speech."


@asynccontextmanager
async def sayline(*arguments, **options):
    """Run ``sayline say`` with these arguments; its PATH is empty, so no player is ever found."""
    environ = {**os.environ, "PATH": "/nonexistent", "SAYLINE_URL": "ws://127.0.0.1:9", **options.pop("env", {})}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "sayline.gateway.cli",
        "say",
        *map(str, arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=environ,
        # A test runner in the background may have been started with SIGINT ignored, which processes inherit.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def finish(process, stdin=b""):
    _, stderr = await process.communicate(stdin)
    return process.returncode, stderr.decode().strip()


@pytest.fixture
async def gateway():
    async with running_server(Settings(port=0, engine="espeak")) as server:
        yield server.url


@asynccontextmanager
async def scripted(script):
    """A peer that has greeted; ``script(socket)`` goes on from there."""

    async def handle(socket):
        limits = wire.Limits(max_contexts=4, max_text_bytes=16_384, max_lead_ms=2000, idle_s=180)
        ready = wire.encode(wire.SessionReady(session_id="s", voices=("v",), limits=limits))
        await socket.send(ready)
        await socket.recv()
        await socket.send(ready)
        try:
            await script(socket)
            await socket.wait_closed()
        except ConnectionClosed:
            pass

    async with serve(handle, "127.0.0.1", 0, subprotocols=["tts.v1"], compression=None) as server:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def hear(socket, kind):
    while (message := json.loads(await socket.recv()))["type"] != kind:
        pass
    return message


# -- files -------------------------------------------------------------------------------------------------------------


async def test_a_text_becomes_a_wav_file_and_one_quiet_line(gateway, tmp_path):
    out = tmp_path / "a.wav"
    async with sayline(TEXT, "--out", out, "--url", gateway) as process:
        status, stderr = await finish(process)
    assert status == 0
    assert stderr.startswith("first audio after ")
    assert "\n" not in stderr
    with wave.open(str(out)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), np.int16)
        assert (file.getnchannels(), file.getframerate()) == (1, 24_000)
    assert 1.5 < len(samples) / 24_000 < 5
    assert np.abs(samples).max() > 3000  # it is sound, not silence


@pytest.mark.parametrize("suffix", [".ogg", ".opus"])
async def test_standard_input_becomes_an_ogg_opus_file_that_others_can_play(gateway, tmp_path, suffix):
    out = tmp_path / f"a{suffix}"
    async with sayline("-", "--out", out, "--url", gateway) as process:
        status, stderr = await finish(process, TEXT.encode())
    assert status == 0, stderr
    with av.open(str(out)) as container:
        sound_s = sum(frame.samples / frame.sample_rate for frame in container.decode(audio=0))
    assert 1.5 < sound_s < 5


async def test_text_is_sent_while_standard_input_is_still_open(tmp_path):
    heard = asyncio.Event()

    async def script(socket):
        assert (await hear(socket, "text"))["text"] == "Hello"
        heard.set()
        await hear(socket, "context.end")
        await socket.send(wire.encode(wire.ContextStarted(
            context_id="speech-1", channel=0, format="opus", sample_rate=24_000, preskip=312
        )))  # fmt: skip
        await socket.send(wire.encode(wire.ContextDone(
            context_id="speech-1", reason="end", audio_ms=0, text_spoken="Hello", text_remaining=""
        )))  # fmt: skip

    async with scripted(script) as url, sayline("-", "--out", tmp_path / "a.opus", "--url", url) as process:
        process.stdin.write(b"Hello")
        await heard.wait()
        status, stderr = await finish(process)
    assert status == 1
    assert "nothing was spoken" in stderr


async def test_ctrl_c_cancels_the_context_and_exits_130(tmp_path):
    playing, heard = asyncio.Event(), []

    async def script(socket):
        await hear(socket, "context.start")
        await socket.send(wire.encode(wire.ContextStarted(
            context_id="speech-1", channel=0, format="pcm_s16le", sample_rate=24_000, preskip=0
        )))  # fmt: skip
        await socket.send(pack_frame(Codec.PCM_S16LE, 0, 0, 0, 960, 0, bytes(960)))
        await hear(socket, "context.end")
        playing.set()
        heard.append(await hear(socket, "context.cancel"))
        await socket.send(wire.encode(wire.ContextDone(
            context_id="speech-1", reason="cancel", audio_ms=20, text_spoken="", text_remaining=TEXT
        )))  # fmt: skip

    out = tmp_path / "a.wav"
    async with scripted(script) as url, sayline(TEXT, "--out", out, "--url", url) as process:
        await playing.wait()
        process.send_signal(signal.SIGINT)
        status, stderr = await finish(process)
    assert status == 130
    assert [message["type"] for message in heard] == ["context.cancel"]
    assert stderr.endswith("interrupted")
    assert "Traceback" not in stderr


# -- one clear line ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        ((TEXT, "--out", "a.wav"), 1, "`sayline serve` starts one"),
        ((TEXT, "--out", "a.wav", "--url", "ftp://x"), 1, "no address"),
        ((TEXT,), 2, "--out speech.wav"),
        ((TEXT, "--play"), 2, "no audio device"),
        ((TEXT, "--out", "a.mp3"), 2, ".wav, .ogg or .opus"),
        ((TEXT, "--out", "nowhere/a.wav"), 2, "no folder nowhere"),
        ((" ", "--out", "a.wav"), 2, "nothing to say"),
    ],
)
async def test_what_cannot_work_is_one_line_that_says_what_to_do(arguments, status, words):
    async with sayline(*arguments) as process:
        returned, stderr = await finish(process)
    assert returned == status
    assert words in stderr.splitlines()[-1]
    assert "Traceback" not in stderr


async def test_what_the_gateway_refuses_is_one_line(gateway, tmp_path):
    async with sayline(TEXT, "--voice", "nobody", "--out", tmp_path / "a.wav", "--url", gateway) as process:
        status, stderr = await finish(process)
    assert status == 1
    assert stderr.startswith("sayline: unknown_voice")
    async with sayline(TEXT, "--speed", "9", "--out", tmp_path / "a.wav", "--url", gateway) as process:
        status, stderr = await finish(process)
    assert status == 2
    assert "speed" in stderr
