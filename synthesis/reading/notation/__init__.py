"""What stands in a text and is not read as it is spelt: tokens, and how they are found. No language, no words.

In: a text, and a language's ``Customs``. Out: ``Found`` tokens, ascending and disjoint. ``Words`` is what a language
has to bring: its customs, and how it says a token.

May import: nothing of ours.
"""
