"""The JavaScript client resumes a socket that breaks anywhere, and speaks on at another gateway if its own has gone."""

import asyncio
import json
import os
import random
from contextlib import asynccontextmanager
from pathlib import Path

import browsers
from relay import DeadlyRelay, Relay, without_one_repeat
from wire_peer import PATIENCE_S

from sayline.gateway.settings import Settings
from sayline.gateway.wiring import running_server

MODULE = (Path(__file__).parents[2] / "web_demo/client/gateway_client.js").as_uri()
# Each speech is written while the one before it is heard; the program says what came of each, and waits for a line.
PROGRAM = f"""
import {{ createHash }} from "node:crypto";
import {{ createInterface }} from "node:readline";
import {{ GatewayClient }} from "{MODULE}";

const SENTENCES = ["One two three four five six. ", "Seven eight nine ten eleven, and no more. ", "This is the last."];
const lines = createInterface({{ input: process.stdin }})[Symbol.asyncIterator]();
while (!(await lines.next()).done) {{
  const gateway = new GatewayClient({{ url: process.argv[2], format: "pcm_s16le", max_lead_ms: 0 }});
  const ready = new Promise((resolve) => gateway.addEventListener("state", ({{ detail }}) => {{
    if (detail.state === "ready") resolve();
  }}));
  await ready;
  console.log("ready");
  await lines.next();
  const speech = gateway.speak({{ chunking: "none" }});
  const sound = createHash("sha256");
  let heard = () => {{}};
  let bytes = 0;
  const words = [];
  const ends = {{}};
  speech.addEventListener("audio", ({{ detail }}) => {{
    sound.update(detail.payload);
    bytes += detail.payload.byteLength;
    heard();
  }});
  speech.addEventListener("words", ({{ detail }}) => {{
    for (const word of detail.words) words.push([detail.segment_id, word]);
  }});
  speech.addEventListener("segment.done", ({{ detail }}) => (ends[detail.segment_id] = detail.end_ms));
  for (const sentence of SENTENCES) {{
    for (const word of sentence.split(/(?<= )/)) speech.write(word);
    speech.flush();
    await Promise.race([new Promise((resolve) => (heard = resolve)), speech.done]);
  }}
  speech.end();
  const {{ reason, text_spoken }} = await speech.done;
  const heardWords = words.filter(([id, word]) => word.end_ms <= ends[id] + 1).map(([, word]) => word.text);
  console.log(JSON.stringify({{ reason, text_spoken, bytes, words: heardWords, sound: sound.digest("hex") }}));
  gateway.close();
}}
"""
TRIES = 20
# `make resume` kills fifty gateways.
KILLS = max(2, int(os.environ.get("RESUME_TRIES", "0")) // 20)


@asynccontextmanager
async def node(tmp_path, url):
    """A program that speaks once for each two lines that it is given."""
    (tmp_path / "program.mjs").write_text(PROGRAM)
    command = [browsers.find_node(), "--no-warnings", "--experimental-websocket", "program.mjs", url]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, cwd=tmp_path, stdin=pipe, stdout=pipe)

    async def told():
        process.stdin.write(b"go\n")
        return (await asyncio.wait_for(process.stdout.readline(), PATIENCE_S)).decode().strip()

    try:
        yield told
    finally:
        process.kill()
        await process.wait()


async def test_what_is_heard_is_what_an_unbroken_connection_brings_wherever_it_breaks(tmp_path):
    async with (
        running_server(Settings(port=0, engine="tone")) as server,
        Relay(server.port) as relay,
        node(tmp_path, relay.url) as told,
    ):
        assert await told() == "ready"
        greeted = relay.passed
        expected = json.loads(await told())
        assert expected["reason"] == "end"
        size = relay.passed - greeted
        for seed in range(TRIES):
            lot = random.Random(seed)
            assert await told() == "ready"
            whom, most = lot.choice([("client", size), ("client", size), ("server", 900)])
            relay.cut_after[whom] = lot.randrange(most)
            assert json.loads(await told()) == expected, seed
            assert relay.cut_after[whom] is None, "the network was cut"


async def test_at_another_gateway_no_word_is_lost_and_one_at_most_is_heard_again(tmp_path):
    settings = Settings(port=0, engine="tone")
    async with (
        running_server(settings) as one,
        running_server(settings) as other,
        Relay(one.port) as relay,
        node(tmp_path, relay.url) as told,
    ):
        assert await told() == "ready"
        greeted = relay.passed
        expected = json.loads(await told())
        size = relay.passed - greeted
        for seed in range(TRIES):
            lot = random.Random(seed)
            assert await told() == "ready"
            relay.target = other.port if relay.target == one.port else one.port  # of the next connection
            relay.cut_after["client"] = lot.randrange(size)
            heard = json.loads(await told())
            assert relay.cut_after["client"] is None, "the network was cut"
            assert (heard["reason"], heard["text_spoken"]) == ("end", expected["text_spoken"])
            assert without_one_repeat(heard["words"], expected["words"]), (seed, heard["words"])


async def test_if_its_gateway_is_killed_no_word_is_lost_and_one_at_most_is_heard_again(tmp_path):
    async with DeadlyRelay() as relay, node(tmp_path, relay.url) as told:
        assert await told() == "ready"
        greeted = relay.passed
        expected = json.loads(await told())
        size = relay.passed - greeted
        for seed in range(KILLS):
            await relay.prepare()
            assert await told() == "ready"
            relay.cut_after["client"] = random.Random(seed).randrange(size)
            heard = json.loads(await told())
            assert relay.cut_after["client"] is None, "the gateway was killed"
            assert (heard["reason"], heard["text_spoken"]) == ("end", expected["text_spoken"])
            assert without_one_repeat(heard["words"], expected["words"]), (seed, heard["words"])
