"""Cartesia's own package: contexts over its WebSocket, then its three other ways to ask."""

import asyncio
import base64

from agent_turns import RATE_HZ, take_turns
from harness import given, tell

OUTPUT = {"container": "raw", "encoding": "pcm_s16le", "sample_rate": RATE_HZ}
VOICE = {"mode": "id", "id": "6ccbfb76-1fc6-48f7-b71d-91ac6298247b"}
names = {}
exec(given["lines"], names)  # noqa: S102 - the lines of docs/INTEGRATIONS.md
client = names["client"]


class Agent:
    """One connection, and the context that speaks."""

    def __init__(self, connection):
        self.connection = connection
        self.context = None
        self.events = []

    async def speak(self, pieces, on_sound):
        self.context = context = self.connection.context(
            model_id="sonic-3", voice=VOICE, output_format=OUTPUT, language="en", add_timestamps=True
        )
        writing = asyncio.create_task(self.write(context, pieces))
        async for event in context.receive():
            self.events.append(event)
            if event.type == "chunk":
                on_sound(event.audio)
            assert event.type != "error", event
        await writing

    async def write(self, context, pieces):
        for piece in pieces:
            await context.push(piece)
        await context.no_more_inputs()

    async def interrupt(self):
        await self.context.cancel()


async def others():
    """Sound alone, events, and the voices."""
    request = {"model_id": "sonic-3", "transcript": given["next_text"], "voice": VOICE, "language": "en"}
    response = await client.tts.generate(**request, output_format={**OUTPUT, "container": "wav"})
    tell("wav", sound=base64.b64encode(await response.read()).decode())
    stream = await client.tts.generate_sse(**request, output_format=OUTPUT)
    sound = b"".join([event.audio async for event in stream if event.type == "chunk"])
    tell("sse", sound=base64.b64encode(sound).decode(), rate=RATE_HZ)
    tell("voices", ids=[voice.id async for voice in client.voices.list()])


async def main():
    async with client.tts.websocket_connect() as connection:
        agent = Agent(connection)
        await take_turns(agent.speak, agent.interrupt)
        stamps = [event.word_timestamps for event in agent.events if event.type == "timestamps"]
        tell("words", words=[word for stamp in stamps for word in stamp.words])
    if given.get("http"):
        await others()


asyncio.run(main())
