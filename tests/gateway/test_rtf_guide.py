"""For operators of the server that this one replaces: its commands start ours, and its questions are answered."""

import argparse
import asyncio
import importlib.util
import json
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from server_process import ServerProcess
from wire_peer import PATIENCE_S

from sayline.gateway.settings import Settings, add_arguments, load

ROOT = Path(__file__).parents[2]
GUIDES = [ROOT / "docs/RTF.md", ROOT / "docs/RTF.zh.md"]
MODEL = "models/Fun-CosyVoice3-0.5B-2512"

# The commands of that server's guide, with the program's name replaced and nothing else.
COMMANDS = {
    "basic": f"""sayline serve \\
        --model_dir {MODEL} \\
        --load_vllm \\
        --fp16 \\
        --gpu_memory_utilization 0.35 \\
        --trt_concurrent 2 \\
        --max_concurrent_requests 4""",
    "beside others": f"""sayline serve \\
        --model_dir {MODEL} \\
        --load_vllm \\
        --fp16 \\
        --gpu_memory_utilization 0.3 \\
        --trt_concurrent 2 \\
        --max_concurrent_requests 3 \\
        --workers 1""",
    "sentences": f"""sayline serve \\
        --model_dir {MODEL} \\
        --load_vllm \\
        --fp16 \\
        --token_hop_len 30 \\
        --gpu_memory_utilization 0.35""",
    "enough memory": f"""sayline serve --model_dir {MODEL} \\
        --gpu_memory_utilization 0.4 \\
        --trt_concurrent 3 \\
        --max_concurrent_requests 5""",
    "little memory": f"""sayline serve --model_dir {MODEL} \\
        --gpu_memory_utilization 0.3 \\
        --trt_concurrent 2 \\
        --max_concurrent_requests 3""",
    "many": f"""sayline serve --model_dir {MODEL} \\
        --gpu_memory_utilization 0.35 \\
        --trt_concurrent 2 \\
        --max_concurrent_requests 4 \\
        --workers 1""",
    "less memory yet": f"sayline serve --model_dir {MODEL} --gpu_memory_utilization 0.25",
    "half precision": f"sayline serve --model_dir {MODEL} --fp16",
    "from the environment": f"""export MODEL_DIR={MODEL}
        export LOAD_VLLM=true
        export FP16=true
        export GPU_MEMORY_UTILIZATION=0.35
        export TRT_CONCURRENT=2
        export MAX_CONCURRENT_REQUESTS=4
        sayline serve""",
}


def script(command):
    """A shell's text that runs a command of a guide with the program of this checkout, on a port of its own."""
    program = f'"{sys.executable}" -m sayline.gateway.cli serve --port 0'
    return re.sub(r"\bsayline serve( --port \d+)?", lambda _: f"exec {program}", command)


def shown_in(guide):
    """Every shell block of a guide, without the curl."""
    blocks = re.findall(r"```sh\n(.*?)```", guide.read_text(), re.DOTALL)
    return [block for block in blocks if "sayline serve" in block]


def run(command, folder):
    return subprocess.run(
        ["sh", "-c", script(command)], cwd=folder, capture_output=True, text=True, check=False, timeout=PATIENCE_S
    )


@pytest.mark.parametrize("command", [*COMMANDS.values(), *shown_in(GUIDES[0])])
def test_every_command_of_the_guide_says_in_one_line_what_this_machine_lacks(command, tmp_path):
    """The release is not here, so it is the directory that is missing: nothing about a flag, and no traceback."""
    ended = run(command, tmp_path)

    assert ended.returncode == 2
    assert ended.stderr == (
        f"sayline: model_dir: there is no directory {MODEL}; sayline download cosyvoice3 fetches the release\n"
    )
    assert ended.stdout == ""


def settings_of(command):
    *exports, serve = re.sub(r"\\\n", " ", command).strip().splitlines()
    environ = dict(line.strip().removeprefix("export ").split("=", 1) for line in exports if line.strip())
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return load(parser.parse_args(shlex.split(serve)[2:]), environ).model_dump()


def set_to(**values):
    return Settings(**values).model_dump()


def test_flags_and_variables_arrive_as_the_guide_means_them():
    common = {"model_dir": Path(MODEL), "load_vllm": True, "fp16": True}
    basic = {"gpu_memory_utilization": 0.35, "trt_concurrent": 2, "max_concurrent_requests": 4}

    assert settings_of(COMMANDS["basic"]) == set_to(**common, **basic)
    assert settings_of(COMMANDS["from the environment"]) == set_to(**common, **basic)
    assert settings_of(COMMANDS["sentences"]) == set_to(**common, token_hop_len=30, gpu_memory_utilization=0.35)


@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="the cosyvoice3 extra is not installed")
@pytest.mark.parametrize("name", ["half precision", pytest.param("less memory yet", marks=pytest.mark.thorough)])
def test_with_a_model_the_commands_start_the_server(name, tmp_path):
    """With the tiny one in the release's place. Those with vLLM take a minute each, and were run by hand."""
    from cosyvoice3_checkpoint import private_model_dir

    private_model_dir(tmp_path).rename(tmp_path / "release")
    (tmp_path / "models").mkdir()
    (tmp_path / MODEL).symlink_to(tmp_path / "release")
    process = subprocess.Popen(
        ["sh", "-c", script(COMMANDS[name])], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout.readline().startswith("Sayline is listening on http://127.0.0.1:")
    process.send_signal(signal.SIGTERM)
    _, log = process.communicate(timeout=60)
    assert process.returncode == 0, log


async def test_the_guide_s_curl_shows_the_fields_that_it_names():
    with ServerProcess("--engine", "tone", "--max_concurrent_requests", "4") as server:
        process = await asyncio.create_subprocess_exec(
            "curl", "-s", f"http://localhost:{server.port}/health", stdout=asyncio.subprocess.PIPE
        )
        answer, _ = await process.communicate()
    health = json.loads(answer)

    assert health["model_loaded"] is True
    assert health["current_concurrent_requests"] == 0
    assert health["max_concurrent_requests"] == 4
    assert "gpu_memory_bytes" in health


def test_both_languages_show_the_same_commands_and_link_to_each_other():
    english, chinese = (guide.read_text() for guide in GUIDES)

    assert re.findall(r"```sh\n.*?```", english, re.DOTALL) == re.findall(r"```sh\n.*?```", chinese, re.DOTALL)
    assert "](RTF.zh.md)" in english
    assert "](RTF.md)" in chinese
    names = r"`(sayline_\w+|--[a-z_-]+|[a-z]+_[a-z_]+)"
    assert set(re.findall(names, english)) == set(re.findall(names, chinese))


@pytest.mark.parametrize("guide", GUIDES, ids=["English", "Chinese"])
def test_every_field_metric_and_setting_that_a_guide_names_exists(guide):
    """Names between backticks that look like ours are looked up where they are defined."""
    from sayline.gateway.observing.metrics import Metrics

    text = guide.read_text()
    exposition = Metrics().exposition().decode()
    for metric in re.findall(r"`(sayline_\w+)`", text):
        assert f"\n# TYPE {metric} " in f"\n{exposition}", metric
    parser_flags = {f"--{name}" for name in Settings.model_fields}
    for flag in re.findall(r"(?<![\w-])--([a-z][a-z0-9_-]+)", text):
        assert f"--{flag.replace('-', '_')}" in parser_flags | {"--gpu", "--url", "--streams"}, flag


@pytest.mark.parametrize("guide", GUIDES, ids=["English", "Chinese"])
@pytest.mark.parametrize(
    "item",
    "uvloop PYTORCH_CUDA_ALLOC_CONF cudnn.benchmark gpu_memory_utilization trt_concurrent gzip fp16 load_vllm "
    "token_hop_len comma_split token_max_n token_min_n merge_len nvidia-smi CUDA_VISIBLE_DEVICES 0.25 503 workers "
    "current_concurrent_requests max_concurrent_requests MODEL_DIR".split(),
)
def test_each_item_of_that_guide_is_answered(guide, item):
    assert item in guide.read_text()
