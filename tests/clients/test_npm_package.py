"""The JavaScript client as npm packs it: installed in an empty folder, in two kinds of Node.js and in a browser."""

import asyncio
import functools
import http.server
import json
import os
import re
import shutil
import subprocess
import tarfile
import threading
from contextlib import contextmanager
from pathlib import Path

import browsers
import pytest
from client_programs import PATIENCE_S, ROOT, Gateway, Tap
from integrations import lines_of

import sayline

NPM = ROOT / "build/npm"
TSC = ROOT / "build/js/node_modules/.bin/tsc"
TEXT = ["Hello from ", "Node. This is a second sentence."]

PROGRAM = """
import { GatewayClient } from "sayline";
import { PcmDecoder } from "sayline/decoder";
import { PlaybackQueue } from "sayline/queue";

const gateway = new GatewayClient({ url: process.argv[2], format: "pcm_s16le", sample_rate: 48000 });
const states = [];
gateway.addEventListener("state", ({ detail }) => states.push(detail.state));
const speech = gateway.speak();
const queue = new PlaybackQueue();
let decoder;
speech.addEventListener("context.started", ({ detail }) => {
  decoder = new PcmDecoder(detail.preskip, (samples) => queue.push(samples));
});
speech.addEventListener("audio", ({ detail }) => decoder.decode(detail));
speech.writeAll(JSON.parse(process.argv[3]));
const done = await speech.done;
queue.finish();
let played = 0;
for (const block = new Float32Array(480); queue.state !== "over"; queue.read(block)) played = queue.playedSamples;
gateway.close();
console.log(JSON.stringify({ ...done, queuedMs: queue.playedSamples / 48, states }));
"""

TYPES = """
import { GatewayClient, Player, type SpeechDone } from "sayline";
import { DECODERS, OggDecoder, canDecodeOpus, unpackFrame, Flags } from "sayline/decoder";
import { PlaybackQueue, START_MS } from "sayline/queue";

export async function spoken(gateway: GatewayClient): Promise<SpeechDone> {
  const queue = new PlaybackQueue({ targetMs: START_MS });
  const speech = gateway.speak({ voice: "en" });
  const decoder = new DECODERS.opus(312, (samples: Float32Array<ArrayBuffer>) => queue.push(samples), console.error);
  speech.addEventListener("audio", ({ detail }) => decoder.decode(detail));
  const flags: number = Flags.FIRST_OF_CONTEXT;
  if (await canDecodeOpus()) new Player().play(speech);
  // @ts-expect-error - a queue takes samples
  queue.push("sound");
  // @ts-expect-error - a frame is bytes
  unpackFrame(flags);
  // @ts-expect-error - there is no such export
  OggDecoder.nothing();
  return speech.done;
}
"""

PAGE = """<!doctype html><title>sayline</title><button id="speak">speak</button>
<script type="importmap">{"imports": {"sayline": "/node_modules/sayline/client/gateway_client.js"}}</script>
<script type="module">
import { GatewayClient, Player } from "sayline";
const player = new Player();
const url = new URLSearchParams(location.search).get("url");
const gateway = new GatewayClient({ url, ...(await Player.bestSession()) });
window.heard = new Promise((heard) => {
  document.querySelector("#speak").onclick = async () => {
    await player.prepare();
    const speech = gateway.speak();
    const track = player.play(speech);
    track.addEventListener("over", async () => heard({ ...(await speech.done), heardMs: track.heardMs }));
    await speech.writeAll(["Hello from ", "a page. It is short."]);
  };
});
document.title = "ready";
</script>"""


@pytest.fixture(scope="module")
def tarball():
    """What ``make npm`` has packed."""
    found = sorted(NPM.glob("sayline-*.tgz"))
    if not found:
        pytest.fail("make npm") if os.environ.get("SAYLINE_REQUIRE_CLIENTS") == "1" else pytest.skip("make npm")
    return found[-1]


@pytest.fixture(scope="module")
def installed(tarball, tmp_path_factory):
    """A folder of a project in which the package is installed, and nothing else."""
    npm = shutil.which("npm") or pytest.skip("there is no npm here")
    folder = tmp_path_factory.mktemp("project")
    (folder / "package.json").write_text('{"private": true, "type": "module"}')
    command = [npm, "install", "--silent", "--no-audit", "--no-fund", "--prefer-offline", str(tarball)]
    subprocess.run(command, cwd=folder, check=True, timeout=PATIENCE_S)
    return folder


def nodes():
    """The machine's Node.js and the one in playwright's wheel: one of them may have no WebSocket of its own."""
    found = [shutil.which("node"), bundled_node()]
    return [node for node in found if node and browsers._major_version(node) >= browsers.OLDEST_NODE]


def bundled_node():
    from playwright._impl._driver import compute_driver_executable

    return compute_driver_executable()[0]


def test_the_package_has_the_client_its_types_and_nothing_else(tarball):
    with tarfile.open(tarball) as packed:
        names = {name.removeprefix("package/") for name in packed.getnames()}
        described = json.load(packed.extractfile("package/package.json"))
    assert described["version"] == sayline.__version__
    targets = set(re.findall(r'"\./([^"*]+)"', json.dumps(described["exports"])))
    assert targets - {"decoder", "queue", "worklet"} <= names
    modules = {f"client/{path.name}" for path in (ROOT / "web_demo/client").iterdir()}
    extra = names - modules - {"package.json", "README.md", "LICENSE", "node_client.js"}
    assert all(re.fullmatch(r"client/\w+\.d\.ts", name) for name in extra), extra
    assert modules <= names


@pytest.mark.parametrize("node", nodes(), ids=lambda node: f"node{browsers._major_version(node)}")
async def test_a_program_in_node_speaks(node, gateway, installed):
    (installed / "program.mjs").write_text(PROGRAM)
    done = await run(node, installed, gateway.http_url, json.dumps(TEXT))
    assert (done["reason"], done["text_spoken"]) == ("end", "".join(TEXT))
    assert done["audio_ms"] > 1000
    assert done["queuedMs"] == pytest.approx(done["audio_ms"], abs=1)


async def test_its_lines_lead_a_program_to_a_gateway(gateway, installed):
    lines = lines_of("sayline (JavaScript)", at=gateway.url.removeprefix("ws://"))
    rest = 'const speech = gateway.speak();\nspeech.writeAll(["Hello."]);\nconst done = await speech.done;\n'
    (installed / "program.mjs").write_text(f"{lines}\n{rest}gateway.close();\nconsole.log(JSON.stringify(done));\n")
    assert (await run(browsers.find_node(), installed))["text_spoken"] == "Hello."


async def test_a_speech_that_nobody_heard_yet_begins_afresh_on_the_next_connection(installed):
    (installed / "program.mjs").write_text(PROGRAM)
    with Gateway("--engine", "espeak") as gateway:
        async with Tap(None) as tap:  # refuses, until the gateway is there
            program = asyncio.create_task(run(browsers.find_node(), installed, tap.http_url, json.dumps(TEXT)))
            async with asyncio.timeout(PATIENCE_S):
                await tap.refused.wait()
            tap.target = gateway.port
            done = await program
    assert (done["reason"], done["text_spoken"]) == ("end", "".join(TEXT))
    assert done["states"][:2] == ["waiting", "connecting"]


def test_its_types_are_what_its_modules_have(installed):
    if not TSC.exists():
        pytest.skip("make js installs the type checker")
    (installed / "program.ts").write_text(TYPES)
    for resolution in ("bundler", "nodenext"):
        module = "esnext" if resolution == "bundler" else "nodenext"
        command = [TSC, "--noEmit", "--strict", "--target", "es2023", "--lib", "es2023,dom,dom.iterable"]
        command += ["--module", module, "--moduleResolution", resolution, "program.ts"]
        checked = subprocess.run(
            command, cwd=installed, capture_output=True, text=True, timeout=PATIENCE_S, check=False
        )
        assert checked.returncode == 0, checked.stdout


async def test_a_page_hears_it_in_a_browser(installed):
    path = browsers.find_chromium()
    from playwright.async_api import async_playwright

    (installed / "index.html").write_text(PAGE)
    with folder_server(installed) as origin, Gateway("--engine", "espeak", "--allow-origins", origin) as gateway:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=path, args=list(browsers.CHROMIUM_FLAGS))
            page = await browser.new_page()
            await page.goto(f"{origin}/?url={gateway.http_url}")
            await page.wait_for_function("document.title === 'ready'", timeout=1000 * PATIENCE_S)
            await page.click("#speak")
            async with asyncio.timeout(PATIENCE_S):
                done = await page.evaluate("window.heard")
            await browser.close()
    assert (done["reason"], done["text_spoken"]) == ("end", "Hello from a page. It is short.")
    assert done["heardMs"] == pytest.approx(done["audio_ms"], abs=50)


async def run(node, folder, *arguments):
    """Run the program; what it printed."""
    process = await asyncio.create_subprocess_exec(
        node, "program.mjs", *arguments, cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(PATIENCE_S):
        said, complained = await process.communicate()
    assert process.returncode == 0, complained.decode()
    return json.loads(said)


@contextmanager
def folder_server(folder):
    """A web server for a folder; gives its origin."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    serving = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(Path(folder))))
    thread = threading.Thread(target=serving.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{serving.server_address[1]}"
    finally:
        serving.shutdown()
        thread.join()
        serving.server_close()
