"""Every input of the reading's tests with one pause of its writer at every place: whether the pieces read as the whole.

Run as ``python tests/pauses.py SECONDS [LANGUAGE…]``: the pauses after which something else is said, and their share.
"""

import sys
from itertools import pairwise

from readings import INPUTS, folded, inputs_of

from sayline.gateway.text.accumulator import ChunkingSettings, SentenceAccumulator
from sayline.synthesis.reading.languages.registry import words_of
from sayline.synthesis.reading.reader import read_segment

LANGUAGES = sorted(path.stem for path in INPUTS.glob("*.toml"))
LONGEST_PAUSE_S = 14.9  # after 15 s a number is over wherever it stands


def texts_of(language):
    """All inputs of a language."""
    return [entry.text for aside in (False, True) for entry in inputs_of(language, aside=aside)]


def written(text, language, cuts, pause_s, *, lead_s=0.0):
    """The segments of a text whose pieces come a pause apart, for a listener with so much to hear from the first on."""
    made, now, segments = SentenceAccumulator("sentence", ChunkingSettings(), language=language), 0.0, []
    for start, end in pairwise((0, *cuts, len(text))):
        segments += made.push(text[start:end], now)
        until = now + pause_s if end < len(text) else now
        while (deadline := made.next_deadline(now, lead_s if segments else 0.0)) < until:
            now = max(now, deadline)
            segments += made.tick(now, lead_s if segments else 0.0)
        now = until
    return segments + made.end(now)


def heard(segments, language):
    """What is said of segments, without what makes no difference to the ear."""
    said = [read_segment(segment, words_of(language), has_markup=False)[0].spoken for segment in segments]
    return folded(" ".join(said), language)


def main(pause_s, languages):
    """Print each cut after which something else is said, and the shares."""
    total = failed = 0
    for language in languages:
        places = wrong = 0
        for text in texts_of(language):
            whole, seen = heard(written(text, language, (), 0.0), language), set()
            for place in range(1, len(text)):
                made = written(text, language, [place], pause_s)
                pieces, said = tuple(segment.text for segment in made), heard(made, language)
                wrong += said != whole
                if said != whole and pieces not in seen:
                    print(" | ".join(pieces), f"  {said}", f"  {whole}", sep="\n")
                seen.add(pieces)
            places += len(text) - 1
        print(f"{language}: {wrong} of {places} pauses of {pause_s} s read otherwise", flush=True)
        total, failed = total + places, failed + wrong
    print(f"all: {failed} of {total} ({failed / total:.2%})")


if __name__ == "__main__":
    main(float(sys.argv[1]), sys.argv[2:] or LANGUAGES)
