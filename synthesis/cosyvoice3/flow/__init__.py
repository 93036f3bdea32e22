"""Flow matching: speech tokens to mel, a solver step of many chunks at a time.

In: tokens, noise, keys and values of the past. Out: mel, (B, MEL_BINS, T).

May import: synthesis.cosyvoice3.release, synthesis.rates.
"""
