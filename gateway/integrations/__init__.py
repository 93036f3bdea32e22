"""Sayline inside other people's programs: native services for agent frameworks, and a tool for assistants.

Each file needs the extra that has its name: ``pip install 'sayline[pipecat]'``.

In: what a framework calls. Out: speech through the Python client, in the framework's own types.

May import: gateway.client, gateway.client.wire, gateway.dialects.tts_v1, gateway.errors.
"""
