"""Listeners who get speech over HTTP, beside as many on ``tts.v1``: holes, first sound, processor time.

::

    python benchmarks/http_listeners.py --listeners 50 --seconds 30 --format mp3

A gateway of its own is started with the tone engine and ``http_pacing``. Each listener posts one text after another and
plays what comes in real time from its first byte on; whenever it has nothing to play before the answer's end, that is a
hole. Positions come from the bytes: MP3 and PCM have as many for each second. The gateway's processor time is that of
all its processes, by frame of 20 ms of sound. With ``--file`` one more request asks for a minute of speech, as fast as
it comes, beside listeners on ``tts.v1``, and the time until its end is printed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import aiohttp
from websockets.asyncio.client import connect

from sayline.codecs.base import WIRE_RATE_HZ
from sayline.gateway.commands.bench.server import gateway_command, server_process
from sayline.gateway.dialects.tts_v1.frames import unpack_frame
from sayline.gateway.dialects.tts_v1.messages import ENDPOINT, SUBPROTOCOL

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from sayline.gateway.commands.bench.server import RunningServer

BYTES_PER_S = {"mp3": 64_000 // 8, "pcm": 48_000, "opus": None, "flac": None, "aac": None, "wav": 48_000}
SENTENCE = "Listener {number} hears sentence {count}, and it is long enough to be spoken for some seconds. "
FRAME_S = 0.02
# About a minute in the tone engine's and in people's pace.
MINUTE = "This text is read into a file while others listen, and nobody of them may notice it. " * 11


@dataclass
class Heard:
    """What one listener noticed."""

    first_ms: list[float] = field(default_factory=list)
    holes_ms: list[float] = field(default_factory=list)
    sound_s: float = 0.0


async def listen_http(url: str, number: int, until: float, form: str, heard: Heard) -> None:
    """Post texts until the time is over, and play what comes."""
    rate = BYTES_PER_S[form]
    assert rate, "only formats of a constant rate tell where they are"
    async with aiohttp.ClientSession() as session:
        count = 0
        while time.monotonic() < until:
            text = "".join(SENTENCE.format(number=number, count=count + k) for k in range(3))
            count += 3
            asked, began, got = time.monotonic(), None, 0
            async with session.post(f"{url}/v1/audio/speech", json={"input": text, "response_format": form}) as answer:
                assert answer.status == 200, await answer.text()
                async for piece in answer.content.iter_any():
                    now = time.monotonic()
                    if began is None:
                        began = now
                        heard.first_ms.append(1000 * (now - asked))
                    elif (dry_s := now - began - got / rate) > 0:
                        heard.holes_ms.append(1000 * dry_s)
                        began += dry_s
                    got += len(piece)
            heard.sound_s += got / rate
            if began is not None:
                await asyncio.sleep(max(0.0, began + got / rate - time.monotonic()))


async def listen_native(url: str, number: int, until: float, heard: Heard) -> None:
    """Speak texts over ``tts.v1`` until the time is over; the gateway's own frames say where they are."""
    async with connect(f"ws{url[4:]}{ENDPOINT}", subprotocols=[SUBPROTOCOL], compression=None) as socket:  # type: ignore[list-item] # a NewType of str
        await socket.recv()
        count = 0
        while time.monotonic() < until:
            text = "".join(SENTENCE.format(number=number, count=count + k) for k in range(3))
            name = str(count)
            count += 3
            asked, began, got_s = time.monotonic(), None, 0.0
            await socket.send(json.dumps({"type": "text", "context_id": name, "text": text}))
            await socket.send(json.dumps({"type": "context.end", "context_id": name}))
            async for message in socket:
                now = time.monotonic()
                if isinstance(message, str):
                    if json.loads(message)["type"] == "context.done":
                        break
                    continue
                if began is None:
                    began = now
                    heard.first_ms.append(1000 * (now - asked))
                elif (dry_s := now - began - got_s) > 0:
                    heard.holes_ms.append(1000 * dry_s)
                    began += dry_s
                got_s += unpack_frame(message).duration / WIRE_RATE_HZ
            heard.sound_s += got_s
            if began is not None:
                await asyncio.sleep(max(0.0, began + got_s - time.monotonic()))


async def phase(
    name: str,
    gateway: RunningServer,
    listeners: list[Heard],
    listening: list[Coroutine[None, None, None]],
) -> None:
    """Run listeners and print what they noticed."""
    before = gateway.meter.read()
    await asyncio.gather(*listening)
    after = gateway.meter.read()
    sound_s = sum(heard.sound_s for heard in listeners)
    first = sorted(ms for heard in listeners for ms in heard.first_ms)
    holes = [ms for heard in listeners for ms in heard.holes_ms]
    print(
        f"{name}: {len(listeners)} listeners, {sound_s:.0f} s of sound in {after.at - before.at:.0f} s; "
        f"holes {len(holes)} (worst {max(holes, default=0):.0f} ms); first sound p50 {first[len(first) // 2]:.0f} ms, "
        f"worst {first[-1]:.0f} ms; processor {1e6 * (after.cpu_s - before.cpu_s) / (sound_s / FRAME_S):.1f} µs a frame"
    )


async def save(url: str, form: str) -> None:
    """Ask for a minute of speech, and print how long it takes."""
    asked = time.monotonic()
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{url}/v1/audio/speech", json={"input": MINUTE, "response_format": form}) as answer,
    ):
        body = await answer.read()
    rate = BYTES_PER_S[form]
    length = f"{len(body) / rate:.0f} s of speech" if rate else f"{len(body)} bytes"
    print(f"file: {length} as {form} in {time.monotonic() - asked:.1f} s, beside {os.getloadavg()[0]:.1f} of load")


def main() -> None:
    """Start a gateway and run the phases."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--listeners", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--format", default="mp3", choices=[name for name, rate in BYTES_PER_S.items() if rate])
    parser.add_argument("--engine", default="tone")
    parser.add_argument("--file", action="store_true", help="a minute into a file beside listeners on tts.v1")
    options = parser.parse_args()
    flags = ["--engine", options.engine, *(() if options.file else ("--http-pacing",))]
    asyncio.run(serve_and_measure(gateway_command(["--log-level", "warning", *flags]), options))


async def serve_and_measure(command: list[str], options: argparse.Namespace) -> None:
    """Measure a gateway of our own."""
    async with server_process(command) as gateway:
        await measure(gateway, options)


async def measure(gateway: RunningServer, options: argparse.Namespace) -> None:
    """Run the phases one after the other."""
    url = gateway.url
    if options.file:
        await save(url, options.format)
    for kind in ("tts.v1",) if options.file else ("tts.v1", "http"):
        listeners = [Heard() for _ in range(options.listeners)]
        until = time.monotonic() + options.seconds
        listening: list[Coroutine[None, None, None]] = [
            listen_native(url, number, until, heard)
            if kind == "tts.v1"
            else listen_http(url, number, until, options.format, heard)
            for number, heard in enumerate(listeners)
        ]
        if options.file:
            listening.append(_later(options.seconds / 3, save(url, options.format)))
        name = kind if kind == "tts.v1" else f"HTTP, {options.format}"
        await phase(name, gateway, listeners, listening)
        print(f"  the gateway itself counts {await underruns(url):.0f} underruns so far")


async def underruns(url: str) -> float:
    """Ask the gateway how often listeners ran dry, by its own clock."""
    async with aiohttp.ClientSession() as session, session.get(f"{url}/metrics") as answer:
        found = re.search(r"^sayline_underruns_total (\S+)", await answer.text(), re.MULTILINE)
    return float(found[1]) if found else 0.0


async def _later(seconds: float, what: Coroutine[None, None, None]) -> None:
    await asyncio.sleep(seconds)
    await what


if __name__ == "__main__":
    main()
