"""A real headless Chromium on the page of a real gateway."""

from contextlib import AsyncExitStack
from pathlib import Path

import browsers
import pytest
import pytest_asyncio
from page_listener import PATIENCE_S, Listener, RecordingTones, page_gateway, page_url

HERE = Path(__file__).parent


@pytest.fixture
def tones():
    return RecordingTones()


@pytest_asyncio.fixture
async def browser():
    path = browsers.find_chromium()
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=path, args=list(browsers.CHROMIUM_FLAGS))
        yield chromium
        await chromium.close()


@pytest_asyncio.fixture
async def start():
    """Starts gateways and networks; they end after the tabs that use them."""
    async with AsyncExitStack() as stack:
        yield stack.enter_async_context


@pytest_asyncio.fixture
async def new_listener(browser, start):  # noqa: ARG001 - set up after what it visits, so torn down before
    """Opens a tab of its own profile; at the end none may have complained."""
    listeners = []

    async def open_tab(url=None, *, tolerates=(), before="", **options):
        context = await browser.new_context(**options)
        context.set_default_timeout(PATIENCE_S * 1000)
        page = await context.new_page()
        if before:
            await page.add_init_script(before)
        await page.add_init_script(path=HERE / "tap.js")
        listener = Listener(page)
        listeners.append((listener, tolerates))
        if url is not None:
            await listener.visit(url)
        return listener

    yield open_tab
    for listener, tolerates in listeners:
        await listener.page.context.close()
        assert [each for each in listener.complaints if not any(part in each for part in tolerates)] == []


@pytest_asyncio.fixture
async def gateway(tones, start):
    return await start(page_gateway(tones))


@pytest_asyncio.fixture
async def listener(gateway, new_listener):
    return await new_listener(page_url(gateway))
