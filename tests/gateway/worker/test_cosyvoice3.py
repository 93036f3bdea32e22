"""CosyVoice3 between two workers: what one has sampled is handed over, and listeners hear each word once.

Real processes, a tiny model, listeners in real time. The two workers serve all tests: a lost one is started again.
"""

import asyncio
import re
import signal
import time
from functools import partial

import numpy as np
import psutil
import pytest

pytest.importorskip("torch", reason="the cosyvoice3 extra is not installed")

from child_processes import ENGINE
from cosyvoice3_checkpoint import tiny_model_dir
from server_process import ServerProcess
from struck_speech import RATE_HZ, Strike, heard_through
from worker_process import MOVES, WorkerProcess

# A token a character: random weights seldom end a speech. Without the guard: a busy machine would have an engine take
# fewer solver steps, and the sound be another.
FLAGS = [
    *("--model-dir", str(tiny_model_dir()), "--fixed-tokens-per-character", "1.0"),
    *("--rtf-guard", "false", "--load-vllm", "false"),
]
# One segment each: whatever is lost or said twice moves all that is behind it.
TEXTS = [
    f"Listener {number} hears a sentence that goes on for a while before it comes to its end, as long ones do"
    for number in ("one", "two", "three", "four")
]
# Of the sound's energy; as in test_synthesizer.py of the engine. A listener who hears a token twice, or misses one,
# hears something else from there on: seen 1.6 and more.
TOLERANCE = 5e-3


def engine_of(worker):
    """The process that computes for a worker."""
    (found,) = [child for child in psutil.Process(worker.process.pid).children() if ENGINE in child.cmdline()]
    return found


def strike(worker, what):
    """Kill a worker or its engine, or stop a worker."""
    if what == "its engine killed":
        engine_of(worker).kill()
    else:
        worker.process.send_signal(signal.SIGKILL if what == "killed" else signal.SIGSTOP)


def difference(one, other):
    """How much of the sound's energy the difference is."""
    return np.sum((one.astype(float) - other) ** 2) / np.sum(other.astype(float) ** 2)


async def moved(server):
    """How many segments have gone on at another worker."""
    return float(re.search(rb"^sayline_speeches_moved_total (\S+)", await server.page("/metrics"), re.MULTILINE)[1])


@pytest.mark.slow
@pytest.mark.parametrize("what", ["killed", pytest.param("stopped", marks=pytest.mark.thorough), "its engine killed"])
async def test_listeners_hear_each_word_once_and_no_hole_when_a_worker_of_cosyvoice3_is(what, tmp_path):
    with (
        WorkerProcess(f"unix:{tmp_path}/a", *FLAGS, engine="cosyvoice3") as first,
        WorkerProcess(f"unix:{tmp_path}/b", *FLAGS, engine="cosyvoice3") as second,
        ServerProcess("--engine-workers", f"{first.address},{second.address}") as server,
    ):
        server.expected = f"{MOVES}|a probe of the engine"  # on a busy machine
        begun_at = time.monotonic()
        unbroken = [await heard_through(server, text, seed=number) for number, text in enumerate(TEXTS)]
        made_in_s = time.monotonic() - begun_at
        async with asyncio.TaskGroup() as tasks:
            struck = [
                tasks.create_task(
                    heard_through(
                        server,
                        text,
                        None if number else Strike(partial(strike, first, what)),
                        None if number else signal.SIGKILL,
                        is_paced=True,
                        seed=number,
                    )
                )
                for number, text in enumerate(TEXTS)
            ]

        assert await moved(server) >= 1
        for (before, words_before, _), done in zip(unbroken, struck, strict=True):
            after, words_after, hole_s = done.result()
            assert len(after) == len(before)
            assert difference(after, before) < TOLERANCE
            assert [word.text for word in words_after] == [word.text for word in words_before]
            # A machine that other work keeps from making all four in half of their time tells nothing of holes.
            assert hole_s == 0.0 or made_in_s > len(before) / RATE_HZ / 2
