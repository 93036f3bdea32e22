"""A replica of Ray Serve: starts a worker where Ray places it, and lasts as long as that worker.

No request of Serve ever comes here. Its part is to place workers, to replace those that end, to drain those that go,
and to count how many are wanted.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from typing import TYPE_CHECKING, Any, Final

import ray

from ...synthesis.processes.child import Child, kill_family
from ...synthesis.processes.link import Link
from ..cluster.leashed import HEARTBEAT_S
from .link import WORKER, Job, Leave, Load, Unavailable
from .scaling import wanted

if TYPE_CHECKING:
    from ray.serve.config import AutoscalingContext

log = logging.getLogger("sayline.placing")

_PROGRAM: Final = f"{__package__}.placed"
_PATIENCE_S: Final = 5.0  # a worker says every second that it lives; gateways notice its silence much sooner
# The same before its first word: it imports a server, maybe from a cold disk.
_START_PATIENCE_S: Final = 60.0
LEAVING_S: Final = 5.0  # beyond the time to drain: an engine of CosyVoice3 frees its memory meanwhile


class WorkerReplica:
    """See the module; Serve makes it, asks after its health, and calls ``__del__`` when it is to go.

    Args:
        job: of the worker, as JSON has it.
        drain_s: time that running speech has to finish.
    """

    async def __init__(self, job: dict[str, Any], drain_s: float) -> None:  # type: ignore[misc] # Serve awaits it
        self._drain_s = drain_s
        self._load: Load | None = None
        self._why = "it ended while it loaded its engine"
        self._is_leaving = False
        self._ended = asyncio.Event()
        self._came_up = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._heard_at = self._loop.time()
        self._child = Child([sys.executable, "-m", _PROGRAM])
        self._link = Link(self._child.socket, WORKER, self._received, self._hung_up, heard=self._heard)
        self._link.send(Job(**{**job, "host": ray.util.get_node_ip_address()}))
        self._loop.call_later(HEARTBEAT_S, self._look)
        await self._came_up.wait()
        if self._load is None:
            raise RuntimeError(f"the worker cannot speak: {self._why}")

    async def record_autoscaling_stats(self) -> dict[str, float]:
        """Tell Serve what ``workers_wanted`` counts."""
        assert self._load is not None  # noqa: S101 - Serve asks once it has been made
        return {"speaking": self._load.speaking, "requests": self._load.requests}

    async def __del__(self) -> None:
        """Let the worker finish what it speaks; gateways lease no more of it."""
        self._is_leaving = True
        self._link.send(Leave())
        try:
            async with asyncio.timeout(self._drain_s + LEAVING_S):
                await self._ended.wait()
        except TimeoutError:
            log.warning("a worker does not end %g s after it was asked", self._drain_s + LEAVING_S)

    def _received(self, message: Load | Unavailable) -> None:
        match message:
            case Load():
                self._load = message
                self._came_up.set()
            case Unavailable(why):
                self._why = why

    def _heard(self) -> None:
        self._heard_at = self._loop.time()

    def _look(self) -> None:
        """End a worker that hangs. One that has not told its process id yet cannot be killed.

        If it ever goes on, it finds its replica gone: it ends, or, if its engine has loaded by then, it serves as an
        orphan until another worker has come (``placed``).
        """
        patience_s = _START_PATIENCE_S if self._load is None else _PATIENCE_S
        if self._ended.is_set():
            return
        if self._loop.time() <= self._heard_at + patience_s:
            self._loop.call_later(HEARTBEAT_S, self._look)
            return
        self._why = f"it has said nothing for {patience_s:g} s"
        log.error("a worker has said nothing for %g s and is ended", patience_s)
        if self._load is not None:
            kill_family(self._load.pid)
        self._link.close()
        self._hung_up()

    def _hung_up(self) -> None:
        """Go with the worker, so that Serve replaces both at once and not at its third look."""
        self._ended.set()
        self._came_up.set()
        if self._load is not None and not self._is_leaving:
            os._exit(1)


def workers_wanted(context: AutoscalingContext) -> tuple[int, dict[str, Any]]:
    """Tell Serve how many replicas are wanted. Any: a state that a policy may keep; this one keeps none."""
    metrics = context.aggregated_metrics or {}
    count = wanted(metrics.get("speaking", {}).values(), metrics.get("requests", {}).values())
    return (context.target_num_replicas if count is None else count), {}
