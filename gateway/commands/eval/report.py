"""From what the ears say to figures, a table for people, and the verdict."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ....synthesis.hearing import seams as seam_finder
from .measuring import unit

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from .measuring import Finding

    Figures = dict[str, Any]  # as in the JSON file: names with their units, to numbers or further figures

FAULTS: Final = ("clicks", "steps", "holes", "gaps", "discontinuities")  # what --allow can forgive
# What is printed of each sentence that something is wrong with, at most so many.
_MOST_REMARKS: Final = 20


@dataclass(frozen=True, slots=True)
class Limits:
    """What a run must keep to; None for no limit.

    Attributes:
        most_errors: the rate of misheard words or characters, in percent.
        least_naturalness: of the mean.
        least_fidelity: of the worst sentence.
        known: mishearings that are nothing new, each as ``NAME: WHAT``; None: single mishearings are not judged.
        allowed: names of ``FAULTS`` that are forgiven.
    """

    most_errors: float | None = None
    least_naturalness: float | None = None
    least_fidelity: float | None = None
    known: Collection[str] | None = None
    allowed: Collection[str] = ()


def figures(findings: Sequence[Finding]) -> Figures:
    """Compute the figures of each language."""
    languages = dict.fromkeys(finding.take.sentence.language for finding in findings)
    return {
        language: _of_language([f for f in findings if f.take.sentence.language == language]) for language in languages
    }


def sentences(findings: Sequence[Finding]) -> list[Figures]:
    """Tell everything about each sentence."""
    return [
        {
            "name": finding.take.sentence.name,
            "text": finding.take.sentence.text,
            "language": finding.take.sentence.language,
            "seconds": round(finding.take.seconds, 3),
            "tokens": finding.tokens,
            "misheard": finding.misheard,
            "misheard_alone": finding.confirmed,
            "naturalness": _rounded(finding.naturalness),
            "clicks": [asdict(click) for click in finding.clicks],
            "holes": [asdict(hole) for hole in finding.holes],
            "gaps": [asdict(gap) for gap in finding.gaps],
            "discontinuities": finding.take.discontinuities,
            "seams": None if finding.seams is None else asdict(finding.seams),
            "fidelity": _rounded(finding.fidelity),
        }
        for finding in findings
    ]


def failures(findings: Sequence[Finding], limits: Limits) -> list[str]:
    """Say why a run fails; empty if it does not."""
    found = []
    for language, of in figures(findings).items():
        for what, measured, least, most, after in (
            (of["unit"], of["errors_percent"], None, limits.most_errors, " %"),
            ("naturalness", of["naturalness_mean"], limits.least_naturalness, None, ""),
            ("fidelity", of["fidelity_least"], limits.least_fidelity, None, ""),
        ):
            if least is None and most is None:
                continue
            if measured is None:
                found.append(f"{language}: {what} was not measured, and a limit asks for it")
            elif most is not None and measured > most:
                found.append(f"{language}: {what} {measured:.2f}{after}, over {most:g}{after}")
            elif least is not None and measured < least:
                found.append(f"{language}: {what} {measured:.2f}{after}, under {least:g}{after}")
        found += [f"{language}: {of[name]} {name}" for name in FAULTS if of[name] and name not in limits.allowed]
    if limits.known is not None:
        found += [f"misheard anew: {fault}" for fault in confirmed(findings) if fault not in limits.known]
    return found


def confirmed(findings: Iterable[Finding]) -> list[str]:
    """List the mishearings that were made twice, each with its sentence's name."""
    return [f"{finding.take.sentence.name}: {fault}" for finding in findings for fault in finding.confirmed]


def table(findings: Sequence[Finding]) -> str:
    """Write the figures for people, and what is wrong sentence by sentence."""
    lines = []
    for language, of in figures(findings).items():
        rows = [
            ("sentences", f"{of['sentences']}, {of['seconds']:.0f} s"),
            (of["unit"], _errors(of)),
            ("naturalness, mean (least)", _pair(of["naturalness_mean"], of["naturalness_least"])),
            ("fidelity, mean (least)", _pair(of["fidelity_mean"], of["fidelity_least"])),
            ("clicks, steps, holes, gaps", f"{of['clicks']}, {of['steps']}, {of['holes']}, {of['gaps']}"),
            ("seams: step, spectrum, pitch", _seams(of)),
        ]
        width = max(len(name) for name, _ in rows)
        lines += [language, *(f"  {name:<{width}}  {value}" for name, value in rows)]
    remarks = [remark for finding in findings for remark in _remarks(finding)]
    lines += remarks[:_MOST_REMARKS]
    if len(remarks) > _MOST_REMARKS:
        lines.append(f"... and {len(remarks) - _MOST_REMARKS} more; --json tells all")
    return "\n".join(lines)


def _of_language(findings: Sequence[Finding]) -> Figures:
    count = sum(finding.tokens for finding in findings)
    errors = sum(len(finding.misheard) for finding in findings)
    natural = [finding.naturalness for finding in findings if finding.naturalness is not None]
    faithful = [finding.fidelity for finding in findings if finding.fidelity is not None]
    ranks = [rank for finding in findings if finding.seams is not None for rank in finding.seams.ranks]
    chance = seam_finder.chance(ranks)
    joints = [finding.seams for finding in findings if finding.seams is not None and finding.seams.count]
    pitches = [joint.pitch for joint in joints if joint.pitch is not None]
    return {
        "sentences": len(findings),
        "seconds": round(sum(finding.take.seconds for finding in findings), 2),
        "unit": unit(findings[0].take.sentence.language),
        "tokens": count,
        "errors": errors,
        "errors_percent": round(100 * errors / count, 2) if count else None,
        "errors_alone": sum(len(finding.confirmed) for finding in findings),
        "naturalness_mean": _rounded(_mean(natural)),
        "naturalness_least": _rounded(min(natural, default=None)),
        "fidelity_mean": _rounded(_mean(faithful)),
        "fidelity_least": _rounded(min(faithful, default=None)),
        "clicks": sum(len(finding.clicks) for finding in findings),
        "holes": sum(len(finding.holes) for finding in findings),
        "gaps": sum(len(finding.gaps) for finding in findings),
        "discontinuities": sum(finding.take.discontinuities for finding in findings),
        # Some seams are sharp in any speech: they are steps if there are more of them than can be by chance.
        "steps": sum(rank > seam_finder.SHARP for rank in ranks) if chance < seam_finder.MOST_UNLIKELY else 0,
        "seams_ranked": len(ranks),
        "seams_chance": chance,
        "seams": sum(joint.count for joint in joints),
        "seam_step": _rounded(_median([joint.step for joint in joints])),
        "seam_spectrum": _rounded(_median([joint.spectrum for joint in joints])),
        "seam_pitch": _rounded(_median(pitches)),
    }


def _remarks(finding: Finding) -> list[str]:
    name = finding.take.sentence.name
    remarks = []
    if finding.misheard:
        again = "" if finding.confirmed else " (not when heard alone)"
        remarks.append(f"{name}: {'; '.join(finding.misheard)}{again}")
    remarks += [f"{name}: a click at {click.at_s:.3f} s, {click.contrast:.0f} times" for click in finding.clicks]
    remarks += [f"{name}: a hole at {hole.at_s:.3f} s, {1000 * hole.length_s:.0f} ms" for hole in finding.holes]
    remarks += [f"{name}: a gap at {gap.at_s:.3f} s, {1000 * gap.length_s:.0f} ms" for gap in finding.gaps]
    return remarks


def _errors(of: Figures) -> str:
    if of["errors_percent"] is None:
        return "not measured"
    return f"{of['errors_percent']:.2f} % ({of['errors']} of {of['tokens']}; {of['errors_alone']} when heard alone)"


def _pair(mean: float | None, least: float | None) -> str:
    return "not measured" if mean is None or least is None else f"{mean:.2f} ({least:.2f})"


def _seams(of: Figures) -> str:
    if not of["seams"]:
        return "none between sounds"
    pitch = "-" if of["seam_pitch"] is None else f"{of['seam_pitch']:.2f}"
    return f"{of['seam_step']:.2f}, {of['seam_spectrum']:.2f}, {pitch} of elsewhere ({of['seams']} seams)"


def _mean(values: Sequence[float]) -> float | None:
    return float(np.mean(values)) if values else None


def _median(values: Sequence[float]) -> float | None:
    return float(np.median(values)) if values else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
