"""How well sentences are found, by public sets that others made, beside other libraries; nothing of them is kept here.

Run with a folder: ``python benchmarks/boundary_sets.py FOLDER``. It holds clones of the sets' repositories, under the
names in ``SETS``; what is not there is left out. Other libraries take part if they can be imported (``PYTHONPATH``), as
does an earlier version of ours, if it lies in the folder as ``earlier/`` (``git worktree add FOLDER/earlier COMMIT``).
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Split = Callable[[str, str], list[str]]
    Example = tuple[str, str, list[str]]  # language, text, sentences

_LANGUAGES: Final = {
    "amharic": "am", "arabic": "ar", "armenian": "hy", "bulgarian": "bg", "burmese": "my", "chinese": "zh",
    "danish": "da", "deutsch": "de", "dutch": "nl", "english": "en", "french": "fr", "greek": "el", "hindi": "hi",
    "italian": "it", "japanese": "ja", "kazakh": "kk", "marathi": "mr", "persian": "fa", "polish": "pl",
    "russian": "ru", "slovak": "sk", "spanish": "es", "urdu": "ur",
}  # fmt: skip
_GROUP: Final = 10  # sentences of a treebank that names no documents, read as one text


# What each set says.


def _of_pysbd(folder: Path) -> Iterator[Example]:
    for file in sorted((folder / "tests/lang").glob("test_*.py")):
        language = _LANGUAGES.get(file.stem.removeprefix("test_"))
        if language is None:
            continue
        for node in ast.walk(ast.parse(file.read_text())):
            parts = node.elts if isinstance(node, ast.Tuple) else node.args if isinstance(node, ast.Call) else []
            if len(parts) >= 2 and isinstance(parts[0], ast.Constant) and isinstance(parts[1], ast.List):
                yield language, ast.literal_eval(parts[0]), ast.literal_eval(parts[1])


def _of_pragmatic_segmenter(folder: Path) -> Iterator[Example]:
    text = re.compile(r'new\(text: ("(?:[^"\\]|\\.)*"), language: ["\'](\w+)["\']\)')
    sentences = re.compile(r"eq\((\[.*\])\)")
    for file in sorted((folder / "spec/pragmatic_segmenter/languages").glob("*_spec.rb")):
        found: re.Match[str] | None = None
        for line in file.read_text().splitlines():
            if match := text.search(line):
                found = match
            elif found is not None and (match := sentences.search(line)):
                try:
                    yield found[2], ast.literal_eval(found[1]), ast.literal_eval(match[1])
                except (SyntaxError, ValueError):
                    continue  # Ruby that is no Python
                found = None


def _of_sentencex(folder: Path) -> Iterator[Example]:
    for file in sorted((folder / "tests").glob("??.txt")):
        body = "\n".join(line for line in file.read_text().splitlines() if not line.startswith("#"))
        for case in body.split("\n===")[:-1]:
            text, _, sentences = case.partition("\n---\n")
            yield file.stem, text.strip("\n"), [line for line in sentences.splitlines() if line.strip()]


def _of_razdel(folder: Path) -> Iterator[Example]:
    for node in ast.walk(ast.parse((folder / "razdel/tests/test_sentenize.py").read_text())):
        if (
            isinstance(node, ast.Call)
            and ast.unparse(node.func) == "parse_partitions"
            and isinstance(node.args[0], ast.List)
        ):
            for line in ast.literal_eval(node.args[0]):
                yield "ru", line.replace("|", ""), [part for part in line.split("|") if part.strip()]


def _of_bunkai(folder: Path) -> Iterator[Example]:
    for line in (folder / "tests/sample.gold.txt").read_text().splitlines():
        text = line.replace("▁", "\n")
        if text.strip():
            yield "ja", text.replace("│", ""), text.split("│")


def _of_treebank(folder: Path) -> Iterator[Example]:
    for file in sorted(folder.glob("*-ud-*.conllu")):
        language = file.name[:2]
        sentences: list[str] = []
        text = ""
        blocks = file.read_text().split("\n\n")
        # A treebank whose documents are single sentences has none.
        is_grouped = 2 * sum("# newdoc" in block for block in blocks) > len(blocks) or "# newdoc" not in blocks[0]
        for block in blocks:
            lines = block.splitlines()
            written = next((line[9:] for line in lines if line.startswith("# text = ")), "")
            if not written:
                continue
            is_new = len(sentences) == _GROUP if is_grouped else any(line.startswith("# newdoc") for line in lines)
            if is_new and sentences:
                yield language, text.strip(), sentences
                sentences, text = [], ""
            if any(line.startswith("# newpar") for line in lines) and text and not is_grouped:
                text = text.rstrip() + "\n\n"
            sentences.append(written)
            # A text of Chinese or Japanese has no blanks between sentences, whatever its file says.
            text += written + ("" if language in ("zh", "ja") else " ")
        if sentences:
            yield language, text.strip(), sentences


SETS: Final[dict[str, Callable[[Path], Iterator[Example]]]] = {
    "pySBD": _of_pysbd,
    "pragmatic_segmenter": _of_pragmatic_segmenter,
    "sentencex": _of_sentencex,
    "razdel": _of_razdel,
    "bunkai": _of_bunkai,
}


# Who takes part.


def _splitters(folder: Path) -> dict[str, Split]:
    from sayline.gateway.text.boundaries import split_sentences  # noqa: PLC0415 - beside its earlier self

    made: dict[str, Split] = {"ours": lambda text, language: split_sentences(text, language=language)}
    if (folder / "earlier").exists():
        sys.path.insert(0, str(folder))
        earlier = _earlier(folder)
        made["earlier"] = lambda text, language: earlier(text, language=language)
    if _is_installed("pysbd"):
        import pysbd  # noqa: PLC0415

        known = {language: pysbd.Segmenter(language=language, clean=False) for language in _LANGUAGES.values()}
        made["pysbd"] = lambda text, language: known.get(language, known["en"]).segment(text)
    if _is_installed("sentencex"):
        import sentencex  # noqa: PLC0415

        made["sentencex"] = lambda text, language: list(sentencex.segment(language, text))
    if _is_installed("blingfire"):
        import blingfire  # noqa: PLC0415

        made["blingfire"] = lambda text, _: blingfire.text_to_sentences(text).split("\n")
    return made


def _is_installed(name: str) -> bool:
    found = importlib.util.find_spec(name)
    return found is not None and found.origin is not None  # a folder of that name has no origin


def _earlier(folder: Path) -> Callable[..., list[str]]:
    for name in ("gateway.text.boundaries", "gateway.sentence_boundaries"):
        if (folder / "earlier" / f"{name.replace('.', '/')}.py").exists():
            split: Callable[..., list[str]] = importlib.import_module(f"earlier.{name}").split_sentences
            return split
    raise SystemExit("earlier/ has no finder of sentences that is known")


# Scores.


def _bare(text: str) -> str:
    return "".join(text.split())


def _ends(sentences: list[str]) -> set[int]:
    ends, at = set(), 0
    for sentence in sentences:
        at += len(_bare(sentence))
        ends.add(at)
    return ends - {at}


def exact(examples: list[Example], split: Split) -> float:
    """Tell how many examples of a hundred are split exactly as their set has them."""
    right = sum([_bare(s) for s in split(text, language) if s.strip()] == list(map(_bare, sentences))
                for language, text, sentences in examples)  # fmt: skip
    return 100 * right / len(examples)


def f1(examples: list[Example], split: Split) -> float:
    """Give the harmonic mean of precision and recall of the ends inside texts, in percent."""
    found = right = given = 0
    for language, text, sentences in examples:
        ours, theirs = _ends(split(text, language)), _ends(sentences)
        found, given, right = found + len(ours), given + len(theirs), right + len(ours & theirs)
    return 200 * right / max(1, found + given)


def main() -> None:
    """Print the table."""
    folder = Path(sys.argv[1])
    splitters = _splitters(folder)
    print(f"| set | measure | texts | {' | '.join(splitters)} |")
    print(f"|{'---|' * (3 + len(splitters))}")
    for name, read in SETS.items():
        if (folder / name).exists():
            _row(name, "exact", list(read(folder / name)), splitters)
    for treebank in sorted(folder.glob("UD_*")):
        if examples := list(_of_treebank(treebank)):
            _row(treebank.name, "F1", examples, splitters)


def _row(name: str, measure: str, examples: list[Example], splitters: dict[str, Split]) -> None:
    score = exact if measure == "exact" else f1
    scores = " | ".join(f"{score(examples, split):.1f}" for split in splitters.values())
    print(f"| {name} | {measure} | {len(examples)} | {scores} |", flush=True)


if __name__ == "__main__":
    main()
