"""The benchmarks still run: each that needs no GPU, as briefly as it lets itself be run. What they find is not judged.

Left out: ``accumulator.py`` and ``http_listeners.py``, which take most of a minute; ``flow.py`` and
``gpu_neighbour.py``, which want a GPU.
"""

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from server_process import SERVE, ServerProcess

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
PATIENCE_S = 240  # the longest take 20 s on two cores


def printed(name, *arguments):
    """What a benchmark says; the exit code is its verdict on this machine, so only what is said of errors counts."""
    command = [sys.executable, str(BENCHMARKS / name), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout


@pytest.mark.thorough
def test_the_gateway_and_both_floors_send_frames():
    said = printed("unavoidable.py", "--streams", 2, "--duration", 1, "--rounds", 1)

    frames_per_s = [int(count) for count in re.findall(r"(\d+) frames/s", said)]
    assert len(frames_per_s) == 3
    assert min(frames_per_s) > 50  # two streams of 50
    assert "gateway / floor, a timer per stream" in said


def test_what_listeners_hear_of_a_fault_is_written_as_a_table():
    said = printed("failover.py", "--listeners", 4, "--rounds", 1, "--fault", "an engine's worker is killed")
    assert re.search(r"^\| nothing \| 0 \| 0 \| \d+: \d+ ms \|", said, re.MULTILINE)
    assert re.search(r"^\| an engine's worker is killed \| [1-4] \| 0 \| \d+: \d+ ms \|", said, re.MULTILINE)


def test_every_dialect_s_peer_hears_its_first_sound_and_plays():
    said = printed("dialects.py", "latency", "--turns", 1)
    assert len(re.findall(r"^\| \w+ \| [\d.]+ / [\d.]+ ms \|", said, re.MULTILINE)) == 6

    said = printed("dialects.py", "hear", "--listeners", 2, "--seconds", 1)
    assert re.search(r"2 listeners of elevenlabs in pcm_24000: \d+ holes", said)
    assert "| elevenlabs |" in printed("dialects.py", "sizes")


def test_the_simulator_counts_listeners_and_holes():
    pytest.importorskip("torch", reason="the cosyvoice3 extra is not installed")
    simulation = ["scheduling.py", "--seconds", 15, "--streams", 64]

    assert re.search(r"^ +64 +\d+ +\d+ +0 +0\.0 ", printed(*simulation), re.MULTILINE)
    assert re.search(r"^ +64 +\d+ +\d+ +[1-9]\d* ", printed(*simulation, "--slow", 8), re.MULTILINE)


def test_the_simulators_guard_refuses_contexts_that_come_while_too_many_wait():
    pytest.importorskip("torch", reason="the cosyvoice3 extra is not installed")

    said = printed("scheduling.py", "--seconds", 15, "--rate", 16, "--slow", 6, "--guard")

    assert re.search(r"^ +16\.0 .* [1-9]\d*$", said, re.MULTILINE)


@pytest.mark.thorough
def test_every_speech_ends_whatever_its_callers_and_the_engine_are_doing():
    """What ``make simulate`` does at length: none stands still, loses sound, or waits for what will not come."""
    pytest.importorskip("torch", reason="the cosyvoice3 extra is not installed")
    command = [sys.executable, str(BENCHMARKS / "simulate.py"), "--speeches", "500"]

    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    (ended,) = re.findall(r"^ *(\d+) end$", done.stdout, re.MULTILINE)
    assert int(ended) > 400


@pytest.mark.parametrize("seed", [1319, 127])
def test_the_worlds_in_which_an_ended_speech_kept_others_waiting_forever_end_now(seed):
    """A hundred thousand speeches found the fault in the first, and ten thousand a first mend's fault in the other."""
    pytest.importorskip("torch", reason="the cosyvoice3 extra is not installed")
    command = [sys.executable, str(BENCHMARKS / "simulate.py"), "--speeches", "1", "--seed", str(seed)]

    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.thorough
def test_every_speech_of_a_busy_server_ends_whatever_its_first_hop():
    pytest.importorskip("torch", reason="the cosyvoice3 extra is not installed")
    from cosyvoice3_checkpoint import tiny_model_dir

    served = [tiny_model_dir(), f"here={BENCHMARKS.parent}", "--speeches", 12, "--busy", 1]

    rows = re.findall(r"^here +(?:10|35) +(\d+) +(\d+) +(\d+) ", printed("every_speech_ends.py", *served), re.MULTILINE)
    assert rows == [("12", "12", "0")] * 2


@pytest.mark.thorough
def test_a_stream_in_company_is_compared_with_itself_alone():
    pytest.importorskip("torch", reason="the cosyvoice3 extra is not installed")
    from cosyvoice3_checkpoint import tiny_model_dir

    said = printed("company.py", tiny_model_dir(), "--streams", 4, "--compared", 2)

    (figures,) = re.findall(r"^in company by alone +(.+)$", said, re.MULTILINE)
    _, mel, _, pcm, _, steps = map(float, figures.split())  # median and most of each
    assert mel < 1e-5
    assert pcm < 5e-3
    assert steps < 100


@pytest.mark.thorough
def test_a_mixed_load_ends_with_nothing_left():
    with ServerProcess() as server:
        said = printed("mixed_load.py", server.url, "--minutes", 0.18, "--warm-up", 0, "--pid", server.process.pid)

    assert re.search(r"^left 0 contexts, no GPU, host \d+ MB \(\d+:\d+( \d+:\d+)*\)$", said, re.MULTILINE)
    assert "failed" not in said


def test_two_servers_take_turns_and_half_of_many_listeners_hang_up():
    with ServerProcess("--engine", "tone") as before, ServerProcess("--engine", "tone") as after:
        alone = json.loads(printed("in_turns.py", "one", before.url, after.url, "--pairs", 1, "--each", 1))
        brief = ["--streams", 2, "--pairs", 1, "--ramp", 0.2, "--seconds", 1]
        crowd = json.loads(printed("in_turns.py", "many", before.url, after.url, *brief))

    assert [len(server) for server in alone["blocks_ms"]] == [1, 1]
    assert [(each["url"], each["faults"]) for each in crowd] == [(before.url, []), (after.url, [])]
    assert [each["last_byte_after_cancel_ms"]["n"] for each in crowd] == [1, 1]


def test_acoustic_engine_and_vocoder_are_measured_on_a_cpu():
    pytest.importorskip("torch", reason="the cosyvoice3 extra is not installed")
    from cosyvoice3_checkpoint import tiny_model_dir

    assert re.search(r"^ +2 +[\d.]+ ", printed("acoustic.py", tiny_model_dir(), "--streams", 2), re.MULTILINE)
    assert "s of sound per s" in printed("vocoder.py", "--size", "tiny", "--rounds-s", 0.01)


@pytest.mark.thorough
@pytest.mark.skipif(
    importlib.util.find_spec("vllm") is None and not os.environ.get("SAYLINE_REQUIRE_VLLM"),
    reason="vLLM is not installed",
)
def test_speech_tokens_are_timed(tmp_path):
    from cosyvoice3_checkpoint import private_model_dir

    model = private_model_dir(tmp_path)  # vLLM's own form of it is written there
    said = printed("speech_tokens.py", model, "--streams", 2, "--tokens", 20, "--precision", "float32")
    assert "2 streams: first token" in said


@pytest.mark.thorough
def test_the_stages_of_a_first_sound_are_found_in_the_log(tmp_path):
    pytest.importorskip("torch", reason="the cosyvoice3 extra is not installed")
    from cosyvoice3_checkpoint import tiny_model_dir

    log = tmp_path / "gateway.log"
    flags = ["--port", "0", "--model-dir", tiny_model_dir(), "--fixed-tokens-per-character", "0.5"]
    with (
        log.open("w") as complaints,
        subprocess.Popen([*SERVE, *flags], stdout=subprocess.PIPE, stderr=complaints, text=True) as server,
    ):
        try:
            url = re.search(r"http://(\S+)", server.stdout.readline()).expand(r"ws://\1")
            said = printed("first_sound.py", url, log, "--streams", 1, "--seconds", 8)
        finally:
            server.terminate()

    milliseconds = [float(figure) for figure in said.splitlines()[-1].split()]
    assert len(milliseconds) == 9
    assert min(milliseconds[1:5]) > 0
