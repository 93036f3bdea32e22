"""gateway.dialects.tts_v1."""
