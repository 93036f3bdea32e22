"""gateway.dialects."""
