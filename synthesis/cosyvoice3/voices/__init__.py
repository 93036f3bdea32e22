"""Voices: recordings, the features that the model takes from them, and the prompts that streams begin with.

In: a recording and its transcript. Out: prompts.

May import: synthesis.cosyvoice3.release, synthesis.cosyvoice3.text, synthesis.hearing,
synthesis.interface, synthesis.processes, synthesis.rates.
"""
