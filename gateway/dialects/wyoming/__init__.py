"""Wyoming, by which Home Assistant speaks (docs/INTEGRATIONS.md): events of JSON and PCM over TCP.

In: a peer's bytes, the conversation's events. Out: the conversation's messages, bytes for the peer. Does no I/O.

May import: gateway.conversation, gateway.dialects, gateway.errors, synthesis.interface.
"""
