"""What one client and this gateway say to each other, decided without I/O, clock, log or bytes of a protocol.

In: messages, the time, and what speakers report. Out: actions for a runner, events and packets for a peer.

May import: codecs, gateway.errors, gateway.text, synthesis.interface, synthesis.pronunciation.
"""
