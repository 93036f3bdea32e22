"""Stand-ins for the two networks that hear a recording: as small as can be, with the inputs and outputs of the real.

The tokenizer answers, for every fourth frame, its largest feature scaled into the codes (exact on any machine, as a
sum would not be); the encoder projects the features' mean square. Both can be computed by hand, so a test sees what the
network was given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

CODES = 6561
_SCALE = 97_531.0
_PROJECTION_SEED = 7


def write(
    model_dir: Path, *, frames_per_token: int = 4, speaker_dim: int = 192, bins: int = 128, fbank_bins: int = 80
) -> None:
    """Write both networks into a model directory."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    def constant(name, value):
        return numpy_helper.from_array(np.asarray(value), name)

    def save(name, nodes, inputs, output, constants):
        graph = helper.make_graph(nodes, name, inputs, [output], constants)
        opset = [helper.make_opsetid("", 18)]
        onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=10), str(model_dir / name))

    save(
        "speech_tokenizer_v3.onnx",
        [
            helper.make_node("Slice", ["feats", "zero", "length", "time", "stride"], ["strided"]),
            helper.make_node("ReduceMax", ["strided", "bins"], ["tops"], keepdims=0),
            helper.make_node("Mul", ["tops", "scale"], ["scaled"]),
            helper.make_node("Abs", ["scaled"], ["positive"]),
            helper.make_node("Cast", ["positive"], ["whole"], to=TensorProto.INT32),
            helper.make_node("Mod", ["whole", "codes"], ["indices"]),
        ],
        [
            helper.make_tensor_value_info("feats", TensorProto.FLOAT, [1, bins, "T"]),
            helper.make_tensor_value_info("length", TensorProto.INT32, [1]),
        ],
        helper.make_tensor_value_info("indices", TensorProto.INT32, [1, "tokens"]),
        [
            constant("zero", np.array([0], np.int32)),
            constant("time", np.array([2], np.int32)),
            constant("stride", np.array([frames_per_token], np.int32)),
            constant("bins", np.array([1], np.int64)),
            constant("scale", np.array(_SCALE, np.float32)),
            constant("codes", np.array(CODES, np.int32)),
        ],
    )
    save(
        "campplus.onnx",
        [
            helper.make_node("Mul", ["input", "input"], ["squares"]),
            helper.make_node("ReduceMean", ["squares", "time"], ["mean"], keepdims=0),
            helper.make_node("MatMul", ["mean", "projection"], ["output"]),
        ],
        [helper.make_tensor_value_info("input", TensorProto.FLOAT, [1, "T", fbank_bins])],
        helper.make_tensor_value_info("output", TensorProto.FLOAT, [1, speaker_dim]),
        [constant("time", np.array([1], np.int64)), constant("projection", _projection(fbank_bins, speaker_dim))],
    )


def tokens_of(mel: np.ndarray) -> list[int]:
    """What the tokenizer answers to (128, T) features."""
    tops = mel[:, ::4].max(axis=0)
    return [int(value) % CODES for value in np.abs(tops * np.float32(_SCALE)).astype(np.int32)]


def embedding_of(fbank: np.ndarray) -> np.ndarray:
    """What the encoder answers to (T, 80) features."""
    return (fbank**2).mean(axis=0) @ _projection(fbank.shape[1], 192)


def _projection(rows: int, columns: int) -> np.ndarray:
    return np.random.default_rng(_PROJECTION_SEED).standard_normal((rows, columns)).astype(np.float32)
