"""What the gateway serves to browsers: ``client/``, which any page may import, and ``page/``, the demo at ``/``."""
