"""espeak-ng, a voice of about a hundred languages, in a process of its own.

In: segments. Out: PCM at 22,050 Hz, with the time of each word.

May import: synthesis.alignment, synthesis.declaration, synthesis.interface, synthesis.language, synthesis.marking,
synthesis.phonemes, synthesis.processes, synthesis.turns.
"""
