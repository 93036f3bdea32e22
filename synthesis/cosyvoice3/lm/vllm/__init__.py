"""The language model on vLLM: our model class, sampler and scheduler behind one thin adapter.

In: requests. Out: speech tokens of many requests, step by step.

May import: synthesis.cosyvoice3.lm, synthesis.cosyvoice3.release, synthesis.interface.
"""
