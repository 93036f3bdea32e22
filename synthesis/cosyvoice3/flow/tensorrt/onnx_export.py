"""The velocity network as an ONNX graph, for TensorRT.

The graph is written node by node from the weights instead of traced, for three reasons. It does not change with each
release's exporter, so its digest can name a cached engine. Writing takes seconds; tracing the released model takes a
minute. Each change of precision is a Cast that a person can read. ``dit.velocity`` stays the definition, with which
the tests compare the graph.

Precision follows ``Dit.dtype``: matrix products, the two positional convolutions and the GELU between two products run
in it. The residual stream, LayerNorm, softmax, rotation, time embedding, modulation and the output projection are
float32, because the released weights overflow half precision there.

Letters are those of ``dit.py``: R rows, T frames, D width, H heads of C channels, M = MEL_BINS.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import onnx
import torch
from onnx import TensorProto, helper

from ...release.model_facts import CHUNK_FRAMES, MAX_FRAMES, MEL_BINS
from ..dit import (
    CONV_GROUPS,
    CONV_HISTORY,
    MODULATIONS,
    NORM_EPS,
    TIME_SCALE,
    rotary_tables,
    time_frequencies,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from torch import Tensor

    from ..dit import Block, Dit, Linear

    Attribute = int | float | str | list[int]

# Opset 20 is the first with Gelu's tanh form as one node; LayerNormalization needs 17, Mish and Split by number need
# 18.
OPSET: Final = 20

# What is added to the score of a pair of frames that do not see each other. It is not minus infinity: a kernel that
# walks keys in tiles meets tiles without any visible key, and there infinity minus infinity is not a number. It is not
# the lowest float32 either: a kernel may take the mask in half precision, whose lowest value is -65,504.
HIDDEN_SCORE: Final = -30_000.0

# Names and element types of the graph's inputs. ``is_chunked`` has no axes.
INPUTS: Final = {
    "x": TensorProto.FLOAT,  # (R, T, M)
    "mu": TensorProto.FLOAT,  # (R, T, M)
    "cond": TensorProto.FLOAT,  # (R, T, M)
    "speaker": TensorProto.FLOAT,  # (R, M)
    "t": TensorProto.FLOAT,  # (R,)
    "lengths": TensorProto.INT32,  # (R,); TensorRT warns of each int64 at its border
    "is_chunked": TensorProto.BOOL,  # ()
}
INPUT_AXES: Final[dict[str, list[str | int]]] = {
    "x": ["R", "T", MEL_BINS],
    "mu": ["R", "T", MEL_BINS],
    "cond": ["R", "T", MEL_BINS],
    "speaker": ["R", MEL_BINS],
    "t": ["R"],
    "lengths": ["R"],
    "is_chunked": [],
}
OUTPUT: Final = "velocity"  # (R, T, M) float32

# Constants that are computed and not read from the model: their last bits depend on the processor and on torch.
_FREQUENCIES: Final = "time/frequencies"
_COSINES: Final = "rotary/cos"
_SINES: Final = "rotary/sin"
_COMPUTED: Final = (_FREQUENCIES, _COSINES, _SINES)

_ELEMENT_TYPES: Final = {
    torch.float32: TensorProto.FLOAT,
    torch.float16: TensorProto.FLOAT16,
    torch.bfloat16: TensorProto.BFLOAT16,
    torch.int64: TensorProto.INT64,
}


def velocity_graph(dit: Dit) -> onnx.ModelProto:
    """Write ``dit.velocity`` as a graph with the inputs ``INPUTS`` and the output ``OUTPUT``.

    R and T are dynamic, T up to MAX_FRAMES; one graph serves with and without the chunk mask. The model holds a copy of
    all weights (1 GB for the release in half precision). In float32 it is too large for one protobuf message, so use
    ``save``.
    """
    graph = _Graph(dit.dtype)
    width = dit.input.weight.shape[0]
    time_blocks, time_out = _modulations(graph, dit)
    mask = _mask(graph)
    cos, sin = _rotary(graph, dit)
    h = _embed_input(graph, dit)
    for layer, (block, modulation) in enumerate(zip(dit.blocks, time_blocks, strict=True)):
        shift1, scale1, gate1, shift2, scale2, gate2 = modulation
        graph.scope = f"block{layer}/attention"
        normed = graph.to_products(_norm(graph, h, scale1, shift1, width))
        seen = _attend(graph, block, dit.heads, normed, cos, sin, mask)
        h = graph.op("Add", h, graph.op("Mul", gate1, graph.to_float(graph.linear(seen, block.out))))
        graph.scope = f"block{layer}/feed_forward"
        normed = graph.to_products(_norm(graph, h, scale2, shift2, width))
        up = graph.op("Gelu", graph.linear(normed, block.up), approximate="tanh")
        h = graph.op("Add", h, graph.op("Mul", gate2, graph.to_float(graph.linear(up, block.down))))
    graph.scope = "out"
    scale, shift = time_out
    graph.op("Identity", graph.linear(_norm(graph, h, scale, shift, width), dit.out), into=OUTPUT)
    return graph.model()


def digest(model: onnx.ModelProto) -> str:
    """Compute what identifies a graph, weights included: SHA-256, in hexadecimal, the same on every machine.

    Of what is computed it has the name and shape alone: another formula needs another name.
    """
    hasher = hashlib.sha256()
    for node in (*model.graph.node, *model.graph.input, *model.graph.output, *model.opset_import):
        hasher.update(node.SerializeToString(deterministic=True))
    for tensor in model.graph.initializer:
        hasher.update(f"{tensor.name} {tensor.data_type} {list(tensor.dims)}".encode())
        if tensor.name not in _COMPUTED:
            hasher.update(tensor.raw_data)
    return hasher.hexdigest()


def save(model: onnx.ModelProto, path: Path) -> None:
    """Write a graph to ``path``, its weights beside it in ``path`` + ``.data``; the model in memory loses them."""
    onnx.save_model(model, path, save_as_external_data=True, all_tensors_to_one_file=True, location=f"{path.name}.data")


class _Graph:
    """Nodes and constants so far. Values are known by name; each node's name says which part it belongs to."""

    def __init__(self, dtype: torch.dtype) -> None:
        self.scope = ""
        self._dtype = dtype
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, onnx.TensorProto] = {}

    def op(self, kind: str, *inputs: str, into: str | None = None, **attributes: Attribute) -> str:
        """Add a node with one output; returns the output's name."""
        return self.ops(kind, *inputs, outputs=[into or self._name(kind)], **attributes)[0]

    def ops(self, kind: str, *inputs: str, outputs: Sequence[str], **attributes: Attribute) -> Sequence[str]:
        """Add a node with outputs of these names."""
        node = helper.make_node(kind, inputs, outputs, name=outputs[0])
        node.attribute.extend(helper.make_attribute(name, value) for name, value in attributes.items())
        self._nodes.append(node)
        return outputs

    def split(self, value: str, sizes: Sequence[int]) -> Sequence[str]:
        """Cut a value along its last axis."""
        outputs = [self._name(f"Split{part}") for part in range(len(sizes))]
        return self.ops("Split", value, self.integers(*sizes), outputs=outputs, axis=-1)

    def constant(self, name: str, value: Tensor) -> str:
        """Add a constant in its own dtype, unless it is there already; returns its name."""
        if name not in self._constants:
            self._constants[name] = TensorProto(
                name=name,
                data_type=_ELEMENT_TYPES[value.dtype],
                dims=value.shape,
                # As bytes, because numpy has no bfloat16; as a vector first, because a scalar has no bytes to view.
                raw_data=value.detach().cpu().contiguous().view(-1).view(torch.uint8).numpy().tobytes(),
            )
        return name

    def integers(self, *values: int) -> str:
        """Add a vector of int64."""
        return self.constant(f"int/{'_'.join(map(str, values))}", torch.tensor(values, dtype=torch.int64))

    def integer(self, value: int) -> str:
        """Add an int64 without axes."""
        return self.constant(f"int/scalar_{value}", torch.tensor(value, dtype=torch.int64))

    def number(self, value: float, dtype: torch.dtype = torch.float32) -> str:
        """Add a number without axes."""
        return self.constant(f"{str(dtype).removeprefix('torch.')}/{value}", torch.tensor(value, dtype=dtype))

    def cast(self, value: str, dtype: torch.dtype) -> str:
        """Change a value's precision; in a network that is all float32, return the value itself."""
        if self._dtype == torch.float32:
            return value
        return self.op("Cast", value, to=_ELEMENT_TYPES[dtype])

    def to_float(self, value: str) -> str:
        """Take a value out of the matrix products' precision."""
        return self.cast(value, torch.float32)

    def to_products(self, value: str) -> str:
        """Take a value into the matrix products' precision."""
        return self.cast(value, self._dtype)

    def linear(self, value: str, weights: Linear) -> str:
        """Apply a matrix to (..., in), which is in the weights' precision: (..., out)."""
        weight = self.constant(f"{self.scope}/weight{len(self._constants)}", weights.weight.T)
        bias = self.constant(f"{self.scope}/bias{len(self._constants)}", weights.bias)
        return self.op("Add", self.op("MatMul", value, weight), bias)

    def model(self) -> onnx.ModelProto:
        """Put everything together."""
        inputs = [helper.make_tensor_value_info(name, kind, INPUT_AXES[name]) for name, kind in INPUTS.items()]
        output = helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["R", "T", MEL_BINS])
        graph = helper.make_graph(self._nodes, "velocity", inputs, [output], [*self._constants.values()])
        opset = helper.make_opsetid("", OPSET)
        return helper.make_model(graph, opset_imports=[opset], ir_version=helper.find_min_ir_version_for([opset]))

    def _name(self, kind: str) -> str:
        return f"{self.scope}/{kind}{len(self._nodes)}"


def _modulations(graph: _Graph, dit: Dit) -> tuple[list[Sequence[str]], Sequence[str]]:
    """Embed the times: for each block six of (R, 1, D) float32, then the two of the output."""
    graph.scope = "time"
    scaled = graph.op("Mul", graph.op("Unsqueeze", "t", graph.integers(1)), graph.number(TIME_SCALE))
    frequencies = graph.constant(_FREQUENCIES, time_frequencies(dit.device))
    angles = graph.op("Mul", scaled, frequencies)
    tau = graph.op("Concat", graph.op("Sin", angles), graph.op("Cos", angles), axis=-1)
    for linear in dit.times.mlp:
        tau = graph.linear(tau, linear)
        tau = graph.op("Mul", tau, graph.op("Sigmoid", tau))
    tau = graph.op("Unsqueeze", tau, graph.integers(1))
    width = dit.input.weight.shape[0]
    blocks = []
    for layer, linear in enumerate(dit.times.blocks):
        graph.scope = f"block{layer}/modulation"
        blocks.append(graph.split(graph.linear(tau, linear), [width] * MODULATIONS))
    graph.scope = "out/modulation"
    return blocks, graph.split(graph.linear(tau, dit.times.out), [width] * 2)


def _mask(graph: _Graph) -> str:
    """Tell which frames see which, as ``dit.sight`` does: (R, 1, T, T) float32, added to scores, query before key."""
    graph.scope = "mask"
    frames = graph.op("Gather", graph.op("Shape", "x"), graph.integer(1))
    positions = graph.op("Range", graph.integer(0), frames, graph.integer(1))
    lengths = graph.op("Unsqueeze", graph.op("Cast", "lengths", to=TensorProto.INT64), graph.integers(1))
    is_real = graph.op("Less", positions, lengths)  # (R, T)
    chunk = graph.op("Div", positions, graph.integer(CHUNK_FRAMES))
    chunk_end = graph.op("Mul", graph.op("Add", chunk, graph.integer(1)), graph.integer(CHUNK_FRAMES))
    in_sight = graph.op("Less", positions, graph.op("Unsqueeze", chunk_end, graph.integers(1)))  # (T, T)
    in_sight = graph.op("Or", in_sight, graph.op("Not", "is_chunked"))
    seen = graph.op("And", graph.op("Unsqueeze", is_real, graph.integers(1, 2)), in_sight)
    # A frame behind the end must see some frame, because its softmax would be 0 / 0 otherwise.
    behind = graph.op("Unsqueeze", graph.op("Not", is_real), graph.integers(1, 3))
    return graph.op("Where", graph.op("Or", seen, behind), graph.number(0.0), graph.number(HIDDEN_SCORE))


def _rotary(graph: _Graph, dit: Dit) -> tuple[str, str]:
    """Look up cosine and sine of each frame: two of (T, C / 2) float32."""
    graph.scope = "rotary"
    frames = graph.op("Slice", graph.op("Shape", "x"), graph.integers(1), graph.integers(2))
    tables = rotary_tables(torch.arange(MAX_FRAMES), _channels(dit.blocks[0], dit.heads))
    cos, sin = (
        graph.op("Slice", graph.constant(name, table), graph.integers(0), frames, graph.integers(0))
        for name, table in zip((_COSINES, _SINES), tables, strict=True)
    )
    return cos, sin


def _embed_input(graph: _Graph, dit: Dit) -> str:
    """Project the input and add its positional embedding: (R, T, D) float32."""
    graph.scope = "input"
    speaker = graph.op("Expand", graph.op("Unsqueeze", "speaker", graph.integers(1)), graph.op("Shape", "x"))
    features = graph.op("Concat", "x", "cond", "mu", speaker, axis=-1)
    h = graph.to_float(graph.linear(graph.to_products(features), dit.input))
    position = graph.op("Transpose", h, perm=[0, 2, 1])
    for which, convolution in enumerate(dit.convolutions):
        position = graph.op(
            "Conv",
            graph.to_products(position),
            graph.constant(f"input/convolution{which}/weight", convolution.weight),
            graph.constant(f"input/convolution{which}/bias", convolution.bias),
            group=CONV_GROUPS,
            pads=[CONV_HISTORY, 0],
        )
        # In float32, because TensorRT has no Mish for bfloat16.
        position = graph.op("Mish", graph.to_float(position))
    return graph.op("Add", h, graph.op("Transpose", position, perm=[0, 2, 1]))


def _attend(graph: _Graph, block: Block, heads: int, h: str, cos: str, sin: str, mask: str) -> str:
    """Let frames attend to each other: (R, T, D) in the products' precision -> (R, T, H * C), before the output."""
    channels = _channels(block, heads)
    half, rest, inner = channels // 2, (heads - 1) * channels, heads * channels
    *qk, v = graph.split(graph.linear(h, _halved(block.qkv, heads)), [half, half, rest, half, half, rest, inner])

    def rotate(even: str, odd: str, others: str) -> str:
        even, odd = graph.to_float(even), graph.to_float(odd)
        turned_even = graph.op("Sub", graph.op("Mul", even, cos), graph.op("Mul", odd, sin))
        turned_odd = graph.op("Add", graph.op("Mul", odd, cos), graph.op("Mul", even, sin))
        first = graph.to_products(graph.op("Concat", turned_even, turned_odd, axis=-1))
        return graph.op("Concat", first, others, axis=-1)

    def by_head(value: str) -> str:
        split = graph.op("Reshape", value, graph.integers(0, 0, heads, channels))
        return graph.op("Transpose", split, perm=[0, 2, 1, 3])

    # The scale is applied before the product: TensorRT fuses attention only in this form, and scores stay smaller.
    q = graph.op("Mul", rotate(*qk[:3]), graph.number(channels**-0.5, block.qkv.weight.dtype))
    keys = graph.op(
        "Transpose", graph.op("Reshape", rotate(*qk[3:]), graph.integers(0, 0, heads, channels)), perm=[0, 2, 3, 1]
    )
    scores = graph.op("Add", graph.to_float(graph.op("MatMul", by_head(q), keys)), mask)
    weights = graph.to_products(graph.op("Softmax", scores, axis=-1))
    seen = graph.op("Transpose", graph.op("MatMul", weights, by_head(v)), perm=[0, 2, 1, 3])
    return graph.op("Reshape", seen, graph.integers(0, 0, inner))


def _norm(graph: _Graph, h: str, scale: str, shift: str, width: int) -> str:
    """Normalise and modulate (R, T, D) float32; the result has the same shape."""
    ones = graph.constant("ones", torch.ones(width))
    normed = graph.op("LayerNormalization", h, ones, axis=-1, epsilon=NORM_EPS)
    return graph.op("Add", graph.op("Mul", normed, graph.op("Add", scale, graph.number(1.0))), shift)


def _halved(qkv: Linear, heads: int) -> Linear:
    """Reorder head 0 of queries and keys: even channels, then odd ones.

    Rotation turns neighbouring channels; in this order they lie in two halves that need no strided access. Scores stay
    the same, because queries and keys change alike.
    """
    inner = qkv.weight.shape[0] // 3
    channels = inner // heads
    order = torch.arange(3 * inner)
    for start in (0, inner):  # of queries, of keys
        order[start : start + channels] = start + torch.arange(channels).view(-1, 2).T.flatten()
    order = order.to(qkv.weight.device)
    return replace(qkv, weight=qkv.weight[order], bias=qkv.bias[order])


def _channels(block: Block, heads: int) -> int:
    return block.out.weight.shape[1] // heads
