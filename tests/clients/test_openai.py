"""OpenAI's own packages and what agent frameworks have for its service, unmodified, and curl, on a gateway."""

import asyncio
import contextlib
import json
import signal
import subprocess

import av
import numpy as np
import pytest
from client_programs import Gateway, Sound, Tap, assert_same_sound, assert_same_sounds, spoken, spoken_one_by_one
from integrations import lines_of
from wire_peer import WirePeer

TEXT = "Good evening. This is a second sentence, and here comes the third of them."
LONG_TEXT = "This is one of very many sentences that nobody will hear to the end. " * 58  # 4002 characters
MEDIA_TYPES = {
    "mp3": "audio/mpeg",
    "opus": "audio/ogg",
    "aac": "audio/aac",
    "flac": "audio/flac",
    "wav": "audio/wav",
    "pcm": "audio/pcm",
}
# The last byte after an interruption; a byte that was on its way counts, and so does a busy machine.
LAST_BYTE_S = 0.1


def decoded(path, form):
    """What FFmpeg makes of a file."""
    if form == "pcm":
        return Sound(np.fromfile(path, "<i2"), 24_000)
    with av.open(str(path)) as file:
        stream = file.streams.audio[0]
        to_pcm = av.AudioResampler("s16", "mono", stream.rate)
        frames = [converted for frame in file.decode(stream) for converted in to_pcm.resample(frame)]
    return Sound(np.concatenate([frame.to_ndarray()[0] for frame in frames]), stream.rate)


async def interrupted(tap, gateway, program):
    """Interrupt, and see that nothing more comes and that the slot is free.

    It begins when the test is ready: a client that reads nothing for seconds gives its slot to others.
    """
    await program.ask("begin")
    await program.told("begun")
    await gateway.until(connections=1)  # its slot may be another's while nothing is read
    await program.ask("interrupt")
    told = await program.told("interrupted")
    assert await tap.silent_after(told["at"]) <= LAST_BYTE_S
    await gateway.until(current_requests=0, connections=0)
    await program.ask("go on")


@contextlib.asynccontextmanager
async def speaking(gateway, run, files, client, environment, program):
    """Run a program on a gateway that a tap watches, and compare what it saves in each format first.

    Yields the tap, the program, and the sound that it should hear.
    """
    async with Tap(gateway.port) as tap:
        given = {
            "lines": lines_of(client, at=f"127.0.0.1:{tap.port}"),
            "files": str(files),
            "formats": list(MEDIA_TYPES),
            "text": TEXT,
            "long_text": LONG_TEXT,
        }
        reference = await spoken(gateway, TEXT)
        async with run(environment, program, **given) as running:
            assert "tts-1" in (await running.told("models"))["names"]
            for form, media_type in MEDIA_TYPES.items():
                file = await running.told("file")
                assert (file["form"], file["type"]) == (form, media_type)
                assert_same_sound(decoded(file["path"], form), reference)
            yield tap, running, reference


async def test_the_python_package_speaks_in_every_format_and_is_interrupted(gateway, run, tmp_path):
    asked = speaking(gateway, run, tmp_path, "openai (Python)", "sdks", "openai_speech.py")
    async with asked as (tap, program, reference):
        events = await program.told("events")
        assert events["kinds"] == ["speech.audio.delta"]
        assert events["last"]["type"] == "speech.audio.done"
        assert_same_sound(program.sound, reference)
        refused = await program.told("refused")
        assert (refused["param"], refused["code"]) == ("response_format", "bad_message")
        for form in ("wav", "flac"):
            await interrupted(tap, gateway, program)
            file = await program.told("file")
            assert_same_sound(decoded(file["path"], form), reference)
        await program.finished()


async def test_the_node_package_speaks_in_every_format_and_is_interrupted(gateway, run, tmp_path):
    asked = speaking(gateway, run, tmp_path, "openai (JavaScript)", "node", "openai_speech.mjs")
    async with asked as (tap, program, reference):
        refused = await program.told("refused")
        assert (refused["status"], refused["param"]) == (400, "response_format")
        assert_same_sound(program.sound, reference)
        await interrupted(tap, gateway, program)
        file = await program.told("file")
        assert_same_sound(decoded(file["path"], "wav"), reference)
        await program.finished()


async def test_curl_saves_speech(gateway, tmp_path):
    (line,) = lines_of("curl", at=f"127.0.0.1:{gateway.port}").splitlines()
    ran = await asyncio.to_thread(
        subprocess.run, ["sh", "-c", line], cwd=tmp_path, capture_output=True, timeout=60, check=False
    )
    assert ran.returncode == 0, ran.stderr
    text = json.loads(line.split("'")[1])["input"]
    assert_same_sound(decoded(tmp_path / "evening.wav", "wav"), await spoken(gateway, text))


# -- agent frameworks --------------------------------------------------------------------------------------------------

PIPECAT = "Pipecat OpenAITTSService"
LIVEKIT = "LiveKit openai.TTS"
PROGRAMS = {PIPECAT: ("pipecat", "pipecat_tts.py"), LIVEKIT: ("livekit", "livekit_tts.py")}
# Both ask for one sentence at a time. LiveKit's default is MP3, whose encoder adds some silence to each.
CLIENTS = pytest.mark.parametrize(
    ("client", "change"),
    [(PIPECAT, ("", "")), (LIVEKIT, ('/v1"', '/v1", response_format="pcm"'))],
    ids=["pipecat", "livekit"],
)
SENTENCES = [
    "Hello there, and welcome to this call.",
    "This is a second sentence, and it goes on.",
    "Then there is a third one that is the last.",
]
WRITTEN = " ".join(SENTENCES)
DELTAS = [WRITTEN[at : at + 11] for at in range(0, len(WRITTEN), 11)]
LONG = ["This is one of many sentences that nobody will ever hear to its end. "] * 30
MORE = "And now we go on, as if nothing had happened."


@pytest.fixture(scope="module")
def paced():
    """A gateway that counts those who ask over HTTP among its listeners, as is right for agents."""
    with Gateway("--engine", "espeak", "--http-pacing") as running:
        yield running


def framework(run, client, url, turns, change=("", "")):
    """The framework's program, led to a gateway by the lines of docs/INTEGRATIONS.md."""
    lines = lines_of(client, at=url.partition("://")[2]).replace(*change)
    return run(*PROGRAMS[client], lines=lines, turns=turns)


@CLIENTS
async def test_a_framework_speaks_is_interrupted_and_speaks_again(gateway, paced, run, client, change):
    turns = [{"deltas": DELTAS}, {"deltas": LONG, "is_stopped": True, "is_written": False}, {"deltas": [MORE]}]
    async with Tap(paced.port) as tap, framework(run, client, tap.http_url, turns, change) as running:
        first = await running.told("turn")
        await running.told("sounding")
        await running.ask("interrupt")
        moment = (await running.told("interrupted"))["at"]
        assert await tap.silent_after(moment) <= LAST_BYTE_S
        await paced.until(current_requests=0, connections=0)
        await running.ask("go on")
        await running.told("turn")
        last = await running.told("turn")
        await running.finished()

    sound = running.sound
    parts = await spoken_one_by_one(gateway, SENTENCES)
    assert_same_sounds(Sound(sound.samples[: first["bytes"] // 2], sound.rate_hz), parts)
    next_sound = Sound(sound.samples[len(sound.samples) - last["bytes"] // 2 :], sound.rate_hz)
    assert_same_sound(next_sound, await spoken(gateway, MORE))
    assert not [event for event in running.events if event["event"] == "error"]


async def test_livekit_hears_its_default_format(gateway, run):
    async with framework(run, LIVEKIT, gateway.http_url, [{"deltas": [MORE]}]) as running:
        await running.told("turn")
        await running.finished()

    assert_same_sound(running.sound, await spoken(gateway, MORE))


@CLIENTS
async def test_rule_02_at_the_cap_a_framework_tries_again_and_loses_no_text(gateway, run, client, change):
    """Each sentence of a turn is refused until there is room for it."""
    with Gateway("--engine", "espeak", "--max-connections", "1") as full:
        async with (
            Tap(full.port) as tap,
            await WirePeer.join(full.url) as holder,
            framework(run, client, tap.http_url, [{"deltas": DELTAS}], change) as running,
        ):
            while not tap.came:
                await asyncio.sleep(0.01)
            await holder.websocket.close()
            await running.told("turn")
            await running.finished()

    assert_same_sounds(running.sound, await spoken_one_by_one(gateway, SENTENCES))


@CLIENTS
async def test_a_framework_loses_nothing_if_its_gateway_drains_in_a_turn_and_another_takes_the_rest(
    gateway, run, client, change
):
    """The sentence that is under way is spoken to its end; the next one, and the next turn, find the other."""
    turns = [{"deltas": DELTAS}, {"deltas": [MORE], "is_asked": True}]
    paced = ("--engine", "espeak", "--http-pacing")
    with Gateway(*paced) as first, Gateway(*paced) as second:
        async with Tap(first.port) as tap, framework(run, client, tap.http_url, turns, change) as running:
            await first.until(current_requests=1)
            tap.target = second.port
            first.process.send_signal(signal.SIGTERM)
            whole = await running.told("turn")
            await running.ask("turn")
            last = await running.told("turn")
            await running.finished()

    sound = running.sound
    parts = await spoken_one_by_one(gateway, SENTENCES)
    assert_same_sounds(Sound(sound.samples[: whole["bytes"] // 2], sound.rate_hz), parts)
    next_sound = Sound(sound.samples[len(sound.samples) - last["bytes"] // 2 :], sound.rate_hz)
    assert_same_sound(next_sound, await spoken(gateway, MORE))
