"""Requests with bodies: read with caps, found in the dialects' lists, let in, and refused in the dialects' words.

In: requests. Out: what a dialect reads in them, for the server to speak; answers.

May import: codecs, gateway.capacity, gateway.dialects, gateway.errors, gateway.http_answers, gateway.tenants,
synthesis.interface.
"""
