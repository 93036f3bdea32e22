"""The lexicon of a server: what its file may hold, and that a change counts without a restart."""

import asyncio
import os

import pytest

from sayline.synthesis.reading import lexicon_file
from sayline.synthesis.reading.lexicon import find
from sayline.synthesis.reading.lexicon_file import BadLexicon, LexiconFile, read_lexicon

WORDS = """
[words]
nginx = "engine x"
"New York" = { ipa = "ˈnjuː ˈjɔːk", respelling = "noo york" }
die = [{ respelling = "dee", language = "de" }, "dye"]
"重庆" = { pinyin = "chóng qìng" }
"""


def said(lexicon, text, language="en"):
    return [match.pronunciation.said_by(()) for match in find(text, language, [lexicon])]


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "lexicon.toml"
    path.write_text(WORDS, encoding="utf-8")
    return path


def test_a_word_has_a_respelling_a_table_or_one_for_each_language(path):
    lexicon = read_lexicon(path)
    assert lexicon.size == 5
    assert said(lexicon, "die nginx in New York") == ["dye", "engine x", "noo york"]
    assert said(lexicon, "die", "de") == ["dee"]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("words", "is not TOML"),
        ("[word]\na = 'b'", r"beside the table \[words\]"),
        ("[words]\na = 5", "the word 'a': is neither a respelling nor a table"),
        ("[words]\na = { ipa = 5 }", "the word 'a': ipa: is no text"),
        ("[words]\na = { arpabet = 'x' }", "the word 'a': arpabet: there is no such field"),
        ("[words]\na = { cmu = 'QQ' }", "the word 'a': cmu: its phone 1"),
        ("[words]\n'...' = 'dots'", r"the word '\.\.\.': word: holds neither letter"),
        (b"\xff", "is not UTF-8"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_the_place(tmp_path, content, why):
    path = tmp_path / "lexicon.toml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(BadLexicon, match=why):
        read_lexicon(path)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(BadLexicon, match="No such file"):
        LexiconFile(tmp_path / "no.toml")


async def test_a_change_counts_once_it_is_read_and_a_broken_file_changes_nothing(path, monkeypatch, caplog):
    monkeypatch.setattr(lexicon_file, "_LOOK_S", 0.0)
    lexicon = LexiconFile(path)

    async def after(content, stamp):
        path.write_text(content, encoding="utf-8")
        os.utime(path, ns=(stamp, stamp))
        first = lexicon()
        if lexicon.loading is not None:
            await asyncio.wait([lexicon.loading])
            await asyncio.sleep(0)  # what waits for it has its turn
        return first, lexicon()

    before = lexicon()
    first, second = await after("[words]\nnginx = 'en jinks'", 1)
    assert first is before
    assert said(second, "nginx") == ["en jinks"]

    _, third = await after("[words", 2)
    assert third is second
    assert "the lexicon stays what it was" in caplog.text
    path.unlink()
    assert lexicon() is second
