"""What Prometheus sees. One object per server, so that two servers in one process do not share figures.

Where several processes are one server, each writes its figures into a folder, and whichever is asked tells the sums.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

if TYPE_CHECKING:
    from pathlib import Path

    from .admission import Load
    from .context import ContextReport

# Seconds. Fine where the promise lies (10 to 25 ms with the embedded voice, 50 to 300 ms with a model), coarse beyond.
_LATENCY_BUCKETS: Final = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2.5, 5, 10)
# 1 is where real time ends.
_RTF_BUCKETS: Final = (0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 0.7, 0.85, 1, 1.25, 1.5, 2, 4)
_LEAD_BUCKETS: Final = (0, 0.05, 0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 60)


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
        self.loop_lag = self._gauge("event_loop_lag_seconds", "how late the event loop last ran a timer", "liveall")
        self.refusals = self._counter("refusals", "handshakes refused", "reason")
        self.closes = self._counter("closes", "connections closed by the server", "code")
        self.contexts = self._counter("contexts", "contexts that are over", "reason")
        self.frames = self._counter("frames", "audio frames sent")
        self.audio_seconds = self._counter("audio_seconds", "seconds of audio sent")
        self.underruns = self._counter("underruns", "times that a listener ran dry although there was text to speak")
        self.underrun_seconds = self._counter("underrun_seconds", "for how long listeners were dry")
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

    def context_over(self, report: ContextReport) -> None:
        """Count a finished context."""
        self.contexts.labels(report.reason).inc()
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

    def load_is(self, load: Load) -> None:
        """Note what the server carries at this moment."""
        self.connections.set(load.connections)
        self.requests_running.set(load.requests - load.waiting)
        self.requests_waiting.set(load.waiting)
        self.requests_sustainable.set(math.nan if load.sustainable_requests is None else load.sustainable_requests)

    def exposition(self) -> bytes:
        """Render everything in Prometheus's text format."""
        return generate_latest(self._shown)

    def _gauge(
        self, name: str, text: str, of_processes: Literal["liveall", "livemostrecent"] = "livemostrecent"
    ) -> Gauge:
        """Make a gauge; of several processes each shows its own, or who set it last knows it for all."""
        return Gauge(f"sayline_{name}", text, registry=self.registry, multiprocess_mode=of_processes)

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"sayline_{name}", text, labels, registry=self.registry)

    def _histogram(self, name: str, text: str, buckets: tuple[float, ...]) -> Histogram:
        return Histogram(f"sayline_{name}", text, buckets=buckets, registry=self.registry)
