"""The bridge ``wyoming-openai`` in front of a gateway, and the package ``wyoming`` in front of the bridge."""

import asyncio
import contextlib
import shlex
import sys

from harness import asked, given, heard, tell
from wyoming.audio import AudioChunk
from wyoming.client import AsyncClient
from wyoming.error import Error
from wyoming.info import Describe, Info
from wyoming.tts import Synthesize, SynthesizeChunk, SynthesizeStart, SynthesizeStop, SynthesizeStopped

URI = f"tcp://127.0.0.1:{given['port']}"


async def bridge():
    """Start it by the line of docs/INTEGRATIONS.md, on a free port; returns it with what it says of itself."""
    _, *arguments = shlex.split(given["lines"].replace("tcp://0.0.0.0:10300", URI))
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments)
    while True:
        with contextlib.suppress(OSError):
            async with AsyncClient.from_uri(URI) as client:
                await client.write_event(Describe().event())
                return process, Info.from_event(await client.read_event())
        await asyncio.sleep(0.1)


async def speak(pieces, keep=None):
    kinds = []
    async with AsyncClient.from_uri(URI) as client:
        await client.write_event(SynthesizeStart().event())
        for piece in pieces:
            await client.write_event(SynthesizeChunk(text=piece).event())
        await client.write_event(Synthesize(text="".join(pieces)).event())
        await client.write_event(SynthesizeStop().event())
        while (event := await client.read_event()) is not None:
            if not kinds or kinds[-1] != event.type:
                kinds.append(event.type)
            if keep is not None and AudioChunk.is_type(event.type):
                chunk = AudioChunk.from_event(event)
                keep(chunk.audio, chunk.rate)
            if SynthesizeStopped.is_type(event.type) or Error.is_type(event.type):
                break
    return kinds


async def main():
    process, info = await bridge()
    try:
        tell("info", voices=[voice.name for program in info.tts for voice in program.voices])
        tell("spoken", kinds=await speak(given["pieces"], heard))

        async with AsyncClient.from_uri(URI) as client:  # interrupted: Home Assistant hangs up
            await client.write_event(Synthesize(text=given["long_text"]).event())
            while not AudioChunk.is_type((await client.read_event()).type):
                pass
            tell("interruptible")
            await asked("interrupt")
        tell("interrupted")
        await asked("go on")
        told = await asyncio.gather(*(speak(["Me too."]) for _ in range(given["many"])))
        tell("many", kinds=told)
    finally:
        process.terminate()
        await process.wait()


asyncio.run(main())
