"""How a command ends: its exit status, and the one line that says why.

``sayline serve`` and all other commands share the statuses; a command that a signal ended exits with 128 plus the
signal's number, as a shell reports it.
"""

from __future__ import annotations

import sys
from typing import Final

FAILED: Final = 1  # the gateway, the network or a file: the same command may succeed another time
UNUSABLE: Final = 2  # the command line, a setting or the text cannot work; argparse's own status
SIGNALLED: Final = 128  # plus the signal's number
# The client alone is these files in a package of another name, and its program has that name.
_PROGRAM: Final = __name__.partition(".")[0].replace("_", "-")


def complain(message: str, status: int) -> int:
    """Say on standard error what went wrong, in one line; returns the status.

    What a peer or a file's name brought along may hold control characters, which would write over the terminal.
    """
    line = "".join(character if character.isprintable() else " " for character in message)
    tell(f"{_PROGRAM}: {line}")
    return status


def tell(line: str, end: str = "\n") -> None:
    """Write to standard error, if it has a reader."""
    if sys.stderr is None:  # the caller closed it: 2>&-
        return
    try:
        sys.stderr.write(f"{line}{end}")
        sys.stderr.flush()
    except (OSError, ValueError):  # its reader has gone: no reason to fail, and nowhere to say so
        sys.stderr = None
