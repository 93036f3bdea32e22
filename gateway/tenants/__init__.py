"""Tenants of a running server: the file that names them, who of them is here, and the ledger of what they used.

In: a file, connections, contexts that are over. Out: a directory, refusals, closes, lines of the ledger.

May import: gateway.capacity, gateway.conversation, gateway.errors, synthesis.file_stamp,
synthesis.interface.
"""
