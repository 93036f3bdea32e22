"""When text is given to the voice, in the rhythm of language models, on a simulated clock: first sounds, holes, faults.

Run from anywhere: ``python benchmarks/release.py [soon|balanced|natural]``. Writers of 2 to 200 tokens a second, and of
single characters, write prose, chat and hostile texts in ten languages to a listener who hears at the pace of that
language. Tokens are as three public tokenizers cut them (``release_tokens.py``). Exits 1 if there is a fault:

* waiting: the listener has had nothing for ``most_wait_ms`` since the first word that waits for it, although four whole
  words, or eight characters of Chinese or Japanese, are in hand;
* a cut at a place where the whole text has none, but by size (``first_max_n``) or by a clock: the listener waited for
  ``most_wait_ms``, or the writer was silent for ``idle_release_ms``.

The engine's own time to its first sound is not part of this: it is the same for every cut.
"""

from __future__ import annotations

import argparse
import json
import sys
from bisect import bisect_right
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final

import budoux
from icu4py.breakers import WordBreaker

from sayline.gateway.text.accumulator import CLOCK_TOLERANCE_S, RELEASES, ChunkingSettings, SentenceAccumulator
from sayline.gateway.text.boundaries import SentenceBoundaries
from sayline.gateway.text.speakable import MarkupReader
from sayline.gateway.text.words import find_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sayline.synthesis.interface import Segment

TEXTS: Final = Path(__file__).with_name("release_texts.json")
TOKENS: Final = Path(__file__).with_name("release_tokens.json")  # lengths, by tokenizer, in the order of the texts
RATES: Final = (2, 3, 5, 10, 20, 50, 200)  # tokens a second
GAPS_MS: Final = (4, 10, 30)  # between single characters
# Characters a second, as each language is read aloud.
PACE: Final = {"zh": 5.0, "ja": 7.0, "ko": 7.0, "th": 12.0}
OTHER_PACE: Final = 15.0
LEAST_WORDS: Final = 4
LEAST_CHARACTERS: Final = 8  # of Chinese and Japanese

WITHOUT_BLANKS: Final = {"zh", "ja", "th"}
_PHRASES: Final = {"ja": budoux.load_default_japanese_parser, "th": budoux.load_default_thai_parser}


def tokens_of(text: str, lengths: str) -> list[str]:
    """Cut a text into tokens of the lengths given."""
    ends = list(accumulate(map(int, lengths.split())))
    if ends[-1] != len(text):
        raise SystemExit(f"the text was changed, and release_tokens.py not run: {text[:40]!r}")
    return [text[start:end] for start, end in pairwise((0, *ends))]


class Whole:
    """What a text is when all of it is there: where it may be cut, and where its spoken words lie in it."""

    def __init__(self, text: str, language: str) -> None:
        reader, finder = MarkupReader(), SentenceBoundaries(language=language)
        pieces = reader.feed(text) + reader.settle()
        self.spoken = "".join(piece.text for piece in pieces)
        self._ends: list[int] = []  # in the source, of each spoken character
        for piece in pieces:
            length = len(piece.text)
            is_exact = length == piece.end - piece.start
            self._ends += [piece.start + at + 1 if is_exact else piece.end for at in range(length)]
        positions = [boundary.position for char in self.spoken for boundary in finder.feed(char)]
        positions += [boundary.position for boundary in finder.finish()]
        self.ends = {self._before_blanks(position) for position in (*positions, len(self.spoken))}
        words = find_words(self.spoken)
        self._weights = [self._weight(self.spoken[word.start : word.end]) for word in words]
        self._word_ends = [self._ends[word.end - 1] for word in words]
        # A word is whole once the character that is said behind it has come.
        self._whole_at = [self._ends[word.end] if word.end < len(self.spoken) else len(text) + 1 for word in words]
        # What one dictionary takes for a word is two for another: only where none knows an end it is inside a word.
        ends = set(accumulate(map(len, WordBreaker(self.spoken, language))))
        if language in _PHRASES:
            ends.update(accumulate(map(len, _PHRASES[language]().parse(self.spoken))))
        ends = ends if language in WITHOUT_BLANKS else set()
        self._inside = {at for word in words for at in range(word.start + 1, word.end)} - ends

    def _before_blanks(self, position: int) -> int:
        return len(self.spoken[:position].rstrip())

    @staticmethod
    def _weight(word: str) -> float:
        """Count a word as one, or a character of Chinese or Japanese as an eighth of what is to be in hand."""
        dense = sum("\u3040" <= char <= "\u30ff" or "\u3400" <= char <= "\u9fff" for char in word)
        return dense / LEAST_CHARACTERS if dense else 1 / LEAST_WORDS

    def in_hand(self, released: int, received: int) -> float:
        """Tell how many times as much as is worth saying is in hand: whole words, behind which more has come."""
        first, last = bisect_right(self._word_ends, released), bisect_right(self._whole_at, received)
        return sum(self._weights[first:last])

    def is_end(self, position: int) -> bool:
        """Tell whether the whole text may be cut at a source position."""
        return self._before_blanks(bisect_right(self._ends, position)) in self.ends

    def is_inside_word(self, position: int) -> bool:
        """Tell whether a source position lies inside a word."""
        return bisect_right(self._ends, position) in self._inside


@dataclass
class Heard:
    """What came of one speech."""

    first_s: float = 0.0
    longest_hole_s: float = 0.0
    ends: int = 0
    by_size: int = 0
    by_clock: int = 0
    wrong: list[str] = field(default_factory=list)
    waits: list[str] = field(default_factory=list)


class Listener:
    """Hears one text while it is written."""

    def __init__(self, text: str, language: str, settings: ChunkingSettings) -> None:
        self._text, self._settings = text, settings
        self._whole = Whole(text, language)
        self._pace = PACE.get(language, OTHER_PACE)
        self._accumulator = SentenceAccumulator("sentence", settings, language=language)
        self.heard = Heard()
        self._now = self._heard_until = self._pushed_at = 0.0
        self._received = self._released = 0
        self._waits_since: float | None = None  # since when a word waits

    def listen(self, deltas: Sequence[str], gap_s: float) -> Heard:
        """Hear deltas that come a gap apart."""
        for number, delta in enumerate(deltas):
            self._let_pass(number * gap_s)
            self._received += len(delta)
            self._pushed_at = self._now
            self._release(self._accumulator.push(delta, self._now))
            if self._waits_since is None and self._accumulator.pending_chars:
                self._waits_since = self._now
        self._release(self._accumulator.end(self._now), is_end=True)
        return self.heard

    def _let_pass(self, until: float) -> None:
        while (deadline := self._accumulator.next_deadline(self._now, self._lead_s())) < until:
            self._judge_wait(max(self._now, deadline))
            self._now = max(self._now, deadline)
            self._release(self._accumulator.tick(self._now, self._lead_s()), is_tick=True)
        self._judge_wait(until)
        self._now = until

    def _lead_s(self) -> float:
        return max(0.0, self._heard_until - self._now)

    def _judge_wait(self, until: float) -> None:
        """Note a wait that goes on until then, in which nothing comes."""
        most_s = self._settings.most_wait_s
        if (
            self._waits_since is None
            or until - max(self._waits_since, self._heard_until) <= most_s + 2 * CLOCK_TOLERANCE_S
        ):
            return
        if until <= self._now + CLOCK_TOLERANCE_S or self._whole.in_hand(self._released, self._received) < 1:
            return
        self.heard.waits.append(self._text[self._released : self._received])

    def _release(self, segments: Sequence[Segment], *, is_tick: bool = False, is_end: bool = False) -> None:
        heard = self.heard
        for segment in segments:
            if not segment.spoken:
                continue
            if self._released == 0:
                heard.first_s = self._now
            else:
                heard.longest_hole_s = max(heard.longest_hole_s, self._now - self._heard_until)
            if is_end or self._whole.is_end(segment.char_end):
                heard.ends += 1
            elif self._whole.is_inside_word(segment.char_end):
                heard.wrong.append(self._text[max(0, segment.char_end - 20) : segment.char_end] + "|")
            elif not is_tick:
                heard.by_size += 1
            elif self._is_by_clock():
                heard.by_clock += 1
            else:
                heard.wrong.append(self._text[max(0, segment.char_end - 20) : segment.char_end] + "|")
            self._heard_until = max(self._heard_until, self._now) + len(segment.spoken) / self._pace
            self._released = segment.char_end
        if segments:
            self._waits_since = self._now if self._accumulator.pending_chars else None

    def _is_by_clock(self) -> bool:
        waited_s = self._now - (self._now if self._waits_since is None else self._waits_since)
        silent_s = self._now - self._pushed_at
        settings = self._settings
        is_dry = self._lead_s() <= CLOCK_TOLERANCE_S and waited_s >= settings.most_wait_s - CLOCK_TOLERANCE_S
        return is_dry or silent_s >= settings.idle_release_s - CLOCK_TOLERANCE_S


def main() -> int:
    """Print the tables; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("release", nargs="?", choices=RELEASES, default="balanced", help="the preset, as in settings")
    settings = RELEASES[parser.parse_args().release]
    texts: dict[str, dict[str, str]] = json.loads(TEXTS.read_text())
    flat = [(language, kind, text) for language, kinds in texts.items() for kind, text in kinds.items()]
    cut = {
        name: [tokens_of(text, lengths) for (_, _, text), lengths in zip(flat, each, strict=True)]
        for name, each in json.loads(TOKENS.read_text()).items()
    }

    writers: list[tuple[str, dict[tuple[str, str], list[Heard]]]] = []
    for rate in RATES:
        rows: dict[tuple[str, str], list[Heard]] = {}
        for number, (language, kind, text) in enumerate(flat):
            rows[language, kind] = [
                Listener(text, language, settings).listen(cut[name][number], 1 / rate) for name in cut
            ]
        writers.append((f"{rate} tokens/s", rows))
    for gap_ms in GAPS_MS:
        chars = {
            (language, kind): [Listener(text, language, settings).listen(text, gap_ms / 1000)]
            for language, kind, text in flat
        }
        writers.append((f"a character each {gap_ms} ms", chars))

    print("writer                    first sound, s       longest hole, s      cuts")
    print("                          median  longest      median  longest      ends  size  clock  wrong   waits")
    faults: list[str] = []
    for writer, rows in writers:
        heard = [each for row in rows.values() for each in row]
        firsts, holes = sorted(each.first_s for each in heard), sorted(each.longest_hole_s for each in heard)
        counts = [sum(each.ends for each in heard), sum(each.by_size for each in heard)]
        counts += [sum(each.by_clock for each in heard), sum(len(each.wrong) for each in heard)]
        waits = sum(len(each.waits) for each in heard)
        print(
            f"{writer:<26}{firsts[len(firsts) // 2]:>6.2f} {firsts[-1]:>8.2f}      {holes[len(holes) // 2]:>6.2f} "
            f"{holes[-1]:>8.2f}     {counts[0]:>5} {counts[1]:>5} {counts[2]:>6} {counts[3]:>6} {waits:>7}"
        )
        for (language, kind), row in rows.items():
            faults += [f"{writer}, {language} {kind}, cut: {text!r}" for each in row for text in each.wrong]
            faults += [f"{writer}, {language} {kind}, waits: {text!r}" for each in row for text in each.waits]
    print(f"\nfaults: {len(faults)}")
    for fault in faults[:40]:
        print(" ", fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
