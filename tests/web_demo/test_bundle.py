"""What the page costs to open, and that the bundle of the wheel is the page that the modules are."""

import asyncio
from urllib.parse import urlsplit

import pytest
from page_listener import assert_same_sound, page_gateway, page_url

pytestmark = pytest.mark.asyncio(loop_scope="module")  # that of the browser

MOST_REQUESTS = 9
MOST_BYTES = 70_000


class Wire:
    """What a tab asks for, and the bytes of the answers as they come over the wire, heads included."""

    def __init__(self):
        self.paths = []
        self.bytes = 0
        self.open = set()
        self.all_came = asyncio.Event()

    @classmethod
    async def of(cls, page):
        wire = cls()
        devtools = await page.context.new_cdp_session(page)
        await devtools.send("Network.enable")
        devtools.on("Network.requestWillBeSent", wire._asked)
        devtools.on("Network.webSocketCreated", lambda event: wire.paths.append(urlsplit(event["url"]).path))
        devtools.on("Network.loadingFinished", wire._came)
        return wire

    def _asked(self, event):
        self.paths.append(urlsplit(event["request"]["url"]).path)
        self.open.add(event["requestId"])
        self.all_came.clear()

    def _came(self, event):
        self.bytes += event["encodedDataLength"]
        self.open.discard(event["requestId"])
        if not self.open:
            self.all_came.set()


def asked_of(gateway):
    """The paths that a gateway answers from now on; a browser tells its driver of no module that a worklet loads."""
    paths, answer = [], gateway._pages.answer

    def note(method, path):
        paths.append(path)
        return answer(method, path)

    gateway._pages.answer = note
    return paths


async def opened(listener, gateway):
    """Open the page and wait until it can speak and all that it asked for is there."""
    wire = await Wire.of(listener.page)
    await listener.visit(page_url(gateway))
    await listener.shows(listener.healthStatus, "ok")
    await wire.all_came.wait()
    return wire


async def test_the_bundled_page_can_speak_after_fewer_than_ten_requests_and_70_kb(start, bundled, new_listener):
    """All that a first visit costs until the page is connected, which is more than what its first paint waits for."""
    gateway = await start(page_gateway(demo=bundled))
    wire = await opened(await new_listener(), gateway)

    assert len(wire.paths) <= MOST_REQUESTS, wire.paths
    assert wire.bytes <= MOST_BYTES
    assert {"/", "/page/main.js", "/page/style.css", "/v1/voices", "/v1/tts/stream"} <= set(wire.paths)


async def test_the_first_paint_waits_for_no_script(start, bundled, new_listener):
    gateway = await start(page_gateway(demo=bundled))
    listener = await new_listener()
    may_come = asyncio.Event()

    async def hold(route):
        await may_come.wait()
        await route.continue_()

    await listener.page.route("**/page/main.js", hold)
    await listener.page.goto(page_url(gateway), wait_until="commit")
    await listener.evaluate(
        """new Promise((resolve) => new PerformanceObserver((list) => {
          if (list.getEntriesByName("first-contentful-paint").length) resolve();
        }).observe({ type: "paint", buffered: true }))"""
    )
    asked = {urlsplit(url).path for url in listener.requested}
    may_come.set()
    await listener.is_connected()

    assert asked == {"/", "/page/main.js", "/page/style.css", "/page/favicon.svg"}


async def test_a_second_visit_is_answered_in_heads(start, bundled, new_listener):
    gateway = await start(page_gateway(demo=bundled))
    listener = await new_listener()
    first = await opened(listener, gateway)
    again = await opened(listener, gateway)

    assert again.bytes < 8000  # of which the list of voices is most
    assert first.bytes - again.bytes > 30_000  # it saw both


async def test_the_bundle_loads_its_own_worklet_and_sounds_as_the_engine_made_it(
    own_tones, start, bundled, new_listener
):
    gateway = await start(page_gateway(own_tones, demo=bundled))
    asked = asked_of(gateway)
    listener = await new_listener(page_url(gateway))
    assert [path for path in asked if path.endswith(".js")] == ["/page/main.js"]  # what is not needed yet is not loaded
    await listener.wake()
    await listener.write("Hello there, listener. This is a tone.")
    await listener.is_finished()

    assert_same_sound(await listener.heard(), own_tones.sound())
    await listener.shows(listener.page.locator("#path"), "audio worklet")
    scripts = [path for path in asked if path.endswith(".js")]
    assert sorted(scripts) == ["/page/main.js", "/page/playback_worklet.js", "/tap_worklet.js"]


async def test_the_bundle_plays_samples_where_there_is_no_decoder(own_tones, start, bundled, new_listener):
    gateway = await start(page_gateway(own_tones, demo=bundled))
    listener = await new_listener(page_url(gateway), before="delete globalThis.AudioDecoder")
    await listener.wake()
    await listener.write("Hello there, listener.")
    await listener.is_finished()

    assert_same_sound(await listener.heard(), own_tones.sound())
