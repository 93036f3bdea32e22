"""The other programs of examples/ with a real gateway, and what holds for all examples."""

import asyncio
import contextlib
import functools
import http.server
import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import av
import browsers
import pytest
from server_process import ServerProcess

import sayline
from sayline.gateway.settings import Settings
from sayline.gateway.wiring import running_server
from sayline.synthesis.tone import ToneSynthesizer

ROOT = Path(__file__).parents[2]
PATIENCE_S = 120  # what is awaited comes in seconds; a machine that is busy with other work must not fail a test
EXAMPLES = ROOT / "examples"
PROGRAMS = sorted(path for path in EXAMPLES.rglob("*.*") if path.suffix in {".py", ".mjs", ".html"})
MOST_LINES = 50
WAVE = (b"\0\x20" * 40 + b"\0\xe0" * 40) * 100  # 16-bit samples, a second at 8 kHz


def test_the_examples_are_found():
    assert len(PROGRAMS) >= 8


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.name)
def test_an_example_is_short_and_has_a_line_in_the_list_and_a_test(program):
    assert len(program.read_text().splitlines()) <= MOST_LINES
    rows = re.findall(
        r"^\| \[`(\S+?)`\]\((\S+?)\) \|.*\| `(\S+?)::(\w+)` \|$", (EXAMPLES / "README.md").read_text(), re.MULTILINE
    )
    ((_, _, file, test),) = [row for row in rows if row[0] == row[1] == str(program.relative_to(EXAMPLES))]
    assert f"def {test}(" in (ROOT / file).read_text()


def narrate(place, *options, url):
    environ = {**os.environ, "SAYLINE_URL": url}
    command = [sys.executable, "-W", "error", str(EXAMPLES / "narrate.py"), str(place), *options]
    return subprocess.run(command, env=environ, capture_output=True, text=True, timeout=PATIENCE_S, check=False)


def test_a_folder_is_narrated_once_and_a_failure_leaves_no_file(tmp_path):
    (tmp_path / "one.txt").write_text("The first text.\n\nIt has two paragraphs.")
    (tmp_path / "two.md").write_text("# Second\n\nA *short* one.")
    (tmp_path / "three.json").write_text("{}")
    with ServerProcess() as server:
        first = narrate(tmp_path, url=server.url)
        again = narrate(tmp_path / "one.txt", url=server.url)
        refused = narrate(tmp_path / "three.json", "--voice", "nobody", url=server.url)
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout.split() == [str(tmp_path / "one.ogg"), str(tmp_path / "two.ogg")]
    with av.open(str(tmp_path / "one.ogg")) as sound:
        assert sound.streams.audio[0].codec_context.name.endswith("opus")
        assert sum(frame.samples for frame in sound.decode(audio=0)) > 48_000
    assert "is newer" in again.stdout
    assert refused.returncode == 1
    assert "nobody" in refused.stderr
    assert not (tmp_path / "three.ogg").exists()


async def test_a_page_of_another_origin_speaks_and_stops(tmp_path):
    chromium = browsers.find_chromium()
    from playwright.async_api import async_playwright

    with folder_server(tmp_path) as origin:
        async with running_server(Settings(port=0, allow_origins=[origin]), ToneSynthesizer()) as server:
            address = server.url.replace("ws", "http", 1)
            text = (EXAMPLES / "page.html").read_text()
            assert text.count("http://127.0.0.1:8080") == 2
            (tmp_path / "page.html").write_text(text.replace("http://127.0.0.1:8080", address))
            async with async_playwright() as playwright:
                browser = await playwright.chromium.launch(executable_path=chromium, args=list(browsers.CHROMIUM_FLAGS))
                page = await browser.new_page()
                page.set_default_timeout(PATIENCE_S * 1000)
                complaints = []
                page.on("pageerror", lambda error: complaints.append(str(error)))
                await page.goto(f"{origin}/page.html")
                await page.click("#speak")
                await page.wait_for_function("said.textContent === 'Said: Hello. This page lies elsewhere.'")
                await page.fill("#text", "This one goes on for a while. " * 10)
                await page.click("#speak")
                await page.click("#stop")
                await page.wait_for_function("said.textContent.startsWith('Heard:')")
                assert await page.is_enabled("#speak")
                await browser.close()
    assert complaints == []


@contextlib.contextmanager
def folder_server(folder):
    """A web server of another origin."""
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


async def test_an_engine_of_a_package_of_its_own_speaks_by_any_program(tmp_path, monkeypatch):
    """Installed as pip would: beside it lies what the package says of itself."""
    build = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--target",
        str(tmp_path),
    ]
    source = tmp_path / "source"
    source.mkdir()
    for name in ("command_engine.py", "pyproject.toml"):
        (source / name).write_text((EXAMPLES / "command_engine" / name).read_text())
    subprocess.run([*build, str(source)], check=True, timeout=PATIENCE_S)
    monkeypatch.setenv(
        "PYTHONPATH",
        f"{os.environ['PYTHONPATH']}{os.pathsep}{tmp_path}" if "PYTHONPATH" in os.environ else str(tmp_path),
    )
    speaker = tmp_path / "speaker.py"  # a second of a square wave, for any text
    speaker.write_text(f"import sys\nassert sys.stdin.read() == 'Hello.'\nsys.stdout.buffer.write({WAVE})\n")
    command = f"{sys.executable} {speaker}"
    with ServerProcess("--engine", "command", "--command", command, "--command-rate-hz", "8000") as server:
        async with (
            sayline.connect(server.url, format="pcm_s16le", sample_rate=8000) as gateway,
            asyncio.timeout(PATIENCE_S),
        ):
            sound = b"".join([frame.payload async for frame in gateway.speak("Hello.").audio()])
    assert sound == WAVE
