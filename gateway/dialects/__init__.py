"""One folder for each protocol that a client may speak; each turns a peer's bytes into the conversation's messages."""
