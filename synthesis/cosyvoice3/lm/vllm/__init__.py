"""synthesis.cosyvoice3.lm.vllm."""
