"""A socket that breaks anywhere is resumed on the same gateway: nothing is lost, and nothing comes twice."""

import asyncio
import os
import random
from contextlib import asynccontextmanager

import pytest
from relay import Relay
from wire_peer import PATIENCE_S

import sayline
from sayline.gateway.settings import Settings
from sayline.gateway.wiring import running_server

# `make resume` tries a thousand; each takes about as long as its speech.
TRIES = int(os.environ.get("RESUME_TRIES", "24"))
TEXT = (
    "One two three four five six. ",
    "Seven eight nine ten eleven twelve, and no more. ",
    "This is the last of them.",
)
FORMATS = ("opus", "pcm_s16le", "ogg_opus")


@asynccontextmanager
async def gateway(**settings):
    async with (
        running_server(Settings(**{"port": 0, "engine": "tone"} | settings)) as server,
        Relay(server.port) as relay,
    ):
        yield relay


async def spoken(connection, lot):
    """Speak a text whose sentences are flushed while those before them are heard; returns events and speech."""
    options = {"context_id": "c", "chunking": "none", "timestamps": "word"}
    async with asyncio.timeout(PATIENCE_S), connection.speak(**options) as speech, asyncio.TaskGroup() as tasks:
        heard = asyncio.Event()

        async def writing():
            for sentence in TEXT:
                for piece in pieces_of(sentence, lot):
                    await speech.send(piece)
                await speech.flush()
                heard.clear()
                await heard.wait()
            await speech.end()

        tasks.create_task(writing())
        events = []
        async for event in speech:
            events.append(event)
            heard.set()
        return events, speech


def told(events):
    """What a caller was told, whatever came together: the sound, and all else in its order."""
    sound = b"".join(event.payload for event in events if isinstance(event, sayline.AudioFrame))
    places = [(event.sequence, event.pts) for event in events if isinstance(event, sayline.AudioFrame)]
    return sound, places, [event for event in events if not isinstance(event, sayline.AudioFrame)]


def pieces_of(text, lot):
    """Cut a text anywhere."""
    while text:
        size = lot.randint(1, 12)
        yield text[:size]
        text = text[size:]


async def heard_over_a_break(relay, name, lot, size):
    """Speak the text, cut anywhere, over a network that breaks once, at any byte of what either side sends."""
    async with sayline.connect(relay.url, reconnect=True, format=name, max_lead_ms=0) as connection:
        session_id = connection.session_id
        whom, most = lot.choice([("client", size), ("client", size), ("server", 900)])
        relay.cut_after[whom] = lot.randrange(most)
        events, speech = await spoken(connection, lot)
        assert relay.cut_after[whom] is None, "the network was cut"
        assert connection.session_id == session_id, "it is the same session"
    assert speech.done.text_spoken == "".join(TEXT)
    return told(events)


async def heard_unbroken(relay, name):
    """Speak the text over a network that holds; returns what is told, and how many bytes that takes."""
    async with sayline.connect(relay.url, format=name, max_lead_ms=0) as connection:
        greeted = relay.passed
        events, _ = await spoken(connection, random.Random(0))
    return told(events), relay.passed - greeted


@pytest.mark.parametrize("name", FORMATS)
async def test_what_is_heard_is_what_an_unbroken_connection_brings_wherever_it_breaks(name):
    async with gateway() as relay:
        expected, size = await heard_unbroken(relay, name)
        for seed in range(TRIES // 4):
            assert await heard_over_a_break(relay, name, random.Random(f"{name} {seed}"), size) == expected, seed


async def test_a_voice_is_heard_as_over_an_unbroken_connection():
    """espeak-ng says nothing twice in the same way, so each time a gateway of its own says its first words."""
    async with gateway(engine="espeak") as relay:
        expected, size = await heard_unbroken(relay, "pcm_s16le")
    for seed in range(TRIES // 4):
        async with gateway(engine="espeak") as relay:
            assert await heard_over_a_break(relay, "pcm_s16le", random.Random(seed), size) == expected, seed
