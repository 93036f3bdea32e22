"""Twilio Media Streams (docs/INTEGRATIONS.md): a phone call listens, and programs write for it in ``tts.v1``.

In: Twilio's messages, the writers' messages, the conversation's events. Out: the conversation's messages, messages for
Twilio and for the writers. Does no I/O.

May import: gateway.conversation, gateway.dialects, gateway.dialects.tts_v1, gateway.errors.
"""
