"""A few words every ten seconds that nobody hears: does the engine still speak, audibly and on time?

A probe goes to the engine as a listener's segment does, as urgent as one who waits for a first sound, and takes no
slot. Its sound goes nowhere; to the engine it is heard as it comes, since an engine whose listener ran dry would think
itself short of time. It finds what no counter shows: an engine that says it is well and is silent.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

import numpy as np

from ...synthesis.interface import Segment, Style, SynthesisError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from ...synthesis.interface import Synthesizer
    from ..observing.metrics import Metrics

log = logging.getLogger("sayline.probe")

PROBE_S: Final = 10.0
# Pipecat gives up a turn whose first sound takes longer.
ON_TIME_S: Final = 3.0
# The whole of a few words; beyond it the engine hangs.
_PATIENCE_S: Final = 10.0
# Of 32,767: -40 dBFS. Speech peaks 30 dB above it, the noise of a silent engine lies below.
_AUDIBLE: Final = 328
_TEXT: Final = "One, two, three."


class Probe:
    """Lives as long as the server.

    Args:
        synthesizer: the engine.
        voice: the server's default.
        metrics: the server's.

    Attributes:
        result: ``ok``, ``late``, ``silent`` or ``failed``; empty before the first probe.
        first_sound_s: how long the last one that was heard took.
    """

    def __init__(self, synthesizer: Synthesizer, voice: str, metrics: Metrics) -> None:
        self.result = ""
        self.first_sound_s: float | None = None
        self._synthesizer = synthesizer
        self._voice = voice
        self._metrics = metrics

    @asynccontextmanager
    async def kept_up(self, every_s: float = PROBE_S) -> AsyncIterator[None]:
        """Probe regularly while the block runs."""
        async with asyncio.TaskGroup() as tasks:
            probing = tasks.create_task(self._keep_up(every_s), name="probe")
            try:
                yield
            finally:
                probing.cancel()

    async def once(self) -> str:
        """Probe; returns the result."""
        loop = asyncio.get_running_loop()
        began, loudest, first_s = loop.time(), 0, None
        dry_at = began
        segment = Segment(0, _TEXT, _TEXT, 0, len(_TEXT), is_last=True)
        sound = self._synthesizer.speak(segment, Style(self._voice), lambda: dry_at)
        result = ""
        try:
            async with asyncio.timeout(_PATIENCE_S), contextlib.aclosing(sound):
                async for chunk in sound:
                    heard_s = len(chunk.samples) / self._synthesizer.sample_rate_hz
                    dry_at = max(loop.time(), dry_at) + heard_s
                    peak = int(np.abs(chunk.samples.astype(np.int32)).max(initial=0))
                    loudest = max(loudest, peak)
                    if first_s is None and peak >= _AUDIBLE:
                        first_s = loop.time() - began
        except (SynthesisError, TimeoutError) as exc:
            result = "failed" if isinstance(exc, SynthesisError) else "late"
        except Exception:
            log.exception("a probe broke")
            result = "failed"
        if not result:
            result = "silent" if first_s is None else "late" if first_s > ON_TIME_S else "ok"
        if result != self.result and (result != "ok" or self.result):
            log.log(logging.INFO if result == "ok" else logging.ERROR, "a probe of the engine: %s", result)
        self.result, self.first_sound_s = result, first_s
        self._metrics.probed(result, first_s)
        return result

    async def _keep_up(self, every_s: float) -> None:
        loop = asyncio.get_running_loop()
        while True:
            is_due = asyncio.Event()
            loop.call_later(every_s, is_due.set)
            await is_due.wait()
            if self._synthesizer.status().state == "ready":
                await self.once()
