"""What a stranger does in an empty Debian; ``walk.sh`` calls it there, once for each language's first page."""

import asyncio
import contextlib
import json
import os
import re
import sys
from pathlib import Path

import aiohttp
import yaml
from chat_endpoint import ChatEndpoint

import sayline

HOME = Path.home()
PATIENCE_S = 120
GATEWAY = "http://127.0.0.1:8080"
LONG = "I could go on for a long time, and say one sentence after the other. " * 8
SHORT = "As you wish."


def done(step: str):
    """Tell a step that went well."""
    sys.stdout.write(f"   {step}\n")
    sys.stdout.flush()


async def shell(command: str, folder: Path):
    """Run a page's commands; they must succeed."""
    program = await asyncio.create_subprocess_exec(
        "bash", "-euo", "pipefail", "-c", command, cwd=folder,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await asyncio.wait_for(program.communicate(), PATIENCE_S)
    assert program.returncode == 0, f"{command}\n{said.decode()}"
    return said.decode()


@contextlib.asynccontextmanager
async def running(*command: str, ready: str, **environ: str):
    """Run a server until the block is left; it is ready once an address answers."""
    with (HOME / "server.log").open("ab") as log:
        program = await asyncio.create_subprocess_exec(*command, env=os.environ | environ, stdout=log, stderr=log)
    try:
        async with aiohttp.ClientSession() as http, asyncio.timeout(PATIENCE_S):
            while True:
                assert program.returncode is None, (HOME / "server.log").read_text()
                with contextlib.suppress(aiohttp.ClientError):
                    async with http.get(ready) as answer:
                        if answer.status == 200:
                            break
                await asyncio.sleep(0.2)
        yield program
    finally:
        program.terminate()
        assert await asyncio.wait_for(program.wait(), PATIENCE_S) == 0


async def first_page(page: str):
    """From `sayline serve` to own text heard, and the page's program."""
    folder = HOME / "first"
    folder.mkdir()
    blocks = re.findall(r"^```(sh|python)\n(.*?)^```$", (HOME / page).read_text(), re.MULTILINE | re.DOTALL)
    installing, serving, *others = blocks
    assert installing[1].endswith("pip install .\n"), "walk.sh has run this one"
    async with running(*serving[1].split(), ready=f"{GATEWAY}/ready"):
        for language, code in others:
            if language == "sh":
                await shell(code, folder)
            else:
                (folder / "program.py").write_text(code)
                assert len((await shell("python3 program.py", folder)).splitlines()) > 50
        sizes = {file.name: file.stat().st_size for file in folder.glob("hello.*")}
        assert sizes["hello.wav"] > 50_000, sizes
        assert sizes["hello.ogg"] > 5_000, sizes
        done(f"own text heard: {sizes}")
        for command in (["python3", "examples/chatbot.py"], ["node", "chat/chatbot.mjs"]):
            done(f"{' '.join(command)} was interrupted, and remembers {await interrupted(command)!r}")


async def interrupted(command: list[str]):
    """Interrupt a chatbot of examples/ by a second line; what its model is then told that was heard."""
    sound = HOME / "sound"
    sound.unlink(missing_ok=True)
    async with ChatEndpoint(LONG, SHORT) as chat, asyncio.timeout(PATIENCE_S):
        environ = os.environ | chat.environment | {"PLAYER": f"dd of={sound} oflag=append conv=notrunc status=none"}
        pipe, nothing = asyncio.subprocess.PIPE, asyncio.subprocess.DEVNULL
        program = await asyncio.create_subprocess_exec(*command, cwd=HOME, env=environ, stdin=pipe, stdout=nothing)
        program.stdin.write(b"Tell me a story.\n")
        while not sound.exists() or sound.stat().st_size < 48_000:  # a second
            await asyncio.sleep(0.05)
        program.stdin.write(b"Stop.\n")
        _, remembered, _ = await chat.request(2)
        program.stdin.close()
        assert await program.wait() == 0
    assert 0 < len(remembered["content"]) < len(LONG)
    assert LONG.startswith(remembered["content"])
    return remembered["content"]


async def compose():
    """deploy/compose.yaml's services as processes: their commands, variables and names, without their images."""
    services = yaml.safe_load((HOME / "deploy/compose.yaml").read_text())["services"]
    variables = {"SAYLINE_API_KEYS": "choose-one"}  # what its first line has one write into .env
    given = {
        name: re.sub(r"\$\{(\w+):[-?]([^}]*)\}", lambda found: variables.get(found[1], found[2]), value)
        for name, value in services["sayline"]["environment"].items()
    }
    image = (HOME / "deploy/docker/cpu.Dockerfile").read_text()
    given |= dict(re.findall(r"\b(SAYLINE_\w+)=(\S+)", re.search(r"^ENV .*$", image, re.MULTILINE)[0]))
    serve = json.loads(re.search(r"^CMD (.*)$", image, re.MULTILINE)[1])
    queries = [
        target["expr"].replace("$instance", ".*").replace("$__rate_interval", "30s")
        for panel in json.loads((HOME / "deploy/grafana/sayline.json").read_text())["panels"]
        for target in panel["targets"]
    ]
    async with (
        running(*serve, ready=f"{GATEWAY}/ready", **given),
        running("prometheus", *services["prometheus"]["command"], ready="http://127.0.0.1:9090/-/ready"),
        sayline.connect(GATEWAY.replace("http", "ws"), key="choose-one") as gateway,
        aiohttp.ClientSession() as http,
    ):
        missing = queries
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_S):
                while missing:
                    async with gateway.speak("Somebody listens to a sentence of some length.") as speech:
                        async for _ in speech.audio():
                            pass
                    missing = [query for query in missing if not await series(http, query)]
        done(f"Prometheus has a series for {len(queries) - len(missing)} of {len(queries)} queries; none for {missing}")
        assert not missing


async def series(http: aiohttp.ClientSession, query: str):
    """Ask Prometheus for a query's series."""
    async with http.get("http://127.0.0.1:9090/api/v1/query", params={"query": query}) as answer:
        told = await answer.json()
    assert told["status"] == "success", told
    return told["data"]["result"]


async def main():
    """Walk."""
    (HOME / "chat/chatbot.mjs").write_text((HOME / "examples/chatbot.mjs").read_text())
    await first_page(sys.argv[1])
    await compose()


asyncio.run(main())
