"""The package ``wyoming`` speaks a streamed text as Home Assistant does, hangs up on the next, and asks once more."""

import asyncio

from harness import asked, given, heard, tell
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.error import Error
from wyoming.info import Describe, Info
from wyoming.tts import Synthesize, SynthesizeChunk, SynthesizeStart, SynthesizeStop, SynthesizeStopped

told = {}


def connected():
    exec(given["lines"], told)  # noqa: S102 - the lines of docs/INTEGRATIONS.md
    return told["client"]


async def write(client, pieces):
    await client.write_event(SynthesizeStart().event())
    for piece in pieces:
        await client.write_event(SynthesizeChunk(text=piece).event())
        await asyncio.sleep(0.01)
    await client.write_event(Synthesize(text="".join(pieces)).event())
    await client.write_event(SynthesizeStop().event())


async def speak(pieces, name, keep=None):
    """Write and read at the same time; tells the kinds of events."""
    kinds = []
    async with connected() as client:
        writing = asyncio.create_task(write(client, pieces))
        while (event := await client.read_event()) is not None:
            if not kinds or kinds[-1] != event.type:
                kinds.append(event.type)
            if AudioStart.is_type(event.type):
                tell("started", writer_is_done=writing.done())
            if AudioChunk.is_type(event.type) and keep is not None:
                keep(AudioChunk.from_event(event))
            if Error.is_type(event.type):
                tell("error", text=Error.from_event(event).text)
            if SynthesizeStopped.is_type(event.type):
                break
        writing.cancel()
    tell(name, kinds=kinds)


async def main():
    async with connected() as client:
        await client.write_event(Describe().event())
        info = Info.from_event(await client.read_event())
    (program,) = info.tts
    tell("info", streams=program.supports_synthesize_streaming, voices=[voice.name for voice in program.voices])

    await speak(given["pieces"], "spoken", lambda chunk: heard(chunk.audio, chunk.rate))

    client = connected()  # interrupted: Home Assistant hangs up
    await client.connect()
    await client.write_event(Synthesize(text=given["long_text"]).event())
    while not AudioChunk.is_type((await client.read_event()).type):
        pass
    tell("interruptible")
    await asked("interrupt")
    await client.disconnect()
    tell("interrupted")

    await asked("go on")
    async with connected() as client:
        await client.write_event(Synthesize(text="One more.").event())
        size = 0
        while not AudioStop.is_type((event := await client.read_event()).type):
            size += len(event.payload or b"")
    tell("whole", bytes=size)

    await asked("many")  # more at once than there are slots: each is heard, one after the other
    await asyncio.gather(*(speak(["Me too."], "one_of_many") for _ in range(given["many"])))


asyncio.run(main())
