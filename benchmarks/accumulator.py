"""What the sentence accumulator costs at one character per delta, and that the cost does not grow with the text.

Run from anywhere: ``python benchmarks/accumulator.py``. Exits 1 if a character of the longest text costs more than
1.5 times what it costs in a text a tenth as long.

With ``--beside FOLDER`` it measures the accumulator of another commit in the same process, in turns with this one
(``git archive 9cfb9c2 | tar x -C FOLDER``), and exits 1 if a text of any kind costs more than 1.3 times as much.
"""

from __future__ import annotations

import argparse
import importlib
import json
import statistics
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sayline.gateway.text.accumulator import ChunkingSettings, SentenceAccumulator

if TYPE_CHECKING:
    from collections.abc import Callable

TEXTS = Path(__file__).with_name("release_texts.json")
MAX_GROWTH = 1.5  # of the time per character, from 100 KB to 1 MB; a quadratic cost would show as 10
ROUNDS = 3  # the best of them counts; processor time, so that other processes do not
MAX_RATIO = 1.3  # of a character's cost, to that at the other commit
PAIRS = 21  # the least of each side counts: what else the machine does only adds to a time
PAIR_CHARS = 4_000

PARAGRAPH = (
    "The harbour was quiet when Dr. Ellis arrived at 5 a.m. with two suitcases, a parrot and 3.5 kg of coffee. "
    "Nobody had told her that the ferry no longer ran on weekdays; still, she waited. **Waiting** is cheap, she "
    "said.\n\n"
    "- A fisherman offered tea.\n- His dog (a very old one) slept on the `nets`.\n\n"
    'By noon the fog had gone. "You could walk," he said, "if you knew the tide." '
    "See https://example.com/tides?day=1 for it. "
)


def text_of(kind: str, chars: int) -> str:
    """Make a text of about the given length."""
    unit = {"prose": PARAGRAPH, "no boundary": "word after word without any end ", "no blank": "一", "signs only": "."}[
        kind
    ]
    return (unit * (chars // len(unit) + 1))[:chars]


def seconds_for(text: str, delta_chars: int) -> float:
    """Measure how long one context takes to read the text, in deltas of the given length."""
    best = float("inf")
    for _ in range(ROUNDS):
        accumulator = SentenceAccumulator("sentence", ChunkingSettings())
        deltas = [text[at : at + delta_chars] for at in range(0, len(text), delta_chars)]
        push = accumulator.push
        begin = time.process_time()
        released = 0
        for delta in deltas:
            for segment in push(delta, 0.0):
                released = segment.char_end
        for segment in accumulator.end(0.0):
            released = segment.char_end
        best = min(best, time.process_time() - begin)
        assert released == len(text)
    return best


def texts_beside() -> dict[str, str]:
    """Texts of several kinds, each of ``PAIR_CHARS`` characters."""
    texts = {kind: text_of(kind, PAIR_CHARS) for kind in ("prose", "no boundary", "no blank")}
    for language, kinds in json.loads(TEXTS.read_text()).items():
        unit = "\n\n".join(kinds.values()) + "\n\n"
        texts[language] = (unit * (PAIR_CHARS // len(unit) + 1))[:PAIR_CHARS]
    return texts


def seconds_once(make: Callable[[], Any], text: str) -> float:
    """Measure one context that gets the text character by character."""
    accumulator = make()
    push = accumulator.push
    begin = time.process_time()
    for char in text:
        push(char, 0.0)
    accumulator.end(0.0)
    return time.process_time() - begin


def accumulator_in(folder: Path) -> Callable[[], Any]:
    """Return what makes an accumulator of the commit that was unpacked into the folder."""
    sys.path.insert(0, str(folder.resolve().parent))
    has_rooms = (folder / "gateway" / "text").is_dir()  # commits before the rooms lay otherwise
    module = "text.accumulator" if has_rooms else "sentence_accumulator"
    other = importlib.import_module(f"{folder.resolve().name}.gateway.{module}")
    return lambda: other.SentenceAccumulator("sentence", other.ChunkingSettings())


def compare(folder: Path) -> int:
    """Print what a character costs beside the commit in the folder; return the exit status."""
    before, worst = accumulator_in(folder), 0.0
    print(f"{'text':<12} {'before, us':>11} {'now, us':>9} {'ratio':>6} {'median of the pairs':>20}")
    for kind, text in texts_beside().items():
        pairs = []
        for _ in range(PAIRS):
            old = seconds_once(before, text)
            pairs.append((old, seconds_once(lambda: SentenceAccumulator("sentence", ChunkingSettings()), text)))
        least = [min(side) / PAIR_CHARS * 1e6 for side in zip(*pairs, strict=True)]
        ratio, median = least[1] / least[0], statistics.median(new / old for old, new in pairs)
        worst = max(worst, ratio)
        print(f"{kind:<12} {least[0]:>11.2f} {least[1]:>9.2f} {ratio:>6.2f} {median:>20.2f}", flush=True)
    print(f"worst ratio: {worst:.2f} (at most {MAX_RATIO})")
    return 0 if worst <= MAX_RATIO else 1


def main() -> int:
    """Print the table; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--beside", type=Path, metavar="FOLDER", help="where another commit was unpacked")
    beside = parser.parse_args().beside
    if beside is not None:
        return compare(beside)
    worst = 0.0
    print(f"{'text':<12} {'chars':>9} {'us/delta at 1 char':>19} {'us/char at 16 KiB':>18} {'growth':>7}")
    for kind, sizes in (
        ("prose", (10_000, 100_000, 1_000_000)),
        ("no boundary", (100_000, 1_000_000)),
        ("no blank", (100_000, 1_000_000)),
        ("signs only", (100_000, 1_000_000)),
    ):
        before = 0.0
        for chars in sizes:
            text = text_of(kind, chars)
            per_delta = seconds_for(text, 1) / chars * 1e6
            per_char = seconds_for(text, 16_384) / chars * 1e6
            growth = per_delta / before if before else 1.0
            if chars == sizes[-1]:
                worst = max(worst, growth)
            before = per_delta
            print(f"{kind:<12} {chars:>9,} {per_delta:>19.2f} {per_char:>18.2f} {growth:>7.2f}")
    print(f"worst growth of the cost per character: {worst:.2f} (at most {MAX_GROWTH})")
    return 0 if worst <= MAX_GROWTH else 1


if __name__ == "__main__":
    sys.exit(main())
