"""A listener in real time, in the middle of whose speech a process is killed or stopped."""

import asyncio

import numpy as np

from sayline import connect
from sayline.gateway.client.wire.messages import Words
from sayline.gateway.dialects.tts_v1.frames import AudioFrame

RATE_HZ = 24_000


class Strike:
    """Stands for a process: does what a test wants done at the moment of the signal."""

    def __init__(self, strike):
        self.send_signal = lambda _: strike()


STRUCK_AT = 100  # frames: 2 s of sound, of which the listener has most in hand


async def heard_through(server, text, process=None, sent=None, *, is_paced=None, **wishes):
    """What a listener hears while a process is sent a signal: sound, words, and the longest hole in s.

    An unbroken run need not last as long as its sound, unless it is to be paced.
    """
    now = asyncio.get_running_loop().time
    max_lead_ms = None if sent is not None or is_paced else 0
    frames, words, hole_s, plays_until = [], [], 0.0, 0.0
    async with (
        connect(server.url, format="pcm_s16le", sample_rate=RATE_HZ, max_lead_ms=max_lead_ms) as connection,
        connection.speak(text, timestamps="word", **wishes) as speech,
    ):
        async for event in speech:
            if isinstance(event, Words):
                words += event.words
            elif isinstance(event, AudioFrame):
                frames.append(event)
                if len(frames) > STRUCK_AT:
                    hole_s = max(hole_s, now() - plays_until)
                plays_until = max(now(), plays_until) + event.duration / 48_000
                if len(frames) == STRUCK_AT and sent is not None:
                    process.send_signal(sent)
    assert [frame.sequence for frame in frames] == list(range(len(frames)))
    return np.frombuffer(b"".join(frame.payload for frame in frames), "<i2"), words, hole_s


async def heard_during(server, text, listeners, deed):
    """What listeners in real time hear, one speech after another, until a deed is done.

    One element for each speech that went otherwise than the others: were its words those of an unbroken run, and its
    longest hole in s.
    """
    _, expected, _ = await heard_through(server, text)
    heard, is_done = set(), asyncio.Event()

    async def listen():
        while True:
            _, words, hole_s = await heard_through(server, text, is_paced=True)
            heard.add((words == expected, hole_s))
            if is_done.is_set():
                return

    async with asyncio.TaskGroup() as tasks:
        for _ in range(listeners):
            tasks.create_task(listen())
        await deed
        is_done.set()
    return heard


UNNOTICED = {(True, 0.0)}
