"""synthesis.cosyvoice3.acoustic."""
