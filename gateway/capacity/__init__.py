"""Who may come in, and whose turn it is to be synthesized.

In: handshakes, requests for slots, the engine's forecast. Out: refusals and grants.

May import: gateway.addresses, gateway.dialects.tts_v1.
"""
