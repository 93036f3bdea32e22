"""How a text is read aloud: numbers, money, times, units, signs and addresses in words, the same for every engine.

In: a text as it is written, and its language. Out: what a newsreader says, and which stretch stands for which.

::

    reader.py ──► notation/scanner.py   what stands in the text: tokens, found by a language's customs
             └──► languages/            how a language says each token

A value never changes. What cannot be read well is read digit by digit, or left as it stands; nothing is dropped.

May import: synthesis.reading.notation.
"""
