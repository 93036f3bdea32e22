"""A bare peer that speaks ElevenLabs' dialect: the wire as it is, without the vendor's client in between."""

import asyncio
import base64
import json
from dataclasses import dataclass, field, replace

import numpy as np
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from wire_peer import PATIENCE_S

from sayline.synthesis.interface import never
from sayline.synthesis.tone import ToneSynthesizer, tone_for

ANY_VOICE = "21m00Tcm4TlvDq8ikWAM"


@dataclass
class Spoken:
    """Everything that came for one context, in order."""

    audio: bytes = b""
    pieces: list[bytes] = field(default_factory=list)
    alignments: list[tuple[int, dict, dict]] = field(default_factory=list)  # (bytes before it, written, spoken)
    errors: list[dict] = field(default_factory=list)
    finals: int = 0
    audio_after_final: int = 0

    @property
    def samples(self):
        """16-bit PCM as numbers."""
        return np.frombuffer(self.audio, "<i2").astype(np.float64)

    def text(self, place=2):
        """All characters that were told: as they are spoken, or with 1 as they were written."""
        return "".join("".join(entry[place]["chars"]) for entry in self.alignments)


class ElevenLabsPeer:
    """One socket; ``take`` sorts what comes by context, of which ``None`` is the one without a name."""

    def __init__(self, websocket):
        self.websocket = websocket
        self.spoken = {}
        self.messages = []

    @classmethod
    async def join(cls, url, path="multi-stream-input", *, voice=ANY_VOICE, headers=None, **query):
        query = {"model_id": "eleven_flash_v2_5", "output_format": "pcm_24000", **query}
        fields = "&".join(f"{name}={value}" for name, value in query.items() if value is not None)
        address = f"{url}/v1/text-to-speech/{voice}/{path}?{fields}"
        return cls(await connect(address, additional_headers=headers, max_queue=None))

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        await self.websocket.close()

    def of(self, context=None):
        return self.spoken.setdefault(context, Spoken())

    async def send(self, *messages):
        for message in messages:
            await self.websocket.send(json.dumps(message))

    async def take(self):
        """Take one message off the wire and file it."""
        message = json.loads(await asyncio.wait_for(self.websocket.recv(), PATIENCE_S))
        self.messages.append(message)
        spoken = self.of(message.get("contextId"))
        if "error" in message:
            spoken.errors.append(message)
        if message.get("audio"):
            piece = base64.b64decode(message["audio"], validate=True)
            spoken.pieces.append(piece)
            spoken.audio_after_final += spoken.finals
        if message.get("alignment"):
            spoken.alignments.append((len(spoken.audio), message["alignment"], message["normalizedAlignment"]))
        if message.get("audio"):
            spoken.audio += piece
        spoken.finals += message.get("isFinal") is True
        return message

    async def listen(self, *contexts):
        """Take messages until all these contexts are final."""
        contexts = contexts or (None,)
        while any(not self.of(context).finals for context in contexts):
            await self.take()
        return self.of(contexts[0])

    async def until_sound(self, context=None):
        while not self.of(context).audio:
            await self.take()

    async def until_closed(self):
        """Take what still comes; returns how the connection ended."""
        try:
            while True:
                await self.take()
        except ConnectionClosed as closed:
            return closed.rcvd


class Recorder(ToneSynthesizer):
    """The tone engine, which keeps what it is asked for and what it makes of it."""

    def __init__(self):
        super().__init__()
        self.asked = []  # (segment, style), in order

    def voices(self):
        return tuple(replace(voice, obeys=voice.obeys | {"seed"}) for voice in super().voices())

    async def speak(self, segment, style, runs_dry_at=never):
        self.asked.append((segment, style))
        async for chunk in super().speak(segment, style, runs_dry_at):
            yield chunk

    @property
    def texts(self):
        return [segment.text for segment, _ in self.asked]

    def pcm(self, *texts):
        """The engine's sound of these segments, all of them if none is named, as 16-bit bytes at 24 kHz."""
        wanted = texts or self.texts
        sounds = {segment.text: tone_for(segment, style) for segment, style in self.asked}
        return b"".join(sounds[text].astype("<i2").tobytes() for text in wanted)
