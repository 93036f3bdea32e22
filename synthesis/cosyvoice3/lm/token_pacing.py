"""When the language model stands back: while the flow makes a first sound and no stream needs tokens more urgently.

Language model and flow are two processes on one GPU, which runs them in turns, or side by side and each more slowly
(the setting ``mps``). The tokens that follow a first hop are wanted a quarter of a second later. Sampled at once, they
cost the first hop a third of its solver's time. So once a first hop is sampled, the language model leaves the GPU to
the flow for as long as that takes. The exceptions: another stream waits for its first hop, or tokens come so slowly
that the second hop is in danger.

A language model whose passes cost the same for one request as for sixty must not make one whenever it can: it would
hold the GPU all the time, for few requests each. So it rests behind a pass, unless a listener waits for its first hop
or has no more than that. Pure: time is an argument.
"""

from __future__ import annotations

import math
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
# How much longer than its last pass a language model rests if nobody waits for the first two hops. Passes of 3 tokens
# that take 3.3 ms give each request 180 tokens a second, seven times what its listener hears. With 64, 128 and 224
# listeners it is at work for 44, 63 and 78 % of the time then (benchmarks/scheduling.py --graphs --guard --slow 1.5
# --seconds 40), and for 91, 99 and 100 % without rest; first sounds come as soon. If second hops wait for its rests
# too, it is at work for less, but with --slow 2.2 the first sounds of 64 wait for them: 151 ms at p95, 102 without.
REST: Final = 4.0
# However long a pass took: 3 tokens each 40 ms are three times what a listener hears.
LONGEST_REST_S: Final = 0.03


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


class PassRest:
    """Keeps the passes that nobody waits for to a share of the time; see the module."""

    def __init__(self) -> None:
        self._over_at = -math.inf

    def passed(self, began_at: float, ended_at: float) -> None:
        """Note when the last pass began and ended, on any monotonic clock, seconds."""
        self._over_at = ended_at + min(REST * (ended_at - began_at), LONGEST_REST_S)

    def over_at(self, requests: Iterable[Progress]) -> float:
        """Tell when the next pass may begin; a request short of its first two hops wants it at once.

        Args:
            requests: all, those that wait to begin included.
        """
        is_awaited = any(each.awaited and each.scheduled < each.awaited + CHUNK_TOKENS for each in requests)
        return -math.inf if is_awaited else self._over_at
