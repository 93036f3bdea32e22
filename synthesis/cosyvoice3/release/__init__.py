"""synthesis.cosyvoice3.release."""
