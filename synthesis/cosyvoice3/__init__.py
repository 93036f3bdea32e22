"""Fun-CosyVoice3-0.5B, streamed: speech tokens from a language model, mel from a flow, sound from a vocoder."""
