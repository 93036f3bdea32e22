"""One folder for each protocol that a client may speak; each turns a peer's bytes into the conversation's messages.

In: nothing. Out: what every dialect of a socket wants done.

May import: gateway.conversation, gateway.errors, synthesis.interface.
"""
