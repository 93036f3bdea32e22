"""gateway.capacity."""
