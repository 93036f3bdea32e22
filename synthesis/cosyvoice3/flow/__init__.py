"""synthesis.cosyvoice3.flow."""
