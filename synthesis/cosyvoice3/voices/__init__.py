"""synthesis.cosyvoice3.voices."""
