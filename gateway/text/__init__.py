"""From text that is still being written to segments that are spoken in one breath. Does no I/O.

In: deltas and the time. Out: segments, which tile the text.

May import: synthesis.alignment, synthesis.interface, synthesis.language.
"""
