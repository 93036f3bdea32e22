"""Wyoming's own port: connections of TCP, each of which is one conversation.

In: connections. Out: conversations that the server runs like those of its WebSockets.

May import: gateway.capacity, gateway.conversation, gateway.dialects, gateway.dialects.wyoming, gateway.errors,
gateway.serving, gateway.settings.
"""
