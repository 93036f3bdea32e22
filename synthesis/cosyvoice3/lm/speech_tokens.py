"""What the rest of the pipeline knows of the language model: prompts of token ids go in, speech tokens come out."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from ...interface import UnsupportedRequest

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

# A prompt of 30 s (750 tokens) with its transcript, a long sentence of 100 tokens, and the 2,000 tokens that such a
# sentence may become at most (docs/COSYVOICE3.md, language model: 20 for each).
MAX_POSITIONS: Final = 4096


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """One stretch of speech to be generated.

    Attributes:
        request_id: names the request in logs; unique among running requests.
        prompt_ids: ids of the one vocabulary: speech ids 0 to 6760, then text ids shifted by ``TEXT_ID_OFFSET``.
        min_tokens: the speech may not end before this many speech tokens.
        max_tokens: the speech ends after this many in any case; at least ``min_tokens``, at least 1.
        begun: speech tokens that another engine has sampled for this, fewer than ``max_tokens``. The speech goes on
            behind them as if they had been sampled here; they count, and are not yielded again.
        seed: the same request with the same seed gives the same tokens, whatever else is running; None draws a seed.
        is_greedy: take the most probable id instead of sampling, which makes runners and precisions comparable.
        awaited_tokens: how many tokens make the first sound, if a listener waits for it in silence; 0 if none does.
    """

    request_id: str
    prompt_ids: tuple[int, ...]
    min_tokens: int
    max_tokens: int
    seed: int | None = None
    is_greedy: bool = False
    awaited_tokens: int = 0
    begun: tuple[int, ...] = ()

    @property
    def ids(self) -> tuple[int, ...]:
        """All that the model reads before it samples."""
        return self.prompt_ids + self.begun

    def limited_to(self, max_positions: int) -> int:
        """Return how many tokens may be generated if a runner has this many positions, those begun with left out.

        Raises:
            UnsupportedRequest: they are too few to say the text in.
        """
        room = max_positions - len(self.prompt_ids)
        if room < max(1, self.min_tokens):
            raise UnsupportedRequest(
                f"a prompt of {len(self.prompt_ids)} tokens with {self.min_tokens} tokens of speech or more does not "
                f"fit into the language model's {max_positions} positions"
            )
        return min(self.max_tokens, room) - len(self.begun)

    def seed_bits(self) -> int:
        """Return the seed as sampling takes it, 0 to 2^64 - 1; a fresh seed each time if the request names none."""
        return secrets.randbits(64) if self.seed is None else self.seed % 2**64


class SpeechTokenRunner(Protocol):
    """Runs the language model for all streams of a process; keeps nothing of a request that has ended."""

    async def start(self) -> None:
        """Load what is needed and return when the runner is at full speed; after a death this revives it.

        Raises:
            EngineUnavailable: it cannot run here.
        """
        ...

    def generate(self, request: TokenRequest) -> AsyncGenerator[list[int], None]:
        """Yield speech codes (0 to 6560) as they are sampled, in one or more lists, none of them empty.

        It ends when the model ends the speech, or if there are ``max_tokens``. Closing the generator ends the request's
        work at once.

        Raises:
            UnsupportedRequest: from the first step, for a prompt that does not fit.
            SynthesisFailed: the engine died.
            EngineUnavailable: the runner is not started.
        """
        ...

    async def answer(self) -> None:
        """Return when the process in which the engine runs has come round to this call: it is not stopped."""
        ...

    async def wait_until_dead(self) -> str:
        """Return why the engine died, as soon as it has. ``start`` revives it."""
        ...

    async def close(self) -> None:
        """Stop and release everything; idempotent."""
        ...
