"""When a server has taken on too much, and what it does about it, in two steps. No I/O, no clock.

::

    NONE ── memory or lag ──► NO_CONTEXTS ── more of it ──► NO_CONNECTIONS
      ▲                            │    ▲                       │
      └──────── ease for 4 s ──────┘    └──── ease for 4 s ─────┘

What is measured comes twice a second. A step up takes one sample of memory, which does not jump, and two seconds of
lag, so that one pause of the loop refuses nobody. A step down takes four seconds well below the threshold. What runs
goes on.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

# Samples, twice a second.
_LATE_SAMPLES: Final = 4
_EASY_SAMPLES: Final = 8
# Ease is below the threshold by this much: of memory in parts of all of it, of lag as a part of the threshold.
_MEMORY_EASE: Final = 0.03
_LAG_EASE: Final = 0.5


class Step(IntEnum):
    """What is refused."""

    NONE = 0
    NO_CONTEXTS = 1
    NO_CONNECTIONS = 2


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From where on a step is taken.

    Attributes:
        memory: used part of the memory.
        lag_s: how late the event loop is.
    """

    memory: float
    lag_s: float


class Overload:
    """Lives as long as the server.

    Args:
        shed: from where on no context begins.
        refuse: from where on nobody is let in.

    Attributes:
        step: what is refused now.
    """

    def __init__(self, shed: Thresholds, refuse: Thresholds) -> None:
        self.step = Step.NONE
        self._thresholds = {Step.NO_CONTEXTS: shed, Step.NO_CONNECTIONS: refuse}
        self._lags: deque[float] = deque([0.0] * _LATE_SAMPLES, maxlen=_LATE_SAMPLES)
        self._easy_samples = 0

    def sampled(self, memory: float, lag_s: float) -> None:
        """Judge by the latest figures."""
        self._lags.append(lag_s)
        lasting_s = min(self._lags)
        wanted = max(
            (step for step, limit in self._thresholds.items() if memory >= limit.memory or lasting_s >= limit.lag_s),
            default=Step.NONE,
        )
        if wanted > self.step:
            self.step, self._easy_samples = wanted, 0
        elif self.step:
            limit = self._thresholds[self.step]
            is_easy = memory < limit.memory - _MEMORY_EASE and lag_s < limit.lag_s * _LAG_EASE
            self._easy_samples = self._easy_samples + 1 if is_easy else 0
            if self._easy_samples == _EASY_SAMPLES:
                self.step, self._easy_samples = Step(self.step - 1), 0
