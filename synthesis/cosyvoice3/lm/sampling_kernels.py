"""Repetition-aware sampling of a whole step as one Triton kernel; ``sampling.py`` says what it samples.

Operation by operation, a step takes about forty launches and three copies. The processor that drives the GPU cannot
hide them, because the model's own step is one graph. Here a program takes one row, and finds in device memory all that
it needs to know of its request.

Probabilities are rounded to float32 and sums kept in float64, as in ``sampling.py``. The sum below a softmax is taken
in another order, so a probability may differ in its last bit (6e-8 of it), and with it the end of the nucleus or the
place of a draw: for about one id in a million.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import triton
import triton.language as tl

from ..release.model_facts import END_OF_SPEECH, SPEECH_CODES, SPEECH_ROWS
from .sampling import INCREMENT, MIX_1, MIX_2, TOP_K, TOP_P, WINDOW

if TYPE_CHECKING:
    from torch import Tensor

WISH_FIELDS: Final = 3  # a request's seed, its minimum of ids, and whether it is greedy

_WARPS: Final = 16  # 512 threads hold 16 ids each
_BLOCK: Final = triton.next_power_of_2(SPEECH_ROWS)
_KEPT_BLOCK: Final = triton.next_power_of_2(TOP_K)
_WINDOW_BLOCK: Final = triton.next_power_of_2(WINDOW)


def sample_step(
    logits: Tensor,
    slots: Tensor,
    lengths: Tensor,
    prompt_lens: Tensor,
    prefill_lens: Tensor,
    token_ids: Tensor,
    wishes: Tensor,
    sampled: Tensor,
    counts: Tensor,
) -> None:
    """Sample the next id of B requests, as ``sampling.next_ids`` does; S slots hold what is known of requests.

    Args:
        logits: (B, V) of any float, rows any distance apart; not changed.
        slots: (B,) integers, each request's slot.
        lengths: (B,) int32, how many of its ids the model has seen after this step.
        prompt_lens: (S,) int32.
        prefill_lens: (S,) int32, how many ids the model must see before it samples: the prompt and, if the request had
            to make room for others, the ids that it had sampled before.
        token_ids: (S, positions) int32, prompts and sampled ids.
        wishes: (S, WISH_FIELDS) int64, the seed's bits unchanged.
        sampled: (B, 1) int64, receives the ids.
        counts: (B,) int32, receives how many ids each request got: 1, or 0 while its prompt is not read to its end.
    """
    _sample_row[(len(logits),)](
        logits,
        logits.stride(0),
        slots,
        lengths,
        prompt_lens,
        prefill_lens,
        token_ids,
        token_ids.stride(0),
        wishes,
        sampled,
        counts,
        V=SPEECH_ROWS,
        CODES=SPEECH_CODES,
        END=END_OF_SPEECH,
        FIELDS=WISH_FIELDS,
        BLOCK=_BLOCK,
        PLACES=TOP_K,
        KEPT_BLOCK=_KEPT_BLOCK,
        SHARE=TOP_P,
        BACK=WINDOW,
        WINDOW_BLOCK=_WINDOW_BLOCK,
        FACTOR_1=int(MIX_1),
        FACTOR_2=int(MIX_2),
        STRIDE=int(INCREMENT),
        num_warps=_WARPS,
    )


@triton.jit
def _sample_row(
    logits,
    logits_stride,
    slots,
    lengths,
    prompt_lens,
    prefill_lens,
    token_ids,
    token_ids_stride,
    wishes,
    sampled,
    counts,
    V: tl.constexpr,
    CODES: tl.constexpr,
    END: tl.constexpr,
    FIELDS: tl.constexpr,
    BLOCK: tl.constexpr,
    PLACES: tl.constexpr,
    KEPT_BLOCK: tl.constexpr,
    SHARE: tl.constexpr,
    BACK: tl.constexpr,
    WINDOW_BLOCK: tl.constexpr,
    FACTOR_1: tl.constexpr,
    FACTOR_2: tl.constexpr,
    STRIDE: tl.constexpr,
):
    """Sample one request's next id."""
    row = tl.program_id(0).to(tl.int64)
    slot = tl.load(slots + row).to(tl.int64)
    length = tl.load(lengths + row)
    prompt_len = tl.load(prompt_lens + slot)
    tl.store(counts + row, (length >= tl.load(prefill_lens + slot)).to(tl.int32))
    step = tl.maximum(length - prompt_len, 0).to(tl.int64)
    own = wishes + slot * FIELDS
    seed = tl.load(own).to(tl.uint64, bitcast=True)
    min_tokens = tl.load(own + 1)
    is_greedy = tl.load(own + 2) != 0

    at = tl.arange(0, BLOCK)
    x = tl.load(logits + row * logits_stride + at, mask=at < V, other=float("-inf")).to(tl.float32)
    x = tl.where((at >= CODES) & (step < min_tokens), float("-inf"), x)

    # The nucleus, the most probable id first, and of equals the lower id: a probability's bits rise with its value.
    bits = _softmax(x).to(tl.int32, bitcast=True).to(tl.int64)
    keys = bits * BLOCK + (BLOCK - 1 - at)
    place = tl.arange(0, KEPT_BLOCK)
    ids = tl.zeros((KEPT_BLOCK,), tl.int32)
    masses = tl.zeros((KEPT_BLOCK,), tl.float64)  # cumulative
    mass = tl.sum(masses, axis=0)
    share = tl.full((), SHARE, tl.float64)  # a bare constant could be rounded to float32
    size = 0
    while (size < PLACES) & (mass < share):
        best = tl.max(keys, axis=0)
        keys = tl.where(keys == best, -1, keys)
        mass += (best // BLOCK).to(tl.int32).to(tl.float32, bitcast=True).to(tl.float64)
        masses = tl.where(place == size, mass, masses)
        ids = tl.where(place == size, (BLOCK - 1 - best % BLOCK).to(tl.int32), ids)
        size += 1
    bound = _uniform(seed, 2 * step + 1, FACTOR_1, FACTOR_2, STRIDE) * mass
    index = tl.sum(((place < size) & (masses <= bound)).to(tl.int32), axis=0)
    index = tl.minimum(index, size - 1)
    drawn = tl.sum(tl.where(place == index, ids, 0), axis=0)

    # vLLM's dummy run, which measures memory, may be longer than any request.
    behind = length - 1 - tl.arange(0, WINDOW_BLOCK)
    is_known = (behind >= prompt_len) & (behind >= length - BACK) & (behind < token_ids_stride)
    past = tl.load(token_ids + slot * token_ids_stride + behind, mask=is_known, other=-1)
    if tl.sum((past == drawn).to(tl.int32), axis=0) > 0:
        others = _softmax(tl.where(at == drawn, float("-inf"), x)).to(tl.float64)
        cumulative = tl.cumsum(others, axis=0)
        whole = tl.sum(tl.where(at == V - 1, cumulative, 0.0), axis=0)
        second = _uniform(seed, 2 * step + 2, FACTOR_1, FACTOR_2, STRIDE) * whole
        drawn = tl.sum(((at < V) & (cumulative <= second)).to(tl.int32), axis=0)
        drawn = tl.minimum(drawn, V - 1)

    likeliest = tl.min(tl.where(x == tl.max(x, axis=0), at, V - 1), axis=0)
    drawn = tl.where(is_greedy, likeliest, drawn)
    tl.store(sampled + row, tl.where(drawn < CODES, drawn, END).to(tl.int64))


@triton.jit
def _softmax(x):
    # The exponential in float64: in float32 it is an approximation whose error is many times float32's rounding.
    risen = tl.exp((x - tl.max(x, axis=0)).to(tl.float64)).to(tl.float32)
    return tl.div_rn(risen, tl.sum(risen.to(tl.float64), axis=0).to(tl.float32))


@triton.jit
def _uniform(seed, counter, FACTOR_1: tl.constexpr, FACTOR_2: tl.constexpr, STRIDE: tl.constexpr):
    """Return ``sampling.uniforms``' number: of 52 bits."""
    bits = _mixed(seed, FACTOR_1, FACTOR_2) + counter.to(tl.uint64) * STRIDE
    return (_mixed(bits, FACTOR_1, FACTOR_2) >> 12).to(tl.float64) * (1.0 / (1 << 52))


@triton.jit
def _mixed(x, FACTOR_1: tl.constexpr, FACTOR_2: tl.constexpr):
    x = (x ^ (x >> 30)) * FACTOR_1
    x = (x ^ (x >> 27)) * FACTOR_2
    return x ^ (x >> 31)
