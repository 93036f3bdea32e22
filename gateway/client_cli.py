"""The command line of the client alone: ``sayline-client say`` is ``sayline say`` without a gateway."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from .. import __version__
from .cli import Parser, interrupts_held, run_command

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    return run_command(_parse, list(sys.argv[1:] if argv is None else argv))


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = Parser(prog="sayline-client", description="The client of a real-time voice gateway: text in, speech out.")
    parser.add_argument("--version", action="version", version=f"sayline-client {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    summary = "speak a text, or standard input as it arrives"
    command = commands.add_parser("say", help=summary, description=f"{summary[0].upper()}{summary[1:]}.")
    with interrupts_held():
        from .commands import say  # noqa: PLC0415 - held back from Ctrl-C, as there

        say.add_arguments(command)
    command.set_defaults(run=say.run)
    namespace, unknown = parser.parse_known_args(arguments)
    if unknown:
        command.refuse_unknown(unknown)
    return namespace
