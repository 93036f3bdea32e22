"""Conversations that outlive their socket: what is kept for a client that may come back, and who may have it.

In: what leaves, sockets that broke, clients that come back. Out: what a socket did not bring, the next socket.

May import: gateway.dialects.
"""
