"""synthesis.cosyvoice3.process."""
