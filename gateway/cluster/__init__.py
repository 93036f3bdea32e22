"""Several gateway processes that are one server, and the life of each such process.

In: settings. Out: workers that listen on one port and share limits, turns, figures and an engine.

May import: codecs, gateway.capacity, gateway.errors, gateway.exit_status, gateway.observing, gateway.serving,
gateway.serving.tls, gateway.serving.wyoming, gateway.settings, gateway.wiring, synthesis.interface,
synthesis.processes.
"""
