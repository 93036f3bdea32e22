"""``sayline read``: how a line would be read, by whom, and what of it is silent."""

import io
import json
import re
import shlex
import sys
from pathlib import Path

import pytest

from sayline.gateway.cli import main

PAGE = (Path(__file__).parents[3] / "docs/READING.md").read_text()
LEXICON = """
[words]
nginx = "engine x"
tomato = { cmu = "T AH0 M EY1 T OW2" }
"重庆" = { pinyin = "chóng qìng" }
"""


@pytest.fixture
def lexicon(tmp_path):
    path = tmp_path / "lexicon.toml"
    path.write_text(LEXICON, encoding="utf-8")
    return str(path)


def read(capsys, *arguments):
    assert main(["read", *arguments]) == 0
    return capsys.readouterr().out


def test_json_tells_words_with_their_places_runs_with_their_speakers_and_silences(capsys, lexicon, monkeypatch):
    text = '<think>hm</think>nginx costs **$5** in 重庆, <lang xml:lang="fr">bonjour</lang> tomato.'
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"")))
    told = json.loads(
        read(capsys, text, "--engine", "embedded", "--hibari-processes", "1", "--lexicon", lexicon, "--json")
    )

    spoken = "".join(segment["spoken"] for segment in told["segments"])
    words = {word["written"]: word for segment in told["segments"] for word in segment["words"]}
    runs = [run for segment in told["segments"] for run in segment["runs"]]
    assert "engine x costs five dollars in" in spoken
    assert words["nginx"]["spoken"] == "engine x"
    assert text[words["$5"]["start"] : words["$5"]["end"]].strip("*") == "$5"
    assert words["$5"]["spoken"] == "five dollars"
    by = {run["spoken"].strip(" ,."): run for run in runs}
    assert by["重庆"]["speaker"].startswith("espeak-ng")
    assert by["重庆"]["given"].startswith("chong2 qing4")
    assert by["bonjour"]["phonemes"] == "bɔ̃ʒˈuʁ"
    assert by["tomato"]["speaker"] == "hibari heart"
    assert by["tomato"]["phonemes"].startswith("təmˈAtˌO")
    first = told["silent"][0]
    assert (text[first["start"] : first["end"]], first["why"]) == ("<think>hm</think>", "reasoning")


def test_lines_for_people_say_the_same_of_standard_input(capsys, monkeypatch, tmp_path):
    path = tmp_path / "text"
    path.write_text('It is 15 min and $5. <break time="200ms"/> 😀', encoding="utf-8")
    with path.open() as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        out = read(capsys, "--engine", "tone")

    assert '  reads     "15 min" as "fifteen minutes"' in out
    assert '  reads     "$5" as "five dollars"' in out
    assert "  pause     200 ms" in out
    assert '"<break time=\\"200ms\\"/> 😀": a tag' in out


def test_the_page_s_command_with_the_page_s_lexicon_says_what_the_page_shows(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    Path("words.toml").write_text(re.search(r"```toml\n(.*?)```", PAGE, re.DOTALL)[1], encoding="utf-8")
    command, _, shown = re.search(r"```\n\$ sayline (read .*?)```", PAGE, re.DOTALL)[1].partition("\n")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"")))
    out = read(capsys, *shlex.split(command)[1:], "--engine", "embedded", "--hibari-processes", "1")

    first, last = shown.split("…\n")
    assert out.startswith(first)
    assert last in out


@pytest.mark.parametrize(
    ("arguments", "status", "why"),
    [
        (["  ", "--engine", "tone"], 2, "the text is blank"),
        (["Hi", "--engine", "tone", "--voice", "nobody"], 2, "there is no voice 'nobody'"),
        (["Hi", "--engine", "tone", "--lexicon", "/nonexistent/words.toml"], 2, "lexicon"),
        (["Hi", "--engine", "nothing"], 2, "engine"),
        (["x" * 100_001, "--engine", "tone"], 2, "longer than 100000 characters"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_line(capsys, arguments, status, why):
    assert main(["read", *arguments]) == status
    told = capsys.readouterr()
    assert not told.out
    assert why in told.err
    assert told.err.count("\n") == 1
