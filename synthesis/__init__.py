"""From text to sound: engines behind one interface, which is all that the gateway knows of them.

Every engine may import ``interface``, ``rates`` and ``language``, and declares itself by ``declaration``; ``registry``
lists the engines. ``tone`` is the smallest one.
"""

if __package__ == "synthesis":  # found from the repository's root as a second copy, whose classes are others
    raise ImportError("the repository's root is the package sayline: import sayline.synthesis")
