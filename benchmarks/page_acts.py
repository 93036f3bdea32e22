"""How soon a visitor of the page hears something: from a press to the first audible sample, in Chromium.

::

    python benchmarks/page_acts.py [--times 5]        # a minute; on a machine that does nothing else

The gateway has its default voices. Each press is the first one on a page that was just opened, so it includes waking
the sound card and fetching the worklet. What counts is the sample that goes to the sound card, recorded as the tests do
(``tests/web_demo/tap.js``); what the sound card itself takes comes on top. Samples and acts are written at 25 tokens a
second, so most of the time is the writer's: it is told apart by what the page says itself (sentence written to sound).
The page is served as a wheel carries it if ``make js`` was run, else as modules.

It exits with 1 if an act's median is above what a newcomer would call at once.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

import browsers  # noqa: E402 - lies in the folder that the line above adds
import page_bundles  # noqa: E402 - the same
from page_listener import Listener, page_gateway, page_url  # noqa: E402 - the same

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from playwright.async_api import Browser

# One listener on a quiet machine: medians, ms, from the press.
MOST_MS = 2500
SHARED = "?say=Somebody+sent+you+this+sentence.+And+this+one+too.&voice=heart"
# What each act presses, and the address that it begins with.
ACTS: dict[str, tuple[str, Callable[[Listener], Awaitable[None]]]] = {
    "Speak": ("", lambda tab: tab.speak.click()),
    "The race": ("", lambda tab: tab.raceAct.click()),
    "Interrupt me": ("", lambda tab: tab.interruptAct.click()),
    "A voice's sample": ("", lambda tab: tab.page.locator(".voice button").first.click()),
    "A shared link": (SHARED, lambda tab: tab.speak.click()),
    "A conversation": ("", lambda tab: tab.page.locator("#samples button:not(.act)").first.click()),
}


async def press(browser: Browser, url: str, act: Callable[[Listener], Awaitable[None]]) -> tuple[float, float]:
    """Open the page, press, and measure: ms from the press, and of these the gateway's, from the sentence written."""
    context = await browser.new_context()
    page = await context.new_page()
    await page.add_init_script(path=ROOT / "tests/web_demo/tap.js")
    tab = Listener(page)
    await tab.visit(url)
    await act(tab)
    await tab.is_sounding()
    lapse = await tab.first_sound_ms()
    gateways = float(await tab.firstSound.inner_text())
    await context.close()
    return lapse, gateways


async def main() -> int:
    """Measure every act and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=5)
    times = parser.parse_args().times
    from playwright.async_api import async_playwright  # noqa: PLC0415 - the dev extra's

    worst = 0.0
    with tempfile.TemporaryDirectory() as folder:
        demo = page_bundles.build_demo(Path(folder)) if page_bundles.ESBUILD.exists() else None
        async with async_playwright() as playwright, page_gateway(demo=demo, engine="embedded") as gateway:
            chromium = await playwright.chromium.launch(
                executable_path=browsers.find_chromium(), args=list(browsers.CHROMIUM_FLAGS)
            )
            print(f"{'act':18} {'press to sound, ms':>30} {'of that the gateway, ms':>26}  ({times} times)")
            for name, (query, act) in ACTS.items():
                lapses, gateways = zip(
                    *[await press(chromium, f"{page_url(gateway)}/{query}", act) for _ in range(times)], strict=True
                )
                median = statistics.median(lapses)
                worst = max(worst, median)
                print(f"{name:18} {median:10.0f} (worst {max(lapses):6.0f}) {statistics.median(gateways):26.0f}")
            await chromium.close()
    if worst > MOST_MS:
        print(f"too late: {worst:.0f} ms, where {MOST_MS} ms are allowed")
    return int(worst > MOST_MS)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
