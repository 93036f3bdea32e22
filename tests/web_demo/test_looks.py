"""Whether everybody can use the page: assistive technology, phones, slow networks, proxies with a prefix."""

import asyncio
import contextlib
from contextlib import asynccontextmanager
from pathlib import Path

import browsers
import pytest
from page_listener import PATIENCE_S, page_gateway, page_url
from proxies import free_port, nginx, program, recipe

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


@pytest.mark.parametrize(("slash", "demo"), [("/", "bundle"), ("", "modules")], indirect=["demo"], scope="module")
async def test_the_page_works_below_a_prefix_behind_nginx(start, demo, new_listener, tmp_path, slash):
    """As docs/PROXIES.md has it; with the slash nginx takes the prefix off, and without it the gateway does."""
    port = free_port()
    address = f"http://127.0.0.1:{port}/voice"
    gateway = await start(page_gateway(demo=demo, public_url=address))
    site = recipe("nginx", 1).replace("8080/;", f"8080{slash};")
    tap = f"location = /tap_worklet.js {{ proxy_pass http://127.0.0.1:{gateway.port}; }}"  # the tests' own
    await start(running(nginx(site.replace("location", f"{tap}\nlocation", 1), tmp_path, gateway.port, port), port))

    listener = await new_listener()  # it complains of whatever is asked for outside the prefix: nginx has nothing there
    await listener.visit(address)
    assert listener.page.url == f"{address}/"
    await listener.wake()
    await listener.write("Hello there.")
    await listener.is_finished()
    await listener.shows(listener.healthStatus, "ok")
    await listener.shows(listener.code, f"ws://127.0.0.1:{port}/voice")


@asynccontextmanager
async def running(command, port):
    """A proxy, from when it listens."""
    program_name, *arguments = map(str, command)
    process = await asyncio.create_subprocess_exec(program(program_name), *arguments)
    try:
        async with asyncio.timeout(PATIENCE_S):
            while True:
                with contextlib.suppress(ConnectionError):
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                    writer.close()
                    break
                await asyncio.sleep(0.05)
        yield
    finally:
        process.kill()
        await process.wait()
