"""``sayline doctor``: every part gets a line, and what is wrong is named with what to do."""

import argparse
import asyncio
import importlib.util
import json
import socket
import sys

import pytest
from web_servers import web_server

from sayline.gateway.commands import doctor
from sayline.gateway.settings import Settings
from sayline.gateway.wiring import running_server
from sayline.synthesis.cosyvoice3.declaration import MODEL_FILES
from sayline.synthesis.cosyvoice3.release.cache import EngineKey, write_engine


def examine(*flags):
    """Examine this installation as ``sayline doctor FLAGS`` would; returns the findings by part."""
    parser = argparse.ArgumentParser()
    doctor.add_arguments(parser)
    return {finding.part: finding for finding in doctor.examine(parser.parse_args(flags))}


def test_a_sound_installation_is_well_part_by_part(capsys):
    parser = argparse.ArgumentParser()
    doctor.add_arguments(parser)
    assert doctor.run(parser.parse_args(["--port", "0"])) == 0
    printed = capsys.readouterr().out
    assert "all well" in printed
    for part in ("Python", "websockets", "libopus", "espeak-ng", "resampling", "containers", "TLS", "port", "torch"):
        assert part in printed


def test_espeak_is_judged_by_a_word_that_it_really_speaks():
    finding = examine("--port", "0")["espeak-ng"]
    assert finding.state == "ok"
    assert "one word lasts" in finding.detail


def test_a_port_taken_by_something_else_is_broken(capsys):
    """Something that accepts and says nothing would cost the timeout; what refuses is as wrong and quicker."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))  # bound, not listening: connections are refused, the port is not free
        parser = argparse.ArgumentParser()
        doctor.add_arguments(parser)
        assert doctor.run(parser.parse_args(["--port", str(bound.getsockname()[1])])) == 1
    assert "not well: port" in capsys.readouterr().out


async def test_a_port_taken_by_a_gateway_is_well():
    async with running_server(Settings(port=0, engine="espeak")) as server:
        findings = await asyncio.to_thread(examine, "--port", str(server.port))
    assert findings["port"].state == "ok"
    assert "a gateway is running" in findings["port"].detail


def test_a_port_taken_by_another_web_server_is_broken_and_it_is_called_one(capsys):
    """Only a gateway's own shape of /health is a gateway: a web server that answers 200 to everything is none."""
    with web_server(b'{"status": "ok"}') as port:
        parser = argparse.ArgumentParser()
        doctor.add_arguments(parser)
        assert doctor.run(parser.parse_args(["--port", str(port)])) == 1
    printed = capsys.readouterr().out
    assert "another web server is there (it answers 200 to /health); choose another: --port" in printed
    assert "not well: port" in printed


async def test_beside_a_running_gateway_the_doctor_does_not_advise_to_start_one(capsys):
    parser = argparse.ArgumentParser()
    doctor.add_arguments(parser)
    async with running_server(Settings(port=0, engine="espeak")) as server:
        assert await asyncio.to_thread(doctor.run, parser.parse_args(["--port", str(server.port)])) == 0
    assert capsys.readouterr().out.endswith("all well; a gateway is running\n")


def test_settings_that_cannot_work_are_named():
    finding = examine("--port", "99999")["settings"]
    assert finding.state == "broken"
    assert finding.detail.startswith("port:")


def test_certificates_that_do_not_load_are_broken(tmp_path):
    for name in ("cert", "key"):
        (tmp_path / name).write_text("not PEM")
    finding = examine("--port", "0", "--tls-cert", str(tmp_path / "cert"), "--tls-key", str(tmp_path / "key"))["TLS"]
    assert finding.state == "broken"


def test_without_a_model_directory_a_model_is_optional():
    assert examine("--port", "0")["model"].state == "optional"


def test_a_model_directory_that_lacks_files_is_broken_and_they_are_named(tmp_path):
    (tmp_path / "llm.pt").touch()
    finding = examine("--port", "0", "--model-dir", str(tmp_path))["model"]
    assert finding.state == "broken"
    assert "lacks flow.pt, hift.pt, cosyvoice3.yaml, CosyVoice-BlankEN" in finding.detail


def test_a_whole_model_directory_is_well_where_its_engine_is_installed(tmp_path):
    for name in MODEL_FILES:
        (tmp_path / name).touch()
    finding = examine("--port", "0", "--model-dir", str(tmp_path))["model"]
    if importlib.util.find_spec("torch") is None:
        assert finding.state == "missing"
        assert "its engine needs torch" in finding.detail
    else:
        assert finding.state == "ok"
        assert str(tmp_path) in finding.detail


def test_an_engine_file_is_well_if_it_is_whole_and_its_runtime_installed(tmp_path, monkeypatch):
    path = tmp_path / "velocity.engine"
    key = EngineKey("NVIDIA L20, compute capability 8.9", "tensorrt 11.4.0", "bfloat16", "ab" * 32, ("R 2..2..2",))
    write_engine(path, key, b"an engine")

    def found():
        return examine(
            *("--port", "0", "--model-dir", str(tmp_path), "--trt-concurrent", "1", "--trt-engine", str(path))
        )["trt_engine"]

    monkeypatch.setitem(sys.modules, "tensorrt_lean", None)  # how Python spells "cannot be imported"
    assert found().state == "missing"
    assert "pip install 'sayline[tensorrt-lean]'" in found().detail

    monkeypatch.setitem(sys.modules, "tensorrt_lean", json)  # some module
    assert found().state == "ok"
    assert "bfloat16, by tensorrt 11.4.0, for NVIDIA L20" in found().detail

    path.write_bytes(path.read_bytes()[:-1])
    assert found().state == "broken"
    assert "copy it again" in found().detail


def test_a_missing_package_says_what_is_lost_and_what_to_install():
    finding = doctor._distribution("sayline-has-no-such-part", "nowhere", "nothing works")
    assert finding.state == "missing"
    assert finding.detail == "nothing works; pip install sayline-has-no-such-part"


@pytest.mark.parametrize("fault", [OSError("no such library"), ValueError("odd")])
def test_a_part_that_throws_is_a_finding_and_never_the_end(fault):
    def check():
        raise fault

    finding = doctor._checked("a part", check)
    assert (finding.state, finding.part) == ("broken", "a part")
    assert str(fault) in finding.detail
