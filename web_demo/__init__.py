"""The browser demo: static files that the gateway serves."""
