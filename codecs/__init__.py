"""Audio codecs and containers: PCM in, packets out; they know nothing of sockets, text or models."""  # noqa: A005 - it is sayline.codecs
