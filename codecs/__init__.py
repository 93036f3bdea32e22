"""Audio codecs and containers; they know nothing of sockets, text or models.

In: PCM. Out: packets and files.

May import: nothing of ours.
"""  # noqa: A005 - it is sayline.codecs

if __package__ == "codecs":  # found from the repository's root as a second copy, whose classes are others
    raise ImportError("the repository's root is the package sayline: import sayline.codecs")
