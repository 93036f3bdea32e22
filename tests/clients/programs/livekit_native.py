"""Our own plugin for LiveKit Agents: turns as an agent's session runs them, one stream each.

The test orders: ``write`` (a turn, in tokens), ``interrupt``, ``end``.
"""

import asyncio
import contextlib
import re
import time

from harness import asked, given, heard, tell
from livekit.agents import APIError
from livekit.agents.types import USERDATA_TIMED_TRANSCRIPT

from sayline.gateway.integrations import livekit as sayline


async def listen(stream):
    """Take a turn's sound and words, no faster than they are played."""
    begun = None
    played_s = 0.0
    try:
        async for audio in stream:
            for word in audio.frame.userdata.get(USERDATA_TIMED_TRANSCRIPT, []):
                tell("word", text=str(word), start=word.start_time)
            begun = begun or time.monotonic()
            heard(bytes(audio.frame.data), audio.frame.sample_rate)
            played_s += audio.frame.duration
            await asyncio.sleep(max(0.0, begun + played_s - time.monotonic()))
        tell("turn_over", seconds=played_s)
    except APIError as error:
        tell("error", text=str(error), retryable=error.retryable)


async def main():
    if "lines" in given:
        told = {}
        exec(given["lines"], told)  # noqa: S102 - our own document's
        plugin = told["tts"]
    else:
        plugin = sayline.TTS(url=given["url"], voice=given.get("voice"), api_key=given.get("key"))
    plugin.on("error", lambda error: tell("attempt_failed", text=str(error.error)))
    plugin.prewarm()
    tell("ready")
    stream = listening = None
    while True:
        order = await asked("agent")
        match order["do"]:
            case "write":
                stream = plugin.stream()
                listening = asyncio.create_task(listen(stream))
                for token in re.findall(r"\s*\S+", order["text"]):
                    stream.push_text(token)
                stream.end_input()
            case "interrupt":
                tell("interrupting")
                await stream.aclose()
                listening.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await listening
            case "end":
                await plugin.aclose()
                return


asyncio.run(main())
