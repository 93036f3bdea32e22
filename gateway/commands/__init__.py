"""The command line, ``sayline COMMAND``: one file or folder for each command.

In: arguments, standard input. Out: standard output, files, an exit status.

May import: codecs, gateway.capacity, gateway.client, gateway.client.wire, gateway.client_defaults, gateway.errors,
gateway.exit_status, gateway.integrations, gateway.placing, gateway.serving, gateway.serving.tls, gateway.settings,
gateway.text, gateway.wiring, gateway.worker, synthesis.alignment, synthesis.cosyvoice3, synthesis.cosyvoice3.release,
synthesis.cosyvoice3.text, synthesis.cosyvoice3.voices, synthesis.declaration, synthesis.hearing, synthesis.interface,
synthesis.kokoro, synthesis.rates, synthesis.reading, synthesis.workers.
"""
