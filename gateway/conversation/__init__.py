"""gateway.conversation."""
