"""synthesis.cosyvoice3.lm."""
