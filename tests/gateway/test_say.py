"""``sayline say`` as a person uses it: a process of its own, against the real gateway or a scripted peer."""

import asyncio
import json
import os
import signal
import sys
import threading
import wave
from contextlib import asynccontextmanager
from pathlib import Path

import av
import numpy as np
import pytest
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed

from sayline.codecs.speech_encoder import AudioFormat, SpeechEncoder
from sayline.gateway import messages as wire
from sayline.gateway.audio_frames import AudioFrame, Codec, Flags, pack_frame
from sayline.gateway.audio_out import LoudspeakerSink, NothingToPlayOn, SpeechDecoder, WavSink, find_player
from sayline.gateway.say import read_as_it_arrives
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
    async with running_server(Settings(port=0)) as server:
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


# -- standard input ----------------------------------------------------------------------------------------------------


async def test_reading_yields_whole_characters_however_the_bytes_are_cut():
    read_end, write_end = os.pipe()
    arrived = read_as_it_arrives(read_end)
    sent = "naïve 日本 🎉!".encode() + b"\xff."
    pieces = []
    for byte in sent:
        os.write(write_end, bytes([byte]))
        if byte < 0x80:  # a whole character, at the latest
            pieces.append(await anext(arrived))
    os.close(write_end)
    pieces += [piece async for piece in arrived]
    os.close(read_end)
    assert "".join(pieces) == "naïve 日本 🎉!\ufffd."


async def test_a_writer_who_pauses_holds_up_nobody_else():
    """A read that blocked would let the loop go on when the writer does, and no sooner."""
    read_end, write_end = os.pipe()
    arrived = read_as_it_arrives(read_end)
    loop = asyncio.get_running_loop()
    os.write(write_end, b"One.")
    assert await anext(arrived) == "One."
    late = threading.Timer(3, os.write, (write_end, b"Two."))
    late.start()
    next_one = loop.create_task(anext(arrived))
    turns = asyncio.Queue()
    loop.call_later(0.1, turns.put_nowait, "somebody else's")
    assert await turns.get() == "somebody else's"
    assert not next_one.done()
    assert await next_one == "Two."
    await arrived.aclose()
    late.join()
    os.close(read_end)
    os.close(write_end)


async def test_reading_a_regular_file_works_too(tmp_path):
    path = tmp_path / "text"
    path.write_text("Grüße", "utf-8")
    with path.open("rb") as file:
        assert [piece async for piece in read_as_it_arrives(file.fileno())] == ["Grüße"]


# -- sound -------------------------------------------------------------------------------------------------------------


def spoken(codec, samples):
    """Encode as the gateway does, and return the announcement and the frames."""
    encoder = SpeechEncoder(24_000, AudioFormat(codec))
    encoder.feed(samples, ends_segment=True)
    encoder.finish()
    started = wire.ContextStarted(
        context_id="c", channel=0, format=codec, sample_rate=encoder.sample_rate_hz, preskip=encoder.preskip
    )
    frames, pts = [], 0
    for sequence, packet in enumerate(encoder.encode(10_000)):
        codec_id = Codec(encoder.codec_id)
        frames.append(AudioFrame(codec_id, 0, sequence, pts, packet.duration, Flags.NONE, packet.payload))
        pts += packet.duration
    return started, frames


@pytest.mark.parametrize("codec", ["opus", "pcm_s16le"])
@pytest.mark.parametrize("length", [1, 479, 480, 481, 24_000, 30_001])
def test_decoding_gives_exactly_the_sound_that_was_made(codec, length):
    """No pre-skip in front, no padding behind, aligned to the sample."""
    sound = (8000 * np.sin(2 * np.pi * 440 * np.arange(length) / 24_000)).astype(np.int16)
    started, frames = spoken(codec, sound)
    decoder = SpeechDecoder(started)
    decoded = np.concatenate([decoder.decode(frame) for frame in frames])
    assert len(decoded) == length
    if length > 10_000:
        assert np.corrcoef(decoded[960:], sound[960:])[0, 1] > 0.99


async def test_an_interrupted_wav_file_is_valid_and_shorter(tmp_path):
    started, frames = spoken("pcm_s16le", np.ones(4800, np.int16))
    sink = WavSink(tmp_path / "a.wav", started)
    await sink.write(frames[0])
    await sink.close(abort=True)
    with wave.open(str(tmp_path / "a.wav")) as file:
        assert file.getnframes() == 480


def install_player(folder, name, script):
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


async def test_a_player_is_fed_the_decoded_sound(tmp_path, monkeypatch):
    install_player(tmp_path, "aplay", f'echo "$@" > {tmp_path}/flags; exec /bin/cat > {tmp_path}/played')
    monkeypatch.setenv("PATH", str(tmp_path))
    sound = np.arange(4800).astype(np.int16)
    started, frames = spoken("pcm_s16le", sound)
    sink = await LoudspeakerSink.open("aplay", started)
    for frame in frames:
        await sink.write(frame)
    await sink.close(abort=False)
    assert np.array_equal(np.fromfile(tmp_path / "played", "<i2"), sound)
    assert "24000" in (tmp_path / "flags").read_text()


async def test_a_player_that_gives_up_is_said_so(tmp_path, monkeypatch):
    install_player(tmp_path, "aplay", "exit 3")
    monkeypatch.setenv("PATH", str(tmp_path))
    started, frames = spoken("pcm_s16le", np.ones(4800, np.int16))
    sink = await LoudspeakerSink.open("aplay", started)
    with pytest.raises(NothingToPlayOn, match="aplay stopped with status 3"):  # noqa: PT012 - the pipe holds some frames
        while True:
            await sink.write(frames[0])
    await sink.close(abort=True)


def test_without_a_player_there_is_none_to_find(monkeypatch):
    monkeypatch.setenv("PATH", str(Path("/nonexistent")))
    assert find_player() is None
