"""The Python client, what ``sayline.connect`` and ``sayline.speak`` are: the other end of ``tts.v1``.

In: a program's text. Out: audio, and what was heard.

May import: codecs, gateway.client.wire, gateway.client_defaults, gateway.dialects.tts_v1, gateway.errors.
"""
