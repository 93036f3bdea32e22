"""What Prometheus sees. One object per server, so that two servers in one process do not share figures.

If several processes are one server, each writes its figures into a folder, and the process that is asked adds them up.
"""

from __future__ import annotations

import math
import platform
from collections import deque
from typing import TYPE_CHECKING, Final, Literal

import psutil  # type: ignore[import-untyped] # it ships no annotations
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from ... import __version__
from . import logs, startup

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ...synthesis.interface import WorkerFacts
    from ..capacity.admission import Load
    from ..conversation.context import ContextReport

# Seconds. Fine where the promise lies (10 to 25 ms with the embedded voice, 50 to 300 ms with a model), coarse beyond.
_LATENCY_BUCKETS: Final = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2.5, 5, 10)
# Real time ends at 1.
_RTF_BUCKETS: Final = (0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 0.7, 0.85, 1, 1.25, 1.5, 2, 4)
_LEAD_BUCKETS: Final = (0, 0.05, 0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 60)
# A frame is 20 ms, and a new listener has 400 ms in hand.
_LAG_BUCKETS: Final = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 1, 2.5)
# Ten seconds of samples: a monitor that asks every few seconds misses no stall.
_LAGS_KEPT: Final = 20


class Metrics:
    """Counters and histograms of one server.

    Args:
        folder: where the processes of the server put their figures together. The environment must have named it before
            prometheus_client was imported (``settings.worker_environ``). None: this process is the server.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.registry = CollectorRegistry()
        self._shown = self.registry
        if folder is not None:
            self._shown = CollectorRegistry()
            MultiProcessCollector(self._shown, str(folder))  # type: ignore[no-untyped-call] # prometheus_client's
        self.connections = self._gauge("connections", "open WebSocket connections")
        self.requests_running = self._gauge("requests_running", "contexts that hold a synthesis slot")
        self.requests_waiting = self._gauge("requests_waiting", "contexts that wait for a synthesis slot")
        self.requests_sustainable = self._gauge(
            "requests_sustainable", "contexts that the engine forecasts to keep in real time; NaN where it does not say"
        )
        self._rendered: bytes | None = None  # the exposition, until the next sample
        self._lags: deque[float] = deque(maxlen=_LAGS_KEPT)
        self._lag = self._gauge("event_loop_lag_seconds", "how late the event loop last ran a timer", "liveall")
        self._delay = self._histogram(
            "event_loop_delay_seconds", "how late the event loop ran a timer, twice a second", _LAG_BUCKETS
        )
        self._build_info = Gauge(
            "sayline_build_info",
            "1; what runs stands in the labels",
            ["version", "build", "python"],
            registry=self.registry,
            multiprocess_mode="livemostrecent",
        )
        self._build_info.labels(__version__, startup.build(), platform.python_version()).set(1)
        self._process = psutil.Process()
        self._resident = self._gauge("process_resident_memory_bytes", "memory of this gateway process", "liveall")
        self._descriptors = self._gauge("process_open_fds", "file descriptors of this gateway process", "liveall")
        self._descriptor_limit = self._gauge("process_max_fds", "soft limit on file descriptors", "liveall")
        self._cpu_seconds = self._counter("process_cpu_seconds", "processor time of the gateway's processes")
        self._cpu_counted = 0.0
        self._lines = self._counter(
            "log_lines_dropped", "log lines not written: reader too slow (lost), or one peer's (held back)", "reason"
        )
        self._lines_counted = {"lost": 0, "held back": 0}
        self._speeches_cut = self._counter("speeches_cut", "segments whose speech reached the engine's length limit")
        self._speeches_cut_counted = 0
        self._speeches_moved = self._counter("speeches_moved", "segments that went on at another worker")
        self._speeches_moved_counted = 0
        # Workers are members of a list that the operator keeps, so their labels are bounded.
        self._worker_up = self._gauge(
            "worker_up", "1 if the worker can be given something to speak", "liveall", "worker"
        )
        self._worker_requests = self._gauge(
            "worker_requests_sustainable", "contexts that the worker keeps in real time", "liveall", "worker"
        )
        self._worker_speaking = self._gauge(
            "worker_speaking", "segments that the worker speaks for this process", "liveall", "worker"
        )
        self._workers_known: set[str] = set()
        self.refusals = self._counter("refusals", "handshakes refused", "reason")
        self.closes = self._counter("closes", "connections closed by the server", "code")
        self.contexts = self._counter("contexts", "contexts that are over", "reason")
        # A tenant is a name of the file of tenants, or the place of an API key: the operator bounds how many there are,
        # and no peer makes a new one.
        self.tenant_contexts = self._counter("tenant_contexts", "contexts that are over, by tenant", "tenant")
        self.tenant_audio_seconds = self._counter("tenant_audio_seconds", "seconds of audio sent, by tenant", "tenant")
        self.tenant_characters = self._counter("tenant_characters", "characters of text taken, by tenant", "tenant")
        self.tenant_refusals = self._counter(
            "tenant_refusals", "connections and contexts refused over a quota, by tenant", "tenant", "quota"
        )
        self._ledger_lost = self._counter("ledger_records_lost", "records that the ledger could not keep")
        self._ledger_lost_counted = 0
        self._memory = self._gauge(
            "memory_used_ratio", "used part of the memory that the container or the machine has", "liveall"
        )
        self._overload = self._gauge(
            "overload_step", "what is refused for overload: 0 nothing, 1 new contexts, 2 everybody", "liveall"
        )
        self._probes = self._counter("probes", "probes of the engine, by what came: ok, late, silent, failed", "result")
        self._probe_ok = self._gauge("probe_ok", "1 if the last probe was audible and on time, else 0", "liveall")
        self._probe_ok.set(math.nan)  # before the first, which no alert may take for a failure
        self._probe_first_sound = self._gauge(
            "probe_first_sound_seconds", "how long the last probe that was heard took to its first sound", "liveall"
        )
        self.frames = self._counter("frames", "audio frames sent")
        self.audio_seconds = self._counter("audio_seconds", "seconds of audio sent")
        self.underruns = self._counter("underruns", "times that a listener ran dry although there was text to speak")
        self.underrun_seconds = self._counter("underrun_seconds", "for how long listeners were dry")
        self.standstills = self._counter(
            "standstills", "contexts ended because they had something to speak and made no sound"
        )
        self.stage_seconds = Histogram(
            "sayline_stage_seconds",
            "first passage through each stage: text to segment, wait for a slot, slot to first PCM",
            ["stage"],
            buckets=_LATENCY_BUCKETS,
            registry=self.registry,
        )
        self.ttfa = self._histogram("ttfa_seconds", "first text received to first audio frame sent", _LATENCY_BUCKETS)
        self.rtf = self._histogram(
            "rtf", "time waited for the synthesizer by seconds of audio, per context", _RTF_BUCKETS
        )
        self.lead = self._histogram(
            "lead_seconds", "audio ahead of each listener, sampled twice a second", _LEAD_BUCKETS
        )

    def context_over(self, report: ContextReport, tenant: str = "") -> None:
        """Count a finished context, and also for its tenant if the server asks for keys."""
        self.contexts.labels(report.reason).inc()
        if tenant:
            self.tenant_contexts.labels(tenant).inc()
            self.tenant_audio_seconds.labels(tenant).inc(report.audio_ms / 1000)
            self.tenant_characters.labels(tenant).inc(report.chars)
        self.frames.inc(report.frames)
        self.audio_seconds.inc(report.audio_ms / 1000)
        stages = (
            ("segment", report.first_segment_s),
            ("queue", report.queue_s),
            ("pcm", report.first_pcm_s),
        )
        for stage, seconds in stages:
            if seconds is not None:
                self.stage_seconds.labels(stage).observe(seconds)
        if report.first_audio_s is not None:
            self.ttfa.observe(report.first_audio_s)
        if report.rtf is not None:
            self.rtf.observe(report.rtf)

    @property
    def worst_loop_lag_s(self) -> float:
        """The latest that the event loop ran a timer in the last ten seconds."""
        return max(self._lags, default=0.0)

    def sampled(self, lag_s: float) -> None:
        """Note how late the loop ran a timer, and how the process stands; called twice a second."""
        self._rendered = None
        self._lags.append(lag_s)
        self._lag.set(lag_s)
        self._delay.observe(lag_s)
        with self._process.oneshot():
            self._resident.set(self._process.memory_info().rss)
            times = self._process.cpu_times()
        self._descriptors.set(self._process.num_fds())
        self._descriptor_limit.set(startup.descriptor_limit())
        used = times.user + times.system
        self._cpu_seconds.inc(used - self._cpu_counted)
        self._cpu_counted = used
        for reason, total in (("lost", logs.counts.lost), ("held back", logs.counts.held_back)):
            self._lines.labels(reason).inc(total - self._lines_counted[reason])
            self._lines_counted[reason] = total

    def speeches_cut_are(self, total: int) -> None:
        """Note how many segments' speech the engine has cut off at its length limit, since this process began."""
        self._speeches_cut.inc(total - self._speeches_cut_counted)
        self._speeches_cut_counted = total

    def workers_are(self, workers: Sequence[WorkerFacts], moved: int) -> None:
        """Note how the workers are, and how many segments went on at another one since this process began."""
        self._speeches_moved.inc(moved - self._speeches_moved_counted)
        self._speeches_moved_counted = moved
        names = {worker.name for worker in workers}
        for name in self._workers_known - names:  # or each that ever came would be told of for ever
            for gauge in (self._worker_up, self._worker_requests, self._worker_speaking):
                if self._shown is self.registry:
                    gauge.remove(name)
                else:
                    gauge.labels(name).set(0)  # prometheus_client cannot remove what several processes share
        self._workers_known = names
        for worker in workers:
            self._worker_up.labels(worker.name).set(worker.is_up)
            self._worker_requests.labels(worker.name).set(worker.requests)
            self._worker_speaking.labels(worker.name).set(worker.speaking)

    def overload_is(self, step: int, memory: float) -> None:
        """Note what is refused for overload, and how much memory is used."""
        self._overload.set(step)
        self._memory.set(memory)

    def probed(self, result: str, first_sound_s: float | None) -> None:
        """Note what came of a probe of the engine."""
        self._rendered = None
        self._probes.labels(result).inc()
        self._probe_ok.set(result == "ok")
        if first_sound_s is not None:
            self._probe_first_sound.set(first_sound_s)

    def ledger_lost_is(self, total: int) -> None:
        """Note how many records the ledger has lost, since this process began."""
        self._ledger_lost.inc(total - self._ledger_lost_counted)
        self._ledger_lost_counted = total

    def load_is(self, load: Load) -> None:
        """Note what the server carries at this moment."""
        self.connections.set(load.connections)
        self.requests_running.set(load.requests - load.waiting)
        self.requests_waiting.set(load.waiting)
        self.requests_sustainable.set(math.nan if load.sustainable_requests is None else load.sustainable_requests)

    def exposition(self) -> bytes:
        """Render everything in Prometheus's text format, once between two samples.

        Rendering keeps the event loop busy for milliseconds and reads the files of all workers, and any client may ask.
        """
        if self._rendered is None:
            self._rendered = generate_latest(self._shown)
        return self._rendered

    def _gauge(
        self, name: str, text: str, of_processes: Literal["liveall", "livemostrecent"] = "livemostrecent", *labels: str
    ) -> Gauge:
        """Make a gauge. Of several processes each shows its own value, or the last one to set it speaks for all."""
        return Gauge(f"sayline_{name}", text, labels, registry=self.registry, multiprocess_mode=of_processes)

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"sayline_{name}", text, labels, registry=self.registry)

    def _histogram(self, name: str, text: str, buckets: tuple[float, ...]) -> Histogram:
        return Histogram(f"sayline_{name}", text, buckets=buckets, registry=self.registry)
