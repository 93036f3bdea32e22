"""Whether everybody can use the page: assistive technology, phones, slow networks, proxies with a prefix."""

import asyncio
from pathlib import Path

import browsers
import pytest
from page_listener import page_gateway, page_url

pytestmark = pytest.mark.asyncio(loop_scope="module")  # that of the browser

AXE = Path(__file__).parents[2] / "build/js/node_modules/axe-core/axe.min.js"
TEXT = "Hello there, listener. This is a tone that goes on for long enough to be looked at. " * 3


async def findings(listener):
    """What axe-core finds wrong, best practices included, as one line each."""
    await listener.evaluate(AXE.read_text())
    return await listener.evaluate(
        """axe.run().then(({violations}) => violations.flatMap(
          ({id, nodes}) => nodes.map((each) => `${id}: ${each.html}`)))"""
    )


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
async def test_axe_finds_nothing_in_any_state(gateway, new_listener, theme, locale):
    browsers.require_file(AXE, "make js")
    listener = await new_listener(page_url(gateway), color_scheme=theme, locale=locale)
    assert await findings(listener) == []
    for details in await listener.page.locator("details summary").all():
        await details.click()
    await listener.wake()
    await listener.raceAct.click()
    await listener.is_sounding()
    assert await findings(listener) == []
    await listener.interruptAct.click()
    await listener.is_sounding()
    await listener.interruptAct.click()
    await listener.page.locator(".verdict").last.wait_for()
    assert await findings(listener) == []
    await listener.evaluate("for (const each of [notice, limits]) each.hidden = !(each.textContent = 'What is wrong')")
    assert await findings(listener) == []


async def test_a_phone_shows_number_words_and_box_in_its_first_screen_and_says_nothing_of_keys(gateway, new_listener):
    listener = await new_listener(
        page_url(gateway), viewport={"width": 390, "height": 664}, is_mobile=True, has_touch=True
    )
    for each in (listener.firstSound, listener.transcript, listener.text, listener.speak):
        box = await each.bounding_box()
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= 664
    assert "Escape" not in await listener.page.locator("body").inner_text()
    assert "Escape" not in await listener.text.input_value()
    sizes = await listener.evaluate(
        """[...document.querySelectorAll("textarea, select, [type=url], [type=password], #chatModel")]
          .map((each) => parseFloat(getComputedStyle(each).fontSize))"""
    )
    assert min(sizes) >= 16  # below, an iPhone zooms in at a touch

    await listener.page.locator("h1").tap()
    place = await listener.text.bounding_box()
    await listener.interruptAct.tap()
    await listener.is_sounding()
    await listener.interruptAct.tap()
    await listener.page.locator(".verdict").wait_for()
    assert await listener.text.bounding_box() == place


async def test_a_phones_silent_switch_is_told_that_this_is_playback(gateway, new_listener):
    """By a stand-in for what Safari alone has; no iPhone was at hand."""
    listener = await new_listener(page_url(gateway), before="navigator.audioSession = { type: 'auto' }")
    assert await listener.evaluate("navigator.audioSession.type") == "playback"


async def test_the_page_works_below_a_prefix_that_a_proxy_takes_off(start, new_listener):
    gateway = await start(page_gateway(allow_origins=("*",)))
    proxy = await start(PrefixProxy("/voice", gateway.port))
    listener = await new_listener(f"http://127.0.0.1:{proxy.port}/voice/")
    await listener.wake()
    await listener.write("Hello there.")
    await listener.is_finished()
    await listener.shows(listener.healthStatus, "ok")
    assert proxy.strayed == []
    await listener.shows(listener.code, f"ws://127.0.0.1:{proxy.port}/voice")


class PrefixProxy:
    """A reverse proxy that serves a gateway below a prefix, one request to a connection."""

    def __init__(self, prefix, port):
        self._prefix = prefix
        self._port = port
        self.strayed = []  # paths that were asked for outside the prefix, but for the recorder of the tests

    async def __aenter__(self):
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_):
        self._server.close()

    async def _carry(self, reader, writer):
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        method, path, rest = head.split(" ", 2)
        if not path.startswith(self._prefix) and path != "/tap_worklet.js":
            self.strayed.append(path)
        rest = rest if "Upgrade: websocket" in rest else rest.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n")
        there, back = await asyncio.open_connection("127.0.0.1", self._port)
        back.write(f"{method} {path.removeprefix(self._prefix)} {rest}".encode())
        async with asyncio.TaskGroup() as both:
            both.create_task(pumped(reader, back))
            both.create_task(pumped(there, writer))


async def pumped(reader, writer):
    try:
        while piece := await reader.read(65536):
            writer.write(piece)
            await writer.drain()
    except ConnectionError:
        pass  # one of the two has hung up
    finally:
        writer.close()
