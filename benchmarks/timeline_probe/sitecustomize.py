"""What ``timeline.py`` puts into the engine's two processes: told through a pipe, they record some milliseconds.

Python imports a module of this name at its start if it finds one. It wraps and records nothing until it is told to.
Then it records the GPU's kernels (torch's profiler), and what the loops of both processes do.
"""

from __future__ import annotations

import functools
import json
import multiprocessing
import os
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

FOLDER = os.environ.get("TIMELINE_FOLDER")
WARM_UP_S = 0.05  # the profiler's first use loads its library, which stops everything for a while

# What is timed, by process: module, class, method, and what it is called in the table. A call inside another is taken
# out of the outer one's time.
ENGINE = (
    ("sayline.synthesis.cosyvoice3.acoustic.engine", "AcousticEngine", "advance", "decides and launches"),
    ("sayline.synthesis.cosyvoice3.acoustic.thread", "AcousticThread", "_take_calls", "has nothing to do"),
    ("torch.cuda", "Event", "synchronize", "waits for the GPU"),
    ("selectors", "EpollSelector", "select", "has nothing to do"),
)
LANGUAGE_MODEL = (
    ("sayline.synthesis.cosyvoice3.lm.vllm.scheduler", "_StandsBack", "schedule", "schedules"),
    ("vllm.v1.core.sched.async_scheduler", "AsyncScheduler", "update_from_output", "takes in what was sampled"),
    ("vllm.v1.core.sched.scheduler", "Scheduler", "update_from_output", "takes in what was sampled"),
    ("vllm.v1.executor.uniproc_executor", "UniProcExecutor", "execute_model", "prepares and launches"),
    ("vllm.v1.executor.uniproc_executor", "UniProcExecutor", "sample_tokens", "prepares and launches"),
    ("vllm.v1.executor.multiproc_executor", "FutureWrapper", "result", "waits for the GPU"),
    ("concurrent.futures", "Future", "result", "waits for the GPU"),
    ("torch.cuda", "Event", "synchronize", "waits for the GPU"),
    ("vllm.v1.engine.core", "EngineCoreProc", "_process_input_queue", "has nothing to do, or takes in requests"),
)
GRAPHS = (  # the language model's process without vLLM
    ("sayline.synthesis.cosyvoice3.lm.graphs.process", "SpeechTokens", "_pass", "takes in what was sampled"),
    ("__main__", "SpeechTokens", "_pass", "takes in what was sampled"),
    ("sayline.synthesis.cosyvoice3.lm.graphs.steps", "Steps", "begin", "prepares and launches"),
    ("sayline.synthesis.cosyvoice3.lm.graphs.steps", "Steps", "decode", "schedules"),
    ("torch.cuda", "Event", "synchronize", "waits for the GPU"),
    ("selectors", "EpollSelector", "select", "has nothing to do"),
)


def wait_for_the_word(folder: Path) -> None:
    """Record as often as a line with a number of seconds comes."""
    pipe = folder / f"{os.getpid()}.pipe"
    os.mkfifo(pipe)
    while True:
        seconds = float(pipe.read_text())
        if (torch := sys.modules.get("torch")) is None:
            return
        has_graphs = "sayline.synthesis.cosyvoice3.lm.graphs.process" in sys.orig_argv
        is_child = has_graphs or multiprocessing.parent_process() is not None
        record(WARM_UP_S, torch, ())
        found = record(seconds, torch, GRAPHS if has_graphs else LANGUAGE_MODEL if is_child else ENGINE)
        found["process"] = "language model" if is_child else "acoustic"
        unfinished = folder / f"{os.getpid()}.part"
        unfinished.write_text(json.dumps(found))
        unfinished.rename(folder / f"{os.getpid()}.json")


def record(seconds: float, torch: Any, wanted: tuple[tuple[str, str, str, str], ...]) -> dict[str, Any]:  # noqa: ANN401 - a module, and JSON
    """Record for this long: kernels and copies, and calls, each with its begin and end in ns of the system's clock."""
    calls: list[tuple[int, str, int, int, int]] = []
    undo = [undo for each in wanted if (undo := wrap(calls, *each)) is not None]
    profiler = None
    if torch.cuda.is_available() and torch.cuda.is_initialized():
        profiler = torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CUDA])
        profiler.start()
    begun_at = time.time_ns()
    threading.Event().wait(seconds)
    ended_at = time.time_ns()
    kernels = []
    if profiler is not None:
        profiler.stop()
        kernels = [
            (event.name(), event.start_ns(), event.start_ns() + event.duration_ns())
            for event in profiler.profiler.kineto_results.events()
            if event.device_type() == torch.autograd.DeviceType.CUDA
        ]
    for each in undo:
        each()
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    told = [(names.get(thread, "?"), label, begin, end, size) for thread, label, begin, end, size in calls]
    return {"begun_at": begun_at, "ended_at": ended_at, "kernels": kernels, "calls": told}


def wrap(
    calls: list[tuple[int, str, int, int, int]], module: str, owner: str, method: str, label: str
) -> Callable[[], None] | None:
    """Time every call of a method; returns a function that undoes it, or None if there is no such method."""
    cls = getattr(sys.modules.get(module), owner, None)
    original = getattr(cls, "__dict__", {}).get(method)
    if original is None:
        return None

    @functools.wraps(original)
    def timed(self: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - any method
        begun_at = time.time_ns()
        result = None
        try:
            result = original(self, *args, **kwargs)
            return result
        finally:
            # How much a step carries: requests in the language model's, chunks in the solver's.
            size = len(getattr(result, "num_scheduled_tokens", ()))
            size = size or getattr(self, "chunks_stepped", 0) or getattr(self, "carried", 0)
            calls.append((threading.get_ident(), label, begun_at, time.time_ns(), size))

    setattr(cls, method, timed)
    return lambda: setattr(cls, method, original)


if FOLDER:
    threading.Thread(target=wait_for_the_word, args=(Path(FOLDER),), name="timeline", daemon=True).start()
