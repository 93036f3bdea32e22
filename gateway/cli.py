"""The command line: ``sayline serve | say | voices | download | doctor | bench``.

Each subcommand's module is imported only once it is chosen: ``sayline --help`` loads neither audio library nor loop.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Final

from .. import __version__
from .errors import BadSettings, GatewayError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_COMMANDS: Final = {
    "serve": "start the gateway",
    "say": "speak a text, or standard input as it arrives",
    "voices": "add, list and remove voices of CosyVoice3",
    "download": "fetch a released model",
    "doctor": "check the installation part by part",
    "bench": "measure a gateway under load",
}
FAILED_EXIT: Final = 1
USAGE_EXIT: Final = 2  # what argparse exits with
INTERRUPT_EXIT: Final = 130  # 128 + SIGINT, as shells report it


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    parser = argparse.ArgumentParser(prog="sayline", description="A real-time voice gateway: text in, Opus out.")
    parser.add_argument("--version", action="version", version=f"sayline {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    chosen = next((argument for argument in arguments if not argument.startswith("-")), None)
    for name, summary in _COMMANDS.items():
        command = commands.add_parser(name, help=summary, description=f"{summary[0].upper()}{summary[1:]}.")
        if name == chosen:
            command.set_defaults(run=_prepare(name, command))
    namespace = parser.parse_args(arguments)
    try:
        status: int = namespace.run(namespace)
    except BadSettings as exc:
        print(f"sayline: {exc}", file=sys.stderr)
        return USAGE_EXIT
    except (GatewayError, OSError) as exc:
        print(f"sayline: {exc}", file=sys.stderr)
        return FAILED_EXIT
    except KeyboardInterrupt:
        return INTERRUPT_EXIT
    return status


def _prepare(name: str, parser: argparse.ArgumentParser) -> Callable[[argparse.Namespace], int]:
    """Add the command's flags; returns what runs it."""
    if name == "serve":
        from .settings import add_arguments  # noqa: PLC0415 - see the module's docstring

        add_arguments(parser)
        return _serve
    if name == "say":
        from . import say  # noqa: PLC0415 - the same

        say.add_arguments(parser)
        return say.run
    if name == "voices":
        from . import voices  # noqa: PLC0415 - the same

        voices.add_arguments(parser)
        return voices.run
    if name == "download":
        from . import download  # noqa: PLC0415 - the same

        download.add_arguments(parser)
        return download.run
    if name == "doctor":
        from . import doctor  # noqa: PLC0415 - the same

        doctor.add_arguments(parser)
        return doctor.run
    from . import bench  # noqa: PLC0415 - the same

    bench.add_arguments(parser)
    return bench.run


def _serve(namespace: argparse.Namespace) -> int:
    from .settings import load  # noqa: PLC0415 - see the module's docstring
    from .wiring import serve  # noqa: PLC0415 - the same

    return serve(load(namespace))


if __name__ == "__main__":
    sys.exit(main())
