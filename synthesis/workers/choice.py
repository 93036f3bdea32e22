"""Which worker speaks a segment: the one whose first sound is forecast soonest. Decides, and does nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

# By what part a worker's first sound is taken to be later if it has not spoken with the voice yet, whose prompt it must
# compute first. An estimate: no measurement gave it. So a voice is on a second worker before the first is a third full.
PROMPT_SHARE: Final = 0.25
# The first sounds of one worker vary by so much from one to the next, whatever it has to do (p50 to p95 on an H200: 60
# to 95 ms). Within it workers count as equally fast: chosen by their last few first sounds, two like workers had 40
# streams more or less than each other at the median and up to 120 (simulated), and the fuller one was late.
LIKE: Final = 2.0


class Candidate(NamedTuple):
    """A worker that could speak it.

    Attributes:
        first_sound_s: what its first sounds took lately.
        requests: contexts that it keeps in real time.
        speaking: streams that it has, those of other servers too.
        has_prompt: it has spoken with this voice.
        is_continuing: it spoke the segment before, so the prosody can go on.
    """

    first_sound_s: float
    requests: int
    speaking: int
    has_prompt: bool
    is_continuing: bool

    @property
    def has_room(self) -> bool:
        """It keeps one more in real time."""
        return self.speaking < self.requests

    def forecast_s(self, fastest_s: float) -> float:
        """How long its first sound will take: the fuller it is, the longer; ``fastest_s``: of the fastest worker."""
        share = self.speaking / max(1, self.requests)
        first_sound_s = self.first_sound_s if self.first_sound_s > LIKE * fastest_s else fastest_s
        return first_sound_s * (1 + share) * (1 if self.has_prompt else 1 + PROMPT_SHARE)


def choose(candidates: Sequence[Candidate]) -> int:
    """Return the place of the best one; of equal ones the first.

    One with room comes before all without. Of those with room, the one that spoke the segment before goes on. If none
    has room, the context was admitted all the same, and the least full one takes it.
    """
    fastest_s = min(one.first_sound_s for one in candidates)

    def cost(place: int) -> tuple[bool, bool, float]:
        one = candidates[place]
        if not one.has_room:
            return True, True, one.speaking / max(1, one.requests)
        return False, not one.is_continuing, one.forecast_s(fastest_s)

    return min(range(len(candidates)), key=cost)
