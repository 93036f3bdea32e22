"""How a text is read aloud: numbers, money, times, units, signs and addresses in words, the same for every engine.

In: an engine. Out: the same engine, which is given a segment's words to say, and whose word marks name what was
written.

::

    stage.py ──► routing.py   which language a segment is read in
            ├──► pronounced.py ──► lexicon.py   words whose pronunciation somebody gave; lexicon_file.py: the server's
            └──► reader.py ──► notation/    what stands in the text: tokens, found by a language's customs
                          └──► languages/   how a language says each token

A value never changes. What cannot be read well is read digit by digit, or left as it stands; nothing is dropped.

May import: synthesis.alignment, synthesis.file_stamp, synthesis.interface, synthesis.language, synthesis.marking,
synthesis.phonemes, synthesis.pronunciation, synthesis.reading.languages, synthesis.reading.notation.
"""
