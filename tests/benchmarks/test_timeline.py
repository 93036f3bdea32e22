"""The timeline leaves no millisecond out: each belongs to a process on the GPU, and each thread's to a call."""

import importlib.util
import re
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

torch = pytest.importorskip("torch", reason="the cosyvoice3 extra is not installed")

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
MS = 1_000_000  # ns


def loaded(path):
    """A benchmark as a module."""
    spec = importlib.util.spec_from_file_location(f"benchmark_{path.stem}", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


timeline = loaded(BENCHMARKS / "timeline.py")
probe = loaded(BENCHMARKS / "timeline_probe" / "sitecustomize.py")

SPANS = st.lists(st.tuples(st.integers(0, 120), st.integers(1, 30)).map(lambda at: (at[0] * MS, (at[0] + at[1]) * MS)))
LABELS = st.sampled_from(["schedules", "decides and launches", "waits for the GPU"])


def told(spans, labels):
    """What a process would write down: the same spans as kernels and as calls."""
    calls = [["MainThread", label, *span, 3] for span, label in zip(spans, labels, strict=False)]
    return {"kernels": [["kernel", *span] for span in spans], "calls": calls}


@given(SPANS, SPANS, st.lists(LABELS, min_size=1, max_size=20))
def test_every_millisecond_is_accounted_for(model, acoustic, labels):
    found = {"language model": told(model, labels), "acoustic": told(acoustic, labels)}

    lines = timeline.account(found, (10 * MS, 110 * MS))

    gpu = [float(re.search(r"([\d.]+) ms$", line)[1]) for line in lines[:4]]
    assert sum(gpu) == pytest.approx(100, abs=0.3)
    for each in found.values():
        states = timeline.states(each["calls"], "MainThread", (10 * MS, 110 * MS))
        assert [end for _, end, _ in states[:-1]] == [begin for begin, _, _ in states[1:]]
        assert (states[0][0], states[-1][1]) == (10 * MS, 110 * MS)


def test_of_nested_calls_the_innermost_counts():
    calls = [["t", "outer", 0, 10, 0], ["t", "inner", 2, 4, 0]]

    assert timeline.states(calls, "t", (0, 12)) == [
        (0, 2, "outer"),
        (2, 4, "inner"),
        (4, 10, "outer"),
        (10, 12, timeline.NEITHER_CALLED),
    ]


class Engine:
    """Something that is watched."""

    chunks_stepped = 0

    def advance(self):
        """Steps."""
        self.chunks_stepped = 7


def test_what_is_watched_is_timed_with_its_size_and_then_left_alone():
    original, calls = Engine.advance, []
    undo = probe.wrap(calls, __name__, "Engine", "advance", "steps")

    Engine().advance()
    undo()
    Engine().advance()

    assert [(label, size) for _, label, _, _, size in calls] == [("steps", 7)]
    assert Engine.advance is original
    assert probe.wrap(calls, __name__, "Engine", "no_such_method", "steps") is None
