"""Settings: sources, precedence, and one line about what is wrong."""

import argparse
from pathlib import Path

import pytest

from sayline.gateway.errors import BadSettings
from sayline.gateway.settings import (
    BARE_NAMES,
    Settings,
    add_arguments,
    client_defaults,
    load,
    table,
    worker_environ,
)


def loaded(*flags, environ=None):
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return load(parser.parse_args(flags), environ or {})


def test_without_any_source_the_defaults_hold():
    assert loaded() == Settings()


def test_flags_win_over_the_environment_which_wins_over_the_file(tmp_path):
    config = tmp_path / "sayline.toml"
    config.write_text('port = 1\nhost = "localhost"\nmax_lead_ms = 1')
    environ = {"SAYLINE_PORT": "2", "SAYLINE_HOST": "::1"}

    settings = loaded("--config", str(config), "--port", "3", environ=environ)

    assert (settings.port, settings.host, settings.max_lead_ms) == (3, "::1", 1)


def test_the_environment_may_name_the_file(tmp_path):
    config = tmp_path / "sayline.toml"
    config.write_text("port = 7")

    assert loaded(environ={"SAYLINE_CONFIG": str(config)}).port == 7


def test_lists_are_written_with_commas_outside_the_file(tmp_path):
    config = tmp_path / "sayline.toml"
    config.write_text('api_keys = ["a", "b"]')

    assert loaded(environ={"SAYLINE_API_KEYS": "a, b,"}).api_keys == ("a", "b")
    assert loaded("--api-keys", "a,b").api_keys == ("a", "b")
    assert loaded("--config", str(config)).api_keys == ("a", "b")


def test_switches_need_no_value_and_take_one():
    assert loaded("--comma-split").comma_split
    assert not loaded("--comma-split", "false", environ={"SAYLINE_COMMA_SPLIT": "1"}).comma_split


def test_numbers_from_flags_are_numbers():
    assert loaded("--frame-ms", "40").frame_ms == 40


BARE_VALUES = {
    "model_dir": ("models/here", Path("models/here")),
    "load_vllm": ("true", True),
    "fp16": ("true", True),
    "gpu_memory_utilization": ("0.3", 0.3),
    "trt_concurrent": ("3", 3),
    "max_concurrent_requests": ("7", 7),
    "token_hop_len": ("25", 25),
    "workers": ("3", 3),
}


@pytest.mark.parametrize("name", BARE_NAMES)
def test_engine_settings_also_go_by_their_bare_names(name):
    text, value = BARE_VALUES[name]

    settings = loaded(environ={"MODEL_DIR": "models/here", name.upper(): text})

    assert getattr(settings, name) == value


def test_a_server_has_one_gateway_process_at_least():
    with pytest.raises(BadSettings, match=r"^workers: .* \(from --workers\)$"):
        loaded("--workers", "0")


def test_a_worker_has_its_supervisor_s_environment_and_is_told_where_figures_are_put_together():
    environ = worker_environ(Path("/folder"), {"PATH": "/bin"})
    assert environ == {"PATH": "/bin", "PROMETHEUS_MULTIPROC_DIR": "/folder"}


def test_a_model_directory_chooses_the_engine_unless_another_is_named():
    assert loaded().chosen_engine == "espeak"
    assert loaded("--model-dir", "m").chosen_engine == "cosyvoice3"
    assert loaded("--model-dir", "m", "--engine", "tone").chosen_engine == "tone"


@pytest.mark.parametrize(
    "flags",
    [
        ["--load-vllm"],
        ["--fp16"],
        ["--precision", "float32"],
        ["--gpu-memory-utilization", "0.3"],
        ["--trt-concurrent", "2"],
        ["--token-hop-len", "25"],
        ["--fixed-tokens-per-character", "2"],
    ],
)
def test_what_only_the_model_has_is_refused_without_one(flags):
    name = flags[0].removeprefix("--").replace("-", "_")
    with pytest.raises(BadSettings, match=rf"^{name}: only the cosyvoice3 engine has it; give a model_dir"):
        loaded(*flags)
    assert loaded(*flags, "--model-dir", "m").chosen_engine == "cosyvoice3"


@pytest.mark.parametrize(
    ("flags", "line"),
    [
        (["--port", "x"], r"^port: .*valid integer.*\(from --port\)$"),
        (["--port", "70000"], r"^port: .*less than or equal to 65535"),
        (["--frame-ms", "30"], r"^frame_ms: .*10, 20, 40 or 60"),
        (["--max-lead-ms", "-1"], r"^max_lead_ms: "),
        (["--engine", "festival"], r"^engine: "),
        (["--host", "0.0.0.0"], r"^host: .*api_keys"),
        (["--tls-cert", "/nowhere/cert.pem"], r"^tls_cert: a certificate and its key come together"),
        (["--tls-cert", "/nowhere/c", "--tls-key", "/nowhere/k"], r"^tls_cert: there is no file"),
        (["--token-min-n", "200"], r"^token_min_n: 200 is above token_max_n, 100"),
        (["--config", "/nowhere/x.toml"], r"^config: cannot read"),
        (["--engine", "cosyvoice3"], r"^model_dir: the cosyvoice3 engine needs one"),
        (["--model-dir", "m", "--fp16", "--precision", "float32"], r"^fp16: contradicts precision 'float32'"),
        (["--model-dir", "m", "--token-hop-len", "77"], r"^token_hop_len: .*less than or equal to 76"),
    ],
)
def test_a_bad_value_is_one_line_that_names_the_setting(flags, line):
    with pytest.raises(BadSettings, match=line) as refusal:
        loaded(*flags)

    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "line"),
    [("port = ", "^config: .* is not TOML"), ("prot = 5", "^prot: there is no such setting"), ("port = []", "^port: ")],
)
def test_a_bad_file_is_one_line_too(tmp_path, text, line):
    config = tmp_path / "sayline.toml"
    config.write_text(text)

    with pytest.raises(BadSettings, match=line):
        loaded("--config", str(config))


@pytest.mark.parametrize("flags", [["--api-keys", "k"], ["--allow-anonymous"]])
def test_a_bind_beyond_loopback_needs_a_key_or_says_that_it_means_it(flags):
    assert loaded("--host", "0.0.0.0", *flags).host == "0.0.0.0"


def test_clients_read_their_own_two_variables():
    defaults = client_defaults({"SAYLINE_URL": "ws://h:1", "SAYLINE_KEY": "k"})

    assert (defaults.url, defaults.key) == ("ws://h:1", "k")
    assert client_defaults({}).key is None


def test_every_setting_has_a_meaning_and_a_row():
    rows = table().splitlines()[2:]

    assert len(rows) == len(Settings.model_fields)
    assert all(field.description for field in Settings.model_fields.values())
