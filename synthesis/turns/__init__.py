"""Turns at processes that speak: the most urgent first, and a death fails one listener.

In: stretches of text that utterances ask for. Out: their sound, or why there is none.

May import: synthesis.interface, synthesis.processes, synthesis.rates.
"""
