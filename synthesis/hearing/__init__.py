"""What an ear makes of sound: words, naturalness, clicks and holes, and whether a recording will do.

In: samples. Out: what was heard, and figures.

May import: synthesis.interface, synthesis.language.
"""
