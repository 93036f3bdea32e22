"""synthesis.cosyvoice3.flow.tensorrt."""
