"""Where the GPU's and the hosts' time goes under load: a few milliseconds accounted for one by one, in both processes.

    mkdir probe && TIMELINE_FOLDER=probe PYTHONPATH=benchmarks/timeline_probe sayline serve --model-dir MODEL_DIR ...
    sayline bench --url ws://127.0.0.1:8080 --streams 224 --tokens-per-second 0 --duration 60 &
    python benchmarks/timeline.py probe [--ms 100]

The engine's two processes, the language model's and the acoustic one, record their kernels (torch's profiler) and what
their loops do, on one clock. The report says how long each of them had work on the GPU, how long neither had, and what
both hosts did meanwhile. A kernel counts from its first instruction to its last. If the processes take turns, that
includes the other's turn, so "both" then means that one of them stood still on the GPU.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

LONGEST_WAIT_S = 60.0
PROCESSES = ("language model", "acoustic")
STEPS = {"language model": "schedules", "acoustic": "decides and launches"}  # the call that begins a step
NEITHER_CALLED = "other Python"
KERNELS_NAMED = 10

Span = tuple[int, int]


def recorded(folder: Path, seconds: float) -> dict[str, dict[str, Any]]:
    """Have all processes with a pipe record, and read what the engine's two did."""
    for old in folder.glob("*.json"):
        old.unlink()
    asked = []
    for pipe in folder.glob("*.pipe"):
        process = int(pipe.stem)
        if is_engine(process):
            asked.append(process)
            with pipe.open("w") as end:
                end.write(f"{seconds}\n")
    until = time.monotonic() + LONGEST_WAIT_S
    found: dict[str, dict[str, Any]] = {}
    while len(found) < len(asked):
        if time.monotonic() > until:
            raise SystemExit(f"of {len(asked)} processes {len(found)} answered within {LONGEST_WAIT_S:.0f} s")
        time.sleep(0.1)
        for process in asked:
            path = folder / f"{process}.json"
            if path.exists():
                told = json.loads(path.read_text())
                found[told["process"]] = told
    return found


def is_engine(process: int) -> bool:
    """Tell whether a process is the engine's or vLLM's, by its command line."""
    try:
        line = Path(f"/proc/{process}/cmdline").read_bytes().replace(b"\0", b" ")
    except OSError:
        return False
    names = (b"cosyvoice3.process.main", b"cosyvoice3.lm.graphs.process", b"multiprocessing.spawn", b"VLLM")
    return any(name in line for name in names)


def united(spans: list[Span], window: Span) -> list[Span]:
    """Merge what overlaps, within the window."""
    merged: list[Span] = []
    for begin, end in sorted((max(b, window[0]), min(e, window[1])) for b, e in spans):
        if begin >= end:
            continue
        if merged and begin <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(merged[-1][1], end)
        else:
            merged.append((begin, end))
    return merged


def states(calls: list[list[Any]], thread: str, window: Span) -> list[tuple[int, int, str]]:
    """Tell what a thread did, without gaps: the innermost call at every instant."""
    found: list[tuple[int, int, str]] = []
    edges: list[tuple[int, int, int, str]] = []
    for name, label, begin, end, _ in calls:
        if name == thread and end > window[0] and begin < window[1]:
            edges.append((max(begin, window[0]), 1, -end, label))
            edges.append((min(end, window[1]), 0, 0, label))
    stack: list[str] = []
    at = window[0]
    for when, opens, _, label in sorted(edges):
        if when > at:
            found.append((at, when, stack[-1] if stack else NEITHER_CALLED))
            at = when
        if opens:
            stack.append(label)
        elif label in stack:
            stack.reverse()
            stack.remove(label)
            stack.reverse()
    if at < window[1]:
        found.append((at, window[1], NEITHER_CALLED))
    return found


def overlap(one: list[Span], other: list[Span]) -> list[Span]:
    """Intersect two lists of spans, each ascending."""
    found, i, j = [], 0, 0
    while i < len(one) and j < len(other):
        begin, end = max(one[i][0], other[j][0]), min(one[i][1], other[j][1])
        if begin < end:
            found.append((begin, end))
        if one[i][1] < other[j][1]:
            i += 1
        else:
            j += 1
    return found


def rest(spans: list[Span], window: Span) -> list[Span]:
    """Tell what of the window is in no span."""
    found, at = [], window[0]
    for begin, end in spans:
        if begin > at:
            found.append((at, begin))
        at = end
    if at < window[1]:
        found.append((at, window[1]))
    return found


def total_ms(spans: list[Span]) -> float:
    """Add up, in ms."""
    return sum(end - begin for begin, end in spans) / 1e6


def main() -> None:
    """Record, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--ms", type=float, default=100.0)
    parser.add_argument("--keep", type=Path, metavar="FILE", help="write what was recorded there too")
    arguments = parser.parse_args()
    # Both begin and end at their own time: the profiler's first use takes some tenths of a second.
    found = recorded(arguments.folder, 1.5 + 3 * arguments.ms / 1000)
    if arguments.keep:
        arguments.keep.write_text(json.dumps(found))
    begin = max(each["begun_at"] for each in found.values())
    end = min(each["ended_at"] for each in found.values())
    middle = (begin + end) // 2
    half = min(int(arguments.ms * 1e6), end - begin) // 2
    window = middle - half, middle + half
    print(f"{2 * half / 1e6:.1f} ms, of them on the GPU:")
    for line in account(found, window):
        print(line)


def account(found: dict[str, dict[str, Any]], window: Span) -> list[str]:
    """Lay out a window: the GPU's time by who has work there, and the hosts' by what they do meanwhile."""
    model, acoustic = (united([(b, e) for _, b, e in found[name]["kernels"]], window) for name in PROCESSES)
    parts = {
        f"{PROCESSES[0]} alone": overlap(model, rest(acoustic, window)),
        f"{PROCESSES[1]} alone": overlap(acoustic, rest(model, window)),
        "both": overlap(model, acoustic),
        "neither": rest(united([*model, *acoustic], window), window),
    }
    lines = [f"  {name:<22} {total_ms(spans):6.1f} ms" for name, spans in parts.items()]
    for name in PROCESSES:
        calls, kernels = found[name]["calls"], found[name]["kernels"]
        inside = [end - begin for _, begin, end in kernels if window[0] <= begin < window[1]]
        sizes = [size for _, label, at, _, size in calls if label == STEPS[name] and window[0] <= at < window[1]]
        steps = [size for size in sizes if size]
        mean = sum(steps) / max(1, len(steps))
        lines.append(f"{name}: {len(steps)} steps of {mean:.1f}; {len(inside)} kernels, {sum(inside) / 1e6:.1f} ms")
        lines += [f"  {line}" for line in costly(kernels, window)]
        for thread in sorted({thread for thread, *_ in calls}):
            lines.append(f"  {f'thread {thread}, ms while':<46}" + "".join(f"{part:>22}" for part in (*parts, "all")))
            spent: dict[str, list[float]] = defaultdict(lambda: [0.0] * (len(parts) + 1))
            for begin, end, state in states(calls, thread, window):
                for index, spans in enumerate((*parts.values(), [window])):
                    spent[state][index] += total_ms(overlap([(begin, end)], spans))
            for state, row in sorted(spent.items(), key=lambda item: -item[1][-1]):
                lines.append(f"    {state:<44}" + "".join(f"{ms:22.1f}" for ms in row))
    return lines


def costly(kernels: list[list[Any]], window: Span) -> list[str]:
    """Name the kernels that take most, with the median of each: what was interrupted takes longer."""
    spent: dict[str, list[float]] = defaultdict(list)
    for name, begin, end in kernels:
        if window[0] <= begin < window[1]:
            spent[name].append((end - begin) / 1e6)
    most = sorted(spent.items(), key=lambda item: -sum(item[1]))[:KERNELS_NAMED]
    return [
        f"{sum(each):6.1f} ms {len(each):5} x {1000 * statistics.median(each):4.0f} us  {name[:80]}"
        for name, each in most
    ]


if __name__ == "__main__":
    main()
