"""Settings: sources, precedence, and one line about what is wrong."""

import argparse
import dataclasses
import re
from pathlib import Path

import pytest

from sayline.gateway.conversation.session import SessionSettings
from sayline.gateway.errors import BadSettings
from sayline.gateway.settings import (
    BARE_NAMES,
    ENGINES,
    SECRETS,
    Settings,
    add_arguments,
    load,
    refuse_unknown_variables,
    table,
    worker_environ,
)
from sayline.gateway.text.accumulator import RELEASES, ChunkingSettings
from sayline.gateway.wiring import chunking_settings


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
    assert loaded("--also-spoken", "reasoning, code").also_spoken == ("reasoning", "code")
    with pytest.raises(BadSettings, match=r"^also_spoken"):
        loaded("--also-spoken", "everything")


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
    assert loaded().chosen_engine == "embedded"
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
        (["--model-dir", "m", "--trt-engine", "e"], r"^trt_engine: needs trt_concurrent"),
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


@pytest.mark.parametrize(
    ("variable", "meant"),
    [
        ("SAYLINE_MAX_LED_MS", "SAYLINE_MAX_LEAD_MS"),
        ("SAYLINE_PROT", "SAYLINE_PORT"),
        ("SAYLINE_API_KEY", "SAYLINE_API_KEYS"),
        ("sayline_port", "SAYLINE_PORT"),
        ("SAYLINE_CONFGI", "SAYLINE_CONFIG"),
        ("SAYLINE_URLS", "SAYLINE_URL"),
    ],
)
def test_a_misspelt_variable_is_refused_like_a_misspelt_line_of_the_file(variable, meant):
    line = rf"^{variable}: there is no such setting; did you mean {meant}\? \(from the environment\)$"
    with pytest.raises(BadSettings, match=line):
        loaded(environ={variable: "7"})
    with pytest.raises(BadSettings, match=line):
        refuse_unknown_variables({variable: "7"})


def test_a_misspelt_name_in_the_file_is_told_what_it_is_near_to(tmp_path):
    config = tmp_path / "sayline.toml"
    config.write_text("max-led-ms = 7")

    with pytest.raises(BadSettings, match=r"^max-led-ms: there is no such setting; did you mean max_lead_ms\?"):
        loaded("--config", str(config))


def test_a_name_that_is_near_to_nothing_is_refused_without_a_guess():
    with pytest.raises(BadSettings, match=r"^SAYLINE_XYZZY: there is no such setting \(from the environment\)$"):
        loaded(environ={"SAYLINE_XYZZY": "1"})


def test_what_kubernetes_sets_for_a_service_called_sayline_is_not_ours():
    assert (
        loaded(
            environ={
                "SAYLINE_SERVICE_HOST": "10.0.0.7",
                "SAYLINE_SERVICE_PORT": "8080",
                "SAYLINE_SERVICE_PORT_WS": "8080",
                "SAYLINE_PORT": "tcp://10.0.0.7:8080",
                "SAYLINE_PORT_8080_TCP": "tcp://10.0.0.7:8080",
                "SAYLINE_PORT_8080_TCP_ADDR": "10.0.0.7",
            }
        )
        == Settings()
    )


@pytest.mark.parametrize("name", ["api_keys", "port", "host", "model_dir", "tls_cert", "default_voice", "comma_split"])
@pytest.mark.parametrize("empty", ["", "  "])
def test_an_empty_value_is_refused_whatever_its_source(tmp_path, name, empty):
    config = tmp_path / "sayline.toml"
    config.write_text(f'{name} = "{empty}"')
    variable, flag = f"SAYLINE_{name.upper()}", "--" + name.replace("_", "-")
    for flags, environ in [([], {variable: empty}), ([flag, empty], {}), (["--config", str(config)], {})]:
        with pytest.raises(BadSettings, match=f"^{name}: is empty; leave it out for the default \\(from "):
            loaded(*flags, environ=environ)


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize("text", [",", " , ,"])
def test_a_list_of_keys_without_a_key_is_no_way_to_turn_authentication_off(name, text):
    variable, flag = f"SAYLINE_{name.upper()}", "--" + name.replace("_", "-")
    with pytest.raises(BadSettings, match=rf"^{name}: holds no key; .*{variable}"):
        loaded(environ={variable: text})
    with pytest.raises(BadSettings, match=rf"^{name}: holds no key; .*{flag}"):
        loaded(flag, text)


@pytest.mark.parametrize("keys", ["[]", '[""]', '[" ", "\\t"]'])
def test_nor_is_one_in_the_file(tmp_path, keys):
    config = tmp_path / "sayline.toml"
    config.write_text(f"api_keys = {keys}")
    with pytest.raises(BadSettings, match=r"^api_keys: holds no key"):
        loaded("--config", str(config))


def test_no_blank_key_is_ever_valid_and_none_is_longer_than_it_looks(tmp_path):
    config = tmp_path / "sayline.toml"
    config.write_text('api_keys = [" geheim ", ""]')

    assert loaded("--config", str(config)).api_keys == ("geheim",)


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        ("geheim,other,geheim", r"^api_keys: key 3 is the same as key 1$"),
        ("ok,gehe\nim", r"^api_keys: key 2 holds a con"),
    ],
)
def test_keys_that_cannot_be_meant_are_named_by_their_places_and_not_shown(keys, line):
    with pytest.raises(BadSettings, match=line) as refusal:
        loaded("--api-keys", keys)
    assert "gehe" not in str(refusal.value)


@pytest.mark.parametrize(
    "host",
    [
        "127.evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "127.0.0.1 ",
        "0.0.0.0",
        "::",
        "1.2.3.4",
        "127.1",
    ],
)
def test_only_an_address_that_is_one_of_loopback_s_counts_as_such(host):
    with pytest.raises(BadSettings, match=r"^host: .* is open to the network and no api_keys are set"):
        loaded("--host", host)


@pytest.mark.parametrize(
    ("flag", "value"),
    [
        ("--public-url", "voice.example"),
        ("--public-url", "wss://voice.example"),
        ("--public-url", "https://"),
        ("--allow-origins", "app.example"),
        ("--allow-origins", "https://app.example/path"),
        ("--trusted-proxies", "10.0.0.0/33"),
        ("--trusted-proxies", "nginx"),
    ],
)
def test_addresses_that_could_never_match_are_refused(flag, value):
    with pytest.raises(BadSettings, match=flag[2:].replace("-", "_")):
        loaded(flag, value)


def test_addresses_are_taken_as_people_write_them():
    found = loaded(
        "--public-url",
        "https://voice.example/speech/",
        "--allow-origins",
        "HTTP://a.example:80/, null",
        "--trusted-proxies",
        "127.0.0.1, 10.1.2.3/8",
    )
    assert found.public_url == "https://voice.example/speech/"
    assert found.allow_origins == ("HTTP://a.example:80/", "null")
    assert found.trusted_proxies == ("127.0.0.1", "10.1.2.3/8")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.10", "::1", "localhost", "LOCALHOST", "::ffff:127.0.0.1"])
def test_loopback_needs_no_key(host):
    assert loaded("--host", host).host == host


def test_every_flag_may_be_written_with_underscores():
    for name, field in Settings.model_fields.items():
        parser = argparse.ArgumentParser()
        add_arguments(parser)
        assert getattr(parser.parse_args([f"--{name}", "7"]), name) == "7"
        assert getattr(parser.parse_args([f"--{name}=7"]), name) == "7"
        if field.annotation is bool:
            assert getattr(parser.parse_args([f"--{name}"]), name) == "true"


def test_a_flag_of_either_spelling_wins_if_it_comes_last():
    assert loaded("--max_lead_ms", "1", "--max-lead-ms", "2").max_lead_ms == 2
    assert loaded("--max-lead-ms", "2", "--max_lead_ms", "1").max_lead_ms == 1


def test_help_shows_one_spelling_of_each_flag():
    parser = argparse.ArgumentParser()
    add_arguments(parser)

    assert "--max-lead-ms" in parser.format_help()
    assert "--max_lead_ms" not in parser.format_help()


def test_the_log_can_report_the_source_of_each_value():
    origins = loaded("--port", "3", environ={"WORKERS": "2"}).origins

    assert origins == {"port": "--port", "workers": "the environment, WORKERS"}


def test_the_log_shows_the_settings_that_were_given_and_no_key():
    settings = loaded("--api-keys", "geheim,auch", "--port", "3", environ={"SAYLINE_MAX_LEAD_MS": "2000"})

    assert settings.shown() == {"port": 3, "max_lead_ms": 2000, "api_keys": "2 set"}
    assert settings.shown().keys() == settings.origins.keys()
    assert loaded().shown() == {}


@pytest.mark.parametrize("flags", [["--api-keys", "k"], ["--allow-anonymous"]])
def test_a_bind_beyond_loopback_needs_a_key_or_says_that_it_means_it(flags):
    assert loaded("--host", "0.0.0.0", *flags).host == "0.0.0.0"


def test_every_setting_has_a_meaning_and_a_row():
    rows = table(Settings.model_fields).splitlines()[2:]

    assert len(rows) == len(Settings.model_fields)
    assert all(field.description for field in Settings.model_fields.values())


def test_a_model_directory_that_does_not_exist_is_named_before_an_engine_looks_for_it(tmp_path):
    with pytest.raises(BadSettings, match=f"^model_dir: there is no directory {tmp_path}/m; sayline download"):
        Settings(model_dir=tmp_path / "m").ensure_engine()
    Settings(model_dir=tmp_path).ensure_engine()
    Settings(model_dir=tmp_path / "m", engine="tone").ensure_engine()
    with pytest.raises(BadSettings, match=f"^trt_engine: {tmp_path}/e cannot be read: No such file"):
        Settings(model_dir=tmp_path, trt_concurrent=1, trt_engine=tmp_path / "e").ensure_engine()


# What a setting is called in the room that uses it: the unit is that room's own.
OTHER_UNITS = {
    "max_context_text_bytes": ("max_context_text_kib", 1024),
    "max_connection_text_bytes": ("max_connection_text_kib", 1024),
    "max_queued_text_bytes": ("max_queued_text_kib", 1024),
    "release_lead_s": ("release_lead_ms", 0.001),
    "idle_release_s": ("idle_release_ms", 0.001),
    "most_wait_s": ("most_wait_ms", 0.001),
}
CHOSEN_BY_RELEASE = {"first_min_n", "first_max_n", "release_lead_s", "idle_release_s", "most_wait_s"}
# What is no setting: the protocol's, the engine's, the reach of a network burst, and what is made of several settings.
NO_SETTINGS = {"max_text_bytes", "burst_s", "default_audio", "default_voice", "chunking"}
NO_SETTINGS |= {
    "in_turn",
    "done_when_heard",
    "is_live",
    "needs_pongs",
    "voice_aliases",
}  # a dialect's; a table, empty too


@pytest.mark.parametrize("room", [SessionSettings, ChunkingSettings])
def test_a_room_s_defaults_are_the_settings_own(room):
    """A room without a server, as in its tests, is what a server without settings is."""
    defaults = {field.name: field.default for field in dataclasses.fields(room) if field.name not in NO_SETTINGS}
    settings = {name: OTHER_UNITS.get(name, (name, 1)) for name in defaults}

    assert len(defaults) >= 8
    given = {name: (getattr(Settings(), setting), unit) for name, (setting, unit) in settings.items()}
    chosen = {name for name, (value, _) in given.items() if value is None}
    assert chosen <= CHOSEN_BY_RELEASE
    assert {name: defaults[name] for name in defaults.keys() - chosen} == {
        name: value * unit for name, (value, unit) in given.items() if value is not None
    }


@pytest.mark.parametrize("release", ["soon", "balanced", "natural"])
def test_the_settings_that_a_release_chooses_are_described_as_it_has_them(release):
    place = list(RELEASES).index(release)
    for name in CHOSEN_BY_RELEASE:
        setting, unit = OTHER_UNITS.get(name, (name, 1))
        values = re.findall(r"\d+", Settings.model_fields[setting].description.rpartition("unset: ")[2])
        assert getattr(RELEASES[release], name) == pytest.approx(int(values[place % len(values)]) * unit)


def test_a_release_is_chosen_as_a_whole_and_each_of_its_settings_may_be_given():
    chosen = chunking_settings(Settings(release="natural", idle_release_ms=250))
    assert chosen == dataclasses.replace(RELEASES["natural"], idle_release_s=0.25)
    assert chunking_settings(Settings()) == ChunkingSettings()


def test_every_setting_of_an_engine_has_the_engine_s_own_default():
    for engine in ENGINES.values():
        for field in dataclasses.fields(engine.settings):
            if field.name in engine.offered() and field.name not in engine.needed():
                assert Settings.model_fields[field.name].default == field.default


@pytest.mark.parametrize(
    ("flags", "fault"),
    [
        (["--wyoming-host", "127.0.0.1"], "wyoming_host: nothing listens there without a wyoming_port"),
        (["--wyoming-port", "10200", "--wyoming-host", "0.0.0.0", "--api-keys", "k"], "Wyoming knows no keys"),
        (["--wyoming-port", "10200", "--host", "0.0.0.0", "--api-keys", "k"], "Wyoming knows no keys"),
        (["--wyoming-port", "0", "--workers", "2"], "several workers cannot share a free port"),
    ],
)
def test_wyoming_is_opened_to_the_network_only_if_that_is_said(flags, fault):
    with pytest.raises(BadSettings, match=fault):
        loaded(*flags)


def test_wyoming_may_stay_on_loopback_while_the_other_port_is_open_to_holders_of_keys():
    flags = ["--host", "0.0.0.0", "--api-keys", "k", "--wyoming-port", "10200"]
    assert loaded(*flags, "--wyoming-host", "127.0.0.1").wyoming_address == "127.0.0.1"
    assert loaded(*flags, "--allow-anonymous").wyoming_address == "0.0.0.0"
