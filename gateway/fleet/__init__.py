"""Several GPUs of one machine: keeps one worker alive on each, for one server.

In: settings, a list of GPUs. Out: the folder in which the workers listen.

May import: gateway.errors, gateway.settings, synthesis.interface, synthesis.processes, synthesis.workers.
"""
