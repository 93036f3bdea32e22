"""The chatbots of examples/ with a real gateway; their model is a stand-in, and their loudspeaker a file."""

import asyncio
import contextlib
import json
import os
import shutil
import socket
import sys
from pathlib import Path

import aiohttp
import browsers
import pytest
from chat_endpoint import ChatEndpoint

from sayline.gateway.settings import Settings
from sayline.gateway.wiring import running_server
from sayline.synthesis.tone import ToneSynthesizer

ROOT = Path(__file__).parents[2]
PATIENCE_S = 120  # what is awaited comes in seconds; a machine that is busy with other work must not fail a test
LONG = "I could go on for a long time, and say one sentence after the other. " * 8
SHORT = "As you wish."


def python_chatbot(folder):  # noqa: ARG001 - as the one below
    return [sys.executable, str(ROOT / "examples/chatbot.py")]


def node_chatbot(folder):
    """Installed beside the package as npm would: a program finds a package in the folders above it."""
    (folder / "node_modules").mkdir()
    (folder / "node_modules/sayline").symlink_to(ROOT / "web_demo")
    shutil.copy(ROOT / "examples/chatbot.mjs", folder)
    node = browsers.find_node()
    has_sockets = browsers._major_version(node) >= 22  # before, the package `ws` stands in, or this flag
    return [node, *([] if has_sockets else ["--experimental-websocket"]), str(folder / "chatbot.mjs")]


@contextlib.asynccontextmanager
async def running(*command, **options):
    """A program, for as long as the block lasts."""
    program = await asyncio.create_subprocess_exec(*command, **options)
    try:
        yield program
    finally:
        with contextlib.suppress(ProcessLookupError):
            program.terminate()
        await program.communicate(b"" if program.stdin else None)


@contextlib.asynccontextmanager
async def gateway(**settings):
    async with running_server(Settings(port=0, **settings), ToneSynthesizer()) as server:
        yield server


def free_port():
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return bound.getsockname()[1]


async def heard_seconds(file, least):
    """Wait until the loudspeaker has so much."""
    async with asyncio.timeout(PATIENCE_S):
        while not file.exists() or file.stat().st_size < least * 48_000:
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("chatbot", [python_chatbot, node_chatbot])
async def test_a_terminal_s_chatbot_is_interrupted_by_the_next_line_and_remembers_what_was_heard(chatbot, tmp_path):
    command = chatbot(tmp_path)
    sound = tmp_path / "sound"
    async with gateway(api_keys=["secret"]) as server, ChatEndpoint(LONG, SHORT) as chat:
        environ = os.environ | chat.environment | {"SAYLINE_URL": server.url, "SAYLINE_KEY": "secret"}
        environ["PLAYER"] = f"dd of={sound} oflag=append conv=notrunc status=none"
        pipe = asyncio.subprocess.PIPE
        async with running(*command, env=environ, stdin=pipe, stdout=pipe) as program:
            program.stdin.write(b"Tell me a story.\n")
            await heard_seconds(sound, 1)
            program.stdin.write(b"Stop.\n")
            _, remembered, _ = await asyncio.wait_for(chat.request(2), PATIENCE_S)
            # At the end of the input the last answer is spoken to its end.
            printed, _ = await asyncio.wait_for(program.communicate(b""), PATIENCE_S)
    assert program.returncode == 0
    assert chat.asked[0] == [{"role": "user", "content": "Tell me a story."}]
    assert chat.asked[1][2] == {"role": "user", "content": "Stop."}
    assert remembered["role"] == "assistant"
    assert 0 < len(remembered["content"]) < len(LONG)
    assert LONG.startswith(remembered["content"])
    assert printed.decode().startswith("I could go on")
    assert printed.decode().endswith(SHORT)


async def test_a_web_chatbot_is_interrupted_by_the_next_question_and_remembers_what_was_heard():
    chromium = browsers.find_chromium()
    from playwright.async_api import async_playwright

    port = free_port()
    origin = f"http://127.0.0.1:{port}"
    async with (
        gateway(allow_origins=[origin]) as server,
        ChatEndpoint(LONG, SHORT) as chat,
        contextlib.AsyncExitStack() as ending,
    ):
        environ = os.environ | chat.environment | {"SAYLINE_URL": server.url.replace("ws", "http", 1)}
        command = [sys.executable, "-m", "uvicorn", "--port", str(port), "--log-level", "warning", "web_chatbot:app"]
        await ending.enter_async_context(running(*command, cwd=ROOT / "examples", env=environ))
        await answers(origin)
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=chromium, args=list(browsers.CHROMIUM_FLAGS))
            page = await browser.new_page()
            page.set_default_timeout(PATIENCE_S * 1000)
            complaints, reported = [], asyncio.Queue()
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.on("websocket", lambda sent: sent.on("framesent", lambda text: reported.put_nowait(json.loads(text))))
            await page.goto(origin)
            await page.fill("#question", "Tell me a story.")
            await page.click("button")
            await has_played(reported, 1000)
            await page.fill("#question", "Stop.")
            await page.click("button")
            _, remembered, _ = await asyncio.wait_for(chat.request(2), PATIENCE_S)
            await page.wait_for_function(f"document.querySelector('#answer').textContent === '{SHORT}'")
            await browser.close()
    assert complaints == []
    assert chat.asked[0] == [{"role": "user", "content": "Tell me a story."}]
    assert 0 < len(remembered["content"]) < len(LONG)
    assert LONG.startswith(remembered["content"])


async def has_played(reported, least_ms):
    """Wait until the page has reported that so much was heard."""
    async with asyncio.timeout(PATIENCE_S):
        while (await reported.get()).get("played_ms", 0) < least_ms:
            pass


async def answers(origin):
    """Wait until a server does."""
    async with aiohttp.ClientSession() as http, asyncio.timeout(PATIENCE_S):
        while True:
            with contextlib.suppress(aiohttp.ClientError):
                async with http.get(origin):
                    return
            await asyncio.sleep(0.05)
