"""ElevenLabs' package, and what agent frameworks have for its service, unmodified, against the gateway."""

import asyncio
import signal
import ssl

import numpy as np
import pytest
from certificates import make_certificate
from client_programs import Gateway, Sound, Tap, assert_same_sound, assert_same_sounds, spoken, spoken_one_by_one
from integrations import lines_of
from wire_peer import WirePeer

SENTENCES = [
    "Hello there, and welcome to this call.",
    "This is a second sentence, and it goes on.",
    "Then there is a third one that is the last.",
]
DELTAS = [
    "Hello there, and wel",
    "come to this call. This is a sec",
    "ond sentence, and it ",
    "goes on. ",
    "Then there ",
]
DELTAS += ["is a third one ", "that is the last."]
LONG = ["This is one of many sentences that nobody will ever hear to its end. "] * 30
MORE = ["And now we go on, as if nothing had happened."]
# How soon nothing more may come after an interruption.
LAST_BYTE_S = 0.1

PIPECAT = "Pipecat ElevenLabsTTSService"
PIPECAT_HTTP = "Pipecat ElevenLabsHttpTTSService"
LIVEKIT = "LiveKit elevenlabs.TTS"
SDK = "elevenlabs (Python), streamed text"
SDK_HTTP = "elevenlabs (Python), HTTP"

PROGRAMS = {
    PIPECAT: ("pipecat", "pipecat_tts.py"),
    PIPECAT_HTTP: ("pipecat", "pipecat_tts.py"),
    LIVEKIT: ("livekit", "livekit_tts.py"),
    SDK: ("sdks", "elevenlabs_sdk.py"),
    SDK_HTTP: ("sdks", "elevenlabs_sdk.py"),
}


def place(url):
    return url.partition("://")[2]


def program(run, client, url, turns, *, change=("", ""), **given):
    """The client's program, led to a gateway by the lines of docs/INTEGRATIONS.md."""
    lines = lines_of(client, at=place(url)).replace(*change)
    return run(*PROGRAMS[client], lines=lines, turns=turns, **{"format": "pcm_24000", **given})


async def sentence_by_sentence(gateway, sentences=tuple(SENTENCES)):
    """The engine's own sound of sentences that are each spoken when they are written, and when each begins."""
    async with await WirePeer.join(gateway.url) as peer:
        await peer.send("session.update", format="pcm_s16le", sample_rate=24_000, max_lead_ms=0)
        for sentence in sentences:
            await peer.send("text", context_id="c", text=f"{sentence} ")
            await peer.send("flush", context_id="c")
        await peer.send("context.end", context_id="c")
        heard = await peer.listen()
    sound = Sound(np.frombuffer(b"".join(frame.payload for frame in heard.frames), "<i2"), 24_000)
    return sound, [segment["start_ms"] / 1000 for segment in heard.segments]


# -- a text of several sentences ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("client", "change"),
    [
        (PIPECAT, ("", "")),
        (LIVEKIT, ('/v1"', '/v1", encoding="pcm_24000"')),
        (LIVEKIT, ('/v1"', '/v1", encoding="opus_48000_32"')),
        (LIVEKIT, ("", "")),  # its default is MP3
    ],
    ids=["pipecat", "livekit-pcm", "livekit-opus", "livekit-mp3"],
)
async def test_a_framework_hears_a_streamed_text_as_the_synthesizer_made_it(gateway, run, client, change):
    async with program(run, client, gateway.http_url, [{"deltas": DELTAS}], change=change) as running:
        turn = await running.told("turn")
        await running.finished()

    assert_same_sound(running.sound, (await sentence_by_sentence(gateway))[0])
    assert [word.strip() for word, _ in turn["words"]] == " ".join(SENTENCES).split()
    assert not [event for event in running.events if event["event"] == "error"]


async def test_pipecats_word_times_are_the_engines(gateway, run):
    async with program(run, PIPECAT, gateway.http_url, [{"deltas": DELTAS}]) as running:
        turn = await running.told("turn")
        await running.finished()

    times_s = [pts / 1e9 for _, pts in turn["words"]]
    assert times_s == sorted(times_s)
    assert times_s[-1] - times_s[0] < running.sound.seconds
    first_words = [times_s[place] - times_s[0] for place in (0, 7, 16)]
    _, begins_s = await sentence_by_sentence(gateway)
    # A sentence's first word begins with it, but for the silence in front of it.
    assert np.allclose(first_words, begins_s, atol=0.15)


async def test_the_package_hears_a_streamed_text_over_tls(gateway, tls_gateway, run):
    async with program(run, SDK, tls_gateway.http_url, [{"deltas": DELTAS}], env=tls_gateway.trust) as running:
        await running.told("turn")
        await running.finished()

    assert_same_sound(running.sound, await spoken(gateway, " ".join(SENTENCES)))


async def test_the_package_speaks_over_http_and_reads_our_pages(gateway, run):
    text = " ".join(SENTENCES)
    turns = [{"deltas": [text], "is_whole": True}]
    async with program(run, SDK_HTTP, gateway.http_url, turns, pages=text) as running:
        turn = await running.told("turn")
        pages = await running.told("pages")
        timed = await running.told("timed")
        lines = await running.told("timed lines")
        converted = await running.told("converted")
        await running.finished()

    made = await spoken(gateway, text)
    streamed, whole = np.split(running.sound.samples, [turn["bytes"] // 2])
    assert_same_sound(Sound(streamed, 24_000), made)
    assert_same_sound(Sound(whole, 24_000), made)
    assert abs(converted["bytes"] / 48_000 - made.seconds) < 0.2
    assert timed["characters"].split() == lines["characters"].split() == text.split()
    assert timed["ends"][-1] == pytest.approx(made.seconds, abs=0.2)
    assert pages["voices"] == pages["found"]
    assert "espeak" in pages["voices"]
    assert "eleven_flash_v2_5" in pages["models"]


async def test_pipecats_http_service_hears_a_text_and_interrupts(gateway, run):
    turns = [{"deltas": DELTAS}, {"deltas": LONG, "is_stopped": True, "is_written": False}, {"deltas": MORE}]
    async with Tap(gateway.port) as tap, program(run, PIPECAT_HTTP, tap.http_url, turns) as running:
        first = await running.told("turn")
        await interrupt(gateway, tap, running)
        turn = await running.told("turn")
        await running.finished()

    # A request for each sentence, each of which is the last of its own speech.
    parts = await spoken_one_by_one(gateway, SENTENCES)
    assert_same_sounds(Sound(running.sound.samples[: first["bytes"] // 2], 24_000), parts)
    assert_same_sound(last_turn(running, turn), await spoken(gateway, MORE[0]))


# -- interruption ------------------------------------------------------------------------------------------------------


PCM = ('/v1"', '/v1", encoding="pcm_24000"')
SAME = ("", "")


@pytest.mark.parametrize(("client", "change"), [(PIPECAT, SAME), (LIVEKIT, PCM)], ids=["pipecat", "livekit"])
async def test_a_framework_interrupts_while_the_model_writes(gateway, run, client, change):
    turns = [{"deltas": DELTAS}, {"deltas": LONG, "is_stopped": True, "is_written": False}, {"deltas": MORE}]
    async with Tap(gateway.port) as tap, program(run, client, tap.http_url, turns, change=change) as running:
        await running.told("turn")
        await interrupt(gateway, tap, running)
        turn = await running.told("turn")
        await running.finished()

    assert_same_sound(last_turn(running, turn), (await sentence_by_sentence(gateway, MORE))[0])


async def test_pipecat_interrupts_after_the_model_has_written_by_a_second_close(gateway, run):
    turns = [{"deltas": LONG, "is_stopped": True}, {"deltas": MORE}]
    async with Tap(gateway.port) as tap, program(run, PIPECAT, tap.http_url, turns) as running:
        await interrupt(gateway, tap, running)
        turn = await running.told("turn")
        await running.finished()

    assert_same_sound(last_turn(running, turn), (await sentence_by_sentence(gateway, MORE))[0])


async def test_the_package_interrupts_by_leaving(gateway, tls_gateway, run):
    turns = [{"deltas": LONG, "is_stopped": True}, {"deltas": MORE}]
    async with Tap(tls_gateway.port) as tap:
        url = f"https://127.0.0.1:{tap.port}"
        async with program(run, SDK, url, turns, env=tls_gateway.trust) as running:
            await interrupt(tls_gateway, tap, running)
            turn = await running.told("turn")
            await running.finished()

    assert_same_sound(last_turn(running, turn), await spoken(gateway, MORE[0]))


async def interrupt(gateway, tap, running):
    """Let a program interrupt, and check that the gateway falls silent and has nothing more to do."""
    await running.told("sounding")
    await running.ask("interrupt")
    moment = (await running.told("interrupted"))["at"]
    await gateway.until(current_requests=0)
    assert await tap.silent_after(moment) <= LAST_BYTE_S
    await running.ask("go on")
    await running.told("turn")


def last_turn(running, turn):
    return Sound(running.sound.samples[-turn["bytes"] // 2 :], running.sound.rate_hz)


# -- at the cap --------------------------------------------------------------------------------------------------------


@pytest.fixture
def full():
    """A gateway that takes one connection."""
    with Gateway("--engine", "espeak", "--max-connections", "1") as running:
        yield running


async def test_at_the_cap_pipecat_comes_back_and_loses_no_text(gateway, full, run):
    """It is refused when the pipeline starts, and connects again for its first turn."""
    turns = [{"deltas": DELTAS, "is_asked": True}]
    async with await WirePeer.join(full.url) as holder, program(run, PIPECAT, full.http_url, turns) as running:
        assert "429" in (await running.told("error"))["text"]
        await holder.websocket.close()
        await full.until(connections=0)
        await running.ask("turn")
        await running.told("turn")
        await running.finished()

    assert_same_sound(running.sound, (await sentence_by_sentence(gateway))[0])


async def test_at_the_cap_livekit_tries_again_and_loses_no_text(gateway, full, run):
    """It is refused in the middle of a turn, and writes the turn again."""
    async with (
        Tap(full.port) as tap,
        await WirePeer.join(full.url) as holder,
        program(run, LIVEKIT, tap.http_url, [{"deltas": DELTAS}], change=PCM) as running,
    ):
        while not tap.came:
            await asyncio.sleep(0.01)
        await holder.websocket.close()
        await running.told("turn")
        await running.finished()

    assert_same_sound(running.sound, (await sentence_by_sentence(gateway))[0])


async def test_at_the_cap_the_package_tells_its_caller(gateway, tmp_path, run):
    """It does not try again by itself: the caller does, as here with a second turn."""
    cert, key = make_certificate(tmp_path)
    trust, context = {"SSL_CERT_FILE": str(cert)}, ssl.create_default_context(cafile=str(cert))
    turns = [{"deltas": MORE}, {"deltas": MORE, "is_asked": True}]
    limits = ("--max-connections", "1", "--tls-cert", str(cert), "--tls-key", str(key))
    with Gateway("--engine", "espeak", *limits) as full:
        async with (
            await WirePeer.join(full.url, ssl=context) as holder,
            program(run, SDK, full.http_url, turns, env=trust) as running,
        ):
            assert (await running.told("error"))["status"] == 429
            await holder.websocket.close()
            await full.until(connections=0)
            await running.ask("turn")
            await running.told("turn")
            await running.finished()

    assert_same_sound(running.sound, await spoken(gateway, MORE[0]))


# -- a gateway that goes away and comes back ---------------------------------------------------------------------------


@pytest.mark.parametrize(("client", "change"), [(PIPECAT, SAME), (LIVEKIT, PCM)], ids=["pipecat", "livekit"])
async def test_a_framework_loses_nothing_if_its_gateway_drains_in_a_turn_and_another_takes_the_next(
    gateway, run, client, change
):
    """The turn that is under way is spoken to its end, the connection is closed, and the next turn finds the other."""
    turns = [{"deltas": DELTAS}, {"deltas": MORE, "is_asked": True}]
    with Gateway("--engine", "espeak") as first, Gateway("--engine", "espeak") as second:
        async with Tap(first.port) as tap, program(run, client, tap.http_url, turns, change=change) as running:
            await first.until(current_requests=1)
            tap.target = second.port
            first.process.send_signal(signal.SIGTERM)
            whole = await running.told("turn")
            if client == PIPECAT:  # it comes back by itself; what it wrote into the closing socket would be lost
                await second.until(connections=1)
            await running.ask("turn")
            turn = await running.told("turn")
            await running.finished()

    sound = Sound(running.sound.samples[: whole["bytes"] // 2], 24_000)
    assert_same_sound(sound, (await sentence_by_sentence(gateway))[0])
    assert_same_sound(last_turn(running, turn), (await sentence_by_sentence(gateway, MORE))[0])
