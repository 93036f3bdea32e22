"""CosyVoice3: text ids to speech tokens to mel to sound, streamed, for many listeners on one GPU.

``synthesizer`` is the gateway's end; everything else lives in the engine's process.

May import: synthesis.cosyvoice3.process, synthesis.cosyvoice3.release, synthesis.cosyvoice3.voices,
synthesis.cosyvoice3.text, synthesis.declaration, synthesis.interface, synthesis.marking, synthesis.phonemes,
synthesis.processes, synthesis.rates.
"""
