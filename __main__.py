"""``python -m sayline`` is the command ``sayline``."""

import sys

from .gateway.cli import main

if __name__ == "__main__":
    sys.exit(main())
