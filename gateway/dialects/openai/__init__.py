"""OpenAI's requests for speech (docs/INTEGRATIONS.md): one POST for each text, sound or events as the answer.

In: requests. Out: a text and the conversation's messages, bytes for the peer. Does no I/O.

May import: codecs, gateway.conversation, gateway.dialects, gateway.errors, gateway.http_answers.
"""
