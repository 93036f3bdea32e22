"""Which connections may come in, and which context is synthesized next.

In: handshakes, requests for slots, the engine's forecast. Out: refusals and grants.

May import: gateway.addresses, gateway.call_tokens, gateway.errors, gateway.http_answers.
"""
