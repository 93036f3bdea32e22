"""What the sentence accumulator costs at one character per delta, and that the cost does not grow with the text.

Run from anywhere: ``python benchmarks/accumulator.py``. Exits 1 if a character of the longest text costs more than
1.5 times what it costs in a text a tenth as long.
"""

from __future__ import annotations

import sys
import time

from sayline.gateway.text.accumulator import ChunkingSettings, SentenceAccumulator

MAX_GROWTH = 1.5  # of the time per character, from 100 KB to 1 MB; a quadratic cost would show as 10
ROUNDS = 3  # the best of them counts; processor time, so that other processes do not

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


def main() -> int:
    """Print the table; return the exit status."""
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
