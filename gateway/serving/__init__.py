"""gateway.serving."""
