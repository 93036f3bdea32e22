"""How many listeners Kokoro says that it keeps, by the speed of its processes. No model is loaded."""

import pytest

from sayline.synthesis.kokoro.synthesizer import HIGHEST_LOAD, KokoroSynthesizer
from sayline.synthesis.turns.link import Ready
from sayline.synthesis.turns.queue import Turns


@pytest.fixture
async def engine(tmp_path):
    return KokoroSynthesizer(tmp_path, processes=1)


def at_loads(engine, *loads):
    """Put processes in place that took so many seconds for a second of speech."""
    engine._processes = [engine._process("a process", Turns()) for _ in loads]
    for process, load in zip(engine._processes, loads, strict=True):
        process.ready = Ready("Kokoro", load, has_times=True)
    return engine.default_max_concurrent_requests


@pytest.mark.parametrize(
    ("loads", "kept"),
    [
        ((0.6,), 1),
        ((0.6, 0.6, 0.6), 3),
        ((HIGHEST_LOAD, HIGHEST_LOAD), 2),
        ((0.6, 0.9), 1),
        ((1.7, 1.7, 1.7, 1.7), 1),  # two slow cores are no fast one: one turn is spoken on one core
    ],
)
async def test_each_process_that_is_fast_enough_keeps_one_listener(engine, loads, kept):
    assert at_loads(engine, *loads) == kept


async def test_the_status_says_that_no_process_is_fast_enough(engine):
    at_loads(engine, 0.9)
    assert engine.status().detail == "Kokoro, 0.90 s of a core for a second: too slow for real time"
    at_loads(engine, 0.6)
    assert engine.status().detail == "Kokoro, 0.60 s of a core for a second"
