"""The server's half of TLS: certificates that are given, and one that the server makes for itself.

In: files of PEM, the user's cache. Out: a context for the listener, or one line that says which file is wrong.

May import: gateway.errors, gateway.settings, synthesis.file_stamp.
"""
