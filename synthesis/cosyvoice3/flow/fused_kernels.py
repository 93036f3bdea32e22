"""The parts of the velocity network between its matrix products, as Triton kernels.

The time of a step of few chunks is bound by the number of kernels that it launches; the time of a step of many by the
memory that they pass over. So all work between two matrix products is one kernel. ``fused_network.py`` says what each
kernel is for; this file says how it works.
"""

from __future__ import annotations

import triton
import triton.language as tl


@triton.jit
def add_norm_modulate(
    h,  # (rows, D) float32: the residual stream, updated in place
    added,  # (rows, D): what the preceding layer adds
    normed,  # (rows, D): the next layer's input
    modulation,  # (phases, 3, D) float32: gate of what is added, then shift and scale
    plan,  # (B, plan_width) int64
    plan_width,
    b_count,
    D: tl.constexpr,
    D_BLOCK: tl.constexpr,
    FRAMES: tl.constexpr,
    PHASE: tl.constexpr,
    ADDS: tl.constexpr,
    EPS: tl.constexpr,
):
    """Do h += gate * added; normed = LayerNorm(h) * (1 + scale) + shift, for one frame."""
    row = tl.program_id(0).to(tl.int64)
    phase = tl.load(plan + ((row // FRAMES) % b_count) * plan_width + PHASE)
    at = tl.arange(0, D_BLOCK)
    inside = at < D
    own = modulation + phase * 3 * D + at
    x = tl.load(h + row * D + at, mask=inside, other=0.0)
    if ADDS:
        gate = tl.load(own, mask=inside, other=0.0)
        x += gate * tl.load(added + row * D + at, mask=inside, other=0.0).to(tl.float32)
        tl.store(h + row * D + at, x, mask=inside)
    mean = tl.sum(x, axis=0) / D
    centred = tl.where(inside, x - mean, 0.0)
    variance = tl.sum(centred * centred, axis=0) / D
    shift = tl.load(own + D, mask=inside, other=0.0)
    scale = tl.load(own + 2 * D, mask=inside, other=0.0)
    result = centred * (1.0 / tl.sqrt(variance + EPS)) * (1.0 + scale) + shift
    tl.store(normed + row * D + at, result.to(normed.dtype.element_ty), mask=inside)


@triton.jit
def positional_convolution(
    frames,  # (branches * B * FRAMES, D): this chunk's
    tails,  # (pages * steps * branches, 2, HISTORY, D): the frames before the chunk lie in the preceding page
    weight,  # (GROUPS, TAPS, D / GROUPS, D / GROUPS): taps of the past first, input channels before output channels
    bias,  # (D,)
    out,  # (branches * B * FRAMES, D)
    plan,  # (B, plan_width) int64
    plan_width,
    b_count,
    which,
    GROUPS: tl.constexpr,
    GROUP_WIDTH: tl.constexpr,
    TAPS: tl.constexpr,
    FRAMES: tl.constexpr,
    F_BLOCK: tl.constexpr,
    STEPS: tl.constexpr,
    BRANCHES: tl.constexpr,
    STEP: tl.constexpr,
    CHUNK: tl.constexpr,
    FIRST_PAGE: tl.constexpr,
):
    """Do out = mish(conv(frames)) for one group of channels, continuing the chunk before; store the own tail."""
    row = tl.program_id(0)
    group = tl.program_id(1)
    HISTORY: tl.constexpr = TAPS - 1  # noqa: N806 - a constant of the kernel
    D: tl.constexpr = GROUPS * GROUP_WIDTH  # noqa: N806 - as above
    branch = row // b_count
    own_plan = plan + (row % b_count) * plan_width
    step = tl.load(own_plan + STEP)
    chunk = tl.load(own_plan + CHUNK)
    own_page = tl.load(own_plan + FIRST_PAGE + chunk)
    before_page = tl.load(own_plan + FIRST_PAGE + tl.maximum(chunk - 1, 0))

    frame = tl.arange(0, F_BLOCK)
    channel = tl.arange(0, GROUP_WIDTH)
    own = frames + row.to(tl.int64) * FRAMES * D + group * GROUP_WIDTH + channel[None, :]
    inside_page = which * HISTORY * D + group * GROUP_WIDTH + channel[None, :]
    before = tails + ((before_page * STEPS + step) * BRANCHES + branch) * 2 * HISTORY * D + inside_page
    kernel = weight + group * TAPS * GROUP_WIDTH * GROUP_WIDTH
    kernel += channel[:, None] * GROUP_WIDTH + channel[None, :]

    earliest = tl.where(chunk == 0, 0, -HISTORY)  # nothing stands before the first chunk
    total = tl.zeros((F_BLOCK, GROUP_WIDTH), dtype=tl.float32)
    for tap in range(TAPS):
        at = frame[:, None] + tap - HISTORY
        present = tl.load(own + at * D, mask=(at >= 0) & (at < FRAMES), other=0.0)
        past = tl.load(before + (at + HISTORY) * D, mask=(at < 0) & (at >= earliest), other=0.0)
        taps = tl.load(kernel + tap * GROUP_WIDTH * GROUP_WIDTH)
        total += tl.dot(tl.where(at < 0, past, present), taps, input_precision="ieee")
    total += tl.load(bias + group * GROUP_WIDTH + channel)[None, :].to(tl.float32)
    # mish(x) = x * tanh(ln(1 + e^x)) = x * (n - 1) / (n + 1) with n = (1 + e^x)^2; beyond 20 it is x
    grown = 1.0 + tl.exp(tl.minimum(total, 20.0))
    grown *= grown
    result = total * (grown - 1.0) / (grown + 1.0)
    goal = out + row.to(tl.int64) * FRAMES * D + group * GROUP_WIDTH + frame[:, None] * D + channel[None, :]
    tl.store(goal, result.to(out.dtype.element_ty), mask=(frame < FRAMES)[:, None])

    kept = frame[:, None] - (FRAMES - HISTORY)
    last = tl.load(own + frame[:, None] * D, mask=(kept >= 0) & (kept < HISTORY), other=0.0)
    own_tail = tails + ((own_page * STEPS + step) * BRANCHES + branch) * 2 * HISTORY * D + inside_page
    tl.store(own_tail + kept * D, last, mask=(kept >= 0) & (kept < HISTORY))


@triton.jit
def gelu_tanh(x, count, BLOCK: tl.constexpr):
    """Do x = gelu(x), the tanh form, in place."""
    at = tl.program_id(0).to(tl.int64) * BLOCK + tl.arange(0, BLOCK)
    inside = at < count
    value = tl.load(x + at, mask=inside, other=0.0).to(tl.float32)
    inner = 0.7978845608028654 * (value + 0.044715 * value * value * value)
    # tanh(a) = 1 - 2 / (exp(2 a) + 1), which saturates cleanly at both ends
    result = 0.5 * value * (2.0 - 2.0 / (tl.exp(2.0 * inner) + 1.0))
    tl.store(x + at, result.to(x.dtype.element_ty), mask=inside)


@triton.jit
def _in_eight_bits(values, dtype: tl.constexpr, LARGEST_STEP: tl.constexpr):
    """Round each row of (F, C) as ``chunk_solver.in_eight_bits`` does: (F, C) int8, and (F,) scales."""
    scales = (tl.max(tl.abs(values.to(tl.float32)), axis=1) / LARGEST_STEP).to(dtype)
    worth = tl.maximum(scales.to(tl.float32), 1.1754943508222875e-38)[:, None]  # the least normal number
    steps = tl.floor(values.to(tl.float32) / worth + 0.5)
    return tl.minimum(tl.maximum(steps, -LARGEST_STEP), LARGEST_STEP).to(tl.int8), scales


@triton.jit
def chunk_attention(
    qkv,  # (branches * B * FRAMES, 3, H, C): channels of q and k as ``fused_network._halved`` leaves them
    kv,  # (pages * steps * branches, 2, FRAMES, H, C): this layer's pages; int8 if they are compact
    scales,  # (pages * steps * branches, 2, FRAMES, H): of compact pages; else not looked at
    out,  # (branches * B * FRAMES, H, C)
    rotary,  # (2, positions, C / 2) float32: cosine, sine
    plan,  # (B, plan_width) int64
    plan_width,
    b_count,
    positions,
    softmax_scale,
    H: tl.constexpr,
    C: tl.constexpr,
    FRAMES: tl.constexpr,
    F_BLOCK: tl.constexpr,
    K_BLOCK: tl.constexpr,
    STEPS: tl.constexpr,
    BRANCHES: tl.constexpr,
    STEP: tl.constexpr,
    CHUNK: tl.constexpr,
    VALID: tl.constexpr,
    FIRST_PAGE: tl.constexpr,
    LARGEST_STEP: tl.constexpr,
):
    """Attention of one chunk, one head: stores the chunk's own keys and values, then sees itself and its past."""
    row = tl.program_id(0)
    head = tl.program_id(1)
    branch = row // b_count
    own_plan = plan + (row % b_count) * plan_width
    step = tl.load(own_plan + STEP)
    chunk = tl.load(own_plan + CHUNK)
    valid = tl.load(own_plan + VALID)

    HALF: tl.constexpr = C // 2  # noqa: N806 - a constant of the kernel
    LOG2_E: tl.constexpr = 1.4426950408889634  # noqa: N806 - as above; the hardware's exponential is of 2
    frame = tl.arange(0, F_BLOCK)
    channel = tl.arange(0, C)
    is_frame = (frame < FRAMES)[:, None]
    width = H * C

    source = qkv + (row.to(tl.int64) * FRAMES + frame[:, None]) * (3 * width) + head * C
    q = tl.load(source + channel[None, :], mask=is_frame, other=0.0)
    k = tl.load(source + width + channel[None, :], mask=is_frame, other=0.0)
    v = tl.load(source + 2 * width + channel[None, :], mask=is_frame, other=0.0)

    if head == 0:  # the one head that knows positions
        angle = rotary + (chunk * FRAMES + frame[:, None]) * HALF + (channel % HALF)[None, :]
        cos = tl.load(angle, mask=is_frame, other=1.0)
        sin = tl.load(angle + positions * HALF, mask=is_frame, other=0.0)
        sin = tl.where((channel < HALF)[None, :], -sin, sin)
        other_half = ((channel + HALF) % C)[None, :]
        q_other = tl.load(source + other_half, mask=is_frame, other=0.0)
        k_other = tl.load(source + width + other_half, mask=is_frame, other=0.0)
        q = (q.to(tl.float32) * cos + q_other.to(tl.float32) * sin).to(q.dtype)
        k = (k.to(tl.float32) * cos + k_other.to(tl.float32) * sin).to(k.dtype)

    IS_COMPACT: tl.constexpr = kv.dtype.element_ty == tl.int8  # noqa: N806 - a constant of the kernel
    own_page = tl.load(own_plan + FIRST_PAGE + chunk)
    own_frame = ((own_page * STEPS + step) * BRANCHES + branch) * 2 * FRAMES + frame
    target = kv + own_frame[:, None] * width + head * C + channel[None, :]
    if IS_COMPACT:
        kept_k, k_scale = _in_eight_bits(k, scales.dtype.element_ty, LARGEST_STEP)
        kept_v, v_scale = _in_eight_bits(v, scales.dtype.element_ty, LARGEST_STEP)
        own_scales = scales + own_frame * H + head
        tl.store(own_scales, k_scale, mask=frame < FRAMES)
        tl.store(own_scales + FRAMES * H, v_scale, mask=frame < FRAMES)
        tl.store(target, kept_k, mask=is_frame)
        tl.store(target + FRAMES * width, kept_v, mask=is_frame)
    else:
        tl.store(target, k, mask=is_frame)
        tl.store(target + FRAMES * width, v, mask=is_frame)

    scores = tl.dot(q, tl.trans(k), input_precision="ieee")
    scores = tl.where((frame < valid)[None, :], scores * (softmax_scale * LOG2_E), float("-inf"))
    largest = tl.max(scores, axis=1)
    weights = tl.exp2(scores - largest[:, None])
    total = tl.sum(weights, axis=1)
    seen = tl.dot(weights.to(v.dtype), v, input_precision="ieee")

    # The past is one row of keys over all its pages: tiles that ended with each page would be a fifth empty.
    past = chunk * FRAMES
    for first in range(0, past, K_BLOCK):
        key = first + tl.arange(0, K_BLOCK)
        is_key = key < past
        page = tl.load(own_plan + FIRST_PAGE + key // FRAMES, mask=is_key, other=0)
        past_frame = ((page * STEPS + step) * BRANCHES + branch) * 2 * FRAMES + key % FRAMES
        lies = kv + past_frame[:, None] * width + head * C + channel[None, :]
        # Whole numbers of 8 bits are exact in any float, so the product has no rounding that the page does not have.
        past_k = tl.load(lies, mask=is_key[:, None], other=0).to(q.dtype)
        past_v = tl.load(lies + FRAMES * width, mask=is_key[:, None], other=0).to(v.dtype)
        scores = tl.dot(q, tl.trans(past_k), input_precision="ieee")
        if IS_COMPACT:
            past_scales = scales + past_frame * H + head
            scores *= tl.load(past_scales, mask=is_key, other=0.0).to(tl.float32)[None, :]
        scores = tl.where(is_key[None, :], scores * (softmax_scale * LOG2_E), float("-inf"))
        larger = tl.maximum(largest, tl.max(scores, axis=1))
        decay = tl.exp2(largest - larger)
        weights = tl.exp2(scores - larger[:, None])
        total = total * decay + tl.sum(weights, axis=1)
        if IS_COMPACT:
            weights *= tl.load(past_scales + FRAMES * H, mask=is_key, other=0.0).to(tl.float32)[None, :]
        seen = seen * decay[:, None] + tl.dot(weights.to(past_v.dtype), past_v, input_precision="ieee")
        largest = larger

    result = seen / total[:, None]
    goal = out + (row.to(tl.int64) * FRAMES + frame[:, None]) * width + head * C + channel[None, :]
    tl.store(goal, result.to(out.dtype.element_ty), mask=is_frame)
