"""Kokoro, a neural voice of Chinese and Japanese on a CPU: an extra, for one listener a core.

In: Chinese and Japanese text. Out: PCM at 24 kHz, with the time of each word.

May import: synthesis.declaration, synthesis.embedded, synthesis.interface, synthesis.language, synthesis.phonemes,
synthesis.turns.
"""
