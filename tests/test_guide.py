"""docs/ in two languages: a newcomer's walk through each page, with the page's own commands and programs.

A page's blocks are run in order, in one empty folder, beside a gateway of the test's own that takes the place of
the one at 127.0.0.1:8080. The Chinese pages have the same blocks, so one walk does for both.
"""

import asyncio
import os
import re
import signal
import sys

import browsers
import guide
import pytest
from guide import ROOT, blocks, pages, twin_of

from sayline.gateway.settings import Settings
from sayline.gateway.wiring import running_server

PATIENCE_S = 120  # for one block; a shared machine starts some of them slowly
ADDRESS = re.compile(r"127\.0\.0\.1:8080|localhost:8080")
# Tested from the document itself: RTF.md's commands need a GPU, and are checked for flags that exist.
OTHER_TESTS = {"docs/RTF.md"}
WALKED = [page for page in pages() if page not in OTHER_TESTS and any(b.language in guide.RUN for b in blocks(page))]
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def runnable(page):
    return [block for block in blocks(page) if not block.mark and block.language in guide.RUN]


@pytest.mark.parametrize("page", pages())
def test_both_languages_have_the_same_code_and_the_same_marks(page):
    english, chinese = blocks(page), blocks(twin_of(page))

    # Drawings have words of their own.
    assert [(b.language, bool(b.mark), b.language != "mermaid" and b.code) for b in english] == [
        (b.language, bool(b.mark), b.language != "mermaid" and b.code) for b in chinese
    ]
    assert all(CHINESE.search(block.mark) for block in chinese if block.mark)
    assert not any(CHINESE.search(block.mark) for block in english)


@pytest.mark.parametrize("page", pages())
def test_a_chinese_page_has_the_sections_and_the_tables_of_its_twin(page):
    english, chinese = (ROOT / page).read_text(), (ROOT / twin_of(page)).read_text()

    assert re.findall(r"^#+ ", chinese, re.MULTILINE) == re.findall(r"^#+ ", english, re.MULTILINE)
    rows = [len(re.findall(r"^\|", text, re.MULTILINE)) for text in (chinese, english)]
    assert rows[0] == rows[1]
    assert len(CHINESE.findall(chinese)) > 150


def test_pages_without_a_twin_are_those_that_say_so_on_the_site():
    """A page that comes later is written in both languages, or named here."""
    with_twin = {page for page in pages() if page.startswith("docs/")}
    all_pages = {str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md") if ".zh." not in path.name}
    handbook = {page for page in all_pages if re.match(r"docs/[A-Z]", page)}  # the older, longer pages

    assert all_pages - with_twin - handbook == {page for page in ENGLISH_ONLY if (ROOT / page).exists()}


ENGLISH_ONLY = {"docs/reference/python.md", "docs/reference/javascript.md"}


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page in WALKED if runnable(page)])
async def test_a_newcomer_walks_through_the_page(page, tmp_path):
    (tmp_path / "bin").mkdir()
    command = tmp_path / "bin/sayline"
    command.write_text(f'#!/bin/sh\nexec {sys.executable} -m sayline.gateway.cli "$@"\n')
    command.chmod(0o755)
    (tmp_path / "bin/python").symlink_to(sys.executable)
    (tmp_path / "node_modules").mkdir()
    (tmp_path / "node_modules/sayline").symlink_to(ROOT / "web_demo")
    walk = tmp_path / "walk"
    walk.mkdir()
    (walk / "node_modules").symlink_to(tmp_path / "node_modules")
    async with running_server(Settings(port=0, engine="espeak")) as gateway:
        host = gateway.url.removeprefix("ws://")
        env = {
            **os.environ,
            "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}",
            "SAYLINE_URL": gateway.url,
            "SAYLINE_PORT": "0",
            "SAYLINE_ENGINE": "espeak",
            "PYTHONWARNINGS": "error",
        }
        for number, block in enumerate(runnable(page)):
            code = ADDRESS.sub(host, block.code)
            if block.language in ("toml", "html"):
                (walk / named(code, f"{number}.{block.language}")).write_text(code)
            elif block.language == "sh":
                await in_shell(code, walk, env)
            else:
                program = walk / f"{number}.{'py' if block.language == 'python' else 'mjs'}"
                program.write_text(code)
                run = [sys.executable] if block.language == "python" else [browsers.find_node(), *OLD_NODE]
                await finishes([*run, str(program)], walk, env)


OLD_NODE = ("--experimental-websocket",)  # Node.js 20 and 21 have WebSocket behind it; later ones take the flag too


def named(code, otherwise):
    """A file's name, as its first line says it: ``# sayline.toml``."""
    name = re.match(r"(?:#|<!--) (\S+\.\w+)", code)
    return name[1] if name else otherwise


async def in_shell(code, folder, env):
    if re.search(r"^(?:[A-Z_]+=\S+ )*sayline serve\b", code, re.MULTILINE):
        await serves(code, folder, env)
    else:
        await finishes(["bash", "-euo", "pipefail", "-c", code], folder, env)


async def finishes(command, folder, env):
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, env=env, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await asyncio.wait_for(process.communicate(), PATIENCE_S)
    assert process.returncode == 0, f"{command[-1]}\n{said.decode()}"


async def serves(code, folder, env):
    """A server that a page starts is told its address, and ends well when it is told to."""
    assert code.rstrip().count("\n") == code.count("\\\n"), "a server is started by a block of its own"
    process = await asyncio.create_subprocess_exec(
        "bash", "-euo", "pipefail", "-c", f"exec env {code}", cwd=folder, env=env,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    first = await asyncio.wait_for(process.stdout.readline(), PATIENCE_S)
    assert re.search(rb"https?://\S+", first), (first, code)
    process.send_signal(signal.SIGTERM)
    _, complaints = await asyncio.wait_for(process.communicate(), PATIENCE_S)
    assert process.returncode == 0, complaints.decode()
