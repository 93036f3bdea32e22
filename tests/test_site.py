"""The documents as a site: mkdocs builds them without a warning, in both languages."""

import functools
import http.server
import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import browsers
import pytest

import sayline

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    build = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", folder],
        cwd=ROOT, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert build.returncode == 0, build.stderr
    return folder


def pages(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("index.html")}


@pytest.mark.slow
def test_both_languages_have_every_page_and_no_link_is_broken(site):
    chinese = pages(site / "zh")
    english = {page for page in pages(site) if not page.startswith("zh/")}
    sources = [path for path in (ROOT / "docs").rglob("*.md") if ".zh." not in path.name]

    assert english == chinese
    assert len(english) == len(sources)


@pytest.mark.slow
def test_a_chinese_address_holds_chinese_or_says_that_it_does_not(site):
    for page in pages(site / "zh"):
        text = re.search(r"<article.*?</article>", (site / "zh" / page).read_text(), re.DOTALL)[0]
        own = (ROOT / "docs" / page.replace("/index.html", ".zh.md").replace("index.html", "index.zh.md")).is_file()
        assert ("本页尚无中文版" in text) != own, page


@pytest.mark.slow
@pytest.mark.parametrize("name", ["BENCHMARKS", "PERFORMANCE"])
def test_a_chinese_summary_leads_to_the_english_page(site, name):
    summary = site / "zh" / name / "index.html"
    (target,) = set(re.findall(r'<a href="([^"]+)">英文页</a>', summary.read_text()))

    assert (summary.parent / target / "index.html").resolve() == site.resolve() / name / "index.html"


@pytest.mark.slow
def test_no_file_of_the_repository_outside_the_documents_is_linked_as_a_page(site):
    for page in site.rglob("*.html"):
        for target in re.findall(r'<a[^>]* href="([^"]+)"', page.read_text()):
            assert "://" in target or not re.search(r"\.(md|py|toml|yaml)(#|$)", target), (page, target)


@pytest.mark.parametrize("page", ["python.md", "python.zh.md"])
def test_the_page_of_the_python_api_has_every_name_that_the_package_exports(page):
    shown = re.findall(r"^::: sayline\.(\w+)$", (ROOT / "docs/reference" / page).read_text(), re.MULTILINE)

    assert sorted(shown) == sorted(name for name in sayline.__all__ if name != "__version__")


@pytest.mark.slow
async def test_a_page_with_diagrams_asks_no_other_host(site):
    """The script that draws them comes with the site, or they stay text."""
    from playwright.async_api import async_playwright

    serving = functools.partial(http.server.SimpleHTTPRequestHandler, directory=site)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), serving)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path=browsers.find_chromium(), args=list(browsers.CHROMIUM_FLAGS)
            )
            page = await browser.new_page()
            asked = []
            page.on("request", lambda request: asked.append(request.url))
            own = f"http://127.0.0.1:{server.server_port}/"
            await page.goto(f"{own}concepts/")
            if (ROOT / "build/mermaid/mermaid.min.js").exists():
                await page.wait_for_function("document.querySelectorAll('div.mermaid').length == 5")  # drawn in shadows
            else:
                await page.wait_for_load_state("networkidle")
                assert await page.locator("pre.mermaid").count() == 0
            await browser.close()
    finally:
        server.shutdown()
        server.server_close()
    assert len(asked) > 3
    assert [url for url in asked if not url.startswith((own, "data:", "blob:"))] == []
