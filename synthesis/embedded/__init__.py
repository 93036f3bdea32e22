"""The embedded voice: hibari for English, espeak-ng for every other language, run by run inside a segment.

In: segments in any mix of languages. Out: PCM at 24 kHz, with the time of each word.

May import: synthesis.declaration, synthesis.espeak, synthesis.hibari, synthesis.interface, synthesis.language,
synthesis.turns.
"""
