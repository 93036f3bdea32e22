"""From a client's text to a listener's audio: one folder for each part of that way.

``errors`` and ``settings`` may be imported by every room. ``wiring`` imports every room and puts a server together.
"""

if __package__ == "gateway":  # found from the repository's root as a second copy, whose classes are others
    raise ImportError("the repository's root is the package sayline: import sayline.gateway")
