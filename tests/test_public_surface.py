"""``import sayline``: what it offers, what it costs, and what type checkers know of it."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import sayline

ROOT = Path(__file__).parents[1]
PATIENCE_S = 300  # a type checker without its cache, on a busy machine
PYRIGHT = ROOT / "build/js/node_modules/.bin/pyright"  # where `make js` installs it

# Each line that is wrong says so; every other line is right.
PROGRAM = """
import sayline

async def chat() -> None:
    async with sayline.connect("ws://h", reconnect=True) as gateway, gateway.speak(["a", None]) as speech:
        async for frame in speech.audio():
            payload: bytes = frame.payload
        async for event in gateway.speak("x"):
            if isinstance(event, sayline.SegmentStarted):
                text: str = event.text
        await speech.cancel("x")  # wrong
    gateway.speak(5)  # wrong

try:
    samples, sample_rate = sayline.speak("x")
    path = sayline.speak("x", out="x.wav").parent
    sayline.speak("x", format="wav")  # wrong
except sayline.ConnectionFailed as failed:
    may_retry: bool = failed.retryable
    seconds: float = failed.retry_after_s  # wrong
except sayline.SpeechError as refused:
    code: str = refused.code
except sayline.ConectionFailed:  # wrong
    pass
"""


def test_every_name_is_there_and_typed():
    stubs = next(node for node in ast.parse((ROOT / "__init__.py").read_text()).body if isinstance(node, ast.If))
    typed = {alias.asname for node in stubs.body if isinstance(node, ast.ImportFrom) for alias in node.names}
    assert typed == set(sayline.__all__) - {"__version__"}
    for name in sayline.__all__:
        assert getattr(sayline, name) is not None
    assert set(sayline.__all__) <= set(dir(sayline))


@pytest.mark.parametrize("name", ["ConectionFailed", "Speak", "_nothing"])
def test_a_misspelt_name_is_an_error(name):
    with pytest.raises(AttributeError, match=f"no attribute '{name}'"):
        getattr(sayline, name)


def test_errors_have_one_root_and_can_be_caught_by_it():
    errors = [value for name in sayline.__all__ if isinstance(value := getattr(sayline, name), type(Exception))]
    exceptions = [value for value in errors if issubclass(value, Exception)]
    assert len(exceptions) == 7
    assert all(issubclass(value, sayline.GatewayError) for value in exceptions)


@pytest.mark.parametrize(
    ("use", "not_loaded"),
    [
        ("sayline", "asyncio websockets pydantic numpy av torch"),
        ("sayline.ConnectionFailed", "asyncio websockets pydantic numpy av torch"),
        ("sayline.connect", "numpy av torch"),
        ("sayline.speak", "av torch"),
    ],
)
def test_nothing_is_loaded_before_it_is_needed(use, not_loaded):
    code = f"import sys, sayline; {use}; print(sorted(set({not_loaded.split()}) & set(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"


def test_a_type_checker_finds_what_is_wrong_and_nothing_else(tmp_path):
    (tmp_path / "sayline").symlink_to(ROOT)
    (tmp_path / "program.py").write_text(PROGRAM)
    ran = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "program.py"],
        cwd=tmp_path,
        env={**os.environ, "MYPYPATH": "."},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    errors = [line for line in ran.stdout.splitlines() if line.startswith("program.py:") and ": error:" in line]
    found = {int(line.split(":")[1]) for line in errors}
    wrong = {number for number, line in enumerate(PROGRAM.splitlines(), 1) if line.endswith("# wrong")}
    assert found == wrong, ran.stdout + ran.stderr


@pytest.mark.skipif(
    not PYRIGHT.exists() and not os.environ.get("SAYLINE_REQUIRE_PYRIGHT"), reason="`make js` installs pyright"
)
def test_pyright_knows_every_name_and_what_it_stands_for(tmp_path):
    """The strict mode also objects to whatever is of an unknown type."""
    (tmp_path / "sayline").symlink_to(ROOT)
    (tmp_path / "program.py").write_text("import sayline\n" + "".join(f"sayline.{name}\n" for name in sayline.__all__))
    settings = {
        "include": ["program.py"],
        "typeCheckingMode": "strict",
        "reportUnusedExpression": False,
        "pythonVersion": "3.11",
    }
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(settings))
    command = [PYRIGHT, "--outputjson", "--pythonpath", sys.executable, "--project", tmp_path]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    summary = json.loads(ran.stdout)["summary"]
    assert summary["filesAnalyzed"] == 1
    assert (summary["errorCount"], summary["warningCount"]) == (0, 0), ran.stdout
