"""vLLM's own scheduler, which stands back while the flow makes a first sound (``vllm/pacing.py``).

All that vLLM schedules stays its own. A step that should wait is a step with nothing in it, as it schedules while it is
paused; its engine then looks again a millisecond later, for whatever has come meanwhile. Named to vLLM by
``scheduler_cls``, which it calls no public interface: what is used here is the same in 0.26.0 and 0.30.0.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from vllm.v1.core.sched.async_scheduler import AsyncScheduler
from vllm.v1.core.sched.interface import PauseState
from vllm.v1.core.sched.scheduler import Scheduler

from .pacing import Progress, TokenPacing
from .requests import awaited_tokens

if TYPE_CHECKING:
    from vllm.v1.core.sched.output import SchedulerOutput
    from vllm.v1.request import Request


class _StandsBack(Scheduler):  # type: ignore[misc]  # vLLM is not followed by the type checker
    """See the module."""

    def __init__(self, *args: object, **kwargs: object) -> None:  # vLLM's own
        super().__init__(*args, **kwargs)
        self._pacing = TokenPacing()

    def schedule(self, *args: object, **kwargs: object) -> SchedulerOutput:  # which differ between releases
        """Choose what the next step does."""
        is_anybody_new = len(self.waiting) > 0
        if is_anybody_new or not self._pacing.stands_back(map(_progress, self.running), time.monotonic()):
            return super().schedule(*args, **kwargs)
        before = self.pause_state
        self.set_pause_state(PauseState.PAUSED_ALL)
        try:
            return super().schedule(*args, **kwargs)
        finally:
            self.set_pause_state(before)


class SpeechScheduler(_StandsBack):
    """Where a step is scheduled once the one before is done: on a CPU."""


class AsyncSpeechScheduler(_StandsBack, AsyncScheduler):  # type: ignore[misc]  # as above
    """Where a step is scheduled while the one before runs."""


def _progress(request: Request) -> Progress:
    sampled = request.num_output_tokens
    awaited = awaited_tokens(request.sampling_params)
    return Progress(request.request_id, awaited, sampled, sampled + request.num_output_placeholders)


SCHEDULER: Final = f"{__name__}.{SpeechScheduler.__name__}"
ASYNC_SCHEDULER: Final = f"{__name__}.{AsyncSpeechScheduler.__name__}"
