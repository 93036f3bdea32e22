"""Twilio's side of a phone call, as its documentation has it, and the phone: it plays in real time what it is sent."""

import asyncio
import base64
import contextlib
import itertools
import json
from dataclasses import dataclass

import numpy as np
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from sayline.gateway.dialects.twilio.messages import ENDPOINT

RATE_HZ = 8000
SILENCE = base64.b64encode(b"\xff" * 160).decode()
PATIENCE_S = 20


@dataclass
class Played:
    """A stretch of sound and the time from which the phone plays it, on the loop's clock."""

    at: float
    mulaw: bytes

    @property
    def ends_at(self):
        return self.at + len(self.mulaw) / RATE_HZ


class TwilioPeer:
    """One call, from the first message to ``stop``.

    Attributes:
        played: what the phone has played or will play.
        said: events that the server sent, in order, without the sound's content.
        is_deaf: marks are not answered, as by a stand-in for Twilio that knows none.
        headers: of the handshake, such as its signature.
    """

    _numbers = itertools.count(1)

    def __init__(self, url, *, token=None, is_deaf=False):
        number = next(self._numbers)
        self.url = url
        self.call_sid = f"CA{number:032x}"
        self.stream_sid = f"MZ{number:032x}"
        self.parameters = {} if token is None else {"token": token(self.call_sid) if callable(token) else token}
        self.is_deaf = is_deaf
        self.headers = {}
        self.played = []
        self.said = []
        self.close = None
        self._sequence = itertools.count(1)
        self._waiting_marks = {}  # name -> the timer that answers it
        self._news = asyncio.Condition()

    async def __aenter__(self):
        self.socket = await connect(self.url + ENDPOINT, compression=None, additional_headers=self.headers)
        await self.socket.send(json.dumps({"event": "connected", "protocol": "Call", "version": "1.0.0"}))
        await self.start()
        self._listening = asyncio.create_task(self._listen())
        return self

    async def __aexit__(self, *_):
        self._listening.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._listening
        for timer in self._waiting_marks.values():
            timer.cancel()
        await self.socket.close()

    async def start(self):
        await self.send(
            "start",
            start={
                "streamSid": self.stream_sid,
                "accountSid": "AC" + "0" * 32,
                "callSid": self.call_sid,
                "tracks": ["inbound"],
                "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
                "customParameters": self.parameters,
            },
        )

    async def send(self, event, **fields):
        numbered = {"event": event, "sequenceNumber": str(next(self._sequence)), "streamSid": self.stream_sid, **fields}
        await self.socket.send(json.dumps(numbered))

    async def speak(self, frames=1):
        """The caller's sound."""
        for number in range(1, frames + 1):
            media = {"track": "inbound", "chunk": str(number), "timestamp": str(20 * number), "payload": SILENCE}
            await self.send("media", media=media)

    async def press(self, digit):
        await self.send("dtmf", dtmf={"track": "inbound_track", "digit": digit})

    async def hang_up(self):
        await self.send("stop", stop={"accountSid": "AC" + "0" * 32, "callSid": self.call_sid})

    async def until(self, condition):
        """Wait until it holds of this peer."""
        async with asyncio.timeout(PATIENCE_S), self._news:
            await self._news.wait_for(lambda: condition(self))

    def sound(self, until=None):
        """What was played until a time, or all: int16 at 8 kHz."""
        until = float("inf") if until is None else until
        pieces = []
        for piece in self.played:
            length = len(piece.mulaw) if piece.ends_at <= until else max(0, int((until - piece.at) * RATE_HZ))
            pieces.append(piece.mulaw[:length])
        return decode_mulaw(b"".join(pieces))

    async def _listen(self):
        loop = asyncio.get_running_loop()
        try:
            async for message in self.socket:
                fields = json.loads(message)
                assert fields["streamSid"] == self.stream_sid
                now = loop.time()
                match fields["event"]:
                    case "media":
                        mulaw = base64.b64decode(fields["media"]["payload"], validate=True)
                        free_at = self.played[-1].ends_at if self.played else now
                        self.played.append(Played(max(now, free_at), mulaw))
                    case "mark":
                        self._take_mark(fields["mark"]["name"], loop)
                    case "clear":
                        await self._clear(now)
                    case other:
                        raise AssertionError(other)
                async with self._news:
                    self.said.append((now, fields["event"]))
                    self._news.notify_all()
        except ConnectionClosed:
            pass
        async with self._news:
            self.close = self.socket.close_code
            self._news.notify_all()

    def _take_mark(self, name, loop):
        if not self.is_deaf:
            ends_at = self.played[-1].ends_at if self.played else loop.time()
            self._waiting_marks[name] = loop.call_at(ends_at, lambda: loop.create_task(self._answer(name)))

    async def _answer(self, name):
        self._waiting_marks.pop(name).cancel()
        with contextlib.suppress(ConnectionClosed):
            await self.send("mark", mark={"name": name})

    async def _clear(self, now):
        kept = [piece for piece in self.played if piece.at < now]
        if kept and kept[-1].ends_at > now:
            kept[-1] = Played(kept[-1].at, kept[-1].mulaw[: int((now - kept[-1].at) * RATE_HZ)])
        self.played[:] = kept
        for name in list(self._waiting_marks):
            await self._answer(name)


def decode_mulaw(mulaw):
    """G.711, by its definition: (n,) int16."""
    bits = ~np.frombuffer(mulaw, np.uint8)
    magnitude = ((((bits & 15).astype(np.int32) << 3) + 132) << (bits >> 4 & 7)) - 132
    return np.where(bits & 128, -magnitude, magnitude).astype(np.int16)
