"""``sayline eval``: what a listener makes of a gateway's speech, measured by ears that packages bring.

In: sentences, the address of a gateway. Out: figures, a verdict, recordings to listen to.

May import: gateway.client, gateway.client.wire, gateway.commands, gateway.commands.bench, gateway.dialects.tts_v1,
gateway.errors, gateway.settings, synthesis.hearing, synthesis.interface.
"""
