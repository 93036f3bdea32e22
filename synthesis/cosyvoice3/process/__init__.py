"""The engine as a process: put together, kept alive, and talked to.

In: settings, and messages of gateways. Out: sound for each of their streams.

May import: synthesis.cosyvoice3.acoustic, synthesis.cosyvoice3.flow, synthesis.cosyvoice3.flow.tensorrt,
synthesis.cosyvoice3.lm, synthesis.cosyvoice3.lm.graphs, synthesis.cosyvoice3.lm.vllm, synthesis.cosyvoice3.release,
synthesis.cosyvoice3.text, synthesis.cosyvoice3.vocoder, synthesis.cosyvoice3.voices, synthesis.declaration,
synthesis.interface, synthesis.processes, synthesis.rates.
"""
