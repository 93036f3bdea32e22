"""Workers on the machines of a Ray cluster: Ray Serve places them, and a board tells gateways where they are.

In: settings, how many workers. Out: workers, and the board, to which gateways link.

May import: gateway.cluster, gateway.exit_status, gateway.observing, gateway.settings, gateway.worker,
synthesis.interface, synthesis.processes, synthesis.workers.
"""
