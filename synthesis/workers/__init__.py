"""Workers: engines in processes of their own, which gateways lease over a Unix socket or over TCP.

In: segments. Out: their sound, from one worker after another if need be.

May import: synthesis.declaration, synthesis.interface, synthesis.phonemes, synthesis.processes,
synthesis.rates.
"""
