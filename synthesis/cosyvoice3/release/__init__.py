"""The published model: its files, numbers and download, and where this machine keeps what is built from it.

In: a model directory. Out: facts and tensors.

May import: synthesis.interface, synthesis.rates.
"""
