"""Deepgram's protocol: ``/v1/speak`` and ``/v2/speak`` over WebSockets, ``/v1/speak`` over HTTP (docs/INTEGRATIONS.md).

In: a peer's bytes, the conversation's events. Out: the conversation's messages, bytes for the peer. Does no I/O.

May import: codecs, gateway.conversation, gateway.dialects, gateway.errors, gateway.http_answers.
"""
