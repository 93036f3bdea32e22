"""gateway.cluster."""
