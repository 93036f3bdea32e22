"""The flow as a stream: one solver step of one chunk, for many streams at once.

Attention is chunk-causal and the initial noise is fixed by frame, so a finished chunk of 50 frames never changes. What
later chunks need of it lies in a page: the keys and values of every layer and the last frames before each positional
convolution, for each solver step and branch. A chunk under way needs a slot, which holds its
noise and its conditioning.

The unit of work is one solver step of one chunk. All rows of a batch have the same length, so nothing is padded. Rows
may be at different solver steps, so a new stream joins between two steps of the others. Chunk c + 1 of a stream may run
one step behind its chunk c, so that a stream alone is no slower than it must be. The allocator of a page owns it
(``page_pool.py``): a voice's prompt is computed once, and every stream that speaks with the voice reads its pages.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

import torch
from torch.nn import functional as F  # noqa: N812 - torch's own idiom

from ..release.model_facts import (
    CHUNK_FRAMES,
    CHUNK_TOKENS,
    LOOKAHEAD_TOKENS,
    MAX_FRAMES,
    MEL_BINS,
)
from ..release.noise import flow_noise
from .dit import CONV_HISTORY, forward
from .flow import LOOKBACK_TOKENS, embed_tokens
from .solver_grids import ONLY_FULL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from .dit import Dit, Modulation
    from .flow import Flow
    from .solver_grids import SolverGrids

CONTEXT_TOKENS: Final = LOOKBACK_TOKENS + CHUNK_TOKENS + LOOKAHEAD_TOKENS  # tokens that a chunk's conditioning sees
MAX_CHUNKS: Final = MAX_FRAMES // CHUNK_FRAMES  # 300 s: as far as the fixed noise reaches
LARGEST_STEP: Final = 127  # of a compact page's keys and values: symmetric about 0, in 8 bits

# A step's plan, as the device reads it: one row of integers for each chunk.
SLOT, STEP, CHUNK, FRAMES, PHASE, FIRST_PAGE = range(6)


@dataclass(frozen=True, slots=True)
class ChunkStart:
    """What a chunk is made of.

    Attributes:
        slot: where to put its state.
        chunk: its index from the prompt's first frame.
        tokens: CONTEXT_TOKENS speech ids around it, -1 if there is none.
        cond: (CHUNK_FRAMES, M) mel of the prompt, zero in frames without one, on the solver's device; None if no frame
            has any.
        speaker: (M,) projected speaker embedding; on the solver's device.
    """

    slot: int
    chunk: int
    tokens: Sequence[int]
    cond: Tensor | None
    speaker: Tensor


class ChunkStep(NamedTuple):
    """One solver step of one chunk.

    Attributes:
        slot: where the chunk's state lies.
        step: from 0 on its grid; the chunk before it must have done this step already.
        chunk: its index from the prompt's first frame.
        frames: how many of its frames exist; fewer than CHUNK_FRAMES only at the end of the speech.
        pages: of chunks 0 to this one; the last page is its own.
        first_phase: of the grid on which it steps (``SolverGrids``).
    """

    slot: int
    step: int
    chunk: int
    frames: int
    pages: Sequence[int]
    first_phase: int = 0


class ChunkNetwork(Protocol):
    """The velocity network over chunks whose past lies in pages."""

    def __call__(self, features: Tensor, plan: Tensor, lengths: Sequence[int], /) -> Tensor:
        """Evaluate one step of every chunk and leave in its page what later chunks need.

        Args:
            features: (branches * B, CHUNK_FRAMES, 4 M): the guided rows, then the unguided ones, if there are any.
            plan: (B, FIRST_PAGE + pages) int64 on the device.
            lengths: for each chunk, the frames from its prompt's first up to its own last; on the host, for networks
                whose shapes depend on them.

        Returns:
            (branches * B, CHUNK_FRAMES, M) float32.
        """
        ...


class Pages:
    """What finished chunks leave for later ones.

    Compact pages hold keys and values as whole numbers of 8 bits, and a scale for each frame and head. The chunk that
    computes them sees them unrounded, and so does its own attention; only later chunks see them rounded.

    Attributes:
        kv: for each layer (N * steps * branches, 2, CHUNK_FRAMES, H * C): keys, then values.
        scales: if compact, for each layer (N * steps * branches, 2, CHUNK_FRAMES, H): what a step of 1 is worth.
        tails: (N * steps * branches, 2, CONV_HISTORY, D): the last frames before each positional convolution.
    """

    def __init__(self, dit: Dit, count: int, grids: SolverGrids = ONLY_FULL, *, is_compact: bool = False) -> None:
        rows = count * grids.full * grids.branches
        width, inner = dit.input.weight.shape[0], dit.blocks[0].out.weight.shape[1]
        self.count = count
        nothing = torch.zeros((), device=dit.device, dtype=dit.dtype)
        dtype = torch.int8 if is_compact else dit.dtype
        self.kv = [nothing.new_zeros(rows, 2, CHUNK_FRAMES, inner, dtype=dtype) for _ in dit.blocks]
        self.scales = [nothing.new_zeros(rows, 2, CHUNK_FRAMES, dit.heads) for _ in dit.blocks if is_compact]
        self.tails = nothing.new_zeros(rows, 2, CONV_HISTORY, width)

    @staticmethod
    def bytes_each(dit: Dit, grids: SolverGrids = ONLY_FULL, *, is_compact: bool = False) -> int:
        """How much memory one page takes: of the released model in half precision 93 MB, compact 49."""
        width, inner = dit.input.weight.shape[0], dit.blocks[0].out.weight.shape[1]
        frame = inner + dit.heads * dit.dtype.itemsize if is_compact else inner * dit.dtype.itemsize
        layers = len(dit.blocks) * 2 * CHUNK_FRAMES * frame
        return grids.full * grids.branches * (layers + 2 * CONV_HISTORY * width * dit.dtype.itemsize)

    def put(self, layer: int, rows: Tensor, kv: Tensor) -> None:
        """Keep keys and values (B, 2, T, H, C) of a layer in these rows (B,)."""
        if self.scales:
            kv, scales = in_eight_bits(kv)
            self.scales[layer].index_copy_(0, rows, scales)
        self.kv[layer].index_copy_(0, rows, kv.flatten(-2))

    def take(self, layer: int, rows: Tensor, heads: int) -> Tensor:
        """Find the keys and values of a layer in these rows (...,): (..., 2, T, H, C)."""
        kv = self.kv[layer][rows]
        kv = kv.view(*kv.shape[:-1], heads, -1)
        if not self.scales:
            return kv
        scales = self.scales[layer][rows]
        return kv.to(scales.dtype) * scales[..., None]


def in_eight_bits(values: Tensor) -> tuple[Tensor, Tensor]:
    """Round values (..., C) to whole steps of a scale of each row: (..., C) int8 and (...,) in the values' dtype."""
    scales = (values.float().abs().amax(dim=-1) / LARGEST_STEP).to(values.dtype)
    worth = scales.float().clamp(min=torch.finfo(torch.float32).tiny)[..., None]
    steps = (values.float() / worth + 0.5).floor().clamp(-LARGEST_STEP, LARGEST_STEP)
    return steps.to(torch.int8), scales


def page_rows(plan: Tensor, page: Tensor, grids: SolverGrids = ONLY_FULL) -> Tensor:
    """Find the rows of pages (B, ...) at each chunk's step, for the guided, then the unguided branch: (2 B, ...)."""
    step = plan[:, STEP].view(-1, *(1,) * (page.dim() - 1))
    first = (page * grids.full + step) * grids.branches
    return torch.cat([first + branch for branch in range(grids.branches)])


class EagerNetwork:
    """The velocity network over pages in plain torch: what a CPU runs, and the reference for every faster one."""

    def __init__(self, dit: Dit, pages: Pages, grids: SolverGrids = ONLY_FULL) -> None:
        self._dit = dit
        self._pages = pages
        self._grids = grids
        self._modulation = phase_modulation(dit, grids)

    def __call__(self, features: Tensor, plan: Tensor, lengths: Sequence[int]) -> Tensor:
        """Evaluate one step of every chunk; see ``ChunkNetwork``."""
        dit, pages, chunks, branches = self._dit, self._pages, chunks_in(lengths), self._grids.branches
        chunk, pages_of = plan[:, CHUNK], plan[:, FIRST_PAGE:]
        own = page_rows(plan, pages_of.gather(1, chunk[:, None])[:, 0], self._grids)
        before = page_rows(plan, pages_of.gather(1, (chunk - 1).clamp(min=0)[:, None])[:, 0], self._grids)
        context = page_rows(plan, pages_of[:, :chunks], self._grids)
        is_first = (chunk == 0).repeat(branches)[:, None, None]
        ends = (chunk * CHUNK_FRAMES + plan[:, FRAMES]).repeat(branches)

        def attend(layer: int, q: Tensor, k: Tensor, v: Tensor) -> Tensor:
            kv = torch.stack((k, v), dim=1)
            pages.put(layer, own, kv)
            seen = pages.take(layer, context, dit.heads)  # (2 B, chunks, 2, frames, H, C)
            seen[range(len(q)), chunk.repeat(branches)] = kv  # unrounded
            keys, values = (seen[:, :, i].flatten(1, 2) for i in range(2))
            mask = torch.arange(keys.shape[1], device=q.device) < ends[:, None, None, None]
            q, keys, values = (each.transpose(1, 2) for each in (q, keys, values))
            return F.scaled_dot_product_attention(q, keys, values, attn_mask=mask).transpose(1, 2)

        def with_history(which: int, h: Tensor) -> Tensor:
            history = pages.tails[before, which].masked_fill(is_first, 0)
            pages.tails[:, which].index_copy_(0, own, h[:, -CONV_HISTORY:])
            return torch.cat((history, h), dim=1)

        positions = chunk.repeat(branches)[:, None] * CHUNK_FRAMES + torch.arange(CHUNK_FRAMES, device=plan.device)
        modulation = self._modulation.at(plan[:, PHASE].repeat(branches))
        return forward(dit, features, modulation, positions, attend=attend, with_history=with_history)


def phase_modulation(dit: Dit, grids: SolverGrids) -> Modulation:
    """Compute what each phase's times do to the network."""
    times, ends = (torch.tensor(each, device=dit.device) for each in (grids.phase_times(), grids.phase_ends()))
    return dit.times(times, ends)


class ChunkSolver:
    """Advances chunks; owns the slots of chunks under way.

    Args:
        flow: the weights.
        network: evaluates the velocity.
        slots: how many chunks may be under way; slot 0 is for rows that only fill a batch.
        grids: at which times it can step; the network's own.
    """

    # No graph is captured here, so any size would do. Beyond 64 chunks a step gains little, and new streams wait for
    # it.
    largest_batch = 64

    def __init__(
        self,
        flow: Flow,
        network: ChunkNetwork,
        slots: int,
        grids: SolverGrids = ONLY_FULL,
    ) -> None:
        device = flow.embedding.device
        self._flow = flow
        self._network = network
        self._grids = grids
        self._noise = flow_noise().T.contiguous().view(MAX_CHUNKS, CHUNK_FRAMES, MEL_BINS).to(device)
        self._step_sizes = torch.tensor(grids.phase_sizes(), dtype=torch.float64).float().to(device)
        self._z = torch.zeros(slots, CHUNK_FRAMES, MEL_BINS, device=device)
        self._no_mel = torch.zeros(CHUNK_FRAMES, MEL_BINS, device=device)
        # What the network sees beside the noise: prompt mel, token conditioning, speaker.
        self._given = torch.zeros(slots, CHUNK_FRAMES, 3 * MEL_BINS, device=device)

    @property
    def device(self) -> torch.device:
        """The device on which it runs."""
        return self._z.device

    def begin(self, starts: Sequence[ChunkStart]) -> None:
        """Prepare the slots of new chunks."""
        numbers = torch.tensor([(start.slot, start.chunk, *start.tokens) for start in starts])
        if self.device.type == "cuda":
            numbers = numbers.pin_memory()
        numbers = numbers.to(self.device, non_blocking=True)
        self.place(numbers, torch.stack(self.mels(starts)), torch.stack([start.speaker for start in starts]))

    def mels(self, starts: Sequence[ChunkStart]) -> list[Tensor]:
        """Take the prompt's mel of each start."""
        return [self._no_mel if start.cond is None else start.cond for start in starts]

    def place(self, numbers: Tensor, cond: Tensor, speaker: Tensor) -> None:
        """Prepare slots with what lies on the device already.

        Args:
            numbers: (n, 2 + CONTEXT_TOKENS) int64: slot, chunk and tokens of each start.
            cond: (n, CHUNK_FRAMES, M).
            speaker: (n, M).
        """
        slot, chunk = numbers[:, 0], numbers[:, 1]
        mu = embed_tokens(self._flow, numbers[:, 2:])
        self._z.index_copy_(0, slot, self._noise[chunk])
        self._given.index_copy_(0, slot, torch.cat((cond, mu, speaker[:, None].expand_as(mu)), dim=-1))

    def step(self, steps: Sequence[ChunkStep]) -> None:
        """Do one solver step of each of these chunks."""
        lengths = [step.chunk * CHUNK_FRAMES + step.frames for step in steps]
        width = FIRST_PAGE + chunks_in(lengths)
        plan = torch.tensor([plan_row(step, width) for step in steps], device=self.device)
        self.advance(plan, lengths)

    def advance(self, plan: Tensor, lengths: Sequence[int]) -> None:
        """Do the steps of a plan that lies on the device already; see ``ChunkNetwork``."""
        slot = plan[:, SLOT]
        z = self._z[slot]
        features = torch.cat((z, self._given[slot]), dim=-1)
        if self._grids.guidance:
            features = torch.cat((features, F.pad(z, (0, 3 * MEL_BINS))))
        velocity = self._grids.guide(self._network(features, plan, lengths))
        size = self._step_sizes[plan[:, PHASE]][:, None, None]
        self._z.index_copy_(0, slot, z + size * velocity)

    @property
    def frames(self) -> Tensor:
        """The state of all slots: (slots, CHUNK_FRAMES, M) float32; of a finished chunk, its mel."""
        return self._z


def chunks_in(lengths: Sequence[int]) -> int:
    """Count the chunks of the longest of these speeches, given in frames."""
    return -(-max(lengths) // CHUNK_FRAMES)


def plan_row(step: ChunkStep, width: int) -> list[int]:
    """Write a step as the device reads it: slot, step, chunk, frames, phase, pages, and zeros up to ``width``."""
    row = [step.slot, step.step, step.chunk, step.frames, step.first_phase + step.step, *step.pages[: step.chunk + 1]]
    return row + [0] * (width - len(row))


def chunk_tokens(tokens: Sequence[int], chunk: int) -> list[int]:
    """Cut out the tokens that a chunk's conditioning sees: CONTEXT_TOKENS ids, -1 outside the speech so far."""
    first = chunk * CHUNK_TOKENS - LOOKBACK_TOKENS
    inside = list(tokens[max(0, first) : first + CONTEXT_TOKENS])
    return [-1] * max(0, -first) + inside + [-1] * (CONTEXT_TOKENS - max(0, -first) - len(inside))
