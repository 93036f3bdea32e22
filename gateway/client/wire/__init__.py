"""The messages of ``tts.v1`` as a client has them: plain data, so that a client needs no library to read or write them.

The gateway's own are in ``gateway.dialects.tts_v1``; tests/gateway/client/wire holds the two together, field by field.

In: what a caller gives, and what the gateway sent. Out: messages, and their JSON.

May import: codecs, gateway.errors, synthesis.pronunciation.
"""
