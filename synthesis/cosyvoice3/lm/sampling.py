"""Repetition-aware sampling (RAS), batched, and the host never waits (docs/COSYVOICE3.md, sampling).

Each step draws from the nucleus. If the drawn id is among the last ten, it is drawn again from all other ids. Both
draws invert a cumulative distribution at a uniform number that depends only on the request's seed and its step. So a
request says the same in any company and in any engine, as far as the logits are the same.

Letters: B rows (requests) of one step, V = ``SPEECH_ROWS`` ids.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np
import torch

from ..release.model_facts import END_OF_SPEECH, SPEECH_CODES, STOP_IDS

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

# cosyvoice3.yaml, sampling
TOP_P: Final = 0.8  # ids are kept until their probabilities sum up to this; the id that crosses it is kept as well
TOP_K: Final = 25  # at most this many ids are kept
WINDOW: Final = 10  # ids back in which a repetition counts; tau_r 0.1 makes one of ten enough

NO_TOKEN: Final = -1  # fills a history that is shorter than the window

# The finaliser of splitmix64 in Stafford's variant 13, and its increment, 2^64 over the golden ratio.
MIX_1: Final = np.uint64(0xBF58476D1CE4E5B9)
MIX_2: Final = np.uint64(0x94D049BB133111EB)
INCREMENT: Final = np.uint64(0x9E3779B97F4A7C15)


class Draw(Protocol):
    """Where one step's randomness comes from."""

    def from_nucleus(self, kept: Tensor) -> Tensor:
        """Choose a kept id: (B, TOP_K) float32 in falling order, 0 past each nucleus -> (B,) int64 indices."""
        ...

    def from_all(self, probabilities: Tensor, needed: Tensor) -> Tensor:
        """Choose among all ids: (B, V) float32 -> (B,) int64; rows with ``needed`` (B,) bool false do not matter."""
        ...


class UniformDraw:
    """Inverts cumulative distributions.

    Attributes:
        uniforms: (B, 2) float64 in [0, 1): for the nucleus, and for a second draw.
    """

    def __init__(self, uniforms: Tensor) -> None:
        self.uniforms = uniforms

    def from_nucleus(self, kept: Tensor) -> Tensor:
        """Choose the first index whose cumulative probability exceeds the uniform number's share."""
        return _invert(kept, self.uniforms[:, 0])

    def from_all(self, probabilities: Tensor, needed: Tensor) -> Tensor:  # noqa: ARG002 - always drawn: asking would wait for the device
        """Choose in the same way, ids in rising order."""
        return _invert(probabilities, self.uniforms[:, 1])


@dataclass(frozen=True, slots=True)
class Rows:
    """What one step needs to know of its requests; on the host, which knows it without asking the device.

    Attributes:
        seeds: (B,) uint64.
        steps: (B,) int64, how many ids each request has sampled before.
        min_tokens: (B,) int64, how many ids each must sample before its speech may end.
        is_greedy: (B,) bool, whether the request takes the most probable id instead.
    """

    seeds: NDArray[np.uint64]
    steps: NDArray[np.int64]
    min_tokens: NDArray[np.int64]
    is_greedy: NDArray[np.bool_]


def next_ids(logits: Tensor, history: Tensor, rows: Rows) -> Tensor:
    """Choose each request's next id.

    Args:
        logits: (B, V) float32, overwritten.
        history: (B, WINDOW) integers: the ids sampled last; ``NO_TOKEN`` fills a shorter history.
        rows: the requests.

    Returns:
        (B,) int64: a speech code, or ``END_OF_SPEECH`` for every id that ends the speech, so that an engine has to look
        for one id only.
    """
    is_short = rows.steps < rows.min_tokens
    if is_short.any():
        rule_out(logits, to_device(is_short, logits.device))
    ids = sample(logits, history, UniformDraw(to_device(uniforms(rows.seeds, rows.steps), logits.device)))
    if rows.is_greedy.any():
        ids = torch.where(to_device(rows.is_greedy, logits.device), logits.argmax(1), ids)
    return torch.where(ids < SPEECH_CODES, ids, END_OF_SPEECH)


def to_device(array: NDArray[np.generic], device: torch.device) -> Tensor:
    """Copy a small array without waiting for it."""
    tensor = torch.from_numpy(array)
    return tensor.pin_memory().to(device, non_blocking=True) if device.type == "cuda" else tensor


def sample(logits: Tensor, history: Tensor, draw: Draw) -> Tensor:
    """Sample each row's next id.

    Args:
        logits: (B, V) float32; -inf rules an id out.
        history: (B, WINDOW) integers: the ids sampled last; ``NO_TOKEN`` fills a shorter history.
        draw: the step's randomness.

    Returns:
        (B,) int64.
    """
    kept, ids = nucleus(logits.softmax(1))
    drawn = ids.gather(1, draw.from_nucleus(kept)[:, None])
    is_repeated = (history == drawn).any(1)
    others = logits.scatter(1, drawn, -torch.inf).softmax(1)
    return torch.where(is_repeated, draw.from_all(others, is_repeated), drawn[:, 0])


def nucleus(probabilities: Tensor) -> tuple[Tensor, Tensor]:
    """Keep the most probable ids; equal probabilities are kept in rising order of ids.

    Args:
        probabilities: (B, V) float32.

    Returns:
        The kept probabilities, (B, TOP_K) float32 in falling order and 0 past the nucleus, and their ids, (B, TOP_K)
        int64.
    """
    size = probabilities.shape[1]
    # A whole stable sort would do, but finding the best few of unique keys costs a tenth of it. The bits of floats that
    # are not negative rise with their values; the number that is added to them decides between equals.
    places = torch.arange(size - 1, -1, -1, device=probabilities.device)
    keys = probabilities.view(torch.int32).long() * size + places
    ids = size - 1 - keys.topk(TOP_K).values % size
    kept = probabilities.gather(1, ids)
    mass_before = kept.double().cumsum(1) - kept
    return kept.where(mass_before < TOP_P, 0.0), ids


def rule_out(logits: Tensor, rows: Tensor, ids: range = STOP_IDS) -> None:
    """Make ids impossible in some rows, in place: those that end the speech, before its minimum length.

    Args:
        logits: (B, V) float32, overwritten.
        rows: (B,) bool.
        ids: consecutive ids.
    """
    logits[:, ids.start : ids.stop].masked_fill_(rows[:, None], -torch.inf)


def uniforms(seeds: NDArray[np.uint64], steps: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return each row's two uniform numbers, which depend only on its seed and its step.

    They are computed on the host, which knows both: a few hundred rows take about 20 microseconds there, and would take
    a dozen kernel launches on a device.

    Args:
        seeds: (B,) one for each request.
        steps: (B,) how many ids the request has sampled before.

    Returns:
        (B, 2) in [0, 1) in steps of 2^-52: the largest is far enough from 1 that its share of a sum stays below it.
    """
    counters = 2 * steps.astype(np.uint64)[:, None] + np.arange(1, 3, dtype=np.uint64)
    bits = _mixed(_mixed(seeds)[:, None] + counters * INCREMENT)
    return (bits >> np.uint64(12)).astype(np.float64) * 2.0**-52


def _mixed(x: NDArray[np.uint64]) -> NDArray[np.uint64]:
    x = (x ^ (x >> np.uint64(30))) * MIX_1
    x = (x ^ (x >> np.uint64(27))) * MIX_2
    return x ^ (x >> np.uint64(31))


def _invert(weights: Tensor, shares: Tensor) -> Tensor:
    """Find the first index whose cumulative weight exceeds a share of the total: (B, n), (B,) -> (B,) int64."""
    mass = weights.double().cumsum(1)
    index = (mass <= shares[:, None] * mass[:, -1:]).sum(1)
    return index.clamp(max=weights.shape[1] - 1)  # a share just below all may round up to the total
