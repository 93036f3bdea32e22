"""One folder for each protocol that a client may speak; each turns a peer's bytes into the conversation's messages.

In: nothing. Out: what every dialect of a socket wants done, and what every dialect of HTTP says of its requests.

May import: codecs, gateway.conversation, gateway.errors, gateway.http_answers, synthesis.interface.
"""
