"""synthesis.espeak."""
