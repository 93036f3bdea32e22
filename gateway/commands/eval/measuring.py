"""Gives the takes to the ears and collects what each of them says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ....synthesis.hearing import seams as seam_finder
from ....synthesis.hearing.recogniser import for_hearing, joined, windows
from ....synthesis.hearing.wording import mishearings, tokens, unit_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy as np
    import numpy.typing as npt

    from ....synthesis.hearing.fidelity import Fidelity
    from ....synthesis.hearing.naturalness import Naturalness
    from ....synthesis.hearing.pitch import PitchFinder
    from ....synthesis.hearing.recogniser import Recogniser
    from ....synthesis.hearing.seams import Click, Hole, Seams
    from .listening import Take

    Pcm = npt.NDArray[np.int16]
    Floats = npt.NDArray[np.float32]


@dataclass(slots=True)
class Finding:
    """What the ears say of one sentence; what was not measured stays None or empty.

    Attributes:
        take: the sentence as it was heard, through Opus.
        tokens: how many words or characters it has.
        misheard: where something else was heard, in company with its neighbours.
        confirmed: the same, if the sentence is misheard alone too.
        naturalness: 1 to 5.
        clicks: of the samples as they were made.
        holes: the same.
        gaps: made, and not heard.
        fidelity: 1 to 5, against the reference.
    """

    take: Take
    tokens: int = 0
    misheard: list[str] = field(default_factory=list)
    confirmed: list[str] = field(default_factory=list)
    naturalness: float | None = None
    clicks: list[Click] = field(default_factory=list)
    holes: list[Hole] = field(default_factory=list)
    gaps: list[Hole] = field(default_factory=list)
    seams: Seams | None = None
    fidelity: float | None = None


def hear_words(findings: Sequence[Finding], recogniser: Recogniser) -> None:
    """Count errors. Sentences of one language are heard in company; a misheard one is heard again alone.

    A recogniser mishears some words only because of what stands beside them. So the second hearing tells a fault of the
    voice from a whim of the ear; the rate of errors is that of the first.
    """
    for language in dict.fromkeys(finding.take.sentence.language for finding in findings):
        mine = [finding for finding in findings if finding.take.sentence.language == language]
        sounds = [for_hearing(finding.take.pcm, finding.take.rate_hz) for finding in mine]
        said = [tokens(finding.take.sentence.text, language) for finding in mine]
        for finding, words in zip(mine, said, strict=True):
            finding.tokens = len(words)
        for window in windows([len(sound) for sound in sounds]):
            text = recogniser.hear(joined([sounds[index] for index in window]), language)
            for fault in mishearings([said[index] for index in window], tokens(text, language)):
                mine[window[fault.sentence]].misheard.append(str(fault))
        for finding, sound, words in zip(mine, sounds, said, strict=True):
            if finding.misheard:
                text = recogniser.hear(joined([sound]), language)
                finding.confirmed = [str(fault) for fault in mishearings([words], tokens(text, language))]


def judge_naturalness(findings: Sequence[Finding], naturalness: Naturalness) -> None:
    """Judge each sentence by itself."""
    for finding in findings:
        finding.naturalness = naturalness.judge(for_hearing(finding.take.pcm, finding.take.rate_hz))


def find_seams(
    finding: Finding,
    made: Take,
    hops: Callable[[int, int, int], Sequence[int]] | None,
    pitch: PitchFinder | None,
) -> None:
    """Look for clicks and holes in the samples as they were made, and for gaps in what became of them.

    Args:
        finding: of the sentence.
        made: the same sentence without a codec.
        hops: tells the samples at which an engine joins its hops in one segment, from its first sample to its last, at
            a rate; None if they are not known.
        pitch: follows the pitch; None: it is not compared.
    """
    finding.clicks = seam_finder.clicks(made.pcm, made.rate_hz)
    finding.holes = seam_finder.holes(made.pcm, made.rate_hz)
    if finding.take.rate_hz == made.rate_hz and is_same_length(made.pcm, finding.take.pcm):
        finding.gaps = seam_finder.gaps(made.pcm, finding.take.pcm, made.rate_hz)
    ends = (*made.segments[1:], len(made.pcm))
    at = list(made.segments[1:])
    if hops is not None:
        at += [
            sample for start, end in zip(made.segments, ends, strict=True) for sample in hops(start, end, made.rate_hz)
        ]
    if at:
        track = pitch.follow(for_hearing(made.pcm, made.rate_hz)) if pitch is not None else None
        finding.seams = seam_finder.seams(made.pcm, made.rate_hz, sorted(at), track)


def compare(findings: Sequence[Finding], references: Mapping[str, Take], fidelity: Fidelity) -> None:
    """Compare what was heard with references, by the sentences' names."""
    for finding in findings:
        reference = references.get(finding.take.sentence.name)
        if reference is not None and reference.rate_hz == finding.take.rate_hz:
            finding.fidelity = fidelity.judge(reference.pcm, finding.take.pcm, finding.take.rate_hz)


def is_same_length(made: Pcm, heard: Pcm) -> bool:
    """Tell whether two takes can be of the same speech: an engine that samples may say it at another pace."""
    return abs(len(made) - len(heard)) <= max(1, len(made) // 200)


def unit(language: str) -> str:
    """Name the rate of errors in a language."""
    return {"word": "WER", "character": "CER", "kana": "CER of the reading"}[unit_of(language)]
