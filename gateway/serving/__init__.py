"""The shell: sockets, HTTP, tasks and timers. It performs what the conversation decides.

In: connections. Out: a running server.

May import: codecs, gateway.addresses, gateway.capacity, gateway.conversation, gateway.dialects,
gateway.dialects.cartesia, gateway.dialects.deepgram, gateway.dialects.elevenlabs, gateway.dialects.openai,
gateway.dialects.tts_v1, gateway.dialects.twilio, gateway.dialects.vllm_omni, gateway.dialects.voices, gateway.errors,
gateway.http_answers, gateway.observing, gateway.serving.http, gateway.serving.resuming, gateway.serving.tls,
gateway.settings, gateway.speaking, gateway.tenants, synthesis.interface.
"""
