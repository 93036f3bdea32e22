"""hibari, a neural voice of English, in processes of its own, one a core.

In: English segments. Out: PCM at 24 kHz, with the time of each word.

May import: synthesis.interface, synthesis.phonemes, synthesis.turns.
"""
