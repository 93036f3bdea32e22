"""Cartesia's protocol: ``/tts/websocket`` with its contexts, ``/tts/sse`` and ``/tts/bytes`` (docs/INTEGRATIONS.md).

In: a peer's bytes, the conversation's events. Out: the conversation's messages, bytes for the peer. Does no I/O.

May import: codecs, gateway.conversation, gateway.dialects, gateway.errors, gateway.http_answers,
synthesis.interface.
"""
