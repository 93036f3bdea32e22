"""The command line: ``sayline serve | worker | cluster | say | read | mcp | voices | keys | download | doctor | ...``.

Each subcommand's module is imported only once it is chosen: ``sayline --help`` loads neither audio library nor loop.
"""

from __future__ import annotations

import argparse
import contextlib
import difflib
import os
import signal
import sys
from typing import TYPE_CHECKING, Final, NoReturn

from .. import __version__
from .client_defaults import are_read_by_clients, our_variables
from .errors import BadSettings, GatewayError
from .exit_status import FAILED, SIGNALLED, UNUSABLE, complain
from .observing.log_output import fill_closed_descriptors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

_COMMANDS: Final = {
    "serve": "start the gateway",
    "worker": "start an engine that gateways speak with",
    "cluster": "place workers on the machines of a Ray cluster",
    "say": "speak a text, or standard input as it arrives",
    "read": "tell how a text would be read, without sound",
    "mcp": "give assistants a tool that speaks, by the Model Context Protocol",
    "voices": "add, list and remove voices of CosyVoice3",
    "keys": "make a key for a tenant, or hash one",
    "download": "fetch a released model",
    "doctor": "check the installation part by part",
    "bench": "measure a gateway under load",
    "eval": "measure how well a gateway's speech is understood, and how it sounds",
}


class Parser(argparse.ArgumentParser):
    """A parser that reports an error in one line, and suggests the word that was probably meant."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the command line and where its flags are listed; exits."""
        self.exit(complain(f"{message} (usage: {self.prog} --help)", UNUSABLE))

    def refuse_unknown(self, unknown: Sequence[str]) -> NoReturn:
        """Complain of the first argument that there is no place for. A value is not repeated: it may be a key."""
        flag = next((argument.partition("=")[0] for argument in unknown if argument.startswith("-")), None)
        if flag is None:
            self.error("there are words that this command has no use for")
        known = [option for option in self._option_string_actions if option.startswith("--")]
        self.error(f"there is no flag {flag}{_did_you_mean(flag.replace('_', '-'), known)}")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    return run_command(_parse, list(sys.argv[1:] if argv is None else argv))


def run_command(parse: Callable[[list[str]], argparse.Namespace], arguments: list[str]) -> int:
    """Run the command that the arguments choose; whatever goes wrong is one line, and an exit status."""
    try:
        fill_closed_descriptors()
        namespace = parse(arguments)
        status: int = namespace.run(namespace)
        if sys.stdout is not None:
            sys.stdout.flush()
    except BadSettings as exc:
        return complain(str(exc), UNUSABLE)
    except BrokenPipeError:
        _discard_output()
        return SIGNALLED + signal.SIGPIPE  # the reader of what we print has seen enough, and knows
    except OSError as exc:
        _discard_output()
        return complain(f"{exc.filename}: {exc.strerror}" if exc.filename else exc.strerror or str(exc), FAILED)
    except GatewayError as exc:
        return complain(str(exc), FAILED)
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # Python would report a second one, on the way out, by a traceback
        return SIGNALLED + signal.SIGINT
    return status


def _discard_output() -> None:
    """Discard output that could not be printed: Python would try again at exit, and report it in lines of its own."""
    if sys.stdout is not None:
        with contextlib.suppress(OSError, ValueError):  # a stand-in for standard output has no descriptor
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = Parser(prog="sayline", description="A real-time voice gateway: text in, Opus out.")
    parser.add_argument("--version", action="version", version=f"sayline {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    chosen = next((argument for argument in arguments if not argument.startswith("-")), None)
    if chosen is not None and chosen not in _COMMANDS:
        parser.error(f"there is no command {chosen!r}{_did_you_mean(chosen, _COMMANDS)}")
    command = parser
    for name, summary in _COMMANDS.items():
        subparser = commands.add_parser(name, help=summary, description=f"{summary[0].upper()}{summary[1:]}.")
        if name == chosen:
            command = subparser
            with interrupts_held():
                command.set_defaults(run=_prepare(name, command))
    namespace, unknown = parser.parse_known_args(arguments)
    if unknown:
        command.refuse_unknown(unknown)
    return namespace


@contextlib.contextmanager
def interrupts_held() -> Iterator[None]:
    """Hold Ctrl-C back while modules are imported.

    Libraries in Rust turn a ``KeyboardInterrupt`` in their imports into a panic, which is no exception that could be
    told from a fault, and print it.
    """
    held = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, held)


def _did_you_mean(word: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, known, n=1)
    return f"; did you mean {near[0]}?" if near else ""


def _prepare(name: str, parser: Parser) -> Callable[[argparse.Namespace], int]:
    """Add the command's flags; returns what runs it."""
    if name == "serve":
        from .settings import add_arguments  # noqa: PLC0415 - see the module's docstring

        add_arguments(parser)
        return _serve
    if name == "worker":
        from .commands import worker  # noqa: PLC0415 - the same

        worker.add_arguments(parser)
        return worker.run
    if name == "cluster":
        from .commands import cluster  # noqa: PLC0415 - the same

        cluster.add_arguments(parser)
        return cluster.run
    if name == "say":
        from .commands import say  # noqa: PLC0415 - the same

        say.add_arguments(parser)
        return _in_known_environment(say.run)
    if name == "read":
        from .commands import read  # noqa: PLC0415 - the same

        read.add_arguments(parser)
        return read.run
    if name == "mcp":
        from .commands import mcp  # noqa: PLC0415 - the same

        mcp.add_arguments(parser)
        return _in_known_environment(mcp.run)
    if name == "voices":
        from .commands import voices  # noqa: PLC0415 - the same

        voices.add_arguments(parser)
        return voices.run
    if name == "keys":
        from .commands import keys  # noqa: PLC0415 - the same

        keys.add_arguments(parser)
        return keys.run
    if name == "download":
        from .commands import download  # noqa: PLC0415 - the same

        download.add_arguments(parser)
        return download.run
    if name == "doctor":
        from .commands import doctor  # noqa: PLC0415 - the same

        doctor.add_arguments(parser)
        return doctor.run
    if name == "eval":
        from .commands.eval import command as evaluation  # noqa: PLC0415 - the same

        evaluation.add_arguments(parser)
        return _in_known_environment(evaluation.run)
    from .commands.bench import command as bench  # noqa: PLC0415 - the same

    bench.add_arguments(parser)
    return _in_known_environment(bench.run)


def _in_known_environment(run: Callable[[argparse.Namespace], int]) -> Callable[[argparse.Namespace], int]:
    """Let a client's command refuse a variable that is called as if it were ours, as a server does."""

    def run_if_known(namespace: argparse.Namespace) -> int:
        if not are_read_by_clients(our_variables()):
            from .settings import refuse_unknown_variables  # noqa: PLC0415 - see the module's docstring

            refuse_unknown_variables()
        return run(namespace)

    return run_if_known


def _serve(namespace: argparse.Namespace) -> int:
    from .settings import load  # noqa: PLC0415 - see the module's docstring

    settings = load(namespace)
    settings.ensure_engine()  # what cannot work is told before all the rest is loaded, which takes longer
    from .cluster.process_life import serve  # noqa: PLC0415 - the same

    return serve(settings)


if __name__ == "__main__":
    sys.exit(main())
