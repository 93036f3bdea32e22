"""What vLLM is told of a request, and how its processes read it.

vLLM's own sampling parameters stay at their cheapest, greedy, because RAS chooses the id. vLLM's ``min_tokens`` takes
at most 128 stop ids, and it searches ``stop_token_ids`` one by one. So our sampler handles both, and reports every id
that ends the speech as one id.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from vllm import SamplingParams
from vllm.sampling_params import RequestOutputKind

from ...release.model_facts import END_OF_SPEECH

if TYPE_CHECKING:
    from ..speech_tokens import TokenRequest

_KEY: Final = "sayline"  # the key of what our sampler must know
_AWAITED_KEY: Final = "sayline_awaited"  # the key of what our scheduler must know


@dataclass(frozen=True, slots=True)
class Wishes:
    """What our sampler must know of a request; the defaults serve vLLM's own warm-up, which has no wishes.

    Attributes:
        seed: 0 to 2^64 - 1.
        min_tokens: as in ``TokenRequest``.
        is_greedy: as in ``TokenRequest``.
        begun: how many ids at the end of vLLM's prompt are ``TokenRequest.begun``.
    """

    seed: int = 0
    min_tokens: int = 0
    is_greedy: bool = False
    begun: int = 0

    @classmethod
    def of(cls, params: SamplingParams) -> Wishes:
        """Read what ``sampling_params`` wrote."""
        return cls(**(params.extra_args or {}).get(_KEY, {}))


def sampling_params(request: TokenRequest, max_tokens: int) -> SamplingParams:
    """Write a request as vLLM's sampling parameters."""
    wishes = Wishes(request.seed_bits(), request.min_tokens, request.is_greedy, len(request.begun))
    return SamplingParams(
        temperature=0.0,
        max_tokens=max_tokens,
        stop_token_ids=[END_OF_SPEECH],
        detokenize=False,
        output_kind=RequestOutputKind.DELTA,
        extra_args={_KEY: asdict(wishes), _AWAITED_KEY: request.awaited_tokens},
        skip_clone=True,  # made for one request, so no other object holds it
    )


def awaited_tokens(params: SamplingParams) -> int:
    """Read ``TokenRequest.awaited_tokens``."""
    tokens: int = (params.extra_args or {}).get(_AWAITED_KEY, 0)
    return tokens
