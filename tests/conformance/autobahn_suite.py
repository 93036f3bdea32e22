"""The Autobahn suite on the gateway's own listener, beside the bare library with the same settings (``make autobahn``).

The suite is a fuzzing client that expects an echo. So the conversation is left out, and nothing else: the front door,
the sliced reading, the limits and the frames that the gateway writes itself stand between the suite and an echo. A case
whose outcome differs from the bare library's fails the run.

    make autobahn CASES='1.* 2.*'
    make autobahn AUTOBAHN=--write   # all, and the table of docs/CONFORMANCE.md in both languages
"""

import argparse
import asyncio
import contextlib
import json
import os
import sys
import tempfile
import tomllib
from collections import Counter
from pathlib import Path

from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed
from websockets.protocol import State

from sayline.gateway import wiring
from sayline.gateway.dialects.tts_v1.messages import ENDPOINT
from sayline.gateway.serving import server as serving
from sayline.gateway.serving.front_door import WRITE_LIMIT_BYTES
from sayline.gateway.serving.server_frames import binary_messages, text_message
from sayline.gateway.settings import Settings

ROOT = Path(__file__).parents[2]
CHINESE = tomllib.loads((ROOT / "tests/generated_zh.toml").read_text())
DOCUMENTS = {ROOT / "docs/CONFORMANCE.md": str, ROOT / "docs/CONFORMANCE.zh.md": CHINESE.__getitem__}  # and its words
SECTIONS = {
    "1": "framing",
    "2": "pings and pongs",
    "3": "reserved bits",
    "4": "opcodes",
    "5": "fragmentation",
    "6": "UTF-8",
    "7": "close",
    "9": "large messages, many messages",
    "10": "automatic fragmentation",
    "12": "compression",
    "13": "compression, parameters",
}
# Both are what RFC 6455 allows. Which of them a case gives is a race between an echo and the end of the connection, on
# either server: five runs of case 3.4 gave the one and the other on both.
ALLOWED = {"OK", "NON-STRICT"}


class EchoServer(serving.Server):
    """The gateway's listener with an echo in place of the conversation."""

    async def _serve_socket(self, websocket):
        with contextlib.suppress(ConnectionClosed):
            while True:
                message = await websocket.recv()
                if websocket.protocol.state is State.OPEN:
                    frame = text_message(message) if isinstance(message, str) else binary_messages([message])
                    websocket.transport.write(b"".join(frame))
                    await websocket.drain()


async def bare_echo(websocket):
    with contextlib.suppress(ConnectionClosed):
        async for message in websocket:
            await websocket.send(message)


@contextlib.asynccontextmanager
async def bare_server(settings):
    options = {
        "compression": None,
        "open_timeout": settings.handshake_timeout_s,
        "close_timeout": serving._CLOSE_TIMEOUT_S,
        "ping_interval": None,
        "max_size": serving._MAX_MESSAGE_BYTES,
        "max_queue": serving._MAX_QUEUED_FRAMES,
        "write_limit": WRITE_LIMIT_BYTES,
    }
    async with serve(bare_echo, "127.0.0.1", 0, **options) as running:
        yield f"ws://127.0.0.1:{next(iter(running.sockets)).getsockname()[1]}"


async def outcomes(wstest, cases, folder):
    """Run the suite on both servers: agent -> case -> (behaviour, behaviour at the close)."""
    settings = Settings(port=0, engine="tone")
    ours, wiring.Server = wiring.Server, EchoServer
    try:
        async with wiring.running_server(settings) as gateway, bare_server(settings) as bare_url:
            servers = {"sayline": gateway.url + ENDPOINT, "websockets": bare_url}
            specification = {
                "outdir": str(folder / "report"),
                "servers": [{"agent": agent, "url": url, "options": {"version": 18}} for agent, url in servers.items()],
                "cases": cases,
                "exclude-cases": [],
                "exclude-agent-cases": {},
            }
            (folder / "suite.json").write_text(json.dumps(specification))
            running = await asyncio.create_subprocess_exec(
                *(*wstest, "--mode", "fuzzingclient", "--spec", str(folder / "suite.json")),
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                env={**os.environ, "PYTHONWARNINGS": "ignore", "PYTHONDONTWRITEBYTECODE": "1"},
            )
            said, _ = await running.communicate()
            if running.returncode:
                sys.exit(f"the suite ended with status {running.returncode}:\n{said.decode(errors='replace')[-2000:]}")
    finally:
        wiring.Server = ours
    report = json.loads((folder / "report/index.json").read_text())
    return {
        agent: {case: (each["behavior"], each["behaviorClose"]) for case, each in found.items()}
        for agent, found in report.items()
    }


def table(found, say):
    """How many cases of each section came out how, on both servers; `say` finds the page's word for one of ours."""
    headings = ("section", "cases", "gateway", "websockets with the same settings")
    lines = [f"| {' | '.join(say(heading) for heading in headings)} |", "|---|---|---|---|"]
    for number, name in SECTIONS.items():
        cases = [case for case in found["sayline"] if case.partition(".")[0] == number]
        if cases:
            cells = [_counted((found[agent][case][0] for case in cases), say) for agent in ("sayline", "websockets")]
            lines.append(f"| {number} {say(name)} | {len(cases)} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _counted(behaviours, say):
    return say(", ").join(f"{count} {behaviour}" for behaviour, count in sorted(Counter(behaviours).items()))


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--wstest", nargs="+", required=True, metavar="WORD", help="the command that is the suite")
    parser.add_argument("--cases", nargs="+", default=["*"], metavar="CASE", help="such as 1.* or 6.3.1 (default: all)")
    parser.add_argument("--write", action="store_true", help="keep the table in docs/CONFORMANCE.md")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(outcomes(arguments.wstest, arguments.cases, Path(folder)))
    ours, bare = found["sayline"], found["websockets"]
    print(table(found, str))
    if arguments.write:
        for document, say in DOCUMENTS.items():
            before, begin, rest = document.read_text().partition("<!-- autobahn -->\n")
            document.write_text(before + begin + table(found, say) + rest[rest.index("<!-- /autobahn -->") :])
    differing = {case: (ours[case], bare[case]) for case in ours if _judged(ours[case]) != _judged(bare[case])}
    failed = [case for case, (behaviour, _) in ours.items() if behaviour == "FAILED"]
    print(f"{len(ours)} cases; differing: {differing or 'none'}; failed: {', '.join(failed) or 'none'}")
    if differing or not ours or ours.keys() != bare.keys():
        sys.exit(f"the gateway does otherwise than the library: {differing}")


def _judged(outcome):
    return tuple("allowed" if behaviour in ALLOWED else behaviour for behaviour in outcome)


if __name__ == "__main__":
    main()
