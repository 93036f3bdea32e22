"""The gateway's own requests about voices (docs/VOICES.md): a few words in a voice, to hear what it is like.

In: requests. Out: a text and the conversation's messages. Does no I/O.

May import: codecs, gateway.conversation, gateway.dialects, gateway.errors, gateway.http_answers.
"""
