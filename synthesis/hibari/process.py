"""The program of a process that speaks with hibari; ``synthesizer`` starts it."""

from __future__ import annotations

from ..turns.child import serve
from .voice import HibariVoice


def main() -> None:
    """Serve the gateway at the other end of standard input until it is gone."""
    serve(HibariVoice)
