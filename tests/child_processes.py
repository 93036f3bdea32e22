"""Our child processes, found as an operator finds them: by what they were started as, or what they call themselves."""

import contextlib

import psutil

ENGINE = "sayline.synthesis.cosyvoice3.process.main"


def children_called(name, *, recursive=False):
    """Those of our children, and of theirs if so wished, whose command line has this name in it."""
    found = []
    for child in psutil.Process().children(recursive=recursive):
        with contextlib.suppress(psutil.NoSuchProcess):  # others come and go while we look
            if name in "".join(child.cmdline()):
                found.append(child)
    return found
