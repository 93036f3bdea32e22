"""docs/EXTENDING.md: each example is taken out of the document and run by a real server, in a copy of this tree."""

import os
import re
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import aiohttp
import numpy as np
import pytest
from websockets.asyncio.client import connect
from wire_peer import PATIENCE_S

ROOT = Path(__file__).parents[1]
DOCUMENT = (ROOT / "docs/EXTENDING.md").read_text()
LISTENER = """
import asyncio, sys, sayline

async def listen(url, form, rate):
    async with sayline.connect(url, format=form, sample_rate=int(rate)) as gateway:
        async with gateway.speak("Hello there.") as speech:
            async for frame in speech.audio():
                sys.stdout.buffer.write(frame.payload)

asyncio.run(listen(*sys.argv[1:]))
"""


def blocks(section, language):
    """Code of a section: file -> text, without the line that names the file."""
    text = re.search(rf"^## {section}\n(.*?)(?=^## |\Z)", DOCUMENT, re.DOTALL | re.MULTILINE)[1]
    found = re.findall(rf"```{language}\n# (\S+)(?: in (\S+))?[^\n]*\n(.*?)```", text, re.DOTALL)
    assert found, section
    return [(folder + name, code) for name, folder, code in found]


def patched(text, diff):
    """Apply hunks: what a hunk keeps and takes away must stand in the text exactly once."""
    for hunk in diff.split("@@\n")[1:]:
        lines = hunk.splitlines(keepends=True)
        before = "".join(line[1:] for line in lines if line[0] in " -")
        assert text.count(before) == 1, before
        text = text.replace(before, "".join(line[1:] for line in lines if line[0] in " +"))
    return text


class Tree:
    """A copy of the source, and what an example adds to it."""

    def __init__(self, folder):
        self.root = folder / "sayline"
        self.root.mkdir(parents=True)
        for name in ("gateway", "synthesis", "codecs", "web_demo"):
            shutil.copytree(ROOT / name, self.root / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("__init__.py", "__main__.py", "py.typed"):
            shutil.copy(ROOT / name, self.root)
        self.env = {**os.environ, "PYTHONPATH": str(folder)}

    def extend(self, section):
        """Write an example's files, and make its entries in the lists."""
        for name, text in blocks(section, "python") if section != "A setting" else []:
            path = self.root / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        for name, diff in blocks(section, "diff"):
            path = self.root / name
            path.write_text(patched(path.read_text(), diff))

    def run(self, *arguments):
        ran = subprocess.run(
            [sys.executable, *arguments],
            env=self.env,
            cwd=self.root.parent,
            capture_output=True,
            timeout=PATIENCE_S,
            check=False,
        )
        assert ran.returncode == 0, ran.stderr.decode()
        return ran.stdout

    @contextmanager
    def serving(self, *flags, **environ):
        process = subprocess.Popen(
            [sys.executable, "-m", "sayline", "serve", "--port", "0", *flags],
            env=self.env | environ, cwd=self.root.parent, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        try:
            yield re.search(r"http(://\S+)", process.stdout.readline()).expand(r"ws\1")
        finally:
            process.terminate()
            process.communicate(timeout=PATIENCE_S)

    def heard(self, url, form, rate_hz):
        """The payloads of one short speech, one after the other."""
        return self.run("-c", LISTENER, url, form, str(rate_hz))


@pytest.fixture
def tree(tmp_path):
    return Tree(tmp_path / "tree")


def pitch_hz(samples, rate_hz):
    return np.argmax(np.abs(np.fft.rfft(samples))) * rate_hz / len(samples)


def test_an_engine_of_another_package_speaks_and_its_setting_is_a_flag_and_a_variable(tree, tmp_path):
    ((name, code),) = blocks("An engine", "python")
    ((_, declared),) = blocks("An engine", "toml")
    (tmp_path / name).write_text(code)
    # What an installer writes: the group and its entry, in ini's syntax.
    group, entry = re.search(r'entry-points\."(.*?)"\]\n(.*)', declared).groups()
    information = tmp_path / "hum-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: hum\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text(f"[{group}]\n{entry.replace(chr(34), '')}\n")
    tree.env["PYTHONPATH"] += f"{os.pathsep}{tmp_path}"

    with tree.serving("--engine", "hum", "--hum-pitch-hz", "330") as url:
        sound = np.frombuffer(tree.heard(url, "pcm_s16le", 24_000), "<i2")
    assert pitch_hz(sound, 24_000) == pytest.approx(330, abs=3)

    with tree.serving("--engine", "hum", SAYLINE_HUM_PITCH_HZ="440") as url:
        sound = np.frombuffer(tree.heard(url, "pcm_s16le", 24_000), "<i2")
    assert pitch_hz(sound, 24_000) == pytest.approx(440, abs=3)

    assert b"--hum-pitch-hz" in tree.run("-m", "sayline", "serve", "--help")
    assert b"`hum_pitch_hz` | `220.0` | pitch of the hum |" in tree.run("-m", "sayline.gateway.settings")


def test_a_format_that_was_entered_in_the_list_is_heard(tree):
    tree.extend("A format")

    with tree.serving("--engine", "tone") as url:
        coded = np.frombuffer(tree.heard(url, "pcm_u8", 8_000), np.uint8)
        plain = np.frombuffer(tree.heard(url, "pcm_s16le", 8_000), "<i2")

    assert len(coded) == len(plain)
    assert np.corrcoef(coded, plain)[0, 1] > 0.999


async def test_a_dialect_over_http_that_was_entered_in_the_list_answers(tree):
    tree.extend("A dialect over HTTP")

    with tree.serving("--engine", "tone") as url:
        path = f"http{url[2:]}/v1/plain/any"
        async with aiohttp.ClientSession() as client:
            async with client.post(path, data=b"Good evening.") as answer:
                assert (answer.status, answer.headers["Content-Type"]) == (200, "audio/wav")
                assert (await answer.read())[:4] == b"RIFF"
            async with client.post(path, data=b"\xff") as answer:
                assert (answer.status, await answer.json()) == (400, {"wrong": "the body is no text in UTF-8"})


async def test_a_dialect_that_was_entered_in_the_list_is_spoken_at_its_path(tree):
    tree.extend("A dialect")

    with tree.serving("--engine", "tone") as url:
        async with connect(f"{url}/v1/lines", subprotocols=["tts.v1", "lines"]) as socket:
            assert socket.subprotocol == "lines"
            assert await socket.recv() == "ready"
            await socket.send("say a Hello there.")
            await socket.send("end a")
            said = [message async for message in socket_until(socket, "done a end")]
        assert sum(len(message) for message in said if isinstance(message, bytes)) > 1000
        assert tree.heard(url, "opus", 24_000)  # and tts.v1 is where it was


async def socket_until(socket, last):
    async for message in socket:
        yield message
        if message == last:
            return


async def test_a_setting_that_was_written_once_is_a_flag_a_variable_and_a_row(tree):
    tree.extend("A setting")

    for flags, environ in [(["--server-name", "voice"], {}), ([], {"SAYLINE_SERVER_NAME": "voice"})]:
        with tree.serving("--engine", "tone", *flags, **environ) as url:
            async with connect(f"{url}/v1/tts/stream", subprotocols=["tts.v1"]) as socket:
                assert socket.response.headers["Server"] == "voice"
    assert b"`server_name` | `sayline` |" in tree.run("-m", "sayline.gateway.settings")
