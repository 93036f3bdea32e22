"""The language model (docs/COSYVOICE3.md) in plain torch: a Qwen2 trunk between two embeddings and a speech head.

Machines without vLLM run it, and vLLM is compared with it. It serves one request at a time; its state is a ``KvCache``
that the request owns and passes in.

Letters: N new positions, L cached ones, H hidden size, V speech ids.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import torch
from torch.nn import functional

from ..release.checkpoint import load_state
from ..release.model_facts import SPEECH_ROWS, TEXT_ID_OFFSET

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from torch import Tensor

    from ..release.dimensions import LmDimensions

FILE_NAME: Final = "llm.pt"
UNUSED: Final = "llm.model.lm_head.weight"  # the text head, tied to the text embedding; speech has a head of its own
TEXT_EMBEDDING: Final = "llm.model.model.embed_tokens.weight"
SPEECH_EMBEDDING: Final = "speech_embedding.weight"
SPEECH_HEAD: Final = "llm_decoder.weight"
TRUNK: Final = "llm.model.model."


class KvCache:
    """Keys and values of one request's positions so far.

    Attributes:
        keys: (layers, kv heads, capacity, head size), rotated.
        values: the same shape.
        length: L, how many positions are filled.
    """

    def __init__(self, dims: LmDimensions, capacity: int, dtype: torch.dtype, device: torch.device) -> None:
        shape = (dims.layers, dims.kv_heads, capacity, dims.head_dim)
        self.keys = torch.empty(shape, dtype=dtype, device=device)
        self.values = torch.empty(shape, dtype=dtype, device=device)
        self.length = 0


class SpeechLm:
    """The weights, shared by all requests and never written to.

    Args:
        dims: the model's sizes.
        state: the tensors of ``shapes(dims)``; the text head is not needed.
        dtype: in which it computes. The embeddings keep their own and stay mapped: a prompt touches few of their rows.
        device: on which it computes.
    """

    def __init__(
        self, dims: LmDimensions, state: Mapping[str, Tensor], dtype: torch.dtype, device: torch.device
    ) -> None:
        self.dims = dims
        self.dtype = dtype
        self.device = device
        self._text = state[TEXT_EMBEDDING]
        self._speech = state[SPEECH_EMBEDDING]
        self._head = state[SPEECH_HEAD].to(device, dtype)
        self._trunk = {
            key.removeprefix(TRUNK): tensor.to(device, dtype)
            for key, tensor in state.items()
            if key.startswith(TRUNK) and key != TEXT_EMBEDDING
        }
        even = torch.arange(0, dims.head_dim, 2, dtype=torch.float32, device=device)
        self._frequencies = 1.0 / dims.rope_theta ** (even / dims.head_dim)  # radians per position

    @classmethod
    def load(cls, path: Path, dims: LmDimensions, dtype: torch.dtype, device: torch.device) -> SpeechLm:
        """Read ``llm.pt``, or a file of the same form.

        Raises:
            BadCheckpoint: the file is not the one that the model directory describes.
        """
        return cls(dims, load_state(path, shapes(dims), optional=(UNUSED,)), dtype, device)

    def new_cache(self, capacity: int) -> KvCache:
        """Make the state of a request of at most ``capacity`` positions."""
        return KvCache(self.dims, capacity, self.dtype, self.device)

    @torch.inference_mode()
    def hidden(self, ids: Tensor, cache: KvCache) -> Tensor:
        """Run the trunk over a request's next positions.

        Args:
            ids: (N,) int64 of the one vocabulary, on the CPU.
            cache: the positions before; the call adds the new ones to it.

        Returns:
            (N, H) after the final norm.
        """
        x = self._embed(ids)
        new, end = len(ids), cache.length + len(ids)
        angles = torch.arange(cache.length, end, device=self.device)[:, None] * self._frequencies
        cos, sin = angles.cos().to(self.dtype), angles.sin().to(self.dtype)
        # Position cache.length + i sees all positions up to itself.
        mask = torch.ones(new, end, dtype=torch.bool, device=self.device).tril(cache.length) if new > 1 else None
        for layer in range(self.dims.layers):
            x = x + self._attend(self._norm(x, f"layers.{layer}.input_layernorm"), layer, cos, sin, mask, cache)
            x = x + self._feed_forward(self._norm(x, f"layers.{layer}.post_attention_layernorm"), layer)
        cache.length = end
        return self._norm(x, "norm")

    @torch.inference_mode()
    def logits(self, hidden: Tensor) -> Tensor:
        """Score the speech ids: (N, H) -> (N, V) float32."""
        return functional.linear(hidden, self._head).float()

    def _embed(self, ids: Tensor) -> Tensor:
        is_text = ids >= TEXT_ID_OFFSET
        rows = self._speech[ids.where(~is_text, 0)]
        rows[is_text] = self._text[ids[is_text] - TEXT_ID_OFFSET]
        return rows.to(self.device, self.dtype)

    def _attend(self, x: Tensor, layer: int, cos: Tensor, sin: Tensor, mask: Tensor | None, cache: KvCache) -> Tensor:
        def heads(part: str) -> Tensor:  # (heads, N, head size)
            key = f"layers.{layer}.self_attn.{part}_proj"
            y = functional.linear(x, self._trunk[f"{key}.weight"], self._trunk[f"{key}.bias"])
            return y.view(len(x), -1, self.dims.head_dim).transpose(0, 1)

        filled = slice(cache.length, cache.length + len(x))
        keys, values = cache.keys[layer], cache.values[layer]
        keys[:, filled] = _rotate(heads("k"), cos, sin)
        values[:, filled] = heads("v")
        y = functional.scaled_dot_product_attention(
            _rotate(heads("q"), cos, sin), keys[:, : filled.stop], values[:, : filled.stop], mask, enable_gqa=True
        )
        joined = y.transpose(0, 1).reshape(len(x), -1)
        return functional.linear(joined, self._trunk[f"layers.{layer}.self_attn.o_proj.weight"])

    def _feed_forward(self, x: Tensor, layer: int) -> Tensor:
        gate, up, down = (self._trunk[f"layers.{layer}.mlp.{part}_proj.weight"] for part in ("gate", "up", "down"))
        return functional.linear(functional.silu(functional.linear(x, gate)) * functional.linear(x, up), down)

    def _norm(self, x: Tensor, name: str) -> Tensor:
        y = x.float()  # the mean of squares would lose half its digits in bf16
        y = y * torch.rsqrt(y.square().mean(-1, keepdim=True) + self.dims.rms_eps)
        return y.to(self.dtype) * self._trunk[f"{name}.weight"]


def shapes(dims: LmDimensions) -> dict[str, tuple[int, ...]]:
    """Name every tensor of ``llm.pt`` and its shape (docs/COSYVOICE3.md, language model)."""
    hidden, inner = dims.hidden, dims.intermediate
    width = {"q": dims.heads * dims.head_dim, "k": dims.kv_heads * dims.head_dim, "v": dims.kv_heads * dims.head_dim}
    shapes: dict[str, tuple[int, ...]] = {
        TEXT_EMBEDDING: (dims.text_rows, hidden),
        UNUSED: (dims.text_rows, hidden),
        SPEECH_EMBEDDING: (SPEECH_ROWS, hidden),
        SPEECH_HEAD: (SPEECH_ROWS, hidden),
        f"{TRUNK}norm.weight": (hidden,),
    }
    for layer in range(dims.layers):
        prefix = f"{TRUNK}layers.{layer}."
        for part, rows in width.items():
            shapes[f"{prefix}self_attn.{part}_proj.weight"] = (rows, hidden)
            shapes[f"{prefix}self_attn.{part}_proj.bias"] = (rows,)
        shapes[f"{prefix}self_attn.o_proj.weight"] = (hidden, width["q"])
        shapes[f"{prefix}mlp.gate_proj.weight"] = shapes[f"{prefix}mlp.up_proj.weight"] = (inner, hidden)
        shapes[f"{prefix}mlp.down_proj.weight"] = (hidden, inner)
        shapes[f"{prefix}input_layernorm.weight"] = shapes[f"{prefix}post_attention_layernorm.weight"] = (hidden,)
    return shapes


def _rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Turn each head's halves against each other by its position's angles: (heads, N, size), (N, size / 2) twice."""
    left, right = x.chunk(2, -1)
    return torch.cat((left * cos - right * sin, right * cos + left * sin), -1)
