"""``sayline bench``: many simulated listeners, and a report of what they heard.

In: the address of a gateway. Out: figures.

May import: codecs, gateway.client, gateway.commands, gateway.conversation, gateway.dialects.tts_v1, gateway.errors,
gateway.settings.
"""
