"""How each language says a token: one file for a language, listed in ``registry.py``.

In: a token, and what stands around it. Out: the words of a newsreader.

May import: synthesis.language, synthesis.reading.notation.
"""
