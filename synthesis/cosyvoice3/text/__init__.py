"""synthesis.cosyvoice3.text."""
