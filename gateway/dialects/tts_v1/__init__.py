"""The gateway's own protocol, ``tts.v1`` (docs/PROTOCOL.md): JSON messages and binary audio frames.

In: a peer's bytes, the conversation's events. Out: the conversation's messages, bytes for the peer. Does no I/O.

May import: codecs, gateway.conversation, gateway.dialects, gateway.errors, synthesis.pronunciation.
"""
