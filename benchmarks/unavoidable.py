"""What a frame costs the gateway, beside what it must cost any server that encodes and sends it.

Three servers take turns on this machine, each in a process of its own, under the same listeners:

* the gateway, speaking long texts;
* the floor with a timer per stream: for each connection, each 20 ms, one libopus encode through ctypes and one ``send``
  on a bare ``websockets`` server; no text, no synthesis, no session, no pacing;
* the floor with one timer: the same, with all connections served in one go, which is impossible for a server whose
  listeners come and go as they like.

Sound, rate, bitrate, complexity, frame header, event loop and number of streams are the same. The figure is CPU time
of the whole process per frame received, from psutil, after all streams have started. Synthesis is measured by itself,
so that the reader can subtract it: it belongs to speech, not to the gateway.

    python benchmarks/unavoidable.py --streams 100 --duration 15 --rounds 3
"""

from __future__ import annotations

import argparse
import asyncio
import ctypes
import json
import statistics
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import psutil  # type: ignore[import-untyped]  # it ships no annotations
import uvloop
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from sayline.codecs.opus import load_library
from sayline.gateway.client.connecting import connect
from sayline.gateway.commands.bench.load import Load, LoadPlan
from sayline.gateway.commands.bench.report import failures, figures
from sayline.gateway.commands.bench.server import gateway_command, server_process
from sayline.gateway.commands.bench.texts import CORPUS, script
from sayline.gateway.dialects.tts_v1.frames import HEADER
from sayline.synthesis.espeak.synthesizer import EspeakSynthesizer
from sayline.synthesis.interface import Segment, Style

if TYPE_CHECKING:
    from sayline.gateway.commands.bench.report import Figures

# The gateway's defaults (settings.py, codecs/opus.py), spelled out: this file knows nothing of the gateway's encoder.
RATE_HZ: Final = 24_000
FRAME_SAMPLES: Final = 480  # 20 ms
FRAME_S: Final = FRAME_SAMPLES / RATE_HZ
BITRATE: Final = 64_000
COMPLEXITY: Final = 5
_APPLICATION_AUDIO: Final = 2049  # opus_defines.h
_SET_BITRATE: Final = 4002
_SET_COMPLEXITY: Final = 4010
_MAX_PACKET_BYTES: Final = 4_000
_FRAME_48K: Final = 960

TARGET_RATIO: Final = 1.5  # gateway, synthesis included, by floor
_CHARS_PER_S: Final = 25  # fast speech is 20: the text must not run out
_RAMP_S: Final = 5.0


class BareEncoder:
    """One libopus encoder reading straight from the shared sound; nothing is copied but the packet."""

    def __init__(self, library: ctypes.CDLL, sound: np.ndarray[Any, Any], first_frame: int) -> None:
        error = ctypes.c_int()
        self._encode = library.opus_encode
        self._state = library.opus_encoder_create(RATE_HZ, 1, _APPLICATION_AUDIO, ctypes.byref(error))
        library.opus_encoder_ctl(self._state, _SET_BITRATE, ctypes.c_int(BITRATE))
        library.opus_encoder_ctl(self._state, _SET_COMPLEXITY, ctypes.c_int(COMPLEXITY))
        self._address = sound.ctypes.data
        self._frames = len(sound) // FRAME_SAMPLES
        self._at = first_frame
        self._out = ctypes.create_string_buffer(_MAX_PACKET_BYTES)
        self._view = memoryview(self._out)
        self._sequence = 0

    def next_frame(self) -> bytes:
        """Encode the next 20 ms and put the header in front."""
        address = self._address + (self._at % self._frames) * FRAME_SAMPLES * 2
        size = self._encode(self._state, address, FRAME_SAMPLES, self._out, _MAX_PACKET_BYTES)
        pts = self._sequence * _FRAME_48K
        header = HEADER.pack(1, 1, 0, self._sequence, pts, _FRAME_48K, 0, 0)
        self._at += 1
        self._sequence += 1
        return header + self._view[:size]


def bare_library() -> ctypes.CDLL:
    """Load the libopus that the gateway uses, with nothing around it."""
    library = ctypes.CDLL(load_library().opus.api.libopus._name)  # noqa: SLF001 - the only way to ask where it is
    library.opus_encoder_create.restype = ctypes.c_void_p
    library.opus_encoder_create.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_void_p]
    library.opus_encoder_ctl.argtypes = [ctypes.c_void_p, ctypes.c_int]
    library.opus_encode.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p, ctypes.c_int32]
    return library


async def serve_floor(sound_file: Path, *, has_one_timer: bool) -> None:
    """Be the floor, until killed. It says just enough of ``tts.v1`` for the same listeners to listen."""
    library = bare_library()
    sound = np.fromfile(sound_file, "<i2")
    loop = asyncio.get_running_loop()
    playing: dict[ServerConnection, BareEncoder] = {}

    async def keep_one_timer() -> None:
        next_at = loop.time()
        while True:
            for connection, encoder in list(playing.items()):
                with suppress(ConnectionClosed):
                    await connection.send(encoder.next_frame())
            next_at += FRAME_S
            await asyncio.sleep(next_at - loop.time())

    async def keep_own_timer(connection: ServerConnection) -> None:
        encoder, next_at = playing[connection], loop.time()
        with suppress(ConnectionClosed):
            while True:
                await connection.send(encoder.next_frame())
                next_at += FRAME_S
                await asyncio.sleep(next_at - loop.time())

    async def handle(connection: ServerConnection) -> None:
        limits = {"max_lead_ms": 2000}
        await connection.send(json.dumps({"type": "session.ready", "limits": limits, "voices": []}))
        context_id = json.loads(await connection.recv())["context_id"]
        await connection.send(json.dumps({"type": "context.started", "context_id": context_id, "channel": 0}))
        playing[connection] = BareEncoder(library, sound, 37 * len(playing))  # each at another place in the text
        sending = None if has_one_timer else asyncio.create_task(keep_own_timer(connection))
        async for message in connection:
            if json.loads(message)["type"] == "context.cancel":
                break
        if sending is not None:
            sending.cancel()
        del playing[connection]
        await connection.send(json.dumps({"type": "context.done", "context_id": context_id, "reason": "cancel"}))
        await connection.wait_closed()

    async with serve(handle, "127.0.0.1", 0, compression=None, subprotocols=["tts.v1"], max_queue=64) as server:  # type: ignore[list-item] # a NewType of str
        print(f"listening on ws://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
        if has_one_timer:
            await keep_one_timer()
        await server.serve_forever()


async def measure(command: list[str], streams: int, duration_s: float) -> Figures:
    """Put a server under the load: long texts, sent at once so that typing costs nothing while we look."""
    chars = int((duration_s + _RAMP_S) * _CHARS_PER_S)
    texts = tuple(" ".join(CORPUS[first:8] + CORPUS[:first]) + " " for first in range(8))  # the English ones
    plan = LoadPlan(
        streams=streams,
        rate=None,
        duration_s=duration_s,
        ramp_s=_RAMP_S,
        tokens_per_second=0,
        is_long=True,
        reports_playback=False,
        contexts_per_connection=1,
        seed=0,
        scripts=tuple(script((text * (1 + chars // len(text)))[:chars]) for text in texts),
    )
    async with server_process(command) as server:
        return figures(await Load(plan, server.url, meter=server.meter).run())


async def speech(command: list[str], sound_file: Path) -> None:
    """Have the gateway speak the corpus, for the floor to encode."""
    async with (
        server_process(command) as server,
        connect(server.url, format="pcm_s16le", sample_rate=RATE_HZ, max_lead_ms=0) as connection,
        connection.speak(" ".join(CORPUS[:8])) as spoken,
    ):
        sound = b"".join([frame.payload async for frame in spoken.audio()])
    sound_file.write_bytes(sound)  # noqa: ASYNC240 - nothing else runs in this loop


async def synthesis_us_per_frame() -> float:
    """CPU time that espeak-ng's process and our side of it take for 20 ms of sound."""
    synthesizer = EspeakSynthesizer()
    await synthesizer.start()
    child = psutil.Process(synthesizer.process_id)
    samples = 0
    started = time.process_time() + sum(child.cpu_times()[:2])
    for index, text in enumerate(CORPUS[:8]):
        segment = Segment(index, text, text, 0, len(text))
        async for chunk in synthesizer.speak(segment, Style(synthesizer.voices()[0].name)):
            samples += len(chunk.samples)
    cpu_s = time.process_time() + sum(child.cpu_times()[:2]) - started
    await synthesizer.close()
    return 1e6 * cpu_s / (samples / synthesizer.sample_rate_hz / FRAME_S)


async def compare(arguments: argparse.Namespace) -> int:
    """Let the servers take turns, and report the medians."""
    gateway = gateway_command(["--log-level", "warning"])
    costs: dict[str, list[float]] = {"gateway": [], "floor, a timer per stream": [], "floor, one timer": []}
    with tempfile.TemporaryDirectory() as folder:
        sound_file = Path(folder) / "speech.s16"
        await speech(gateway, sound_file)
        floor = [sys.executable, __file__, "--floor", str(sound_file)]
        commands = dict(zip(costs, (gateway, floor, [*floor, "--one-timer"]), strict=True))
        for turn in range(arguments.rounds):
            for name, command in commands.items():
                run = await measure(command, arguments.streams, arguments.duration)
                costs[name].append(run["server"]["cpu_us_per_frame"])
                frames_per_s = run["server"]["frames_per_s"]
                line = f"round {turn + 1}  {name:<26} {costs[name][-1]:>6} us/frame  {frames_per_s} frames/s"
                if command is gateway:  # the floor sends at the last moment: it has no lead to be late against
                    line += f"  lateness p99 {run['lateness_ms']['p99']} ms  {'; '.join(failures(run, ()))}"
                print(line, flush=True)
    spoken = await synthesis_us_per_frame()
    medians = {name: statistics.median(values) for name, values in costs.items()}
    own = medians["gateway"] - spoken
    print(f"\nmedians of {arguments.rounds} at {arguments.streams} streams, CPU time per 20 ms frame")
    for name, cost in medians.items():
        print(f"  {name:<26} {cost:6.1f} us")
    print(f"  {'espeak-ng by itself':<26} {spoken:6.1f} us")
    for name, cost in list(medians.items())[1:]:
        print(f"gateway / {name}: {medians['gateway'] / cost:.2f}, without synthesis {own / cost:.2f}")
    ratio = medians["gateway"] / medians["floor, a timer per stream"]
    print(f"target: at most {TARGET_RATIO}, synthesis included, by the floor with a timer per stream")
    return 0 if ratio <= TARGET_RATIO else 1


def main() -> int:
    """Run the comparison, or be its floor."""
    parser = argparse.ArgumentParser(description="CPU per frame: the gateway, and what is unavoidable.")
    parser.add_argument("--streams", type=int, default=100)
    parser.add_argument("--duration", type=float, default=15.0, help="seconds per turn, after a ramp of 5")
    parser.add_argument("--rounds", type=int, default=3, help="turns of each server; medians are reported")
    parser.add_argument("--floor", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--one-timer", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.floor:
        uvloop.run(serve_floor(arguments.floor, has_one_timer=arguments.one_timer))
        return 0
    return uvloop.run(compare(arguments))


if __name__ == "__main__":
    sys.exit(main())
