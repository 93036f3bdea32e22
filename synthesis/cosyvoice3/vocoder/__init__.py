"""synthesis.cosyvoice3.vocoder."""
