"""Which sentences are spoken: this project's lists, a list of one's own, or the text of a public test set."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Final

from ...errors import BadSettings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# Written for this command: what assistants say, with times and numbers in words, so that a spelling is no mishearing.
OWN_LISTS: Final = ("en", "zh", "ja")

_UNSAFE: Final = re.compile(r"[^\w.-]+")
_LIBRISPEECH: Final = re.compile(r"(\d+-\d+-\d+) (\S.*)")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence to speak and to hear.

    Attributes:
        name: names its recording and its line in the report; unique in a list.
        text: what is said.
        language: its BCP 47 tag.
    """

    name: str
    text: str
    language: str


def own_list(language: str) -> list[Sentence]:
    """Read the list of a language."""
    text = resources.files(__package__).joinpath(f"{language}.txt").read_text("utf-8")
    return _named([("", line) for line in text.splitlines()], language)


def read_list(path: Path, language: str) -> list[Sentence]:
    """Read a list: a sentence a line, or one of the forms in which test sets are published.

    ============================ ==================================================
    form of a line               where from
    ============================ ==================================================
    ``text``                     a list of one's own
    ``name<TAB>text``            the same, with names
    ``name|x|y|text``            Seed-TTS's test set (meta.lst): the last field
    ``name|raw|read``            LJSpeech (metadata.csv): the text as it is read
    ``1-2-3 TEXT``               LibriSpeech (trans.txt)
    ============================ ==================================================

    Raises:
        BadSettings: it cannot be read, or holds no sentence.
    """
    try:
        lines = [line.strip() for line in path.read_text("utf-8-sig").splitlines()]
    except OSError as exc:
        raise BadSettings(f"--list {path}: cannot be read: {exc.strerror}") from None
    except UnicodeDecodeError:
        raise BadSettings(f"--list {path}: that is no UTF-8 text") from None
    lines = [line for line in lines if line]
    if not lines:
        raise BadSettings(f"--list {path}: there is no sentence in it; each line is one")
    split = _form_of(lines)
    return _named([split(line) for line in lines], language)


def _form_of(lines: list[str]) -> Callable[[str], tuple[str, str]]:
    """Choose by what holds for every line, so that one odd line makes a plain list of all."""
    if all("\t" in line for line in lines):
        return lambda line: (line.split("\t")[0], line.split("\t")[-1])
    fields = {line.count("|") + 1 for line in lines}
    if fields <= {4, 5}:  # Seed-TTS's fifth field is a recording
        return lambda line: (line.split("|")[0], line.split("|")[3])
    if fields <= {2, 3}:
        return lambda line: (line.split("|")[0], line.split("|")[-1])
    if all(_LIBRISPEECH.fullmatch(line) for line in lines):
        return lambda line: (line.partition(" ")[0], line.partition(" ")[2].lower())
    return lambda line: ("", line)


def _named(pairs: list[tuple[str, str]], language: str) -> list[Sentence]:
    """Give each sentence a name that can be a file's."""
    sentences: list[Sentence] = []
    taken: set[str] = set()
    for number, (given, text) in enumerate(pairs, start=1):
        name = _UNSAFE.sub("_", given).strip("._") or f"{language}-{number:03}"
        while name in taken:
            name = f"{name}-{number}"
        taken.add(name)
        sentences.append(Sentence(name, text.strip(), language))
    return sentences
