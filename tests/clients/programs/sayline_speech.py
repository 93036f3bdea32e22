"""Our own Python client, as the measure of the harness: one speech, and another that the test interrupts."""

import asyncio

from harness import asked, given, heard, tell

import sayline

RATE_HZ = 24_000


async def main():
    async with sayline.connect(given["url"], format="pcm_s16le", sample_rate=RATE_HZ) as connection:
        async with connection.speak(given["text"]) as speech:
            async for frame in speech.audio():
                heard(frame.payload, RATE_HZ)
        tell("spoken", audio_ms=speech.done.audio_ms)
        async with connection.speak(given["text"]) as speech:
            async for _ in speech.audio():
                tell("sounds")
                await asked("interrupt")
                tell("interrupted")
                break
        await asked("go on")
        async with connection.speak("And once more.") as speech:
            await speech.collect()
        tell("again", text_spoken=speech.done.text_spoken)


asyncio.run(main())
