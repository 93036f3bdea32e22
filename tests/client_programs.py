"""Programs of other people's packages, unmodified, each run by an environment of its own (``make clients``).

A program lies in ``tests/clients/programs``. The test that starts it gives it keywords, hears what it tells, asks it to
act at a moment that the test chooses, and gets the sound that it was given. ``programs/harness.py`` and
``programs/harness.mjs`` are the other end.
"""

import asyncio
import contextlib
import json
import os
import signal
import time
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import browsers
import numpy as np
import pytest
import soxr
from relay import Relay
from server_process import ServerProcess

import sayline

ROOT = Path(__file__).parents[1]
PROGRAMS = ROOT / "tests/clients/programs"
# Each sentence is long enough to be spoken by itself, so its sound does not depend on how fast it is written.
TEXT = (
    "The first sentence of this turn is long enough to be spoken by itself. "
    "The second one is about as long as the first one was, and then it ends."
)
# Where `make clients` puts the environments. Another folder serves several checkouts.
ENVIRONMENTS = Path(os.environ.get("SAYLINE_CLIENTS", ROOT / "build/clients"))
# A framework imports half a gigabyte of packages on a machine that is busy with other work.
PATIENCE_S = 120
# What a relay hears nothing of for so long is over: the gateway sends a frame of sound every 20 to 60 ms.
SILENCE_S = 0.4
# MP3 and AAC begin with up to 60 ms that the encoder adds, and a resampler adds a few more.
LONGEST_SHIFT_S = 0.15
# From 0 to 1: ``assert_same_sound`` says what the same text had.
LEAST_LIKENESS = 0.95
_COMPARED_HZ = 24_000


def interpreter(environment):
    """The command that runs an environment's programs; without the environment the test is skipped, saying so.

    With ``SAYLINE_REQUIRE_CLIENTS=1``, as in ``make clients``, a missing one is a failure.
    """
    is_node = environment == "node"
    path = ENVIRONMENTS / environment / ("node_modules" if is_node else "bin/python")
    if not path.exists():
        what = f"no environment {environment!r} in {ENVIRONMENTS}: make clients"
        pytest.fail(what) if os.environ.get("SAYLINE_REQUIRE_CLIENTS") == "1" else pytest.skip(what)
    return [browsers.find_node()] if is_node else [str(path)]


@dataclass(frozen=True)
class Sound:
    """Mono samples, int16, and their rate."""

    samples: np.ndarray
    rate_hz: int

    @property
    def seconds(self):
        return len(self.samples) / self.rate_hz

    def up_to_its_silence(self):
        """Without what is 50 dB below its loudest at its end."""
        loudness = np.abs(self.samples.astype(np.int32))
        audible = np.flatnonzero(loudness > loudness.max(initial=0) / 300)
        return Sound(self.samples[: audible[-1] + 1] if len(audible) else self.samples, self.rate_hz)

    def at(self, rate_hz):
        """Resampled, as float64 at full scale 1."""
        return soxr.resample(self.samples.astype(np.float64) / 32_768, self.rate_hz, rate_hz)


@dataclass
class Program:
    """A client's program that runs.

    Attributes:
        events: all that it told, in order; ``at`` is its time.monotonic(), which all processes of a machine share.
        printed: what its packages printed.
    """

    process: asyncio.subprocess.Process
    sound_path: Path
    events: list[dict] = field(default_factory=list)
    printed: list[str] = field(default_factory=list)

    def __post_init__(self):
        self._news = asyncio.Condition()
        self._is_over = False
        self._taken = 0
        self._reading = [asyncio.create_task(self._read()), asyncio.create_task(self._read_complaints())]

    async def told(self, event):
        """The next event of this name; those before it are passed over, and stay in ``events``."""
        async with asyncio.timeout(PATIENCE_S), self._news:
            while True:
                for index in range(self._taken, len(self.events)):
                    if self.events[index]["event"] == event:
                        self._taken = index + 1
                        return self.events[index]
                assert not self._is_over, f"it ended without telling {event!r}:\n{self}"
                await self._news.wait()

    async def ask(self, name, **facts):
        """Let it go on from ``asked(name)``."""
        self.process.stdin.write(json.dumps({"name": name, **facts}).encode() + b"\n")
        await self.process.stdin.drain()

    async def finished(self):
        """Wait until it has ended well; returns its last event."""
        async with asyncio.timeout(PATIENCE_S):
            await asyncio.gather(*self._reading)
            status = await self.process.wait()
        assert status == 0, f"it ended with status {status}:\n{self}"
        return self.events[-1] if self.events else None

    @property
    def sound(self):
        """What it was given so far, by ``heard``."""
        rate_hz = next(event["rate"] for event in self.events if event["event"] == "first_sound")
        return Sound(np.frombuffer(self.sound_path.read_bytes(), "<i2"), rate_hz)

    def __str__(self):
        return "\n".join([*map(str, self.events[-20:]), *self.printed[-40:]])

    async def _read(self):
        async for line in self.process.stdout:
            text = line.decode(errors="replace").rstrip()
            async with self._news:
                if text.startswith('{"event":'):
                    self.events.append(json.loads(text))
                    self._news.notify_all()
                elif text:
                    self.printed.append(text)
        async with self._news:
            self._is_over = True
            self._news.notify_all()

    async def _read_complaints(self):
        async for line in self.process.stderr:
            self.printed.append(line.decode(errors="replace").rstrip())


@contextlib.asynccontextmanager
async def run_program(folder, environment, program, *, env=None, **given):
    """Run a program until the block is left.

    Args:
        folder: where its sound lies.
        environment: whose interpreter runs it.
        program: its file in ``tests/clients/programs``.
        env: variables besides those of this process.
        given: what it finds in ``given``.
    """
    sound_path = folder / f"{Path(program).stem}.{time.monotonic_ns()}.pcm"
    sound_path.touch()
    process = await asyncio.create_subprocess_exec(
        *interpreter(environment),
        str(PROGRAMS / program),
        json.dumps({**given, "sound_path": str(sound_path)}),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=2**24,  # an event in one line
        start_new_session=True,
        env={
            **os.environ,
            "PYTHONPATH": str(VIEW),
            "PYTHONUNBUFFERED": "1",
            "SAYLINE_CLIENTS": str(ENVIRONMENTS),
            **(env or {}),
        },
    )
    running = Program(process, sound_path)
    try:
        yield running
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # with what it has started: that holds the ends of our pipes
        await process.wait()
        await asyncio.gather(*running._reading)


def _view():
    """The folder in which ``sayline`` is this checkout, for programs that use our own client."""
    view = ROOT / "build/clients-view"
    view.mkdir(parents=True, exist_ok=True)
    link = view / "sayline"
    if not link.is_symlink():
        with contextlib.suppress(FileExistsError):  # another run was first
            link.symlink_to(ROOT, target_is_directory=True)
    return view


VIEW = _view()


class Gateway(ServerProcess):
    """``sayline serve`` with the embedded voice."""

    @property
    def http_url(self):
        return f"http{self.url.removeprefix('ws')}"

    @property
    def ws_url(self):
        return self.url

    async def until(self, **figures):
        """Wait until ``/health`` says so; an entry is a value, or a function that judges it."""
        until = time.monotonic() + PATIENCE_S
        while True:
            health = await self.health()
            if all(want(health[name]) if callable(want) else health[name] == want for name, want in figures.items()):
                return health
            assert time.monotonic() < until, f"it never said {figures}, but {health}"
            await asyncio.sleep(0.01)


class Tap(Relay):
    """A relay in front of a gateway that notes when bytes passed, and how many.

    Attributes:
        sent: (when, bytes) from the client.
        came: (when, bytes) from the gateway; when is time.monotonic().
    """

    def __init__(self, target):
        super().__init__(target)
        self.sent = []
        self.came = []
        self._passed = asyncio.Event()

    @property
    def ws_url(self):
        return f"ws://127.0.0.1:{self.port}"

    @property
    def http_url(self):
        return f"http://127.0.0.1:{self.port}"

    async def _pump(self, reader, writer, whom):
        with contextlib.suppress(OSError):
            while data := await reader.read(65_536):
                (self.came if whom == "client" else self.sent).append((time.monotonic(), len(data)))
                self._passed.set()
                writer.write(data)
                await writer.drain()
        writer.close()

    async def all_written(self):
        """Wait until the client has written nothing for a while."""
        while (left_s := self.sent[-1][0] + SILENCE_S - time.monotonic()) > 0:
            await asyncio.sleep(left_s)

    async def silent_after(self, moment):
        """Wait until the gateway sends nothing more; how many seconds after the moment its last bytes came."""
        while True:
            self._passed.clear()
            try:
                async with asyncio.timeout(SILENCE_S):
                    await self._passed.wait()
            except TimeoutError:
                return max((when for when, _ in self.came), default=moment) - moment


async def spoken(gateway, text, *, rate_hz=24_000, **style):
    """The synthesizer's own sound of a text, by the native protocol and without a codec: what others should hear."""
    async with (
        sayline.connect(gateway.url, format="pcm_s16le", sample_rate=rate_hz, max_lead_ms=0) as connection,
        connection.speak(text, **style) as speech,
    ):
        pieces = [frame.payload for frame in await speech.collect()]
    return Sound(np.frombuffer(b"".join(pieces), "<i2"), rate_hz)


def assert_same_sound(heard, reference):
    """What a client decoded is what the synthesizer made, apart from its codec and a shift in time.

    espeak-ng puts noise of its own into each utterance and makes some up to 20 ms longer, so no two have the same
    samples. What is compared is how the energy of each band of the spectrum goes up and down: 0.968 to 0.999 for the
    same text (180 speeches without loss; 0.955 to 0.991 for 180 as MP3, AAC and Opus), 0.2 for another one.

    Silence at the end does not count: espeak-ng leaves out the pause behind a speech's last sentence if it is known to
    be the last when it is spoken, so it depends on when the end is written.

    Args:
        heard: of the client.
        reference: of ``spoken``.
    """
    heard, reference = heard.up_to_its_silence(), reference.up_to_its_silence()
    assert abs(heard.seconds - reference.seconds) <= LONGEST_SHIFT_S, (
        f"{heard.seconds:.2f} s were heard, {reference.seconds:.2f} s made"
    )
    found = likeness(heard, reference)
    assert found >= LEAST_LIKENESS, f"likeness {found:.3f}"


async def spoken_one_by_one(gateway, sentences):
    """The synthesizer's own sound of sentences, each of which is a request of its own: with no pause behind it.

    Over HTTP, for there the end is known with the text.
    """
    async with aiohttp.ClientSession() as session:
        parts = []
        for sentence in sentences:
            body = {"input": sentence, "response_format": "pcm"}
            async with session.post(f"{gateway.http_url}/v1/audio/speech", json=body) as answer:
                parts.append(Sound(np.frombuffer(await answer.read(), "<i2"), 24_000))
    return parts


def assert_same_sounds(heard, references):
    """What a client decoded is one sound after the other, each as ``assert_same_sound`` has it.

    espeak-ng's own 20 ms more or less would add up if they were compared as a whole.
    """
    begin = 0
    for reference in references:
        end = begin + len(reference.samples)
        found = likeness(Sound(heard.samples[begin:end], heard.rate_hz), reference)
        assert found >= LEAST_LIKENESS, f"likeness {found:.3f} from {begin / heard.rate_hz:.2f} s on"
        begin = end
    made_s = begin / heard.rate_hz
    assert abs(heard.seconds - made_s) <= LONGEST_SHIFT_S, f"{heard.seconds:.2f} s were heard, {made_s:.2f} s made"


def likeness(heard, reference):
    """How alike two sounds are: the best correlation of their spectrograms, in steps of 10 ms."""
    steps = round(LONGEST_SHIFT_S * 100)
    rate_hz = min(_COMPARED_HZ, heard.rate_hz, reference.rate_hz)
    one, other = (_spectrogram(sound.at(rate_hz), rate_hz) for sound in (heard, reference))
    best = 0.0
    for shift in range(-steps, steps + 1):
        left, right = one[max(0, shift) :], other[max(0, -shift) :]
        length = min(len(left), len(right))
        best = max(best, np.corrcoef(left[:length].ravel(), right[:length].ravel())[0, 1])
    return best


def _spectrogram(samples, rate_hz):
    """Energies in dB of bands of a third of an octave, from 100 Hz on: (n, bands), every 10 ms, 60 dB deep."""
    hop, size = rate_hz // 100, rate_hz // 25
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(samples, (0, size)), size)[::hop] * np.hanning(size)
    power = np.abs(np.fft.rfft(frames)) ** 2
    edges = 100 * 2 ** (np.arange(0, 3 * np.log2(0.9 * rate_hz / 2 / 100)) / 3)
    bins = np.round(edges * size / rate_hz).astype(int)
    bands = np.add.reduceat(power, np.unique(bins), axis=1)[:, :-1]
    level = 10 * np.log10(bands + 1e-12)
    return np.maximum(level, level.max() - 60)
