"""vLLM's own scheduler, which stands back while the flow makes a first sound (``lm/token_pacing.py``).

vLLM still decides what it schedules. A step that should wait is scheduled empty, as vLLM does while it is paused; its
engine looks again a millisecond later. vLLM finds this class by ``scheduler_cls``, and states that this is no public
interface: the parts used here are the same in 0.26.0 and 0.30.0.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from vllm.v1.core.sched.async_scheduler import AsyncScheduler
from vllm.v1.core.sched.interface import PauseState
from vllm.v1.core.sched.scheduler import Scheduler

from ..token_pacing import Progress, TokenPacing
from .requests import awaited_tokens

if TYPE_CHECKING:
    from vllm.v1.core.sched.output import SchedulerOutput
    from vllm.v1.request import Request


class _StandsBack(Scheduler):  # type: ignore[misc]  # vLLM is not followed by the type checker
    """A scheduler that schedules an empty step while the language model should stand back; see the module."""

    def __init__(self, *args: object, **kwargs: object) -> None:  # vLLM's own
        super().__init__(*args, **kwargs)
        self._pacing = TokenPacing()

    def schedule(self, *args: object, **kwargs: object) -> SchedulerOutput:  # the arguments differ between releases
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
    """The scheduler for a CPU: each step is scheduled after the step before is done."""


class AsyncSpeechScheduler(_StandsBack, AsyncScheduler):  # type: ignore[misc]  # as above
    """The scheduler for a GPU: each step is scheduled while the step before runs."""


def _progress(request: Request) -> Progress:
    sampled = request.num_output_tokens
    awaited = awaited_tokens(request.sampling_params)
    return Progress(request.request_id, awaited, sampled, sampled + request.num_output_placeholders)


SCHEDULER: Final = f"{__name__}.{SpeechScheduler.__name__}"
ASYNC_SCHEDULER: Final = f"{__name__}.{AsyncSpeechScheduler.__name__}"
