"""The pure parts of the demo, by ``node --test``: each ``*.test.mjs`` beside this file is one module's tests."""

import subprocess
from pathlib import Path

import browsers
import pytest

HERE = Path(__file__).parent
PATIENCE_S = 120


def test_every_module_that_decides_has_tests():
    """The others only touch the page or the sound card; the browser tests see those."""
    modules = {path.stem for path in (HERE.parents[1] / "web_demo").glob("*.js")}
    tested = {path.name.removesuffix(".test.mjs") for path in HERE.glob("*.test.mjs")}
    shell = (
        "main turn choices instruments charts canvas transcript samples "
        "player playback_worklet worklet_output scheduled_output opus_decoder pcm_decoder"
    ).split()

    assert modules - tested == set(shell)


@pytest.mark.parametrize("path", sorted(HERE.glob("*.test.mjs")), ids=lambda path: path.name.partition(".")[0])
def test_module(path):
    node = browsers.find_node()
    ran = subprocess.run(
        [node, "--test", path], cwd=HERE, capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
