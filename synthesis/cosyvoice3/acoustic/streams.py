"""What the acoustic engine knows of each stream, and what follows: its deadline, its rank, whether it can wait.

Plain values and arithmetic; time is an argument. The engine (``acoustic/engine.py``) owns these and changes them.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from ...rates import MEL_FRAME_MS, MEL_FRAMES_PER_TOKEN, MODEL_SAMPLE_RATE_HZ
from ..release.model_facts import CHUNK_FRAMES, CHUNK_TOKENS, LOOKAHEAD_TOKENS
from ..vocoder.vocoder import LOOKAHEAD_FRAMES
from .scheduler import SOUND_S, WANTED_SLACK_S
from .token_chunker import LONGEST_HOP, solvable_chunks

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import Tensor

    from ..vocoder.vocoder import VocoderState

# A first sound leaves if the next hop is forecast to be there while this share of the first is still to be heard. The
# margin covers what neither a forecast nor the simulated clock knows. By benchmarks/scheduling.py --slow 2 --pages 560
# --guard --seconds 130 none of 160 listeners has a hole with 0.4 or 0.6 either; the median wait is 11 ms shorter with
# 0.4 and 24 ms longer with 0.6.
_SPARE_SHARE: Final = 0.5
# Mel frames above which a first hop takes in no further chunk: the vocoder has no shape for more than LONGEST_HOP.
_LONGEST_FIRST_HOP: Final = (LONGEST_HOP - 1) * CHUNK_FRAMES

# A listener that had less than this in hand when it wanted more has just begun, and its ease tells little. But if it
# runs dry behind its first hop, tokens come slowly, and hops should be longer, the first ones included (``engine.py``).
_TELLING_LEAD_S: Final = 0.3
_EASE_OF_SLOW_TOKENS: Final = 0.4

Rank = tuple[float, int]  # deadline, s, then the stream's key; the lowest rank is the most urgent


@dataclass(slots=True)
class Solve:
    """A chunk under way: its index from the prompt's start, its slot, and how many of its solver steps are left."""

    chunk: int
    slot: int
    left: int

    @property
    def is_done(self) -> bool:
        """The chunk's mel lies in its slot."""
        return self.left == 0


@dataclass(slots=True, eq=False)
class Track:
    """Tokens on their way through the solver, a chunk at a time.

    Attributes:
        tokens: all known tokens, from the prompt's first.
        mel: (2 P, M) the prompt's, on the device.
        speaker: (M,) projected, on the device.
        steps: how many solver steps each chunk gets.
        pages: of its first chunks, those under way included.
        borrowed: how many of the pages belong to the prompt instead.
        goal: chunks that are wanted at present.
        solves: chunks whose slot is still needed, in order.
    """

    tokens: list[int]
    mel: Tensor
    speaker: Tensor
    steps: int
    pages: list[int] = field(default_factory=list)
    borrowed: int = 0
    goal: int = 0
    solves: deque[Solve] = field(default_factory=deque)

    @property
    def is_at_goal(self) -> bool:
        """All chunks that are wanted at present are solved."""
        # Asked a hundred times for each step, so it looks at the last alone: no chunk overtakes the one before it.
        return len(self.pages) >= self.goal and (not self.solves or self.solves[-1].left == 0)

    def frames_in(self, chunk: int) -> int:
        """Count a chunk's frames; the last chunk of a speech may have fewer than CHUNK_FRAMES."""
        return min(CHUNK_FRAMES, len(self.tokens) * MEL_FRAMES_PER_TOKEN - chunk * CHUNK_FRAMES)

    def steppable(self) -> Iterator[Solve]:
        """List chunks that may do a step: the chunk before, if it is under way, must be a step ahead."""
        left_before = -1
        for solve in self.solves:
            if not solve.is_done and solve.left > left_before:
                yield solve
            left_before = solve.left


@dataclass(slots=True, eq=False)
class Prompt:
    """A voice as the acoustic model hears it; its whole chunks are computed once, for all streams of that voice.

    Attributes:
        track: its tokens and pages.
        users: streams that read the pages, or will.
    """

    track: Track
    users: int = 0


@dataclass(slots=True, eq=False)
class Stream:
    """One segment's speech.

    Attributes:
        key: the caller's name for it.
        prompt: the prompt whose pages it continues.
        track: its tokens and pages.
        vocoder: its place in the vocoder.
        prompt_frames: mel frames of the prompt, which never sound.
        first_end: chunks at which its first hop ends.
        sounded: chunks turned into sound, the prompt's whole chunks included.
        opened_at: when it was asked for, s.
        is_complete: no more tokens will come.
        dry_at: when its listener will have heard all that it took, s; None before it took any sound.
        untaken: samples made and not taken. It is a count because the engine resumes work at exactly 0: seconds that
            are added and subtracted can end beside 0, and then nothing would ever wake the stream.
        wanted_at: since when more is wanted, s; None while none is, and before the listener has heard anything.
        told_at: when its last tokens came, s.
        speed: how many seconds of its sound the listener hears in a second.
    """

    key: int
    prompt: Prompt
    track: Track
    vocoder: VocoderState
    prompt_frames: int
    first_end: int
    sounded: int
    opened_at: float
    is_complete: bool = False
    dry_at: float | None = None
    untaken: int = 0
    wanted_at: float | None = None
    told_at: float = 0.0
    speed: float = 1.0

    @property
    def deadline(self) -> float:
        """When the stream's next sound must be there, s; for a first hop, when it was asked for."""
        if self.dry_at is None:
            return self.opened_at
        return self.dry_at + self.untaken / (MODEL_SAMPLE_RATE_HZ * self.speed)

    @property
    def is_hop_done(self) -> bool:
        """The stream's hop is solved and has not sounded."""
        return self.track.goal > self.sounded and self.track.is_at_goal

    @property
    def is_resting(self) -> bool:
        """No more of the stream is wanted at present."""
        return self.track.goal <= self.sounded

    @property
    def own_pages(self) -> int:
        """How many pages the stream holds, without those of its prompt."""
        return len(self.track.pages) - self.track.borrowed

    @property
    def has_begun(self) -> bool:
        """The stream holds pages of its own."""
        return self.own_pages > 0

    @property
    def pages_to_come(self) -> int:
        """How many pages the stream will still take, as far as its tokens are known."""
        return max(0, solvable_chunks(len(self.track.tokens), is_complete=True) - len(self.track.pages))

    @property
    def wanted_from(self) -> float:
        """From when on more of the stream is wanted, s; inf while sound lies ready that its listener has not taken."""
        if self.untaken > 0:
            return math.inf
        return self.deadline - WANTED_SLACK_S if self.deadline < math.inf else -math.inf

    def is_wanted(self, now: float) -> bool:
        """No sound of the stream lies ready, and its listener's lead has begun to shrink."""
        return now >= self.wanted_from

    @property
    def rank(self) -> Rank:
        """The stream's place among all that need something. No two share one, so none takes from another in turn."""
        return self.deadline, self.key

    def is_dry_behind_first_hop(self, now: float) -> bool:
        """The listener has nothing behind its first hop and had little in hand: tokens come slowly."""
        if self.sounded != self.first_end or self.wanted_at is None:
            return False  # as nearly all are, and all are asked before each step
        return now > self.deadline and self.deadline - self.wanted_at < _TELLING_LEAD_S

    def ease(self, now: float) -> float:
        """Tell what share is left of the time that the listener gave when it wanted more; see ``rtf_guard``."""
        if self.wanted_at is None:
            return 1.0
        given_s = self.deadline - self.wanted_at
        if given_s < _TELLING_LEAD_S:
            return _EASE_OF_SLOW_TOKENS if self.is_dry_behind_first_hop(now) else 1.0
        return (self.deadline - now) / given_s if given_s < math.inf else 1.0

    @property
    def solvable(self) -> int:
        """How many chunks can be solved with the known tokens, counted from the prompt's start."""
        return solvable_chunks(len(self.track.tokens), is_complete=self.is_complete)

    def leaves_at(self, step_s: float) -> float:
        """Tell until when the finished first hop should wait, s, so that its listener hears no hole behind it.

        The forecast assumes that the next hop's tokens come as fast as the tokens so far. If the steps alone take too
        long, waiting does not help: the result is inf until there are tokens enough for a longer hop, or all of them.

        Args:
            step_s: how long a solver step takes, s.
        """
        next_end = self.first_end + 1
        frames = self.first_end * CHUNK_FRAMES - self.prompt_frames
        is_last = self.is_complete and self.solvable < next_end
        if self.dry_at is not None or self.sounded >= self.first_end or is_last or frames > _LONGEST_FIRST_HOP:
            return -math.inf
        missing = (
            0 if self.solvable >= next_end else next_end * CHUNK_TOKENS + LOOKAHEAD_TOKENS - len(self.track.tokens)
        )
        came = len(self.track.tokens) - self.prompt_frames // MEL_FRAMES_PER_TOKEN
        token_s = (self.told_at - self.opened_at) / max(1, came - 1)
        sound_s = (frames - LOOKAHEAD_FRAMES) * MEL_FRAME_MS / 1000 / self.speed
        spare_s = (1 - _SPARE_SHARE) * sound_s - self.track.steps * step_s - SOUND_S
        return self.told_at + missing * token_s - spare_s if spare_s >= 0 else math.inf

    def new_rows(self) -> list[int]:
        """Find a finished hop's mel frames among all slots' frames, in order, without the prompt's frames."""
        rows: list[int] = []
        for solve in self.track.solves:
            given = max(0, self.prompt_frames - solve.chunk * CHUNK_FRAMES)
            first = solve.slot * CHUNK_FRAMES
            rows += range(first + given, first + self.track.frames_in(solve.chunk))
        return rows
