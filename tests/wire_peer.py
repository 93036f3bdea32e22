"""A bare ``tts.v1`` peer for tests: the wire as it is, without our own client in between."""

import asyncio
import json
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from av import CodecContext, Packet
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from sayline.gateway.dialects.tts_v1.frames import AudioFrame, unpack_frame
from sayline.gateway.dialects.tts_v1.messages import ENDPOINT, SUBPROTOCOL

# Generous: what is awaited comes in milliseconds, and a machine that is busy with other work must not fail a test.
PATIENCE_S = 60


@dataclass
class Heard:
    """Everything that came for one context, in order."""

    started: dict | None = None
    frames: list[AudioFrame] = field(default_factory=list)
    segments: list[dict] = field(default_factory=list)
    words: list[dict] = field(default_factory=list)
    errors: list[dict] = field(default_factory=list)
    done: dict | None = None
    frames_after_done: int = 0


class WirePeer:
    """One socket; ``listen`` sorts what comes by context."""

    def __init__(self, websocket):
        self.websocket = websocket
        self.contexts = {}
        self.channels = {}
        self.others = []  # messages that belong to no context

    @classmethod
    async def join(cls, url, **options):
        # No bound on what waits to be taken: at its bound the library stops reading, and would not see the answer to
        # our close frame for ten seconds.
        options = {"subprotocols": [SUBPROTOCOL], "compression": None, "max_queue": None, **options}
        peer = cls(await connect(url + ENDPOINT, **options))
        peer.ready = json.loads(await peer.websocket.recv())
        return peer

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        await self.websocket.close()

    async def send(self, kind, **fields):
        await self.websocket.send(json.dumps({"type": kind, **fields}))

    async def speak(self, text, context_id="c", *, cuts=(), **start):
        """Write a whole context; ``cuts`` are the offsets at which the text is cut into deltas."""
        if start:
            await self.send("context.start", context_id=context_id, **start)
        edges = [0, *sorted(cuts), len(text)]
        for begin, end in pairwise(edges):
            await self.send("text", context_id=context_id, text=text[begin:end])
        await self.send("context.end", context_id=context_id)

    def heard(self, context_id="c"):
        return self.contexts.setdefault(context_id, Heard())

    async def take(self):
        """Take one message off the wire and file it."""
        message = await asyncio.wait_for(self.websocket.recv(), PATIENCE_S)
        if isinstance(message, bytes):
            frame = unpack_frame(message)
            heard = self.channels[frame.channel]
            heard.frames.append(frame)
            heard.frames_after_done += heard.done is not None
            return frame
        fields = json.loads(message)
        if "context_id" not in fields:
            self.others.append(fields)
            return fields
        heard = self.heard(fields["context_id"])
        match fields["type"]:
            case "context.started":
                heard.started = fields
                self.channels[fields["channel"]] = heard
            case "segment":
                heard.segments.append(fields)
            case "words":
                heard.words += fields["words"]
            case "error":
                heard.errors.append(fields)
            case "context.done":
                heard.done = fields
        return fields

    async def until_closed(self):
        """Take what still comes; returns how the connection ended."""
        try:
            while True:
                await self.take()
        except ConnectionClosed as closed:
            return closed

    async def listen(self, *context_ids):
        """Take messages until all these contexts are done."""
        context_ids = context_ids or ("c",)
        while any(self.heard(context_id).done is None for context_id in context_ids):
            await self.take()
        return self.heard(context_ids[0])


async def done_of_ten_when_one_is_heard(greedy, modest):
    """Ten contexts of one peer, then one of another: how many of the ten are done when three and the one are."""
    names = [f"c{number}" for number in range(10)]
    for name in names:
        await greedy.speak("One two three four.", name)
    await greedy.take()
    await modest.speak("Me too.")
    await asyncio.gather(modest.listen(), greedy.listen(*names[:3]))
    return sum(greedy.heard(name).done is not None for name in names)


def decode(heard):
    """Decode a context's Opus packets with FFmpeg's own decoder, which is not libopus: (n,) float64 at 48 kHz.

    The pre-skip is dropped and the last frame cut to its duration, as docs/PROTOCOL.md tells clients to.
    """
    decoder = CodecContext.create("opus", "r")
    decoder.sample_rate = 48_000
    decoder.layout = "mono"
    packets = [Packet(frame.payload) for frame in heard.frames]
    pieces = [decoded.to_ndarray().reshape(-1) for packet in [*packets, None] for decoded in decoder.decode(packet)]
    sound = np.concatenate(pieces).astype(np.float64)
    return sound[heard.started["preskip"] : sum(frame.duration for frame in heard.frames)]


def correlation(received, produced, max_shift=240):
    """The best normalised correlation over small shifts (``max_shift`` samples at 48 kHz = 5 ms), and that shift."""
    length = min(len(received), len(produced))
    left, right = received[:length], produced[:length]
    size = 1 << (2 * length).bit_length()  # room for all shifts, so that nothing wraps around
    products = np.fft.irfft(np.fft.rfft(left, size) * np.conj(np.fft.rfft(right, size)), size)
    shifts = np.arange(-max_shift, max_shift + 1)
    best = shifts[np.argmax(products[shifts])]
    return float(products[best] / np.sqrt(np.dot(left, left) * np.dot(right, right))), int(best)
