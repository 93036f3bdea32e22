"""gateway.client."""
