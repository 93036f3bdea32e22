"""From written text to the text that is read aloud, and to ids of the one vocabulary.

In: text. Out: ids.

May import: synthesis.cosyvoice3.release, synthesis.language, synthesis.phonemes.
"""
