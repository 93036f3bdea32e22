"""gateway.observing."""
