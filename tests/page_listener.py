"""A browser tab on a gateway's page, what goes to its sound card, and an engine that keeps what it made."""

import asyncio
import base64
import re
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path

import numpy as np
import soxr
from wire_peer import correlation

from sayline.gateway.http_answers import HttpAnswer
from sayline.gateway.serving.pages import read_demo
from sayline.gateway.settings import Settings
from sayline.gateway.wiring import running_server
from sayline.synthesis.tone import ToneSynthesizer

RATE_HZ = 48_000
# Generous: what is awaited comes in a second or two, and a machine that is busy with other work must not fail a test.
PATIENCE_S = 60
# Below the tone by 60 dB, above what a decoder makes of silence.
AUDIBLE = 2e-4
HOLE = 3 * RATE_HZ // 1000
# The order of the writing speeds in choices.js.
AT_ONCE = "10"


class RecordingTones(ToneSynthesizer):
    """The tone engine, with everything that it made kept by segment text, in the order in which it was made."""

    def __init__(self):
        super().__init__()
        self.made = {}

    async def speak(self, segment, style, *others):
        chunks = self.made[segment.text] = []
        async for chunk in super().speak(segment, style, *others):
            chunks.append(chunk.samples)
            yield chunk

    def sound(self, *starts):
        """What was made for the segments that begin so (all, by default), at 48 kHz."""
        chosen = [
            chunk for text, chunks in self.made.items() if not starts or text.startswith(starts) for chunk in chunks
        ]
        return soxr.resample(np.concatenate(chosen).astype(np.float64), self.sample_rate_hz, RATE_HZ)


class Listener:
    """A browser tab on the gateway's page, and what it sends to the sound card."""

    def __init__(self, page):
        self.page = page
        self.complaints = []  # what the console shows beyond information, and what nobody caught
        self.requested = []
        self.sent = []  # (seconds, message) over its WebSockets
        page.set_default_timeout(PATIENCE_S * 1000)

        # Closures, because playwright looks for attributes of its own on the owner of a bound method.
        def note_console(message):
            if message.type in ("error", "warning", "assert"):
                self.complaints.append(f"{message.type}: {message.text}")

        def note_sent(message):
            self.sent.append((asyncio.get_running_loop().time(), message))

        page.on("console", note_console)
        page.on("pageerror", lambda error: self.complaints.append(f"uncaught: {error}"))
        page.on("request", lambda request: self.requested.append(request.url))
        page.on("websocket", lambda socket: socket.on("framesent", note_sent))

    def __getattr__(self, element_id):
        """An element of the page by its id."""
        return self.page.locator(f"#{element_id}")

    async def evaluate(self, script):
        """Run a script in the page, and wait for what it promises; playwright itself would wait for ever."""
        async with asyncio.timeout(PATIENCE_S):
            return await self.page.evaluate(script)

    async def visit(self, url):
        await self.page.goto(url)
        await self.is_connected()

    async def is_connected(self):
        from playwright.async_api import expect

        await expect(self.connection).to_have_attribute("data-state", "ready", timeout=PATIENCE_S * 1000)

    async def shows(self, locator, pattern):
        from playwright.async_api import expect

        await expect(locator).to_have_text(re.compile(pattern), timeout=PATIENCE_S * 1000)

    async def wake(self):
        """Press somewhere, as a person does before long, so that the sound card is awake and recorded."""
        await self.page.locator("h1").click()
        await self.evaluate("tap.ready")

    async def choose(self, **values):
        """Set pickers and ranges."""
        for element_id, value in values.items():
            element = self.page.locator(f"#{element_id}")
            if await element.evaluate("element => element.tagName") == "SELECT":
                await element.select_option(value)
            else:
                await element.fill(value)

    async def write(self, text):
        """Put a text in the box and have it spoken, all at once."""
        await self.choose(pace=AT_ONCE)
        await self.text.fill(text)
        await self.speak.click()

    async def is_sounding(self):
        await self.shows(self.firstSound, r"\d+")

    async def is_finished(self):
        await self.shows(self.status, "Finished")
        await self.page.locator(".turn").last.and_(self.page.locator(".settled")).wait_for()

    async def has_rendered(self, milliseconds):
        """Wait until the sound card has gone so far from now."""
        await self.evaluate(f"tap.passed(tap.frameNow() + {milliseconds * RATE_HZ // 1000})")

    async def recorded(self):
        """All that went to the sound card: (frame at which it begins, (n,) float64)."""
        await self.has_rendered(200)
        read = await self.evaluate("tap.read()")
        samples = np.frombuffer(base64.b64decode(read["samples"]), np.float32).astype(np.float64)
        return read["start"], samples

    async def first_sound_ms(self):
        """From the last press until the first audible sample goes to the sound card; there was silence before."""
        pressed, now, frame_now = await self.evaluate("[tap.pressedAt, performance.now(), tap.frameNow()]")
        start, samples = await self.recorded()
        first = start + np.flatnonzero(np.abs(samples) > AUDIBLE)[0]
        lapse = now - (frame_now - first) * 1000 / RATE_HZ - pressed
        assert lapse > 0, "there was sound before the press"
        return lapse

    async def heard(self):
        """What was audible, from the first sample to the last."""
        _, samples = await self.recorded()
        audible = np.flatnonzero(np.abs(samples) > AUDIBLE)
        assert len(audible) > 0, "nothing was heard"
        return samples[audible[0] : audible[-1] + 1]


RECORDED_BLOCK = 4096  # samples at once, where there is no worklet to record with (tap.js)


def without_holes(samples):
    """Close up silences of 3 ms and more: tones have none, so each is a wait of the player (or of a busy machine)."""
    audible = np.flatnonzero(np.abs(samples) > AUDIBLE)
    kept = np.ones(len(samples), bool)
    for before in np.flatnonzero(np.diff(audible) > HOLE):
        kept[audible[before] + 1 : audible[before + 1]] = False
    return samples[kept]


def assert_same_sound(heard, made, least=0.95):
    """The same length, to a packet, and the same wave; where the player had to wait, what comes after is joined on."""
    heard = without_holes(heard)
    assert abs(len(heard) - len(made)) <= 960
    assert correlation(heard, made)[0] >= least


def assert_mostly_same_sound(heard, made):
    """As above, by a recorder that a busy page makes lose blocks: most of the others are what was made about there."""
    heard = without_holes(heard)
    assert abs(len(heard) - len(made)) <= 4 * RECORDED_BLOCK
    places = range(0, len(heard) - RECORDED_BLOCK, RECORDED_BLOCK)
    alike = [
        is_found(heard[at : at + RECORDED_BLOCK], made[max(0, at - 4 * RECORDED_BLOCK) :][: 9 * RECORDED_BLOCK])
        for at in places
    ]
    assert sum(alike) > len(alike) / 2


def is_found(block, sound):
    """Tell whether a block is the same wave as some stretch of a sound."""
    products = np.correlate(sound, block, "valid")
    energies = np.convolve(np.square(sound), np.ones(len(block)), "valid")
    return (products >= 0.9 * np.linalg.norm(block) * np.sqrt(energies)).any()


@asynccontextmanager
async def page_gateway(synthesizer=None, demo=None, **changes):
    """A gateway that also serves the recorder's module: a page's policy lets it load what its own server has only.

    ``demo`` is a folder to serve the page from, instead of the checkout's.
    """
    async with running_server(Settings(**{"port": 0, "engine": "espeak", **changes}), synthesizer) as running:
        if demo is not None:
            running._pages._files = read_demo(demo)
        tap = (Path(__file__).parent / "web_demo/tap_worklet.js").read_bytes()
        running._pages._files["/tap_worklet.js"] = HttpAnswer(HTTPStatus.OK, tap, "text/javascript")
        yield running


def page_url(gateway):
    return gateway.url.replace("ws", "http", 1)
