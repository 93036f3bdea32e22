"""HTTP as bytes, for tests of what a listener does with them: nothing is added and nothing is forgiven."""

import asyncio
import contextlib
import json
import ssl
from dataclasses import dataclass

from wire_peer import PATIENCE_S

# What asks for a WebSocket, besides request line and Host.
UPGRADE = (
    "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: tts.v1\r\n"
)


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]  # names in lower case
    body: bytes

    @property
    def error(self):
        """The code of an error in JSON."""
        return json.loads(self.body)["error"]["code"]


class RawPeer:
    """One connection."""

    def __init__(self, reader, writer):
        self.reader = reader
        self.writer = writer

    @classmethod
    @contextlib.asynccontextmanager
    async def connect(cls, port, **options):
        host = None if port is None else "127.0.0.1"
        reader, writer = await asyncio.open_connection(host, port, **options)
        try:
            yield cls(reader, writer)
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                await writer.wait_closed()

    def say(self, text):
        self.writer.write(text if isinstance(text, bytes) else text.encode("latin-1"))

    async def answer(self, *, has_body=True):
        """The next answer; its body too unless the question was HEAD."""
        async with asyncio.timeout(PATIENCE_S):
            head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            first, *lines = head.rstrip().split("\r\n")
            headers = dict(_header(line) for line in lines)
            body = b""
            if has_body and headers.get("transfer-encoding") == "chunked":
                while size := int(await self.reader.readline(), 16):
                    body += (await self.reader.readexactly(size + 2))[:-2]
                await self.reader.readline()
            elif has_body:
                body = await self.reader.readexactly(int(headers.get("content-length", 0)))
        return Answer(int(first.split()[1]), headers, body)

    async def until_closed(self):
        """Everything that still comes."""
        async with asyncio.timeout(PATIENCE_S):
            with contextlib.suppress(ConnectionResetError):
                return await self.reader.read()
            return b""

    async def frame(self):
        """The payload of the next short frame of a WebSocket's server."""
        async with asyncio.timeout(PATIENCE_S):
            _, length = await self.reader.readexactly(2)
            if length == 126:
                length = int.from_bytes(await self.reader.readexactly(2))
            return await self.reader.readexactly(length)


def _header(line):
    name, _, value = line.partition(": ")
    return name.lower(), value


def frame(payload, opcode=1):
    """A client's frame; masked with zeros, which change nothing."""
    assert len(payload) < 126
    return bytes((0x80 | opcode, 0x80 | len(payload))) + b"\0\0\0\0" + payload


async def ask(port, text, *, has_body=True, **options):
    """Say one thing on a connection of its own and hear the answer."""
    async with RawPeer.connect(port, **options) as peer:
        peer.say(text)
        return await peer.answer(has_body=has_body)
