"""Which stream computes when: hops, pages, deadlines, and the one thread that does all acoustic work.

In: tokens, and what listeners took. Out: sound, in time.

May import: synthesis.cosyvoice3.flow, synthesis.cosyvoice3.release, synthesis.cosyvoice3.vocoder,
synthesis.interface, synthesis.rates.
"""
