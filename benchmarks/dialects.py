"""What the dialects cost beside the native protocol: first sound, CPU time, listeners by format, size of their code.

Each part starts a server of its own and puts the dialects side by side in one run:

    python benchmarks/dialects.py latency --turns 200
    python benchmarks/dialects.py cost --listeners 100 --seconds 15 --rounds 3
    python benchmarks/dialects.py hear --dialect elevenlabs --format pcm_24000 --listeners 100 --seconds 20
    python benchmarks/dialects.py capacity --seconds 12
    python benchmarks/dialects.py sizes

The peers here are bare: they write what a dialect's client writes and take its sound out of its messages. A listener
plays from its first byte on, without a jitter buffer; a *hole* is a moment at which it has played all that has come.
How long a piece sounds is told by its bytes where the bit rate is constant, else by its Ogg pages, ADTS headers or FLAC
frames. CPU is that of all the server's processes.
"""

from __future__ import annotations

import argparse
import ast
import asyncio
import base64
import contextlib
import itertools
import json
import statistics
import sys
import time
from abc import ABC, abstractmethod
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from sayline.gateway.commands.bench.server import gateway_command, server_process
from sayline.gateway.commands.bench.texts import CORPUS
from sayline.gateway.dialects.tts_v1.frames import HEADER_BYTES
from sayline.gateway.dialects.tts_v1.messages import ENDPOINT, SUBPROTOCOL

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from sayline.gateway.commands.bench.server import RunningServer

ROOT: Final = Path(__file__).parents[1]
FRAME_S: Final = 0.02
TARGET_ADDED_MS: Final = 1.0  # at the median
# Format as ElevenLabs names it -> bytes of a second.
BYTES_PER_S: Final = {
    "pcm_24000": 48_000,
    "pcm_16000": 32_000,
    "pcm_8000": 16_000,
    "pcm_48000": 96_000,
    "ulaw_8000": 8_000,
    "alaw_8000": 8_000,
    "mp3_24000_48": 6_000,
    "mp3_22050_32": 4_000,
    "mp3_44100_64": 8_000,
    "mp3_44100_128": 16_000,
    "mp3_24000_64": 8_000,
    "wav_24000": 48_000,
}
# Those whose bytes tell no time: by name, the bit rate left out, what does.
_OGG: Final = ("opus_48000_32", "opus_48000_64", "opus_24000")
_ADTS: Final = ("aac_24000",)
_FLAC: Final = ("flac_24000",)
_SHORT: Final = "Hello there. "
_PATIENCE_S: Final = 30.0
_RAMP_S: Final = 4.0  # listeners of a load begin within this time
_CHARS_PER_S: Final = 25  # fast speech is 20: the text must not run out


class Refused(Exception):
    """The server has no room for one more."""


class Peer(ABC):
    """One connection of a dialect's client; speaks one text at a time.

    Attributes:
        sent_at: when the last byte of the present text was handed to the socket.
    """

    name: ClassVar[str]
    formats: ClassVar[tuple[str, ...]] = ("pcm_24000",)  # of ``BYTES_PER_S``, as far as the dialect can ask for them
    sent_at = 0.0

    def __init__(self, url: str, form: str) -> None:
        """Prepare to connect.

        Args:
            url: the gateway's.
            form: one of ``formats``.
        """
        self.url = url.replace("http", "ws", 1)
        self.form = form
        self.rate_hz = int(form.split("_")[1])
        self.names = map(str, itertools.count())

    @abstractmethod
    async def __aenter__(self) -> Self: ...

    @abstractmethod
    async def __aexit__(self, *_: object) -> None: ...

    @abstractmethod
    def speak(self, text: str) -> AsyncIterator[bytes]:
        """Have a text spoken; gives its sound as it comes."""


class SocketPeer(Peer):
    """A peer of a WebSocket's dialect: what it writes for a text, and what of an answer is sound."""

    path: str
    subprotocols: ClassVar[tuple[str, ...]] = ()
    opening: ClassVar[tuple[dict[str, Any], ...]] = ()

    @abstractmethod
    def written(self, text: str, context: str) -> Iterable[dict[str, Any]]:
        """Write a whole text."""

    @abstractmethod
    def sound(self, message: str | bytes) -> bytes | None:
        """Take the sound out of a message; None: the text is spoken."""

    async def __aenter__(self) -> Self:
        """Connect."""
        self._socket: ClientConnection = await connect(
            self.url + self.path,
            subprotocols=[Subprotocol(name) for name in self.subprotocols] or None,
            compression=None,
            max_queue=None,
            ping_interval=None,
        )
        for message in self.opening_messages():
            await self._socket.send(json.dumps(message))
        return self

    async def __aexit__(self, *_: object) -> None:
        """Hang up."""
        await self._socket.close()

    def opening_messages(self) -> Iterable[dict[str, Any]]:
        """Write what comes before any text."""
        return ()

    async def speak(self, text: str) -> AsyncIterator[bytes]:
        """Have a text spoken; gives its sound as it comes."""
        for message in self.written(text, next(self.names)):
            await self._socket.send(json.dumps(message))
        self.sent_at = time.perf_counter()
        async for message in self._socket:
            sound = self.sound(message)
            if sound is None:
                return
            if sound:
                yield sound
        raise RuntimeError(f"{self.name}: closed before the text was spoken: {self._socket.close_reason}")


class Native(SocketPeer):
    """``tts.v1``."""

    name = "tts_v1"
    path = ENDPOINT
    subprotocols = (SUBPROTOCOL,)
    formats = ("pcm_24000", "pcm_16000", "pcm_8000", "pcm_48000")

    def opening_messages(self) -> Iterable[dict[str, Any]]:
        """Ask for the format."""
        yield {"type": "session.update", "format": "pcm_s16le", "sample_rate": self.rate_hz}

    def written(self, text: str, context: str) -> Iterable[dict[str, Any]]:
        """Write a whole text."""
        yield {"type": "text", "context_id": context, "text": text}
        yield {"type": "context.end", "context_id": context}

    def sound(self, message: str | bytes) -> bytes | None:
        """Take the sound out of a message."""
        if isinstance(message, bytes):
            return message[HEADER_BYTES:]
        return None if json.loads(message)["type"] == "context.done" else b""


class ElevenLabs(SocketPeer):
    """Many contexts on a socket, as agents use it."""

    name = "elevenlabs"
    formats = (*(form for form in BYTES_PER_S if form not in ("mp3_24000_64", "wav_24000")), *_OGG[:2])

    @property
    def path(self) -> str:  # type: ignore[override] # made of the format
        """The endpoint, with what the client asks for."""
        return f"/v1/text-to-speech/default/multi-stream-input?output_format={self.form}&auto_mode=true"

    def written(self, text: str, context: str) -> Iterable[dict[str, Any]]:
        """Write a whole text."""
        yield {"text": " ", "context_id": context}
        yield {"text": text, "context_id": context}
        yield {"context_id": context, "flush": True}
        yield {"context_id": context, "close_context": True}

    def sound(self, message: str | bytes) -> bytes | None:
        """Take the sound out of a message."""
        answer = json.loads(message)
        if answer.get("isFinal"):
            return None
        return base64.b64decode(answer.get("audio") or "")


class Cartesia(SocketPeer):
    """Contexts that are continued."""

    name = "cartesia"
    path = "/tts/websocket?cartesia_version=2025-04-16&api_key=none"
    formats = ("pcm_24000", "pcm_16000", "pcm_8000", "pcm_48000", "ulaw_8000", "alaw_8000")

    def written(self, text: str, context: str) -> Iterable[dict[str, Any]]:
        """Write a whole text."""
        encoding = {"pcm": "pcm_s16le", "ulaw": "pcm_mulaw", "alaw": "pcm_alaw"}[self.form.split("_")[0]]
        message = {
            "context_id": context,
            "model_id": "sonic-3",
            "transcript": text,
            "voice": {"mode": "id", "id": "default"},
            "output_format": {"container": "raw", "encoding": encoding, "sample_rate": self.rate_hz},
            "max_buffer_delay_ms": 0,
        }
        yield {**message, "continue": True}
        yield {**message, "transcript": "", "continue": False}

    def sound(self, message: str | bytes) -> bytes | None:
        """Take the sound out of a message."""
        answer = json.loads(message)
        if answer["type"] == "error":
            raise RuntimeError(f"cartesia: {answer}")
        return None if answer["type"] == "done" else base64.b64decode(answer.get("data") or "")


class Deepgram(SocketPeer):
    """Aura: sound in binary messages, and no contexts."""

    name = "deepgram"
    formats = ("pcm_24000", "pcm_16000", "pcm_8000", "pcm_48000", "ulaw_8000", "alaw_8000")

    @property
    def path(self) -> str:  # type: ignore[override] # made of the format
        """The endpoint, with what the client asks for."""
        encoding = {"pcm": "linear16", "ulaw": "mulaw", "alaw": "alaw"}[self.form.split("_")[0]]
        return f"/v1/speak?model=aura-2-thalia-en&encoding={encoding}&sample_rate={self.rate_hz}"

    def written(self, text: str, context: str) -> Iterable[dict[str, Any]]:  # noqa: ARG002 - there are no contexts
        """Write a whole text."""
        yield {"type": "Speak", "text": text}
        yield {"type": "Flush"}

    def sound(self, message: str | bytes) -> bytes | None:
        """Take the sound out of a message."""
        if isinstance(message, bytes):
            return message
        return None if json.loads(message)["type"] == "Flushed" else b""


class VllmOmni(SocketPeer):
    """The streamed speech of vLLM-Omni."""

    name = "vllm_omni"
    path = "/v1/audio/speech/stream"

    def opening_messages(self) -> Iterable[dict[str, Any]]:
        """Ask for the format."""
        yield {"type": "session.config", "response_format": "pcm", "stream_audio": True}

    def written(self, text: str, context: str) -> Iterable[dict[str, Any]]:  # noqa: ARG002 - one at a time
        """Write a whole text."""
        yield {"type": "input.text", "text": text}
        yield {"type": "input.done"}

    def sound(self, message: str | bytes) -> bytes | None:
        """Take the sound out of a message."""
        if isinstance(message, bytes):
            return message
        return None if json.loads(message)["type"] == "session.done" else b""


class OpenAI(Peer):
    """HTTP: a request for each text, on a connection that is kept."""

    name = "openai"
    formats = ("pcm_24000", "mp3_24000_64", "wav_24000", "opus_24000", *_ADTS, *_FLAC)

    async def __aenter__(self) -> Self:
        """Connect."""
        self._place = self.url.partition("://")[2]
        host, _, port = self._place.rpartition(":")
        self._reader, self._writer = await asyncio.open_connection(host, int(port), limit=2**20)
        return self

    async def __aexit__(self, *_: object) -> None:
        """Hang up."""
        self._writer.close()

    async def speak(self, text: str) -> AsyncIterator[bytes]:
        """Have a text spoken; gives its sound as it comes, in the pieces in which the server wrote it."""
        asked = {"model": "tts-1", "voice": "alloy", "input": text, "response_format": self.form.split("_")[0]}
        body = json.dumps(asked)
        head = f"POST /v1/audio/speech HTTP/1.1\r\nHost: {self._place}\r\nContent-Type: application/json\r\n"
        self._writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
        self.sent_at = time.perf_counter()
        answer = await self._reader.readuntil(b"\r\n\r\n")
        if answer.split()[1] in (b"429", b"503"):
            raise Refused
        if not answer.startswith(b"HTTP/1.1 200 "):
            raise RuntimeError(f"{self.name}: {answer.decode()}")
        while size := int(await self._reader.readline(), 16):
            yield (await self._reader.readexactly(size + 2))[:-2]
        await self._reader.readline()


PEERS: Final[dict[str, type[Peer]]] = {
    peer.name: peer for peer in (Native, ElevenLabs, Cartesia, Deepgram, VllmOmni, OpenAI)
}
FORMATS: Final = tuple(dict.fromkeys(form for peer in PEERS.values() for form in peer.formats))
# Format by format, as a dialect that has it asks for it.
CAPACITY: Final = [
    *(("elevenlabs", form) for form in ElevenLabs.formats),
    *(("openai", form) for form in OpenAI.formats if form not in ElevenLabs.formats),
]


# -- how long a piece sounds -------------------------------------------------------------------------------------------


class Clock(ABC):
    """Tells how many seconds of sound each piece of one stream completes."""

    @abstractmethod
    def seconds(self, piece: bytes) -> float:
        """Take the next piece."""


class BytesClock(Clock):
    """Of a constant bit rate."""

    def __init__(self, bytes_per_s: int) -> None:
        self._bytes_per_s = bytes_per_s

    def seconds(self, piece: bytes) -> float:
        """Take the next piece."""
        return len(piece) / self._bytes_per_s


class OggClock(Clock):
    """Each page says where it ends, in samples at 48 kHz."""

    def __init__(self) -> None:
        self._kept = b""
        self._end_s = 0.0

    def seconds(self, piece: bytes) -> float:
        """Take the next piece."""
        before, self._kept = self._end_s, self._kept + piece
        while len(self._kept) >= 27 and len(self._kept) >= (head := 27 + self._kept[26]):
            size = head + sum(self._kept[27:head])
            if len(self._kept) < size:
                break
            self._end_s = max(self._end_s, int.from_bytes(self._kept[6:14], "little", signed=True) / 48_000)
            self._kept = self._kept[size:]
        return self._end_s - before


class AdtsClock(Clock):
    """Each frame of AAC has 1024 samples, and its header its length."""

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._kept = b""

    def seconds(self, piece: bytes) -> float:
        """Take the next piece."""
        self._kept += piece
        frames = 0
        while len(self._kept) >= 7:
            size = int.from_bytes(self._kept[3:6], "big") >> 5 & 0x1FFF
            if len(self._kept) < size:
                break
            frames += 1
            self._kept = self._kept[size:]
        return frames * 1024 / self._rate_hz


class FlacClock(Clock):
    """Frames of one block size, each of which begins like the first and then says its number; the last may be shorter.

    A frame counts when its head comes: the gateway writes whole frames.
    """

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._kept = b""
        self._block = 0
        self._head = b""  # of each frame, up to its number
        self._frames = 0

    def seconds(self, piece: bytes) -> float:
        """Take the next piece."""
        self._kept += piece
        if not self._head:
            if (begins := self._kept.find(b"\xff\xf8", 42)) < 0:  # behind the name and STREAMINFO
                return 0.0
            self._block = int.from_bytes(self._kept[10:12], "big")  # STREAMINFO's largest block
            self._head = self._kept[begins : begins + 4]
        before = self._frames
        while (found := self._kept.find(self._head + chr(self._frames).encode())) >= 0:
            self._frames += 1
            self._kept = self._kept[found + 5 :]
        self._kept = self._kept[-8:] if self._frames else self._kept
        return (self._frames - before) * self._block / self._rate_hz


def clock_of(form: str) -> Clock:
    """Make the clock of one stream of a format."""
    rate_hz = int(form.split("_")[1])
    if form in _OGG:
        return OggClock()
    if form in _ADTS:
        return AdtsClock(rate_hz)
    return FlacClock(rate_hz) if form in _FLAC else BytesClock(BYTES_PER_S[form])


# -- latency -----------------------------------------------------------------------------------------------------------


async def first_sound_ms(peer: Peer) -> float:
    """From the last byte of a text to the first byte of its sound."""
    took = None
    async for _ in peer.speak(_SHORT):
        if took is None:
            took = 1000 * (time.perf_counter() - peer.sent_at)
    if took is None:
        raise RuntimeError(f"{peer.name}: no sound")
    return took


async def latency(arguments: argparse.Namespace) -> int:
    """Let all dialects take turns on one server; each turn speaks one short sentence."""
    took: dict[str, list[float]] = defaultdict(list)
    command = gateway_command(["--engine", arguments.engine, "--log-level", "warning", *arguments.serve])
    async with server_process(command) as server, contextlib.AsyncExitStack() as stack:
        peers = [await stack.enter_async_context(kind(server.url, "pcm_24000")) for kind in chosen(arguments)]
        for turn in range(arguments.turns + 5):
            for peer in peers[turn % len(peers) :] + peers[: turn % len(peers)]:
                async with asyncio.timeout(_PATIENCE_S):
                    ms = await first_sound_ms(peer)
                if turn >= 5:  # the first ones warm up
                    took[peer.name].append(ms)
    native = took[Native.name]
    print("| dialect | first sound, median / p95 | added to the native protocol's, median |")
    print("|---|---|---|")
    worst = 0.0
    for name, values in took.items():
        added = statistics.median(one - other for one, other in zip(values, native, strict=True))
        worst = max(worst, added)
        p95 = sorted(values)[len(values) * 95 // 100]
        print(f"| {name} | {statistics.median(values):.2f} / {p95:.2f} ms | {added:+.2f} ms |")
    return int(worst > TARGET_ADDED_MS)


# -- listeners ---------------------------------------------------------------------------------------------------------


class Heard:
    """What one listener has of its sound, and the holes that it heard."""

    def __init__(self, clock: Clock) -> None:
        self.holes = 0
        self.hole_s = 0.0
        self.sound_s = 0.0  # how much has come
        self._clock = clock
        self._dry_at = 0.0  # when all that has come is played; 0 before the first sound

    def take(self, piece: bytes, now: float) -> None:
        """Note a piece that came. Of one that completes no sound nobody hears anything."""
        sound_s = self._clock.seconds(piece)
        if not sound_s:
            return
        if self._dry_at and now > self._dry_at:
            self.holes += 1
            self.hole_s += now - self._dry_at
        self._dry_at = max(self._dry_at, now) + sound_s
        self.sound_s += sound_s


async def hear(peer: Peer, text: str, heard: Heard, begins_at: float, ends_at: float) -> None:
    """Listen until the time is over."""
    await asyncio.sleep(begins_at - time.perf_counter())
    async with peer, contextlib.aclosing(peer.speak(text)) as sounds:
        async for sound in sounds:
            now = time.perf_counter()
            heard.take(sound, now)
            if now >= ends_at:
                return
    raise RuntimeError(f"{peer.name}: the text was too short for {ends_at - begins_at:.0f} s")


async def load(server: RunningServer, kind: type[Peer], form: str, count: int, seconds: float) -> dict[str, float]:
    """Put listeners on a server; returns what they heard, and what the server used once all had begun."""
    began = time.perf_counter()
    ends_at = began + _RAMP_S + seconds
    text = " ".join(CORPUS[:8]) + " "
    text = (text * (1 + int(_CHARS_PER_S * (_RAMP_S + seconds + 5)) // len(text))).strip()
    everyone = [Heard(clock_of(form)) for _ in range(count)]
    async with asyncio.TaskGroup() as tasks:
        for index, heard in enumerate(everyone):
            tasks.create_task(hear(kind(server.url, form), text, heard, began + _RAMP_S * index / count, ends_at))
        await asyncio.sleep(began + _RAMP_S + 1 - time.perf_counter())
        before, sound_before = server.meter.read(), sum(heard.sound_s for heard in everyone)
        await asyncio.sleep(ends_at - 0.2 - time.perf_counter())
        after, sound_after = server.meter.read(), sum(heard.sound_s for heard in everyone)
    cpu_s = after.cpu_s - before.cpu_s
    return {
        "holes": sum(heard.holes for heard in everyone),
        "hole_s": sum(heard.hole_s for heard in everyone),
        "cores": cpu_s / (after.at - before.at),
        "us_per_frame": 1e6 * cpu_s / max(1.0, (sound_after - sound_before) / FRAME_S),
    }


async def admitted_load(
    server: RunningServer, kind: type[Peer], form: str, count: int, seconds: float
) -> dict[str, float] | None:
    """As ``load``; None if the server refused a listener, as it does for a format whose encoders are full."""
    try:
        return await load(server, kind, form, count, seconds)
    except* (InvalidStatus, Refused):
        pass
    return None


def serve_command(arguments: argparse.Namespace) -> list[str]:
    """Start a server that refuses nobody for their number alone: what it can carry is to be seen."""
    limits = ["--max-connections", "4000", "--max-concurrent-requests", "4000"]
    return gateway_command(["--engine", arguments.engine, "--log-level", "error", *limits, *arguments.serve])


async def hear_one(arguments: argparse.Namespace) -> int:
    """One dialect, one format, as many listeners as asked for."""
    kind = PEERS[arguments.dialect]
    async with server_process(serve_command(arguments)) as server:
        found = await load(server, kind, arguments.format, arguments.listeners, arguments.seconds)
    print(
        f"{arguments.listeners} listeners of {kind.name} in {arguments.format}: {found['holes']:.0f} holes "
        f"({found['hole_s']:.2f} s), {found['cores']:.2f} cores, {found['us_per_frame']:.0f} µs for 20 ms"
    )
    return int(found["holes"] > 0)


async def cost(arguments: argparse.Namespace) -> int:
    """The dialects take turns under the same listeners; medians."""
    costs: dict[str, list[float]] = defaultdict(list)
    holes: dict[str, int] = defaultdict(int)
    for _ in range(arguments.rounds):
        for kind in chosen(arguments):
            async with server_process(serve_command(arguments)) as server:
                found = await load(server, kind, "pcm_24000", arguments.listeners, arguments.seconds)
            costs[kind.name].append(found["us_per_frame"])
            holes[kind.name] += int(found["holes"])
            print(f"{kind.name}: {found}", file=sys.stderr, flush=True)
    native = statistics.median(costs[Native.name])
    print(
        f"| dialect, {arguments.listeners} listeners, PCM at 24 kHz | CPU for 20 ms of sound | by the native | holes |"
    )
    print("|---|---|---|---|")
    for name, values in costs.items():
        middle = statistics.median(values)
        print(f"| {name} | {middle:.0f} µs | {middle / native:.2f} | {holes[name]} |")
    return 0


async def capacity(arguments: argparse.Namespace) -> int:
    """For each format, the most listeners without a hole, in steps of a quarter."""
    print("| format | listeners without a hole | and the next step | CPU for 20 ms of sound |")
    print("|---|---|---|---|")
    for name, form in arguments.formats:
        most, ends, us = 0, "not tried", 0.0
        count = arguments.first
        while count <= arguments.most:
            async with server_process(serve_command(arguments)) as server:
                found = await admitted_load(server, PEERS[name], form, count, arguments.seconds)
            print(f"{name} {form} {count}: {found}", file=sys.stderr, flush=True)
            if found is None or found["holes"]:
                ends = "refused" if found is None else "holes"
                break
            most, us = count, found["us_per_frame"]
            count = count * 5 // 4
        print(f"| {name} {form} | {most} | {count}: {ends} | {us:.0f} µs |", flush=True)
    return 0


# -- code --------------------------------------------------------------------------------------------------------------


def sizes() -> int:
    """How many lines each dialect's folder has, and what it imports of the gateway."""
    print("| dialect | files | lines of code | imports, within `gateway` |")
    print("|---|---|---|---|")
    for folder in sorted(path for path in (ROOT / "gateway/dialects").iterdir() if (path / "__init__.py").exists()):
        files = [path for path in folder.glob("*.py") if path.name != "__init__.py"]
        lines = sum(_code_lines(path.read_text()) for path in files)
        imported = sorted({name for path in files for name in _imports(path)})
        print(f"| {folder.name} | {len(files)} | {lines} | {', '.join(f'`{name}`' for name in imported)} |")
    return 0


def _code_lines(text: str) -> int:
    """Count lines that are neither blank nor comment nor docstring."""
    tree = ast.parse(text)
    documented = set[int]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and first.end_lineno:
                documented.update(range(first.lineno, first.end_lineno + 1))
    lines = enumerate(text.splitlines(), 1)
    return sum(bool(line.strip()) and not line.strip().startswith("#") and at not in documented for at, line in lines)


def _imports(path: Path) -> Iterable[str]:
    """Name the modules outside the dialect's folder that a file imports by relative imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.level >= 2:  # one dot is the folder itself
            prefix = {2: "dialects.", 3: "", 4: "../"}[node.level]
            module = node.module or ""
            yield from [prefix + module] if module else [prefix + alias.name for alias in node.names]


def chosen(arguments: argparse.Namespace) -> list[type[Peer]]:
    """List the dialects that were asked for; the native one is always first."""
    names = arguments.dialects.split(",") if arguments.dialects else list(PEERS)
    return [Native, *(PEERS[name] for name in names if name != Native.name)]


def main() -> int:
    """Run the part that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", choices=("latency", "cost", "hear", "capacity", "sizes"))
    parser.add_argument("--turns", type=int, default=200)
    parser.add_argument("--dialects", default="", help="such as elevenlabs,openai (default: all)")
    parser.add_argument("--dialect", default="elevenlabs", choices=tuple(PEERS))
    parser.add_argument("--format", default="pcm_24000", choices=FORMATS)
    parser.add_argument(
        "--formats",
        default=CAPACITY,
        type=lambda text: [tuple(each.split(":")) for each in text.split(",")],
        help="for capacity, such as elevenlabs:ulaw_8000,openai:mp3_24000_64",
    )
    parser.add_argument("--listeners", type=int, default=100)
    parser.add_argument("--first", type=int, default=64, help="listeners that capacity begins with")
    parser.add_argument("--most", type=int, default=640)
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--engine", default="tone")
    parser.add_argument("--serve", default=[], type=str.split, help="further flags of the server, in one word")
    arguments = parser.parse_args()
    if arguments.part == "sizes":
        return sizes()
    part = {"latency": latency, "cost": cost, "hear": hear_one, "capacity": capacity}[arguments.part]
    return asyncio.run(part(arguments))


if __name__ == "__main__":
    sys.exit(main())
