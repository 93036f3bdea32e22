"""The flow's velocity network as an ONNX graph and a TensorRT engine (docs/TENSORRT.md).

In: the network. Out: an engine that computes the same.

May import: synthesis.cosyvoice3.flow, synthesis.cosyvoice3.release, synthesis.interface, synthesis.rates.
"""
