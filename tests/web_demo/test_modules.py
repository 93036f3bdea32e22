"""The pure parts of the demo, by ``node --test``: each ``*.test.mjs`` beside this file is one module's tests."""

import re
import subprocess
from pathlib import Path

import browsers
import pytest
from server_process import ServerProcess

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PATIENCE_S = 120


def test_every_module_that_decides_has_tests():
    """The others only touch the page, the socket or the sound card; tests of the client and of the page see those."""
    modules = {path.stem for path in (HERE.parents[1] / "web_demo").glob("*/*.js")}
    tested = {path.name.removesuffix(".test.mjs") for path in HERE.glob("*/*.test.mjs")}
    shell = (
        "main elements turn choices instruments charts canvas transcript samples actions race race_view listening "
        "words_en words_zh connection player playback_worklet worklet_output scheduled_output opus_decoder pcm_decoder "
        "decoders"
    ).split()

    assert modules - tested == set(shell)


@pytest.mark.parametrize("path", sorted(HERE.glob("*/*.test.mjs")), ids=lambda path: path.name.partition(".")[0])
def test_module(path):
    node = browsers.find_node()
    ran = subprocess.run(
        [node, "--test", path], cwd=HERE, capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_program_for_node_runs_as_it_stands(tmp_path):
    """With Node's own WebSocket, which is behind a flag in Node 20 and on from Node 22."""
    node = browsers.find_node()
    program = re.findall(r"```js\n(.*?)```", (ROOT / "docs/WEB_DEMO.md").read_text(), re.DOTALL)[1]
    with ServerProcess() as server:
        program = program.replace("./web_demo", (ROOT / "web_demo").as_uri())
        (tmp_path / "program.mjs").write_text(program.replace("127.0.0.1:8080", f"127.0.0.1:{server.port}"))
        ran = subprocess.run(
            [node, "--no-warnings", "--experimental-websocket", "program.mjs"],
            cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE_S, check=False,
        )  # fmt: skip
    assert (ran.returncode, ran.stderr) == (0, "")
    assert re.fullmatch(r"Hello from Node\.: \d{4,} bytes\n", ran.stdout)


def test_a_node_without_websockets_is_told_what_it_needs(tmp_path):
    node = browsers.find_node()
    module = (ROOT / "web_demo/client/gateway_client.js").as_uri()
    (tmp_path / "program.mjs").write_text(
        f'import {{ GatewayClient }} from "{module}";\n'
        'delete globalThis.WebSocket;\nnew GatewayClient({ url: "host" });\n'
    )
    ran = subprocess.run(
        [node, "program.mjs"], cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )
    assert ran.returncode == 1
    assert "use Node.js 22 or newer" in ran.stderr
