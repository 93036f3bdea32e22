"""Texts read aloud, ours beside two libraries, on the inputs that were written by hand before the code.

Each reader is given what the gateway's own text cleaning leaves of an input, and its reading is compared with those
that are accepted (``tests/readings.py``). A library that does not speak a language is left out there; one that is not
installed is left out everywhere, and said. The cost is that of one input, the median of all, in one thread.

    pip install wetext WeTextProcessing
    python benchmarks/reading.py            # all languages
    python benchmarks/reading.py zh en ja
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections import Counter
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sayline.gateway.text.accumulator import ChunkingSettings, SentenceAccumulator
from sayline.synthesis.reading.languages.registry import words_of
from sayline.synthesis.reading.reader import read

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

import readings

if TYPE_CHECKING:
    from collections.abc import Callable

    Reader = Callable[[str], str]

ROUNDS: Final = 5  # of each input; the fastest counts, which says what the work costs on a machine that does other work
OURS: Final = "sayline"
LANGUAGES: Final = ("zh", "en", "ja", "ko", "de", "fr", "es", "it", "pt", "ru")  # the libraries speak the first three
SPOKEN: Final = ("zh", "en", "ja")


def main() -> None:
    """Run every reader on every language and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("languages", nargs="*", default=LANGUAGES)
    for language in parser.parse_args().languages:
        print_tables(language, readers(language))


def readers(language: str) -> dict[str, Reader]:
    """Make all readers of a language, by name and version."""
    words = words_of(language)
    made: dict[str, Reader] = {OURS: lambda text: read(text, words)}
    for package, make in (("wetext", _wetext), ("WeTextProcessing", _we_text_processing)):
        try:
            made[f"{package} {version(package)}"] = make(language)
        except ImportError as error:
            print(f"{package} is left out: {error}", file=sys.stderr)
        except LookupError:
            print(f"{package} does not speak {language}", file=sys.stderr)
    return made


def print_tables(language: str, made: dict[str, Reader]) -> None:
    """Print what each reader reads right of a language's inputs, by kind, and what it costs."""
    sets = {False: readings.inputs_of(language), True: readings.inputs_of(language, aside=True)}
    texts = {entry.text: _cleaned(entry.text, language) for entries in sets.values() for entry in entries}
    right: dict[str, Counter[str]] = {name: Counter() for name in made}
    lines = []
    for name, reader in made.items():
        costs, shares, lost = [], [], 0
        for is_aside, entries in sets.items():
            kinds = right[name] if not is_aside else Counter[str]()
            for entry in entries:
                said, cost_ms = _timed(reader, texts[entry.text])
                costs.append(cost_ms)
                accepted = [readings.folded(reading, language) for reading in entry.reading]
                kinds[entry.kind] += readings.folded(said, language) in accepted
                lost += bool(readings.lost(entry.value, said, language))
            shares.append(f"{kinds.total()} of {len(entries)} ({kinds.total() / len(entries):.0%})")
        lines.append(
            f"| {name} | {shares[0]} | {shares[1]} | {lost} | {statistics.median(costs):.2f} | {max(costs):.2f} |"
        )
    print(f"\n## {language}\n")
    print("| reader | right | right, set aside | values wrong | ms an input, median | at most |")
    print("|---|---|---|---|---|---|")
    print("\n".join(lines))
    counts = Counter(entry.kind for entry in sets[False])
    print(f"\n| kind | inputs | {' | '.join(made)} |\n|---|---|{'---|' * len(made)}")
    for kind, count in counts.items():
        print(f"| {kind} | {count} | {' | '.join(str(right[name][kind]) for name in made)} |")


def _cleaned(text: str, language: str) -> list[str]:
    accumulator = SentenceAccumulator("sentence", ChunkingSettings(), language=language)
    segments = [*accumulator.push(text, 0.0), *accumulator.end(0.0)]
    return [segment.spoken for segment in segments if segment.spoken]


def _timed(reader: Reader, pieces: list[str]) -> tuple[str, float]:
    """Read an input; what was said, and what it cost in ms."""
    costs = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        said = " ".join(map(reader, pieces))
        costs.append(1000 * (time.perf_counter() - begun))
    return said, min(costs)


def _wetext(language: str) -> Reader:
    import wetext  # type: ignore[import-untyped]  # noqa: PLC0415 - for comparison only; it has no types

    if language not in SPOKEN:
        raise LookupError(language)
    return _sure(wetext.Normalizer(lang=language, operator="tn").normalize)


def _we_text_processing(language: str) -> Reader:
    """Build the grammars in a folder of their own; takes a minute."""
    if language not in SPOKEN:
        raise LookupError(language)
    from tn.chinese.normalizer import Normalizer as Chinese  # noqa: PLC0415 - for comparison only
    from tn.english.normalizer import Normalizer as English  # noqa: PLC0415
    from tn.japanese.normalizer import Normalizer as Japanese  # noqa: PLC0415

    return _sure({"zh": Chinese, "en": English, "ja": Japanese}[language]().normalize)


def _sure(normalize: Reader) -> Reader:
    """Leave a text as it is where a grammar gives up on it."""

    def reader(text: str) -> str:
        try:
            return normalize(text)
        except Exception:  # noqa: BLE001 - their parsers raise whatever they meet
            return text

    return reader


if __name__ == "__main__":
    main()
