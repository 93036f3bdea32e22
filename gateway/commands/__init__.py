"""gateway.commands."""
