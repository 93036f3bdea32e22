"""A worker: an engine in a process of its own, which gateways lease.

In: settings, and where to listen. Out: speech for every gateway that comes.

May import: gateway.cluster, gateway.errors, gateway.exit_status, gateway.fleet, gateway.observing,
gateway.settings, gateway.wiring, synthesis.interface, synthesis.processes, synthesis.workers.
"""
