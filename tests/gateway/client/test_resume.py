"""A socket that breaks anywhere is resumed on the same gateway: nothing is lost, and nothing comes twice."""

import asyncio
import os
import random
from collections import defaultdict
from contextlib import asynccontextmanager
from itertools import zip_longest

import pytest
from relay import DeadlyRelay, Relay, without_one_repeat
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
# Each kill takes the start of another gateway.
KILLS = max(2, TRIES // 20)
FORMATS = ("opus", "pcm_s16le", "ogg_opus")


@asynccontextmanager
async def gateway(**settings):
    async with (
        running_server(
            Settings(**{"port": 0, "engine": "tone", "shed_at_lag_ms": 60_000, "refuse_at_lag_ms": 60_000} | settings)
        ) as server,
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
    """What a caller was told, whatever came together: the sound, and all else segment by segment, word by word.

    How soon a writer's next sentence begins to be spoken, before or after the last word of the one before it was told,
    is the network's affair.
    """
    sound = b"".join(event.payload for event in events if isinstance(event, sayline.AudioFrame))
    places = [(event.sequence, event.pts) for event in events if isinstance(event, sayline.AudioFrame)]
    others = defaultdict(list)
    for event in events:
        if isinstance(event, sayline.Words):  # one message has as many as were sent by then
            others[event.segment_id] += [(word, event.approximate) for word in event.words]
        elif not isinstance(event, sayline.AudioFrame):
            others[getattr(event, "segment_id", None)].append(event)
    return sound, places, list(others.items())


def assert_same(heard, expected, seed):
    """Both are what ``told`` returns; a difference is shown where it is."""
    for mine, theirs in zip(heard[1:], expected[1:], strict=True):
        assert [pair for pair in zip_longest(mine, theirs) if pair[0] != pair[1]][:3] == [], seed
    assert heard[0] == expected[0], seed


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


async def heard_unbroken(relay, name, told=told):
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
            assert_same(await heard_over_a_break(relay, name, random.Random(f"{name} {seed}"), size), expected, seed)


async def test_a_voice_is_heard_as_over_an_unbroken_connection():
    """espeak-ng says nothing twice in the same way, so each time a gateway of its own says its first words."""
    async with gateway(engine="espeak") as relay:
        expected, size = await heard_unbroken(relay, "pcm_s16le")
    for seed in range(TRIES // 4):
        async with gateway(engine="espeak") as relay:
            assert_same(await heard_over_a_break(relay, "pcm_s16le", random.Random(seed), size), expected, seed)


def words_heard(events):
    """The words that were heard to their end; the segment in which a gateway was killed ends where it broke."""
    ends = {event.segment_id: event.end_ms for event in events if isinstance(event, sayline.SegmentDone)}
    announced = [
        (event.segment_id, word) for event in events if isinstance(event, sayline.Words) for word in event.words
    ]
    return [word.text for segment_id, word in announced if word.end_ms <= ends[segment_id] + 1]


async def test_if_the_gateway_is_killed_no_word_is_lost_and_one_at_most_is_heard_again():
    async with DeadlyRelay() as relay:
        expected, size = await heard_unbroken(relay, "pcm_s16le", words_heard)
        for seed in range(KILLS):
            await relay.prepare()
            lot = random.Random(seed)
            async with sayline.connect(relay.url, reconnect=True, format="pcm_s16le", max_lead_ms=0) as connection:
                relay.cut_after["client"] = lot.randrange(size)
                events, speech = await spoken(connection, lot)
                assert relay.cut_after["client"] is None, "the gateway was killed"
            assert (speech.done.reason, speech.done.text_spoken) == ("end", "".join(TEXT))
            heard = words_heard(events)
            assert without_one_repeat(heard, expected), (seed, heard)
