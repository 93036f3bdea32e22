"""The program of a process that speaks with Kokoro; ``synthesizer`` starts it, with the folder of the voices."""

from __future__ import annotations

import sys
from pathlib import Path

from ..turns.child import serve
from .voice import KokoroVoice


def main() -> None:
    """Serve the gateway at the other end of standard input until it is gone."""
    serve(lambda: KokoroVoice(Path(sys.argv[2])))
