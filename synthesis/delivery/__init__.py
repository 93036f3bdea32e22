"""What is done to sound after an engine made it: faster or slower, louder or softer, the same for every engine.

In: an engine. Out: the same engine, which obeys ``speed`` and ``volume`` with every voice.

May import: synthesis.interface.
"""
