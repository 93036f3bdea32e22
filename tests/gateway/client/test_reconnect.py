"""A connection that is held stays open; one that is lost comes back, and what was being spoken goes on."""

import asyncio
import json
import logging
from contextlib import asynccontextmanager
from itertools import pairwise

import numpy as np
import pytest
from relay import Relay
from websockets.asyncio.server import serve
from wire_peer import PATIENCE_S

import sayline
from sayline.gateway.client import connection as client_connection
from sayline.gateway.client.connection import FIRST_WAIT_S, LONGEST_WAIT_S, wait_before
from sayline.gateway.client.opening import OPEN_TIMEOUT_S
from sayline.gateway.dialects.tts_v1 import messages as wire
from sayline.gateway.settings import Settings
from sayline.gateway.wiring import running_server
from sayline.synthesis.tone import ToneSynthesizer

TEXT = (
    "Hello there my good friend, how are you today? I am very well indeed, and so are you. "
    "The third of them comes here, with \N{GRINNING FACE} a face in it. And this is the last one."
)


@asynccontextmanager
async def gateway(**settings):
    """The embedded voice on a real gateway that forgets who has gone, behind a network that can be cut."""
    async with (
        running_server(Settings(port=0, engine="espeak", resume_s=0, **settings)) as server,
        Relay(server.port) as relay,
    ):
        relay.server = server
        yield relay


async def heard_with_a_cut(connection, relay, text, frames_before, **options):
    """Speak a text, cut the network after so many frames; returns all events and the speech."""
    events, frames = [], 0
    async with asyncio.timeout(PATIENCE_S), connection.speak(text, speed=2, **options) as speech:
        async for event in speech:
            events.append(event)
            if isinstance(event, sayline.AudioFrame):
                frames += 1
                if frames == frames_before:
                    relay.cut()
    return events, speech


async def happened(event):
    await asyncio.wait_for(event.wait(), PATIENCE_S)


@pytest.fixture
def logged():
    """Wait until the client has logged a line that begins so."""
    lines, another = [], asyncio.Event()

    class Listener(logging.Handler):
        def emit(self, record):
            lines.append(record.getMessage())
            another.set()

    async def line(beginning):
        while not any(each.startswith(beginning) for each in lines):
            another.clear()
            await happened(another)

    logger, listener = logging.getLogger("sayline.gateway.client"), Listener()
    before = logger.level
    logger.setLevel(logging.INFO)
    logger.addHandler(listener)
    yield line
    logger.removeHandler(listener)
    logger.setLevel(before)


def of(kind, events):
    return [event for event in events if isinstance(event, kind)]


@pytest.mark.parametrize("frames_before", [1, 13, 30, 65])
async def test_a_speech_goes_on_from_the_first_word_that_was_not_heard(frames_before):
    async with gateway() as relay, sayline.connect(relay.url, reconnect=True) as connection:
        events, speech = await heard_with_a_cut(connection, relay, TEXT, frames_before)

    assert speech.done.reason == "end"
    assert (speech.done.text_spoken, speech.done.text_remaining) == (TEXT, "")
    assert of(sayline.Words, events) == []  # nobody asked for them

    frames = of(sayline.AudioFrame, events)
    assert [frame.sequence for frame in frames] == list(range(len(frames)))
    assert np.array_equal([frame.pts for frame in frames[1:]], np.cumsum([frame.duration for frame in frames])[:-1])
    resumed = [frame for frame in frames if frame.flags & sayline.Flags.DISCONTINUITY]
    assert len(resumed) == 1
    assert [frame.sequence for frame in frames if frame.flags & sayline.Flags.FIRST_OF_CONTEXT] == [0]

    segments, ends = of(sayline.SegmentStarted, events), of(sayline.SegmentDone, events)
    assert [segment.segment_id for segment in segments] == [end.segment_id for end in ends]
    assert [segment.segment_id for segment in segments] == list(range(len(segments)))
    assert all(segment.text == TEXT[segment.char_start : segment.char_end] for segment in segments)
    again = next(later for earlier, later in pairwise(segments) if later.char_start < earlier.char_end)
    before = TEXT[: again.char_start]
    assert before == "" or before[-1].isspace() or not TEXT[again.char_start].isalnum()  # whole words
    # One that was announced and not heard ends where it begins.
    starts = [segment.start_ms for segment, end in zip(segments, ends, strict=True) if end.end_ms > segment.start_ms]
    assert starts == sorted(starts)
    assert speech.done.audio_ms == pytest.approx(ends[-1].end_ms, abs=2)


async def test_words_that_were_asked_for_go_on_too():
    async with gateway() as relay, sayline.connect(relay.url, reconnect=True) as connection:
        events, _ = await heard_with_a_cut(connection, relay, TEXT, 30, timestamps="word")
    ends = {end.segment_id: end.end_ms for end in of(sayline.SegmentDone, events)}
    # Words are told before they are heard: those behind the end of a segment that was cut were not.
    words = [
        word for event in of(sayline.Words, events) for word in event.words if word.end_ms <= ends[event.segment_id] + 1
    ]
    starts = [word.start_ms for word in words]
    assert starts == sorted(starts)
    assert [word.text for word in words[:2] + words[-2:]] == ["Hello", "there", "last", "one"]
    assert [word.text for word in words].count("third") == 1


async def test_without_reconnect_a_cut_is_an_error_at_once():
    async with gateway() as relay, sayline.connect(relay.url) as connection:
        with pytest.raises(sayline.ConnectionFailed) as caught:
            await heard_with_a_cut(connection, relay, TEXT, 5)
    assert caught.value.retryable


async def test_text_goes_on_being_written_while_the_connection_is_away():
    """What is written meanwhile is spoken, once, and in its order."""
    async with gateway() as relay, sayline.connect(relay.url, reconnect=True) as connection:
        async with asyncio.timeout(PATIENCE_S), connection.speak() as speech:
            await speech.send("One two three. ")
            await speech.flush()
            assert isinstance(await anext(speech), sayline.SegmentStarted)
            port, relay.target = relay.target, None
            relay.cut()
            for word in ("Four ", "five ", "six."):
                await speech.send(word)
            await speech.end()
            relay.target = port
            await speech.collect()
        assert speech.done.text_spoken == "One two three. Four five six."
        assert connection.state == "ready"


async def test_a_speech_that_begins_while_the_connection_is_away_waits_for_it():
    async with gateway() as relay, sayline.connect(relay.url, reconnect=True) as connection:
        port, relay.target = relay.target, None
        relay.cut()
        await happened(relay.refused)
        speech = connection.speak("Hello.")
        reading = asyncio.ensure_future(speech.collect())
        await asyncio.sleep(0)
        relay.target = port
        assert await asyncio.wait_for(reading, PATIENCE_S)
        assert speech.done.text_spoken == "Hello."


async def test_a_cancel_while_the_connection_is_away_ends_the_speech():
    async with gateway() as relay, sayline.connect(relay.url, reconnect=True) as connection:
        async with asyncio.timeout(PATIENCE_S), connection.speak(TEXT) as speech:
            async for _ in speech.audio():
                break
            relay.target = None
            relay.cut()
            await happened(relay.refused)
            await speech.cancel()
            assert [event.reason async for event in speech] == ["cancel"]
        assert speech.done.text_spoken + speech.done.text_remaining == TEXT


async def test_a_gateway_that_drains_is_followed_by_the_next(logged):
    """The running speech is finished, and the next one waits for the next gateway: a restart is no outage."""
    async with (
        gateway() as relay,
        running_server(Settings(port=0, engine="espeak")) as other,
        sayline.connect(relay.url, reconnect=True) as connection,
    ):
        first = connection.speak("One two three four five.")
        async with asyncio.timeout(PATIENCE_S):
            assert isinstance(await anext(first), sayline.SegmentStarted)
            relay.target = other.port
            draining = asyncio.ensure_future(relay.server.drain())
            await logged("the gateway is draining")
            assert connection.state == "draining"
            second = connection.speak("Six seven.")
            heard = await asyncio.gather(first.collect(), second.collect())
            await draining
        assert all(heard)
        assert first.done.text_spoken == "One two three four five."
        assert second.done.text_spoken == "Six seven."


async def test_a_key_that_is_no_longer_taken_ends_the_coming_back():
    async with (
        gateway(api_keys=("first",)) as relay,
        running_server(Settings(port=0, api_keys=("second",)), ToneSynthesizer()) as other,
        sayline.connect(relay.url, key="first", reconnect=True) as connection,
    ):
        relay.target = other.port
        with pytest.raises(sayline.BadKey):
            await heard_with_a_cut(connection, relay, TEXT, 5)
        assert connection.state == "closed"


async def test_a_speech_does_not_wait_for_ever_for_a_gateway_that_stays_away(monkeypatch, logged):
    monkeypatch.setattr(client_connection, "SPEECH_PATIENCE_S", 0)
    async with gateway() as relay, sayline.connect(relay.url, reconnect=True) as connection:
        port, relay.target = relay.target, None
        with pytest.raises(sayline.ConnectionFailed, match="hung up"):
            await heard_with_a_cut(connection, relay, TEXT, 5)
        relay.target = port  # the connection tried on
        await logged("the connection is back")
        assert connection.state == "ready"
        assert await asyncio.wait_for(connection.speak("Hello.").collect(), PATIENCE_S)


async def test_a_quiet_conversation_stays_open():
    """Well beyond the time after which the gateway closes what is idle, as an open speech without text is."""
    async with (
        running_server(Settings(port=0, idle_s=1.0), ToneSynthesizer()) as server,
        sayline.connect(f"127.0.0.1:{server.port}") as connection,
        connection.speak() as speech,
    ):
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(speech), 3.0)
        await speech.send("Still there.")
        await speech.end()
        assert await asyncio.wait_for(speech.collect(), PATIENCE_S)


async def test_another_gateway_s_format_cannot_follow():
    """Its samples would be played at the wrong rate."""
    async with (
        gateway(sample_rate=24_000) as relay,
        running_server(Settings(port=0, engine="espeak", sample_rate=16_000)) as other,
        sayline.connect(relay.url, format="pcm_s16le", reconnect=True) as connection,
    ):
        relay.target = other.port
        with pytest.raises(sayline.ConnectionFailed, match="another audio format"):
            await heard_with_a_cut(connection, relay, TEXT, 5)


async def test_leaving_while_the_connection_is_away_takes_no_time():
    was_asked = asyncio.Event()

    async def never_greets(reader, writer):
        was_asked.set()
        await reader.read()  # until the client has gone
        writer.close()

    async with await asyncio.start_server(never_greets, "127.0.0.1", 0) as silent, gateway() as relay:
        async with asyncio.timeout(PATIENCE_S), sayline.connect(relay.url, reconnect=True) as connection:
            relay.target = silent.sockets[0].getsockname()[1]
            relay.cut()
            await was_asked.wait()
            assert connection.state == "connecting"
            started_at = asyncio.get_running_loop().time()
        assert asyncio.get_running_loop().time() - started_at < OPEN_TIMEOUT_S / 2
        assert connection.state == "closed"


async def test_messages_that_came_after_this_client_are_passed_over():
    """Before the greeting, and in the middle of a speech."""
    limits = wire.Limits(max_contexts=4, max_text_bytes=16_384, max_lead_ms=2000, idle_s=180)
    ready = wire.encode(wire.SessionReady(session_id="s", voices=("v",), limits=limits))
    later = json.dumps({"type": "session.mood", "mood": "fine"})

    async def newer(socket):
        for message in (later, ready, ready):
            await socket.send(message)
        async for text in socket:
            if json.loads(text)["type"] == "context.end":
                break
        started = wire.ContextStarted(context_id="speech-1", channel=0, format="opus", sample_rate=24_000, preskip=0)
        done = wire.ContextDone(context_id="speech-1", reason="end", audio_ms=0, text_spoken="Hi.", text_remaining="")
        await socket.send(json.dumps({**json.loads(wire.encode(started)), "mood": 1}))
        await socket.send(json.dumps({"type": "mood", "context_id": "speech-1"}))
        await socket.send(wire.encode(done))
        await socket.wait_closed()

    async with (
        serve(newer, "127.0.0.1", 0, subprotocols=["tts.v1"]) as server,
        sayline.connect(f"127.0.0.1:{server.sockets[0].getsockname()[1]}") as connection,
    ):
        speech = connection.speak("Hi.")
        assert await asyncio.wait_for(speech.collect(), PATIENCE_S) == []
        assert speech.done.text_spoken == "Hi."


def test_waits_grow_to_a_cap_and_clients_come_apart():
    longest = [wait_before(failures, 1) for failures in range(10_000)]
    assert longest[0] == FIRST_WAIT_S
    assert longest == sorted(longest)
    assert longest[-1] == LONGEST_WAIT_S
    assert wait_before(3, 0) == longest[3] / 2
