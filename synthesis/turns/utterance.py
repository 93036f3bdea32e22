"""One segment being spoken, turn by turn: asks for a turn whenever it has no sound left to give, and never before.

That bounds memory: an utterance that no listener reads holds one turn's sound and no more.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections import deque
from typing import TYPE_CHECKING, Final, Generic, TypeVar

import numpy as np

from ..interface import PcmChunk
from ..rates import MODEL_SAMPLE_RATE_HZ

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..interface import Pcm, SynthesisError, WordMark
    from .queue import Turn, Turns

R = TypeVar("R")

SAMPLE_RATE_HZ: Final = MODEL_SAMPLE_RATE_HZ  # what consumers are given
CHUNK_SAMPLES: Final = SAMPLE_RATE_HZ * 6 // 5  # 1.2 s, most turns: most that a consumer is handed at once


class Utterance(ABC, Generic[R]):
    """Listens to its turns, and keeps their sound until its consumer asks for it."""

    def __init__(self, turns: Turns[R]) -> None:
        self._turns = turns
        self._turn: Turn[R] | None = None  # asked for, and not ended
        self._turn_start = 0  # samples received before this turn: its words count from there
        self._received = 0  # samples, in all turns
        self._given = 0  # samples handed to the consumer
        self._sound: deque[Pcm] = deque()  # received and not given
        self._words: deque[WordMark] = deque()  # the same
        self._error: SynthesisError | None = None  # why there will be no more
        self._news = asyncio.Event()

    @property
    def held_bytes(self) -> int:
        """Sound that was made and not asked for yet."""
        return 2 * (self._received - self._given)

    @property
    def given(self) -> int:
        """Samples handed to the consumer."""
        return self._given

    async def has_sound(self) -> bool:
        """Wait for the next chunk, asking for a turn if none is under way; False at the end.

        Raises:
            SynthesisError: why no more sound comes.
        """
        while not self._sound:
            if self._error:
                raise self._error
            self._news.clear()
            if not self._turn and not self._ask():
                return False
            await self._news.wait()
        return True

    def take(self) -> PcmChunk:
        """Hand over the next chunk, which is there."""
        pieces = [self._sound.popleft()]
        # The listener waits for the first chunk, however short.
        room = CHUNK_SAMPLES - len(pieces[0]) if self._given else 0
        while self._sound and len(self._sound[0]) <= room:  # a turn's end may come as a piece of its own
            pieces.append(self._sound.popleft())
            room -= len(pieces[-1])
        samples = np.concatenate(pieces) if len(pieces) > 1 else pieces[0]
        self._given += len(samples)
        words = []
        while self._words and self._words[0].start_sample < self._given:
            words.append(self._words.popleft())
        return PcmChunk(samples, tuple(words))

    def cancel(self) -> None:
        """End the utterance: text that is not yet spoken never will be."""
        if self._turn:
            self._turns.withdraw(self._turn)

    def _ask(self) -> bool:
        """Ask for the next turn; False if all is said."""
        self._turn_start = self._received
        turn = self._next_turn()
        if turn is None:
            return False
        self._turn = turn  # before it is asked for, which may fail at once
        self._turns.ask(turn)
        return True

    def _keep(self, samples: Pcm) -> None:
        """Keep sound in chunks with memory of their own: each is freed once it was heard, not with its turn."""
        if len(samples):
            self._sound.extend(samples[at : at + CHUNK_SAMPLES].copy() for at in range(0, len(samples), CHUNK_SAMPLES))
            self._received += len(samples)
            self._news.set()

    @abstractmethod
    def _next_turn(self) -> Turn[R] | None:
        """Write down what to speak next; None if all is said."""

    # -- called by the turn's process ----------------------------------------------------------------------------------

    @abstractmethod
    def sound_made(self, pcm: bytes) -> None:
        """Take sound of the turn."""

    @abstractmethod
    def words_begun(self, words: Iterable[tuple[int, int, int]]) -> None:
        """Take words of the turn: they begin in sound that follows."""

    def turn_ended(self, characters: int | None) -> None:  # noqa: ARG002 - for engines whose turns end where they like
        """Go on; the next turn is asked for when this one's sound is given."""
        self._turn = None
        self._news.set()

    def turn_failed(self, error: SynthesisError) -> None:
        """End here, once the sound that was made is given."""
        self._turn = None
        self._error = error
        self._news.set()
