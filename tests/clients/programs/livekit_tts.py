"""A LiveKit agent's speech, without a room: streams of one speech service, as an agent's session opens them.

``lines`` make the service, ``tts``. ``turns`` are as in ``pipecat_tts.py``; one that ``is_whole`` is one request. A
service that takes whole texts only is given one sentence after the other, as an agent's session does it.
"""

import asyncio
import time

from harness import asked, given, heard, tell
from livekit.agents import tokenize
from livekit.agents.tts import StreamAdapter
from livekit.agents.utils import http_context


async def listen(stream, sound, *, is_stopped):
    """Take the sound of a turn; the first of one that is to be stopped tells the test."""
    words, rate = [], None
    async for event in stream:
        frame = event.frame
        if is_stopped and frame.data and not sound:
            tell("sounding")
        rate = frame.sample_rate
        sound += bytes(frame.data)
        words += [(str(word), word.start_time) for word in frame.userdata.get("lk.timed_transcripts", [])]
    return words, rate


async def speak(tts, turn):
    sound = bytearray()
    if turn.get("is_whole"):
        stream = tts.synthesize("".join(turn["deltas"]))
    else:
        stream = tts.stream()
        for delta in turn["deltas"]:
            stream.push_text(delta)
        if turn.get("is_written", True):
            stream.end_input()
    listening = asyncio.create_task(listen(stream, sound, is_stopped=turn.get("is_stopped")))
    if turn.get("is_stopped"):
        await asked("interrupt")
        tell("interrupted", at=time.monotonic())
        listening.cancel()
        await stream.aclose()
        await asked("go on")
        tell("turn", bytes=len(sound))
        return
    words, rate = await listening
    await stream.aclose()
    heard(bytes(sound), rate)
    tell("turn", bytes=len(sound), words=words)


async def main():
    async with http_context.open():
        made = {}
        exec(given["lines"], made)  # noqa: S102 - lines of our own document
        tts = made["tts"]
        if not tts.capabilities.streaming:
            tts = StreamAdapter(tts=tts, sentence_tokenizer=tokenize.blingfire.SentenceTokenizer(retain_format=True))
        for turn in given["turns"]:
            if turn.get("is_asked"):
                await asked("turn")
            await speak(tts, turn)
        await tts.aclose()
    tell("over")


asyncio.run(main())
