"""From segments to packets: a speaker for each context, and the processes that encode for all of them.

In: segments and grants. Out: reports and packets.

May import: codecs, gateway.conversation, gateway.observing, synthesis.interface, synthesis.processes.
"""
