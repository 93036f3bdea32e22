"""The pictures of docs/screenshots: the page as a visitor sees it, in Chromium, on a gateway with its default voices.

::

    python benchmarks/page_pictures.py [FOLDER]       # half a minute; the times on the pictures want a quiet machine

Look at each before it is committed. The page is served as a wheel carries it if ``make js`` was run, else as modules.
"""

from __future__ import annotations

import asyncio
import base64
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

import browsers  # noqa: E402 - lies in the folder that the line above adds
import page_bundles  # noqa: E402 - the same
from page_listener import Listener, page_gateway, page_url  # noqa: E402 - the same

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

QUALITY = 0.8  # of WebP, of 1: text stays sharp, and no picture is larger than 100 kB
DESK: dict[str, Any] = {"viewport": {"width": 1280, "height": 860}}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 700},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}
# A PNG as WebP, which playwright does not write: the browser does.
WEBP = """async ([png, quality]) => {
  const bitmap = await createImageBitmap(await (await fetch("data:image/png;base64," + png)).blob());
  const canvas = Object.assign(document.createElement("canvas"), { width: bitmap.width, height: bitmap.height });
  canvas.getContext("2d").drawImage(bitmap, 0, 0);
  return canvas.toDataURL("image/webp", quality).split(",")[1];
}"""


async def idle(tab: Listener) -> None:
    """Press nothing."""


async def speaking(tab: Listener) -> None:
    """Press a conversation, and look while it is heard."""
    await tab.page.locator("#samples button:not(.act)").first.click()
    await _heard_for(tab, 2500)


async def second(tab: Listener) -> None:
    """Press the second conversation."""
    await tab.page.locator("#samples button:not(.act)").nth(1).click()
    await _heard_for(tab, 2500)


async def race(tab: Listener) -> None:
    """Wait until both runners were heard."""
    await tab.raceAct.click()
    await tab.shows(tab.page.locator(".race-verdict"), r"[\d.]+ s sooner")


async def talking(tab: Listener) -> None:
    """Look at the talker who wants to be interrupted."""
    await tab.interruptAct.click()
    await _heard_for(tab, 2500)


async def interrupted(tab: Listener) -> None:
    """Interrupt the talker."""
    await talking(tab)
    await tab.interruptAct.click()
    await tab.has_rendered(500)


async def _heard_for(tab: Listener, milliseconds: int) -> None:
    await tab.is_sounding()
    await tab.has_rendered(milliseconds)


PICTURES: dict[str, tuple[dict[str, Any], Callable[[Listener], Awaitable[None]]]] = {
    "idle": (DESK, idle),
    "speaking": (DESK, speaking),
    "race": (DESK, race),
    "interrupted": (DESK, interrupted),
    "chinese": ({**DESK, "locale": "zh-CN"}, speaking),
    "dark": ({**DESK, "color_scheme": "dark"}, second),
    "phone": (PHONE, talking),
}


async def main() -> None:
    """Take every picture."""
    target = Path(sys.argv[1]) if sys.argv[1:] else ROOT / "docs/screenshots"
    from playwright.async_api import async_playwright  # noqa: PLC0415 - the dev extra's

    with tempfile.TemporaryDirectory() as folder:
        demo = page_bundles.build_demo(Path(folder)) if page_bundles.ESBUILD.exists() else None
        async with async_playwright() as playwright, page_gateway(demo=demo, engine="embedded") as gateway:
            chromium = await playwright.chromium.launch(
                executable_path=browsers.find_chromium(), args=list(browsers.CHROMIUM_FLAGS)
            )
            blank = await chromium.new_page()
            for name, (options, act) in PICTURES.items():
                context = await chromium.new_context(**options)
                page = await context.new_page()
                await page.add_init_script(path=ROOT / "tests/web_demo/tap.js")
                tab = Listener(page)
                await tab.visit(page_url(gateway))
                await act(tab)
                png = base64.b64encode(await page.screenshot()).decode()
                picture = base64.b64decode(await blank.evaluate(WEBP, [png, QUALITY]))
                (target / f"{name}.webp").write_bytes(picture)
                print(f"{name:12} {len(picture) / 1000:5.0f} kB")
                await context.close()
            await chromium.close()


if __name__ == "__main__":
    asyncio.run(main())
