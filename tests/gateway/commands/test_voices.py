"""``sayline voices``, as typed: what it prints, what it stores, how it exits."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="the CosyVoice3 engine is not installed")
pytest.importorskip("onnx", reason="the CosyVoice3 engine is not installed")

import onnx_networks
import recordings
import torch
from cosyvoice3_checkpoint import private_model_dir, tiny_model_dir

from sayline.gateway.cli import main
from sayline.gateway.settings import DOWNLOADED_MODEL_DIR, default_model_dir
from sayline.synthesis.cosyvoice3.voices.store import VoiceStore, read_voice


@pytest.fixture
def model_dir(tmp_path):
    """The tiny model, with networks that hear."""
    model_dir = private_model_dir(tmp_path)
    onnx_networks.write(model_dir)
    return model_dir


@pytest.fixture
def audio(tmp_path):
    return recordings.write_wav(tmp_path / "a.wav", recordings.speech(4, 48_000), 48_000)


# The recordings here are no words: what a recogniser would make of them is tested in tests/synthesis/hearing.
ADDED = ("--consent", "Anna Example", "--trust-text")


def voices(model_dir, action, *arguments):
    return main(
        ["voices", action, *map(str, arguments), *ADDED[: 3 * (action == "add")], "--model-dir", str(model_dir)]
    )


def test_a_voice_is_added_listed_and_removed(model_dir, audio, capsys):
    server = VoiceStore(model_dir)  # as a running server holds it
    flags = ("--audio", audio, "--text", "Hello there, this is Anna.", "--description", "Calm")
    assert voices(model_dir, "add", "anna", *flags) == 0
    assert "anna: 4.0 s, transcript, en; stored in" in capsys.readouterr().out
    assert [voice.name for voice in server.voices()] == ["demo", "anna"]
    assert voices(model_dir, "list") == 0
    listed = capsys.readouterr().out.splitlines()
    assert listed[0].startswith("demo  3.5 s, transcript, language unknown; Stored with the model")
    assert listed[1] == "anna  4.0 s, transcript, en; Calm"
    assert voices(model_dir, "remove", "anna") == 0
    assert [voice.name for voice in server.voices()] == ["demo"]


def test_the_transcript_is_kept_for_people(model_dir, audio):
    assert voices(model_dir, "add", "anna", "--audio", audio, "--text", "你好，我是安娜，请多关照。") == 0
    _, metadata = read_voice(model_dir / "voices" / "anna.safetensors")
    assert metadata["transcript"] == "你好，我是安娜，请多关照。"


def test_a_voice_without_transcript_is_added_with_a_word_about_it(model_dir, audio, capsys):
    assert voices(model_dir, "add", "anna", "--audio", audio, "--language", "de") == 0
    printed = capsys.readouterr().out
    assert "no transcript, de" in printed
    assert "cross-lingually only" in printed


def test_a_taken_name_is_refused_before_anything_is_heard_and_replaced_when_asked(model_dir, audio, tmp_path, capsys):
    assert voices(model_dir, "add", "anna", "--audio", audio) == 0
    assert voices(model_dir, "add", "anna", "--audio", tmp_path / "absent.wav") == 1
    assert "there is a voice 'anna' already" in capsys.readouterr().err
    assert voices(model_dir, "add", "anna", "--audio", audio, "--text", "Hello there, this is Anna.", "--replace") == 0
    assert VoiceStore(model_dir).get("anna").prompt_text_ids


@pytest.mark.parametrize(
    ("samples", "fault"),
    [
        (recordings.speech(1, 16_000), "too short"),
        (recordings.speech(31, 16_000), "longer than 30 s"),
        (np.zeros(64_000), "it is silent"),
        (np.clip(recordings.speech(4, 16_000) * 4, -1, 1), "clipped"),
    ],
)
def test_a_poor_recording_is_one_line_and_exit_1(model_dir, tmp_path, capsys, samples, fault):
    path = recordings.write_wav(tmp_path / "poor.wav", samples, 16_000)
    assert voices(model_dir, "add", "anna", "--audio", path) == 1
    printed = capsys.readouterr().err
    assert printed.startswith("sayline: ")
    assert fault in printed
    assert printed.count("\n") == 1


@pytest.mark.parametrize(
    ("action", "arguments", "fault"),
    [
        ("add", ("a/b", "--audio", "x.wav"), "cannot be a voice's name"),
        ("add", ("anna", "--audio", "absent.wav"), "cannot be read as audio"),
        ("remove", ("nobody",), "there is no voice 'nobody'"),
        ("remove", ("demo",), "comes with the model"),
        ("import", ("absent.pt",), "No such file"),
    ],
)
def test_a_command_that_fails_prints_one_line_and_exits_with_1(model_dir, capsys, action, arguments, fault):
    assert voices(model_dir, action, *arguments) == 1
    assert fault in capsys.readouterr().err


def test_networks_that_were_not_downloaded_are_named(tmp_path, audio, capsys):
    """The tiny model has none; it speaks with the voice stored in it."""
    assert voices(private_model_dir(tmp_path), "add", "anna", "--audio", audio) == 1
    assert "`sayline download cosyvoice3` fetches it" in capsys.readouterr().err


def test_a_directory_that_is_not_there_is_named_with_what_fetches_it(tmp_path, capsys):
    assert voices(tmp_path / "absent", "list") == 1
    assert "`sayline download cosyvoice3` fetches one" in capsys.readouterr().err


def test_a_spoiled_voice_is_listed_with_its_fault_and_exit_1(model_dir, capsys):
    (model_dir / "voices").mkdir()
    (model_dir / "voices" / "anna.safetensors").write_bytes(b"spoiled")
    assert voices(model_dir, "list") == 1
    assert "anna  cannot speak:" in capsys.readouterr().out


def test_no_voices_at_all_say_how_to_get_one(tmp_path, capsys):
    assert voices(tmp_path, "list") == 0
    assert "add one with `sayline voices add`" in capsys.readouterr().err


def test_stored_voices_are_taken_over_and_faulty_ones_named(tmp_path, capsys):
    stored = torch.load(tiny_model_dir() / "spk2info.pt", weights_only=True)
    file = tmp_path / "spk2info.pt"
    torch.save(
        {"demo": stored["demo"], "odd": {"embedding": torch.ones(3)}, "sft": {"embedding": torch.ones(192)}}, file
    )
    (tmp_path / "model").mkdir()
    assert voices(tmp_path / "model", "import", file) == 1
    printed = capsys.readouterr()
    assert "demo: 3.5 s, transcript" in printed.out
    assert "sft: no recording, no transcript" in printed.out
    assert "'odd' has an embedding of shape" in printed.err
    assert {voice.name for voice in VoiceStore(tmp_path / "model").voices()} == {"demo", "sft"}
    assert voices(tmp_path / "model", "import", file) == 1
    assert "there is a voice 'demo' already" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["voices"], ["voices", "dance"], ["voices", "add", "anna"]])
def test_an_invalid_command_line_exits_with_2(arguments):
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2


def test_the_model_directory_is_the_environments_or_the_downloaded_one():
    assert default_model_dir({"SAYLINE_MODEL_DIR": "a", "MODEL_DIR": "b"}) == Path("a")
    assert default_model_dir({"MODEL_DIR": "b"}) == Path("b")
    assert default_model_dir({}) == DOWNLOADED_MODEL_DIR


def test_help_loads_none_of_the_engine():
    program = (
        "import sys\nfrom sayline.gateway.cli import main\n"
        "try: main(['voices', 'add', '--help'])\nexcept SystemExit: pass\n"
        "print({'torch', 'onnxruntime', 'safetensors', 'av'} & set(sys.modules), file=sys.stderr)"
    )
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert loaded.stderr.strip() == "set()"


def test_missing_packages_are_named_with_the_command_that_installs_them(tmp_path):
    """As in the base install: the import system is told that there is no safetensors."""
    program = (
        "import sys\nsys.modules['safetensors'] = None\nfrom sayline.gateway.cli import main\n"
        f"sys.exit(main(['voices', 'list', '--model-dir', {str(tmp_path)!r}]))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert "pip install 'sayline[cosyvoice3]'" in run.stderr
    assert "Traceback" not in run.stderr
