"""What is written to what is read, and to ids of the one vocabulary.

In: text. Out: ids.

May import: synthesis.cosyvoice3.release, synthesis.interface, synthesis.language.
"""
