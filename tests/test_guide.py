"""The pages in two languages: a newcomer's walk through each page, with the page's own commands and programs.

A page's blocks are run in order, in one empty folder, beside a gateway of the test's own that takes the place of
the one at 127.0.0.1:8080. The Chinese pages have the same blocks, so one walk does for both.
"""

import asyncio
import os
import re
import signal
import sys
import tempfile
from pathlib import Path

import browsers
import guide
import pytest
from guide import ROOT, all_pages, blocks, facts, pages, rows, sections, twin_of

from sayline.gateway.settings import Settings
from sayline.gateway.wiring import running_server

PATIENCE_S = 120  # for one block; a shared machine starts some of them slowly
ADDRESS = re.compile(r"127\.0\.0\.1:8080|localhost:8080")
SOCKETS = "/run/sayline"  # of workers on the pages
# Taken out of the page by another test, which names it: page and language -> that test's file.
OTHER_TESTS = {
    ("docs/EXTENDING.md", "python"): "tests/test_extending.py",
    ("docs/EXTENDING.md", "toml"): "tests/test_extending.py",
    ("docs/EXTENDING.md", "diff"): "tests/test_extending.py",
    ("docs/PROXIES.md", "caddyfile"): "tests/proxies.py",
    ("docs/PROXIES.md", "haproxy"): "tests/proxies.py",
    ("docs/PROXIES.md", "nginx"): "tests/proxies.py",
    ("docs/READING.md", "toml"): "tests/gateway/commands/test_read.py",
    ("docs/RTF.md", "sh"): "tests/gateway/test_rtf_guide.py",
    ("docs/WEB_DEMO.md", "js"): "tests/web_demo/test_page.py",
    ("docs/operate/running.md", "nginx"): "tests/gateway/serving/test_proxies.py",
}
WALKED = [page for page in all_pages() if any(b.language in guide.RUN for b in blocks(page))]
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def runnable(page):
    return [
        block
        for block in blocks(page)
        if not block.mark and block.language in guide.RUN and (page, block.language) not in OTHER_TESTS
    ]


@pytest.mark.parametrize("page", all_pages())
def test_each_block_is_run_or_marked_or_shows_what_comes_back(page):
    languages = {block.language for block in blocks(page) if not block.mark}
    elsewhere = {language: file for (at, language), file in OTHER_TESTS.items() if at == page}

    assert languages <= {*guide.RUN, *guide.SHOWN, *elsewhere}
    assert not re.search(r"^    (?:sayline|pip|curl|python|npm|docker) ", "".join(sections(page)), re.MULTILINE)
    assert elsewhere.keys() <= languages
    for file in elsewhere.values():
        assert page in (ROOT / file).read_text()


def without_words(block):
    """What is the same in both languages: no drawing, and no remark behind a line of code."""
    return "" if block.language == "mermaid" else re.sub(r" {2,}# .*", "", block.code)


@pytest.mark.parametrize("page", pages())
def test_both_languages_have_the_same_code_and_the_same_marks(page):
    english, chinese = blocks(page), blocks(twin_of(page))

    assert [(b.language, bool(b.mark), without_words(b)) for b in english] == [
        (b.language, bool(b.mark), without_words(b)) for b in chinese
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


@pytest.mark.parametrize("page", pages())
def test_a_chinese_page_has_the_names_and_the_figures_of_its_twin(page):
    """Section by section and row by row: who changes one language is told where the other one says something else."""
    english, chinese = sections(page), sections(twin_of(page))

    assert [facts(section) for section in chinese] == [facts(section) for section in english]
    for said, meant in zip(chinese, english, strict=True):
        assert [facts(row) for row in rows(said)] == [facts(row) for row in rows(meant)]


def test_both_languages_name_the_same_licences():
    english, chinese = ("\n".join(sections(page)) for page in ("docs/LICENCES.md", "docs/LICENCES.zh.md"))
    packages = r"^\| (`.*?`) \| (.*?) \|"

    assert re.findall(packages, chinese, re.MULTILINE) == re.findall(packages, english, re.MULTILINE)


@pytest.mark.parametrize("page", guide.SUMMARIZED)
def test_a_chinese_summary_says_so_and_takes_all_that_it_has_from_its_twin(page):
    """A row's figures are those of one English row; all other figures, and all blocks, are on the English page."""
    summary, english = sections(twin_of(page)), sections(page)
    first = (ROOT / twin_of(page)).read_text().partition("\n## ")[0]
    assert "摘要" in first
    assert f"[英文页]({Path(page).name})" in first

    english_rows = [facts(row)[1] for section in english for row in rows(section)]
    for row in (row for section in summary for row in rows(section)):
        assert any(facts(row)[1] <= numbers for numbers in english_rows), row
    names, numbers = facts("\n".join(english))
    for section in summary:
        assert facts(section)[0] - names <= {f"`{setting}`" for setting in Settings.model_fields}
        assert facts(section)[1] <= numbers
    code = {(block.language, bool(block.mark), block.code) for block in blocks(page)}
    assert {(block.language, bool(block.mark), block.code) for block in blocks(twin_of(page))} <= code


@pytest.mark.parametrize("page", [*pages(), *guide.SUMMARIZED])
def test_a_chinese_page_leads_to_chinese_pages_where_there_are_any(page):
    home = (ROOT / page).parent
    text = (ROOT / twin_of(page)).read_text()
    others = {target for target in re.findall(r"\]\(([^)#]+\.md)", text) if not target.endswith(".zh.md")}

    assert {target for target in others if (home / target).with_suffix(".zh.md").is_file()} <= {Path(page).name}


def test_every_page_is_written_in_both_languages():
    with_twin = {page for page in [*pages(), *guide.SUMMARIZED] if page.startswith("docs/")}
    all_pages = {str(path.relative_to(ROOT)) for path in (ROOT / "docs").rglob("*.md") if ".zh." not in path.name}

    assert all_pages == with_twin


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
    sockets = tempfile.mkdtemp()  # the kernel takes paths of 107 characters, and those of this test are longer
    (walk / "node_modules").symlink_to(tmp_path / "node_modules")
    (tmp_path / "python").mkdir()
    (tmp_path / "python/sayline_client").symlink_to(ROOT)  # the client alone has the same modules under this name
    async with running_server(Settings(port=0, engine="espeak")) as gateway:
        host = gateway.url.removeprefix("ws://")
        env = {
            **os.environ,
            "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}",
            "SAYLINE_URL": gateway.url,
            "SAYLINE_PORT": "0",
            "SAYLINE_ENGINE": "espeak",
            "PYTHONWARNINGS": "error",
            "PYTHONPATH": f"{tmp_path / 'python'}{os.pathsep}{os.environ.get('PYTHONPATH', '')}",
        }
        for number, block in enumerate(runnable(page)):
            code = ADDRESS.sub(host, block.code).replace("--wyoming-port 10200", "--wyoming-port 0")
            code = code.replace(SOCKETS, sockets)
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
    """A server that a page starts is told its address, and ends well when it is told to; so are those beside it."""
    *beside, code = re.split(r" &\n", code)
    assert code.rstrip().count("\n") == code.count("\\\n"), "a server is started by a block of its own"
    if beside:
        env = {name: value for name, value in env.items() if name != "SAYLINE_ENGINE"}  # each is told its own
    started = [await starts(command, folder, env) for command in [*beside, code]]
    first = await asyncio.wait_for(started[-1].stdout.readline(), PATIENCE_S)
    assert re.search(rb"https?://\S+", first), (first, code)
    for process in reversed(started):
        process.send_signal(signal.SIGTERM)
        _, complaints = await asyncio.wait_for(process.communicate(), PATIENCE_S)
        assert process.returncode == 0, complaints.decode()


async def starts(code, folder, env):
    return await asyncio.create_subprocess_exec(
        "bash", "-euo", "pipefail", "-c", f"exec env {code}", cwd=folder, env=env,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
