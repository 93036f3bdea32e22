"""``sayline eval``, as typed: what cannot work is refused before anything is spoken."""

import pytest

from sayline.gateway.cli import main
from sayline.gateway.commands.eval import command


@pytest.mark.parametrize(
    ("flag", "value"),
    [
        ("--most-errors", "1"),
        ("--known", "list.txt"),
        ("--write-known", "list.txt"),
        ("--least-naturalness", "3"),
        ("--least-fidelity", "3"),
    ],
)
def test_a_limit_of_what_is_not_to_be_measured_is_refused(flag, value, monkeypatch, capsys):
    monkeypatch.setitem(command.MEASURES, command._JUDGES[flag[2:].replace("-", "_")], list)  # it is installed
    with pytest.raises(SystemExit) as caught:
        main(["eval", "--measure", "seams", flag, value])
    assert caught.value.code == 2
    assert f"{flag}: --measure leaves out" in capsys.readouterr().err


def test_a_limit_of_what_is_not_installed_says_what_to_install(monkeypatch, capsys):
    for name in command.MEASURES:
        monkeypatch.setitem(command.MEASURES, name, (lambda: ["distillmos"]) if name == "naturalness" else list)
    assert main(["eval", "--least-naturalness", "3"]) == 2
    assert "needs distillmos: pip install 'sayline[naturalness]'" in capsys.readouterr().err


@pytest.mark.parametrize("languages", [",", "en,xx"])
def test_a_language_without_a_list_is_refused(languages, capsys):
    assert main(["eval", "--measure", "seams", "--language", languages]) == 2
    assert "there are lists for en, zh, ja" in capsys.readouterr().err


@pytest.mark.parametrize("hops", ["400", "0,1000", "400,0", "a,b"])
def test_hops_that_are_no_two_lengths_are_refused(hops, capsys):
    nobody = "ws://127.0.0.1:1"  # refuses connections: it would be told if it had been called
    assert main(["eval", "--measure", "seams", "--url", nobody, "--hops", hops]) == 2
    assert "--hops: two lengths in ms" in capsys.readouterr().err


def test_hops_are_told_in_samples():
    assert command._hops("400,1000")(100, 60_000, 24_000) == [9_700, 33_700, 57_700]
