"""The language model as CUDA graphs of our own, in a process of its own: several tokens for each word of the host.

In: ids of prompts, and what is wanted of each. Out: speech tokens, as they are sampled.

May import: synthesis.cosyvoice3.lm, synthesis.cosyvoice3.release, synthesis.interface, synthesis.processes.
"""
