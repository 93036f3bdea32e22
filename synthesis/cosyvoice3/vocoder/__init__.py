"""The HiFT vocoder: mel to sound, hop by hop, without a seam.

In: mel and the state of a stream. Out: int16 samples at 24 kHz, and the next state.

May import: synthesis.cosyvoice3.release, synthesis.interface, synthesis.rates.
"""
