"""Deepgram's own package: its WebSocket for speech, then one request over HTTP."""

import asyncio
import base64

from agent_turns import RATE_HZ, take_turns
from deepgram.speak.v1.types import SpeakV1Text
from harness import given, tell

names = {}
exec(given["lines"], names)  # noqa: S102 - the lines of docs/INTEGRATIONS.md
client = names["client"]


class Agent:
    """One connection."""

    def __init__(self, connection):
        self.connection = connection

    async def speak(self, pieces, on_sound):
        for piece in pieces:
            await self.connection.send_text(SpeakV1Text(text=piece))
        await self.connection.send_flush()
        while True:
            message = await self.connection.recv()
            if isinstance(message, bytes):
                on_sound(message)
            elif message.type in ("Flushed", "Cleared"):
                return
            elif message.type != "Metadata":
                raise AssertionError(message)

    async def interrupt(self):
        await self.connection.send_clear()


async def main():
    options = {"model": "aura-2-thalia-en", "encoding": "linear16", "sample_rate": RATE_HZ}
    async with client.speak.v1.connect(**options) as connection:
        agent = Agent(connection)
        await take_turns(agent.speak, agent.interrupt)
        await connection.send_close()
    if given.get("http"):
        wav = client.speak.v1.audio.generate(
            text=given["next_text"], model="aura-2-thalia-en", encoding="linear16", container="wav", sample_rate=RATE_HZ
        )
        tell("wav", sound=base64.b64encode(b"".join([piece async for piece in wav])).decode())


asyncio.run(main())
