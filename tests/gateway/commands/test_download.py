"""``sayline download``, as typed, against a hub on this machine."""

import os
import subprocess
import sys

import pytest

pytest.importorskip("huggingface_hub", reason="the CosyVoice3 engine is not installed")

from hub_stand_in import running_hub

from sayline.gateway.cli import main
from sayline.synthesis.cosyvoice3.release.download import RELEASE, REPOSITORY, REVISION


def download(model_dir, endpoint, *flags):
    """In a process of its own: the hub's client reads its address when it is imported."""
    arguments = ["download", "cosyvoice3", "--model-dir", str(model_dir), *flags]
    program = f"import sys\nfrom sayline.gateway.cli import main\nsys.exit(main({arguments}))"
    environment = os.environ | {"HF_ENDPOINT": endpoint, "HF_HUB_OFFLINE": "0"}
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, env=environment)


def test_what_is_not_the_release_is_fetched_and_then_refused_file_by_file(tmp_path):
    """Its 4.4 GB cannot be served here; that a right one is accepted is tested with files of our own."""
    small = {name: b"x" for name, file in RELEASE.items() if file.size_bytes < 10_000}
    with running_hub(REPOSITORY, small) as hub:
        run = download(tmp_path, hub.url)
    assert run.returncode == 1
    assert sorted(name for name, _ in hub.fetched) == sorted(small)
    assert "cosyvoice3.yaml has 1 bytes, not 6934" in run.stderr
    assert "llm.pt is missing" in run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize(("flags", "revision"), [((), REVISION), (("--revision", "v2"), "v2")])
def test_the_checked_commit_is_fetched_unless_another_revision_is_named(tmp_path, flags, revision):
    with running_hub(REPOSITORY, {"cosyvoice3.yaml": b"x"}) as hub:
        run = download(tmp_path, hub.url, *flags)
    assert revision in hub.revisions
    assert f"{REPOSITORY} at {revision[:12]} " in run.stderr


def test_no_hub_is_one_line_and_exit_1(tmp_path):
    with running_hub(REPOSITORY, {}) as hub:
        url = hub.url
    run = download(tmp_path, url)
    assert run.returncode == 1
    assert "sayline: the hub cannot be reached" in run.stderr


@pytest.mark.parametrize("arguments", [["download"], ["download", "cosyvoice9"]])
def test_an_unknown_model_is_no_command_line(arguments):
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2


@pytest.mark.parametrize(
    ("arguments", "flag"),
    [
        (["kokoro", "--model-dir", "elsewhere"], "--model-dir"),
        (["kokoro", "--variant", "rl"], "--variant"),
        (["kokoro", "--revision", "v2"], "--revision"),
        (["cosyvoice3", "--from", "voices"], "--from"),
        (["cosyvoice3", "--kokoro-voices", "elsewhere"], "--kokoro-voices"),
    ],
)
def test_a_flag_that_would_have_no_effect_is_refused(arguments, flag, capsys):
    with pytest.raises(SystemExit) as caught:
        main(["download", *arguments])
    assert caught.value.code == 2
    assert f"{flag}: only for" in capsys.readouterr().err


@pytest.mark.parametrize("below", ["", "model"])
def test_a_place_that_cannot_be_is_refused_before_the_hub_is_asked(below, tmp_path, capsys):
    (tmp_path / "file").touch()
    assert main(["download", "cosyvoice3", "--model-dir", str(tmp_path / "file" / below)]) == 1
    line = capsys.readouterr().err
    assert "nothing can be made in" in line
    assert line.count("\n") == 1
