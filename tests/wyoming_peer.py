"""A Wyoming peer without the protocol's own package: the wire as docs/INTEGRATIONS.md has it."""

import asyncio
import json
from dataclasses import dataclass, field

import numpy as np

PATIENCE_S = 20


@dataclass
class Event:
    type: str
    data: dict = field(default_factory=dict)
    payload: bytes = b""


class WyomingPeer:
    """One connection; ``async with`` opens and closes it."""

    def __init__(self, port, host="127.0.0.1"):
        self.address = host, port

    async def __aenter__(self):
        self.reader, self.writer = await asyncio.open_connection(*self.address)
        return self

    async def __aexit__(self, *_):
        self.writer.close()

    async def send(self, kind, **data):
        block = json.dumps(data).encode() if data else b""
        line = {"type": kind, "version": "1.10.2"} | ({"data_length": len(block)} if block else {})
        self.writer.write(json.dumps(line).encode() + b"\n" + block)
        await self.writer.drain()

    async def take(self):
        """The next event; None at the end of the connection."""
        async with asyncio.timeout(PATIENCE_S):
            line = await self.reader.readline()
            if not line:
                return None
            header = json.loads(line)
            more = await self.reader.readexactly(header.get("data_length", 0))
            payload = await self.reader.readexactly(header.get("payload_length", 0))
        return Event(header["type"], header.get("data", {}) | (json.loads(more) if more else {}), payload)

    async def until(self, *kinds):
        """Events up to the first of these kinds."""
        events = []
        while (event := await self.take()) is not None:
            events.append(event)
            if event.type in kinds:
                break
        return events

    async def stream(self, *pieces, repeat=True, **start):
        """Write a text in pieces, and once more as a whole, as Home Assistant does."""
        await self.send("synthesize-start", **start)
        for piece in pieces:
            await self.send("synthesize-chunk", text=piece)
        if repeat:
            await self.send("synthesize", text="".join(pieces))
        await self.send("synthesize-stop")


def sound(events):
    return np.frombuffer(b"".join(event.payload for event in events if event.type == "audio-chunk"), "<i2")


def kinds(events):
    """The events in order, each run of sound as one."""
    listed = [event.type for event in events]
    return [kind for kind, before in zip(listed, [None, *listed], strict=False) if kind != before]
