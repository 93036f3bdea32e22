"""What an operator sees: the log, the metrics, and what a server says of itself before it serves.

In: events and figures. Out: lines and an exposition.

May import: gateway.capacity, gateway.conversation, gateway.settings, synthesis.interface.
"""
