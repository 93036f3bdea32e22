"""From what happened to figures: percentiles, a table for people, JSON for machines, and the verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ....codecs.base import CodecError
from ....codecs.opus import OpusDecoder

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .listener import ContextRecord
    from .load import LoadResult

    Figures = dict[str, Any]  # as in the JSON file: names with their units, to numbers or further figures

# 1 % of full scale, -40 dBFS: over the noise that a codec puts around silence, under the softest consonant.
_AUDIBLE: Final = 328
_DECODER_HZ: Final = 24_000
_PRESKIP: Final = 156  # samples of Opus at this rate, 6.5 ms
# The bar of this project for frame lateness is 40 ms; a generator that is itself late by half of that measures itself.
MAX_LAG_P99_MS: Final = 20.0
MAX_LATENESS_P99_MS: Final = 40.0

_SHARES: Final = {"p25": 25, "p50": 50, "p75": 75, "p95": 95, "p99": 99}  # percentiles that are told
_TTFA: Final = ("TTFA p50", "p95", "p99")  # milliseconds, from the first segment's text, as in the full table
_LATE: Final = ("late p50", "p95", "p99", "max")  # milliseconds
FAULTS: Final = ("underruns", "errors", "refusals")  # what --allow can forgive; lost contexts are errors


def figures(result: LoadResult) -> Figures:
    """Compute a run's figures."""
    contexts = result.contexts
    heard = [record for record in contexts if record.audio_at is not None and record.done is not None]
    audible = {id(record): _audible_at(record) for record in heard}
    underruns_ms = [1000 * length_s for record in contexts for length_s in record.underruns]
    errors = [*result.faults, *(record.fault for record in contexts if record.fault)]
    silent = sum(1 for record in contexts if record.done == "end" and record.audio_at is None)
    return {
        "contexts": len(contexts),
        "contexts_per_s": round(result.window_contexts / max(1e-9, result.window_s), 2),
        "completed": sum(1 for record in contexts if record.done is not None and record.fault is None),
        "lost": sum(1 for record in contexts if record.done is None),
        "silent": silent,
        "refusals": result.refusals,
        "errors": len(errors) + silent,
        "error_examples": sorted(set(errors))[:5],
        "underruns": len(underruns_ms),
        "underrun_ms_total": round(sum(underruns_ms), 1),
        "underrun_ms_max": round(max(underruns_ms, default=0.0), 1),
        "writer_gaps": sum(record.writer_gaps for record in contexts),
        "frames": result.frames,
        "ttfa_ms": {
            "from_first_text": _spread(_since(r.audio_at, r.text_at) for r in heard),
            "from_first_sentence": _spread(_since(r.audio_at, r.sentence_at) for r in heard),
            "from_first_segment": _spread(_since(r.audio_at, r.segment_at) for r in heard),
        },
        "audible_ttfa_ms": {
            "from_first_text": _spread(_since(audible[id(r)], r.text_at) for r in heard),
            "from_first_sentence": _spread(_since(audible[id(r)], r.sentence_at) for r in heard),
        },
        "lateness_ms": _spread(1000 * late for late in result.lateness_s),
        "segment_wait_ms": _spread(1000 * wait for wait in result.segment_wait_s),
        "rtf": _spread(_since_rtf(r) for r in heard),
        "server": _server(result),
        "generator": _generator(result),
    }


def failures(run: Figures, allowed: Iterable[str]) -> list[str]:
    """Say why a run fails; empty if it does not."""
    forgiven = set(allowed)
    found = [f"{run[name]} {name}" for name in FAULTS if run[name] and name not in forgiven]
    if run["lost"] and "errors" not in forgiven:
        found.append(f"{run['lost']} contexts without context.done")
    if not run["completed"]:
        found.append("no context was completed")
    if not run["generator"]["is_valid"]:
        found.append(
            f"invalid: the load generator's own loop is late by {run['generator']['lag_ms']['p99']} ms at p99; "
            "use fewer streams or another machine"
        )
    return found


def table(title: str, run: Figures) -> str:
    """Lay a run out for reading."""
    server, generator = run["server"], run["generator"]
    rows = [
        (title, ""),
        ("contexts", f"{run['contexts']} begun, {run['completed']} completed, {run['lost']} lost"),
        ("contexts begun a second", f"{run['contexts_per_s']}"),
        ("refusals (503), errors", f"{run['refusals']}, {run['errors']}{_examples(run)}"),
        (
            "underruns",
            f"{run['underruns']}, {run['underrun_ms_total']} ms in all, longest {run['underrun_ms_max']} ms",
        ),
        ("TTFA, first text to first frame", _line(run["ttfa_ms"]["from_first_text"], "ms")),
        ("TTFA, first sentence to first frame", _line(run["ttfa_ms"]["from_first_sentence"], "ms")),
        ("TTFA, first segment to first frame", _line(run["ttfa_ms"]["from_first_segment"], "ms")),
        ("audible TTFA, from first text", _line(run["audible_ttfa_ms"]["from_first_text"], "ms")),
        ("audible TTFA, from first sentence", _line(run["audible_ttfa_ms"]["from_first_sentence"], "ms")),
        ("frame lateness", _line(run["lateness_ms"], "ms")),
        ("segment's text to its begin", _line(run["segment_wait_ms"], "ms")),
        ("RTF per context", _line(run["rtf"], "")),
        ("frames", f"{run['frames']}"),
    ]
    if server:
        rows.append(
            (
                "server",
                (
                    f"{server['cpu_us_per_frame']} us/frame, {server['cores']} cores, "
                    f"{server['frames_per_s']} frames/s, {server['rss_mib']} MiB at most"
                ),
            )
        )
    rows.append(
        (
            "generator",
            (
                f"{generator['cpu_us_per_frame']} us/frame, {generator['cores']} cores, "
                f"loop late {_line(generator['lag_ms'], 'ms')}"
            ),
        )
    )
    width = max(len(name) for name, _ in rows)
    return "\n".join(f"{name:<{width}}  {value}".rstrip() for name, value in rows)


def curve(runs: Sequence[tuple[int, Figures]]) -> str:
    """Lay out a sweep, one line per number of streams."""
    lines = [_row("streams", "frames/s", "underruns", "faults", *_TTFA, *_LATE, "us/frame", "cores", "lag p99")]
    for streams, run in runs:
        ttfa, late, server = run["ttfa_ms"]["from_first_segment"], run["lateness_ms"], run["server"]
        lines.append(
            _row(
                streams,
                server.get("frames_per_s"),
                run["underruns"],
                run["errors"] + run["lost"] + run["refusals"],
                *(ttfa[name] for name in ("p50", "p95", "p99")),
                *(late[name] for name in ("p50", "p95", "p99", "max")),
                server.get("cpu_us_per_frame"),
                server.get("cores"),
                run["generator"]["lag_ms"]["p99"],
            )
        )
    within = [
        streams
        for streams, run in runs
        if not failures(run, ()) and run["lateness_ms"]["n"] and run["lateness_ms"]["p99"] <= MAX_LATENESS_P99_MS
    ]
    lines.append(
        f"knee: {max(within)} streams are the most without a fault and within {MAX_LATENESS_P99_MS:g} ms at p99"
        if within
        else f"knee: below {runs[0][0]} streams"
    )
    return "\n".join(lines)


def worst(runs: Sequence[Figures]) -> str:
    """Say in a line how bad it was in any of several runs, each figure by itself."""
    spreads = [run["audible_ttfa_ms"]["from_first_sentence"] for run in runs]
    ttfa = [spread for spread in spreads if spread["n"]]
    told = "  ".join(f"{name} {max(each[name] for each in ttfa)}" for name in (*_SHARES, "max")) if ttfa else "-"
    return f"worst of {len(runs)} runs: {max(run['underruns'] for run in runs)} underruns, audible TTFA {told} ms"


def show(text: str) -> None:
    """Print a piece of the report, at once: a sweep takes minutes."""
    print(text, flush=True)


def _audible_at(record: ContextRecord) -> float | None:
    """When the first audible sample is heard by a player who begins with the first packet, and waits for none."""
    decoder = OpusDecoder(_DECODER_HZ)
    played = -_PRESKIP  # samples; a player drops the pre-skip
    for arrived_at, packet in record.opening:
        try:
            size = np.abs(decoder.decode(packet).astype(np.int32))
        except CodecError:
            return None
        if (size >= _AUDIBLE).any():
            plays_at = record.opening[0][0] + max(0, played + int((size >= _AUDIBLE).argmax())) / _DECODER_HZ
            return max(arrived_at, plays_at)
        played += len(size)
    return None


def _since(later: float | None, earlier: float | None) -> float | None:
    return None if later is None or earlier is None else 1000 * (later - earlier)


def _since_rtf(record: ContextRecord) -> float | None:
    """Wall time from the first text to the last frame, by the sound's length: at 1 the stream only just keeps up."""
    if record.last_audio_at is None or record.text_at is None or not record.audio_s:
        return None
    return (record.last_audio_at - record.text_at) / record.audio_s


def _spread(values: Iterable[float | None]) -> Figures:
    known = np.array([value for value in values if value is not None], np.float64)
    if not len(known):
        return {"n": 0} | dict.fromkeys((*_SHARES, "max"))
    shares = zip(_SHARES, np.percentile(known, tuple(_SHARES.values())), strict=True)
    return {
        "n": len(known),
        **{name: round(float(value), 2) for name, value in shares},
        "max": round(float(known.max()), 2),
    }


def _server(result: LoadResult) -> Figures:
    if len(result.usages) < 2:  # a server that is not ours to look into
        return {}
    first, last = result.usages[0], result.usages[-1]
    cpu_s = last.cpu_s - first.cpu_s
    return {
        "cpu_us_per_frame": round(1e6 * cpu_s / max(1, result.window_frames), 1),
        "cores": round(cpu_s / (last.at - first.at), 3),
        "frames_per_s": round(result.window_frames / (last.at - first.at)),
        "rss_mib": round(max(usage.rss_bytes for usage in result.usages) / 2**20, 1),
    }


def _generator(result: LoadResult) -> Figures:
    lag = _spread(1000 * lag_s for lag_s in result.lag_s)
    return {
        "cpu_us_per_frame": round(1e6 * result.generator_cpu_s / max(1, result.window_frames), 1),
        "cores": round(result.generator_cpu_s / max(1e-9, result.window_s), 3),
        "lag_ms": lag,
        "is_valid": lag["p99"] is not None and lag["p99"] <= MAX_LAG_P99_MS,
    }


def _row(*cells: object) -> str:
    return " ".join(f"{'-' if cell is None else cell!s:>9}" for cell in cells)


def _line(spread: Figures, unit: str) -> str:
    if not spread["n"]:
        return "-"
    return f"{'  '.join(f'{name} {spread[name]}' for name in (*_SHARES, 'max'))} {unit}".rstrip()


def _examples(run: Figures) -> str:
    return "".join(f"\n    {example}" for example in run["error_examples"])
