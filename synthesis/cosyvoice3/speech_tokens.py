"""What the rest of the pipeline knows of the language model: prompts of token ids go in, speech tokens come out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """One stretch of speech to be generated.

    Attributes:
        request_id: names the request in logs; unique among those running.
        prompt_ids: ids of the one vocabulary: speech ids 0 to 6760, then text ids shifted by ``TEXT_ID_OFFSET``.
        min_tokens: so many speech tokens come before the speech may end.
        max_tokens: after so many it ends anyway; at least ``min_tokens``, at least 1.
        seed: the same request with the same seed gives the same tokens, whatever else is running; None draws one.
        is_greedy: take the most probable id instead of sampling: makes runners and precisions comparable.
    """

    request_id: str
    prompt_ids: tuple[int, ...]
    min_tokens: int
    max_tokens: int
    seed: int | None = None
    is_greedy: bool = False


class SpeechTokenRunner(Protocol):
    """Runs the language model for all streams of a process; keeps nothing of a request that has ended."""

    async def start(self) -> None:
        """Load what is needed and return when tokens can be had at full speed; again after a death, to revive it.

        Raises:
            EngineUnavailable: it cannot run here.
        """
        ...

    def generate(self, request: TokenRequest) -> AsyncGenerator[list[int], None]:
        """Yield speech codes (0 to 6560) as they are sampled, one list or more, none of them empty.

        It ends where the model ends the speech, or after ``max_tokens``. Closing the generator ends the request's
        work at once.

        Raises:
            UnsupportedRequest: from the first step, for a prompt that does not fit.
            SynthesisFailed: the engine died.
            EngineUnavailable: it is not started.
        """
        ...

    async def wait_until_dead(self) -> str:
        """Return why the engine died, once it has. ``start`` revives it."""
        ...

    async def close(self) -> None:
        """Stop and release everything; idempotent."""
        ...
