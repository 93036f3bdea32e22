"""ElevenLabs' dialect: ``stream-input`` and ``multi-stream-input`` over WebSockets, and speech over HTTP.

In: a peer's messages, the conversation's events. Out: the conversation's messages, texts for the peer. Does no I/O.

May import: codecs, gateway.conversation, gateway.dialects, gateway.errors, gateway.http_answers, synthesis.interface.
"""
