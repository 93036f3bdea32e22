"""A real headless Chromium on the page of a real gateway."""

from contextlib import AsyncExitStack
from pathlib import Path

import browsers
import page_bundles
import pytest
import pytest_asyncio
from page_listener import PATIENCE_S, Listener, RecordingTones, page_gateway, page_url

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def shared_tones():
    return RecordingTones()


@pytest.fixture
def tones(shared_tones):
    """The engine of ``gateway``, having made nothing yet."""
    shared_tones.made.clear()
    return shared_tones


@pytest.fixture
def own_tones():
    """The engine of a gateway that a test starts for itself."""
    return RecordingTones()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser():
    """One browser for all tests, which takes a second to start; each tab has a profile of its own."""
    path = browsers.find_chromium()
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=path, args=list(browsers.CHROMIUM_FLAGS))
        yield chromium
        await chromium.close()


@pytest_asyncio.fixture(loop_scope="module")
async def start():
    """Starts gateways and networks; they end after the tabs that use them."""
    async with AsyncExitStack() as stack:
        yield stack.enter_async_context


@pytest_asyncio.fixture(loop_scope="module")
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


@pytest.fixture(scope="session")
def bundled(tmp_path_factory):
    """The folder of a demo with its bundle, as in a wheel."""
    return page_bundles.build_demo(tmp_path_factory.mktemp("demo"))


@pytest.fixture(scope="module")
def demo(request):
    """The folder that the page comes from: None, the checkout's modules, unless a test asks for the bundle."""
    return request.getfixturevalue("bundled") if getattr(request, "param", "modules") == "bundle" else None


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def gateway(shared_tones, demo):
    """A gateway with default settings, for all tests that need nothing else: starting one takes a second."""
    async with page_gateway(shared_tones, demo) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def listener(gateway, new_listener):
    return await new_listener(page_url(gateway))
