"""When the language model stands back: while the flow makes a first sound and no stream needs tokens more urgently.

Language model and flow are two processes on one GPU, which runs them in turns and never side by side. The tokens that
follow a first hop are wanted a quarter of a second later. Sampled at once, they cost the first hop a third of its
solver's time. So once a first hop is sampled, the language model leaves the GPU to the flow for as long as that takes.
The exceptions: another stream waits for its first hop, or tokens come so slowly that the second hop is in danger. Pure:
time is an argument.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from ..release.model_facts import CHUNK_TOKENS

if TYPE_CHECKING:
    from collections.abc import Iterable

# What a first hop takes from its last token to its sound, with the GPU to itself: ten solver steps and a call of the
# vocoder, 12.2 ms on an H200 (docs/BENCHMARKS.md), and the time until the other process hears of it.
FLOW_S: Final = 0.014
# The tokens of the second hop should come this soon after those of the first: of its 240 ms of sound the flow takes
# some at both ends. If a stream's tokens come later, the language model no longer stands back for it.
_SECOND_HOP_S: Final = 0.06


class Progress(NamedTuple):
    """How far a request has come.

    Attributes:
        request_id: names the request.
        awaited: as ``TokenRequest.awaited_tokens``: what its first sound takes, if a listener waits for it in silence.
        sampled: tokens that are known.
        scheduled: these, and the tokens that a step under way will sample.
    """

    request_id: str
    awaited: int
    sampled: int
    scheduled: int


class TokenPacing:
    """Remembers when the first hops of running requests were sampled, for as long as that matters."""

    def __init__(self) -> None:
        self._first_hop_at: dict[str, float] = {}

    def stands_back(self, requests: Iterable[Progress], now: float) -> bool:
        """Tell whether the next step should wait.

        Args:
            requests: all that are running. Do not call this while a request waits to begin: its listener awaits a first
                hop.
            now: on any monotonic clock, seconds.
        """
        known, self._first_hop_at = self._first_hop_at, {}
        is_flow_at_work = is_pressed = False
        for request_id, awaited, sampled, scheduled in requests:
            if not awaited or sampled >= awaited + CHUNK_TOKENS:
                continue
            if scheduled < awaited:
                is_pressed = True
            elif sampled < awaited:
                is_flow_at_work = True  # the step under way completes its first hop
            else:
                since = self._first_hop_at[request_id] = known.get(request_id, now)
                is_flow_at_work |= now - since < FLOW_S
                is_pressed |= now - since > _SECOND_HOP_S
        return is_flow_at_work and not is_pressed
