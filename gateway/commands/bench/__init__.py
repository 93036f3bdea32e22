"""gateway.commands.bench."""
