"""``sayline mcp``: a tool ``speak`` for assistants, by the Model Context Protocol over standard input and output.

An assistant starts it (docs/INTEGRATIONS.md). It serves until its standard input ends.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..errors import BadSettings
from . import options as client_options

if TYPE_CHECKING:
    import argparse

INSTALL: Final = "pip install 'sayline[mcp]'"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags."""
    parser.add_argument(
        "--no-play", action="store_true", help="give the sound to the assistant, even if there is an audio device here"
    )
    client_options.add_arguments(
        parser, url_help="the gateway's address (default: SAYLINE_URL, or ws://127.0.0.1:8080)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Serve until standard input ends; returns the exit status."""
    options = client_options.read(arguments)
    try:
        from ..client.audio_out import find_player  # noqa: PLC0415 - --help does not need it
        from ..integrations.mcp import new_server  # noqa: PLC0415 - its package is an extra
    except ImportError as exc:
        raise BadSettings(f"the tool needs a package that is not installed ({exc}): {INSTALL}") from exc
    player = None if arguments.no_play else find_player()
    new_server(options.url, options.key, options.ssl_context, player).run("stdio")
    return 0
