"""vLLM-Omni's ``/v1/audio/speech/stream``, and what it lacks: cancel, contexts, streamed Opus (docs/INTEGRATIONS.md).

In: a peer's bytes, the conversation's events. Out: the conversation's messages, bytes for the peer. Does no I/O.

May import: codecs, gateway.conversation, gateway.dialects, gateway.errors.
"""
