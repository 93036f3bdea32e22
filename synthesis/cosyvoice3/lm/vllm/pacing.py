"""When the language model stands back: while the flow makes a first sound, and nobody needs tokens more.

Language model and flow are two processes on one GPU, which takes them in turns and lets neither run beside the other.
The tokens that follow a first hop are wanted a quarter of a second later; sampled at once, they cost that first hop a
third of its solver's time. So whose first hop is sampled leaves the GPU to the flow for as long as that takes, unless
somebody else waits for a first hop, or tokens come so slowly that the second is in danger. Pure: time is an argument.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from ...release.model_facts import CHUNK_TOKENS

if TYPE_CHECKING:
    from collections.abc import Iterable

# What a first hop takes from its last token to its sound, with the GPU to itself: ten solver steps and a call of the
# vocoder, 12.2 ms on an H200 (docs/BENCHMARKS.md), and a process's way to hear of it.
FLOW_S: Final = 0.014
# The tokens of the second hop should be there so soon after those of the first, of whose 240 ms of sound the flow takes
# some at both ends; whose are not then stands back no more.
_SECOND_HOP_S: Final = 0.06


class Progress(NamedTuple):
    """How far a request has come.

    Attributes:
        request_id: names it.
        awaited: as ``TokenRequest.awaited_tokens``: what its first sound takes, if somebody waits for that in silence.
        sampled: tokens that are known.
        scheduled: the same, and those that a step under way will sample.
    """

    request_id: str
    awaited: int
    sampled: int
    scheduled: int


class TokenPacing:
    """Keeps when the first hops of running requests were sampled, for as long as that matters."""

    def __init__(self) -> None:
        self._first_hop_at: dict[str, float] = {}

    def stands_back(self, requests: Iterable[Progress], now: float) -> bool:
        """Tell whether the next step should wait.

        Args:
            requests: all that are running; those that are not begun yet are somebody's first hop: do not ask then.
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
                is_flow_at_work = True  # the step under way completes its hop
            else:
                since = self._first_hop_at[request_id] = known.get(request_id, now)
                is_flow_at_work |= now - since < FLOW_S
                is_pressed |= now - since > _SECOND_HOP_S
        return is_flow_at_work and not is_pressed
