"""The language model: ids to speech tokens, 25 of them for a second of sound.

In: ids of a prompt and a text. Out: speech tokens, as they are sampled.

May import: synthesis.cosyvoice3.release, synthesis.interface.
"""
