"""The parts of the language model between its matrix products, as Triton kernels; ``rows.py`` says what each is for.

A *row* is one position of one request. A prompt is many rows at once, a decoding step one row of each request: both
store their keys and values before anybody attends, so one set of kernels serves both.
"""

from __future__ import annotations

import triton
import triton.language as tl


@triton.jit
def embed_rows(
    table,  # (vocabulary, D)
    ids,  # (slots, ids_width) int32: prompts and what was sampled
    ids_width,
    slots,  # (requests,) int32
    row_request,  # (rows,) int32
    row_position,  # (rows,) int32
    h,  # (rows, D) float32
    D: tl.constexpr,
    D_BLOCK: tl.constexpr,
):
    """Look up each row's id."""
    row = tl.program_id(0).to(tl.int64)
    slot = tl.load(slots + tl.load(row_request + row)).to(tl.int64)
    token = tl.load(ids + slot * ids_width + tl.load(row_position + row)).to(tl.int64)
    at = tl.arange(0, D_BLOCK)
    inside = at < D
    tl.store(h + row * D + at, tl.load(table + token * D + at, mask=inside, other=0.0).to(tl.float32), mask=inside)


@triton.jit
def add_and_norm(
    h,  # (rows, D) float32: the residual stream, updated in place
    added,  # (rows, D): what the layer before adds
    normed,  # (rows, D): the next layer's input
    weight,  # (D,)
    D: tl.constexpr,
    D_BLOCK: tl.constexpr,
    ADDS: tl.constexpr,
    EPS: tl.constexpr,
):
    """Do h += added; normed = RMSNorm(h) * weight."""
    row = tl.program_id(0).to(tl.int64)
    at = tl.arange(0, D_BLOCK)
    inside = at < D
    x = tl.load(h + row * D + at, mask=inside, other=0.0)
    if ADDS:
        x += tl.load(added + row * D + at, mask=inside, other=0.0).to(tl.float32)
        tl.store(h + row * D + at, x, mask=inside)
    scale = 1.0 / tl.sqrt(tl.sum(x * x, axis=0) / D + EPS)
    result = x * scale * tl.load(weight + at, mask=inside, other=0.0).to(tl.float32)
    tl.store(normed + row * D + at, result.to(normed.dtype.element_ty), mask=inside)


@triton.jit
def store_keys_and_values(
    qkv,  # (rows, (H + 2 KV) C)
    kv,  # (pages, 2, KV, PAGE, C): this layer's keys and values
    rotary,  # (2, positions, C / 2) float32: cosine, sine
    positions,
    plan,  # (requests, plan_width) int32: each request's pages
    plan_width,
    row_request,
    row_position,
    H: tl.constexpr,
    KV: tl.constexpr,
    C: tl.constexpr,
    PAGE: tl.constexpr,
):
    """Put one head's key, rotated, or its value into the row's page."""
    row = tl.program_id(0).to(tl.int64)
    which = tl.program_id(1)  # keys of all heads, then their values
    HALF: tl.constexpr = C // 2  # noqa: N806 - a constant of the kernel
    position = tl.load(row_position + row)
    channel = tl.arange(0, C)
    source = qkv + row * ((H + 2 * KV) * C) + (H + which) * C
    x = tl.load(source + channel)
    if which < KV:
        cos = tl.load(rotary + position * HALF + channel % HALF)
        sin = tl.load(rotary + (positions + position) * HALF + channel % HALF)
        other = tl.load(source + (channel + HALF) % C).to(tl.float32)
        x = (x.to(tl.float32) * cos + other * tl.where(channel < HALF, -sin, sin)).to(x.dtype)
    page = tl.load(plan + tl.load(row_request + row) * plan_width + position // PAGE).to(tl.int64)
    tl.store(kv + ((page * 2 * KV + which) * PAGE + position % PAGE) * C + channel, x)


@triton.jit
def attend_rows(
    qkv,  # (rows, (H + 2 KV) C)
    kv,  # (pages, 2, KV, PAGE, C)
    out,  # (rows, H C)
    rotary,  # (2, positions, C / 2) float32: cosine, sine
    positions,
    plan,
    plan_width,
    row_request,
    row_position,
    softmax_scale,
    H: tl.constexpr,
    KV: tl.constexpr,
    C: tl.constexpr,
    GROUP_BLOCK: tl.constexpr,  # the queries that share a head of keys, filled up to what a product takes
    PAGE: tl.constexpr,
    K_BLOCK: tl.constexpr,  # divides PAGE
):
    """Attention of one row, for the queries of one head of keys: to all positions up to its own."""
    row = tl.program_id(0).to(tl.int64)
    head = tl.program_id(1)
    GROUP: tl.constexpr = H // KV  # noqa: N806 - a constant of the kernel
    LOG2_E: tl.constexpr = 1.4426950408889634  # noqa: N806 - as above; the hardware's exponential is of 2
    HALF: tl.constexpr = C // 2  # noqa: N806 - as above
    position = tl.load(row_position + row)
    past = position + 1
    own_plan = plan + tl.load(row_request + row) * plan_width
    query = tl.arange(0, GROUP_BLOCK)
    channel = tl.arange(0, C)
    is_query = (query < GROUP)[:, None]
    at = (head * GROUP + query[:, None]) * C
    source = qkv + row * ((H + 2 * KV) * C) + at
    q = tl.load(source + channel[None, :], mask=is_query, other=0.0)
    q_other = tl.load(source + ((channel + HALF) % C)[None, :], mask=is_query, other=0.0)
    cos = tl.load(rotary + position * HALF + channel % HALF)
    sin = tl.load(rotary + (positions + position) * HALF + channel % HALF)
    sin = tl.where(channel < HALF, -sin, sin)
    q = (q.to(tl.float32) * cos[None, :] + q_other.to(tl.float32) * sin[None, :]).to(q.dtype)

    largest = tl.full((GROUP_BLOCK,), float("-inf"), tl.float32)
    total = tl.zeros((GROUP_BLOCK,), tl.float32)
    seen = tl.zeros((GROUP_BLOCK, C), tl.float32)
    for first in range(0, past, K_BLOCK):
        key = first + tl.arange(0, K_BLOCK)
        is_key = key < past
        page = tl.load(own_plan + first // PAGE).to(tl.int64)
        lies = kv + ((page * 2 * KV + head) * PAGE + (key % PAGE)[:, None]) * C + channel[None, :]
        k = tl.load(lies, mask=is_key[:, None], other=0.0)
        v = tl.load(lies + KV * PAGE * C, mask=is_key[:, None], other=0.0)
        scores = tl.dot(q, tl.trans(k), input_precision="ieee")
        scores = tl.where(is_key[None, :], scores * (softmax_scale * LOG2_E), float("-inf"))
        larger = tl.maximum(largest, tl.max(scores, axis=1))
        decay = tl.exp2(largest - larger)
        weights = tl.exp2(scores - larger[:, None])
        total = total * decay + tl.sum(weights, axis=1)
        seen = seen * decay[:, None] + tl.dot(weights.to(v.dtype), v, input_precision="ieee")
        largest = larger
    result = seen / total[:, None]
    tl.store(out + row * (H * C) + at + channel[None, :], result.to(out.dtype.element_ty), mask=is_query)


@triton.jit
def gate_rows(
    gate_and_up,  # (rows, 2 I): gates, then what they let through
    out,  # (rows, I)
    I: tl.constexpr,  # noqa: E741 - the letter of the model's description
    BLOCK: tl.constexpr,
):
    """Do out = silu(gate) * up."""
    row = tl.program_id(0).to(tl.int64)
    at = tl.program_id(1) * BLOCK + tl.arange(0, BLOCK)
    inside = at < I
    gate = tl.load(gate_and_up + row * 2 * I + at, mask=inside, other=0.0).to(tl.float32)
    up = tl.load(gate_and_up + row * 2 * I + I + at, mask=inside, other=0.0).to(tl.float32)
    result = gate / (1.0 + tl.exp(-gate)) * up
    tl.store(out + row * I + at, result.to(out.dtype.element_ty), mask=inside)


@triton.jit
def record_ids(
    sampled,  # (requests, 1) int64
    ids,  # (slots, ids_width) int32
    ids_width,
    slots,  # (requests,) int32
    row_position,  # (requests,) int32: where each request is read next; moves on by one
    lengths,  # (requests,) int32: how many ids each has; grows by one
    told,  # (requests,) int32: of this step, for the host
):
    """Put each sampled id behind its request's others."""
    request = tl.program_id(0)
    length = tl.load(lengths + request)
    token = tl.load(sampled + request).to(tl.int32)
    tl.store(ids + tl.load(slots + request).to(tl.int64) * ids_width + length, token)
    tl.store(told + request, token)
    tl.store(row_position + request, length)
    tl.store(lengths + request, length + 1)
