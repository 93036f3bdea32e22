"""From text to sound: engines behind one interface, which is all that the gateway knows of them.

``interface``, ``rates`` and ``language`` may be imported by every engine. ``tone`` is the smallest engine.
"""

if __package__ == "synthesis":  # found from the repository's root as a second copy, whose classes are others
    raise ImportError("the repository's root is the package sayline: import sayline.synthesis")
