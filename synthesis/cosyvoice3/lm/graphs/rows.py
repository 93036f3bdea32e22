"""The language model over rows: prompts and decoding steps of many requests, at any positions, in one pass.

Keys and values lie in pages of PAGE positions; a plan names each request's pages. What a step reads and writes stays on
the device, the sampled ids included, so any number of steps can follow each other without the host.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import torch
from torch.nn import functional

from ...release.checkpoint import load_state
from ..network import SPEECH_EMBEDDING, SPEECH_HEAD, TEXT_EMBEDDING, TRUNK, UNUSED, shapes
from ..sampling_kernels import WISH_FIELDS, sample_step
from .kernels import add_and_norm, attend_rows, embed_rows, gate_rows, record_ids, store_keys_and_values

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from torch import Tensor

    from ...release.dimensions import LmDimensions
    from ..checkpoint import Precision

PAGE: Final = 128  # positions: 1.6 MB in bfloat16
_KEYS_BLOCK: Final = 64  # keys that attention looks at together
_LEAST_PRODUCT: Final = 16  # rows of a product of tiles
_GATE_BLOCK: Final = 1024
_DTYPES: Final = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}


@dataclass(frozen=True, slots=True)
class _Layer:
    norm: Tensor
    qkv: Tensor
    qkv_bias: Tensor
    out: Tensor
    norm_2: Tensor
    gate_and_up: Tensor
    down: Tensor


@dataclass(frozen=True, slots=True)
class Rows:
    """What a pass works on; all on the device, int32.

    Attributes:
        slots: (requests,) where each request's ids lie.
        plan: (requests, pages) each request's pages.
        request: (rows,) whose row it is.
        position: (rows,) where in that request.
    """

    slots: Tensor
    plan: Tensor
    request: Tensor
    position: Tensor


class RowNetwork:
    """The weights, and the keys and values of all requests.

    Args:
        dims: the model's sizes.
        state: the tensors of ``network.shapes(dims)``; the text head is not needed.
        dtype: in which it computes; sums, norms and the head's product are in float32.
        device: on which it computes.
        pages: how many there are; page 0 belongs to rows that only fill a batch.
        slots: how many requests may run; slot 0 likewise.
        positions: how long a request may become.
        page: positions in a page, a power of two.
    """

    def __init__(
        self,
        dims: LmDimensions,
        state: Mapping[str, Tensor],
        dtype: torch.dtype,
        device: torch.device,
        *,
        pages: int,
        slots: int,
        positions: int,
        page: int = PAGE,
    ) -> None:
        self.dims = dims
        self.device = device
        self.positions = positions
        self.page = page
        self._dtype = dtype
        self._embedding = torch.cat([state[SPEECH_EMBEDDING].to(dtype), state[TEXT_EMBEDDING].to(dtype)]).to(device)
        self._head = state[SPEECH_HEAD].to(device, torch.float32)

        def weight(name: str) -> Tensor:
            return state[f"{TRUNK}{name}"].to(device, dtype)

        def joined(layer: int, parts: tuple[str, ...], kind: str) -> Tensor:
            return torch.cat([weight(f"layers.{layer}.{part}_proj.{kind}") for part in parts])

        qkv, feed = ("self_attn.q", "self_attn.k", "self_attn.v"), ("mlp.gate", "mlp.up")
        self._layers = [
            _Layer(
                weight(f"layers.{layer}.input_layernorm.weight"),
                joined(layer, qkv, "weight"),
                joined(layer, qkv, "bias"),
                weight(f"layers.{layer}.self_attn.o_proj.weight"),
                weight(f"layers.{layer}.post_attention_layernorm.weight"),
                joined(layer, feed, "weight"),
                weight(f"layers.{layer}.mlp.down_proj.weight"),
            )
            for layer in range(dims.layers)
        ]
        self._last_norm = weight("norm.weight")
        even = torch.arange(0, dims.head_dim, 2, dtype=torch.float64, device=device)
        angles = torch.arange(positions, device=device)[:, None] / dims.rope_theta ** (even / dims.head_dim)
        self._rotary = torch.stack((angles.cos(), angles.sin())).float().contiguous()
        shape = (dims.layers, pages, 2, dims.kv_heads, page, dims.head_dim)
        self._kv = torch.zeros(shape, dtype=dtype, device=device)
        self.ids = torch.zeros(slots, positions, dtype=torch.int32, device=device)
        self.prompt_lengths = torch.zeros(slots, dtype=torch.int32, device=device)
        self.wishes = torch.zeros(slots, WISH_FIELDS, dtype=torch.int64, device=device)

    @classmethod
    def load(
        cls,
        path: Path,
        dims: LmDimensions,
        precision: Precision,
        device: torch.device,
        *,
        pages: int,
        slots: int,
        positions: int,
        page: int = PAGE,
    ) -> RowNetwork:
        """Read ``llm.pt``, or a file of the same form.

        Raises:
            BadCheckpoint: the file is not the one that the model directory describes.
        """
        state = load_state(path, shapes(dims), optional=(UNUSED,))
        return cls(dims, state, _DTYPES[precision], device, pages=pages, slots=slots, positions=positions, page=page)

    @staticmethod
    def page_bytes(dims: LmDimensions, precision: Precision) -> int:
        """How much memory a page takes."""
        return dims.layers * 2 * dims.kv_heads * PAGE * dims.head_dim * _DTYPES[precision].itemsize

    def logits(self, rows: Rows, scored: Tensor | None = None) -> Tensor:
        """Run the trunk and score the speech ids after some rows.

        Args:
            rows: what to run over; their ids lie in ``ids``.
            scored: (n,) which rows, integers; None: all.

        Returns:
            (n, V) float32.
        """
        dims, count = self.dims, len(rows.position)
        width = dims.hidden
        h = torch.empty(count, width, device=self.device)
        normed = torch.empty(count, width, device=self.device, dtype=self._dtype)
        attended = torch.empty(count, dims.heads * dims.head_dim, device=self.device, dtype=self._dtype)
        gated = torch.empty(count, dims.intermediate, device=self.device, dtype=self._dtype)
        block = _power_of_two(width)
        embed_rows[(count,)](
            self._embedding,
            self.ids,
            self.ids.stride(0),
            rows.slots,
            rows.request,
            rows.position,
            h,
            D=width,
            D_BLOCK=block,
        )
        added = h
        for index, layer in enumerate(self._layers):
            self._norm(h, added if index else None, normed, layer.norm)
            qkv = functional.linear(normed, layer.qkv, layer.qkv_bias)
            self._attend(qkv, index, rows, attended)
            self._norm(h, functional.linear(attended, layer.out), normed, layer.norm_2)
            gate_and_up = functional.linear(normed, layer.gate_and_up)
            gate_rows[(count, -(-dims.intermediate // _GATE_BLOCK))](
                gate_and_up, gated, I=dims.intermediate, BLOCK=_GATE_BLOCK
            )
            added = functional.linear(gated, layer.down)
        last = torch.empty(count, width, device=self.device)
        self._norm(h, added, last, self._last_norm)
        return functional.linear(last if scored is None else last[scored], self._head)

    def sample(self, logits: Tensor, slots: Tensor, lengths: Tensor, position: Tensor, told: Tensor) -> None:
        """Sample each request's next id and put it behind the others.

        Args:
            logits: (n, V).
            slots: (n,) of the requests.
            lengths: (n,) how many ids each has; grows by one.
            position: (n,) where each is read next; set to the new id's place.
            told: (n,) int32, receives the ids.
        """
        sampled = torch.empty(len(logits), 1, dtype=torch.int64, device=self.device)
        counts = torch.empty(len(logits), dtype=torch.int32, device=self.device)
        lens = self.prompt_lengths
        sample_step(logits, slots, lengths, lens, lens, self.ids, self.wishes, sampled, counts)
        record_ids[(len(logits),)](sampled, self.ids, self.ids.stride(0), slots, position, lengths, told)

    def _norm(self, h: Tensor, added: Tensor | None, normed: Tensor, weight: Tensor) -> None:
        rows, width = h.shape
        add_and_norm[(rows,)](
            h,
            h if added is None else added,
            normed,
            weight,
            D=width,
            D_BLOCK=_power_of_two(width),
            ADDS=added is not None,
            EPS=self.dims.rms_eps,
        )

    def _attend(self, qkv: Tensor, layer: int, rows: Rows, attended: Tensor) -> None:
        dims, count = self.dims, len(qkv)
        kv = self._kv[layer]
        store_keys_and_values[(count, 2 * dims.kv_heads)](
            qkv,
            kv,
            self._rotary,
            self.positions,
            rows.plan,
            rows.plan.stride(0),
            rows.request,
            rows.position,
            H=dims.heads,
            KV=dims.kv_heads,
            C=dims.head_dim,
            PAGE=self.page,
            num_warps=1,
        )
        attend_rows[(count, dims.kv_heads)](
            qkv,
            kv,
            attended,
            self._rotary,
            self.positions,
            rows.plan,
            rows.plan.stride(0),
            rows.request,
            rows.position,
            dims.head_dim**-0.5,
            H=dims.heads,
            KV=dims.kv_heads,
            C=dims.head_dim,
            GROUP_BLOCK=max(_LEAST_PRODUCT, _power_of_two(dims.heads // dims.kv_heads)),
            PAGE=self.page,
            K_BLOCK=min(_KEYS_BLOCK, self.page),
        )


def _power_of_two(count: int) -> int:
    return 1 << (count - 1).bit_length()
