"""gateway.speaking."""
