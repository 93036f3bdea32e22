"""``sayline bench``: how many listeners a gateway carries, and how well each of them is served.

It starts a server of its own unless ``--url`` names one, types texts at it like language models, listens in real time,
and fails (exit 1) on any underrun, error, lost context or refusal that ``--allow`` does not forgive, and when its own
load generator was too slow to be believed.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import gc
import json
import os
import platform
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from .... import __version__
from ...client.connecting import connect
from ...client.opening import endpoint_url
from ...client.output import Output
from ...errors import BadSettings
from ...settings import ENGINES
from .. import options as client_options
from .load import Load, LoadPlan
from .report import FAULTS, curve, failures, figures, show, table, worst
from .server import Meter, gateway_command, server_process
from .texts import CORPUS, Script, script

if TYPE_CHECKING:
    import argparse
    import ssl
    from collections.abc import AsyncIterator, Coroutine, Sequence

    from ..options import ClientOptions
    from .report import Figures

# A benchmark is bounded: no operator means a day, or more sockets than one address has ports.
_MAX_STREAMS: Final = 5_000
_MAX_DURATION_S: Final = 3_600.0
_MAX_RATE: Final = 1_000.0
# Streams start one by one over this share of the duration (10 s at most), or all would speak their first sentence at
# the same moment, which no population of listeners does.
_RAMP_SHARE: Final = 0.25
_MAX_RAMP_S: Final = 10.0
_WARM_UP_S: Final = 1.0  # first uses load voice data and compile code; they are not measured
_LONG_CHARS_PER_S: Final = 25  # fast speech is 20 characters a second: a long text must not run out


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags."""
    load = parser.add_argument_group("load")
    load.add_argument("--streams", type=int, metavar="N", help="keep N listeners at all times (default: 20)")
    load.add_argument(
        "--rate",
        type=float,
        metavar="R",
        help="start R new contexts a second, at random times (Poisson arrivals, open loop)",
    )
    load.add_argument(
        "--sweep", metavar="N,N,...", help="make one run for each number of streams, to find the largest good one"
    )
    load.add_argument(
        "--duration", type=float, default=30.0, metavar="S", help="length of each run, in seconds (default: 30)"
    )
    load.add_argument("--seeds", default="0", metavar="N,N,...", help="make one run for each seed (default: 0)")
    load.add_argument(
        "--seed", type=int, action="append", metavar="N", help="one more seed, as in --seeds; may be repeated"
    )
    load.add_argument(
        "--tokens-per-second",
        type=float,
        default=50.0,
        metavar="T",
        help="speed of each writer, in text tokens; 0 sends each text at once",
    )
    load.add_argument("--long", action="store_true", help="keep one context open in each stream for the whole run")
    load.add_argument("--playback", action="store_true", help="listeners report what they have heard (credit)")
    load.add_argument(
        "--contexts-per-connection",
        type=int,
        default=1,
        metavar="N",
        help="contexts that share a connection (default: 1)",
    )
    load.add_argument(
        "--text-file", type=Path, metavar="FILE", help="file with one text per line, instead of the built-in texts"
    )
    load.add_argument("--voice", metavar="NAME", help="voice that speaks (default: the gateway's first)")
    server = parser.add_argument_group("server")
    client_options.add_arguments(server, url_help="measure this gateway instead of starting one")
    server.add_argument("--remote", action="store_true", help="allow --url beyond this machine")
    server.add_argument(
        "--engine",
        choices=tuple(ENGINES),
        default="espeak",
        help="engine of the server that is started (default: espeak)",
    )
    server.add_argument(
        "--serve", default="", metavar="FLAGS", help='more flags for the server, such as "--frame-ms 60"'
    )
    report = parser.add_argument_group("report")
    report.add_argument("--json", type=Path, metavar="FILE", help="file to which all figures are written")
    report.add_argument("--allow", default="", metavar="LIST", help=f"do not fail on these: {','.join(FAULTS)}")
    parser.set_defaults(parser=parser)


def run(arguments: argparse.Namespace) -> int:
    """Measure; returns the exit status."""
    _judge(arguments)
    options = client_options.read(arguments)
    plans = _plans(arguments)
    flags = _server_flags(arguments)
    # Opened before the run, which takes minutes, and nothing is left of it if the run fails.
    report = Output.open(str(arguments.json), option="--json") if arguments.json else None
    try:
        return _run_on_fast_loop(_measure_all(arguments, plans, options, flags, report))
    finally:
        if report is not None:
            report.close()


async def measure(
    plan: LoadPlan,
    url: str,
    key: str | None = None,
    meter: Meter | None = None,
    ssl_context: ssl.SSLContext | None = None,
) -> Figures:
    """Run one plan and work out its figures."""
    warm_up = dataclasses.replace(plan, streams=1, rate=None, duration_s=_WARM_UP_S, ramp_s=0.0, is_long=True)
    await Load(warm_up, url, key, ssl_context=ssl_context).run()
    gc.collect()
    gc.freeze()
    gc.disable()  # a collection among a million small records stops the generator for tens of milliseconds
    try:
        result = await Load(plan, url, key, meter, ssl_context).run()
    finally:
        gc.enable()
        gc.unfreeze()
    return figures(result)


async def _measure_all(
    arguments: argparse.Namespace,
    plans: Sequence[LoadPlan],
    options: ClientOptions,
    flags: Sequence[str],
    report: Output | None,
) -> int:
    allowed = [name for name in arguments.allow.split(",") if name]
    runs: list[dict[str, Any]] = []
    swept: list[tuple[int, Figures]] = []
    complaints: list[str] = []
    for plan in plans:
        async with _gateway(arguments, flags) as (url, meter):
            await _judge_gateway(url, options, arguments.voice)
            run = await measure(plan, url, options.key, meter, options.ssl_context)
        title = f"{plan.streams} streams" if plan.streams is not None else f"{plan.rate:g} contexts/s"
        title = f"{title}, {plan.duration_s:g} s, seed {plan.seed}"
        show(table(title, run) + "\n")
        complaints += [f"{title}: {complaint}" for complaint in failures(run, allowed)]
        runs.append({"streams": plan.streams, "rate": plan.rate, "seed": plan.seed, **run})
        if plan.streams is not None:
            swept.append((plan.streams, run))
    if arguments.sweep:
        show(curve(swept))
    elif len(runs) > 1:
        show(worst(runs))
    if report is not None:
        document = json.dumps(_document(arguments, runs, complaints), indent=2)
        await report.write(f"{document}\n".encode())
    for complaint in complaints:
        show(f"FAILED  {complaint}")
    return 1 if complaints else 0


def _plans(arguments: argparse.Namespace) -> list[LoadPlan]:
    texts: tuple[str, ...] = CORPUS
    if arguments.text_file:
        texts = _texts(arguments.text_file)
    scripts = _scripts(texts, arguments.duration if arguments.long else 0.0)
    counts = _numbers(arguments.sweep) if arguments.sweep else [None if arguments.rate else arguments.streams or 20]
    return [
        LoadPlan(
            streams=streams,
            rate=arguments.rate if streams is None else None,
            duration_s=arguments.duration,
            ramp_s=0.0 if streams is None else min(_MAX_RAMP_S, _RAMP_SHARE * arguments.duration),
            tokens_per_second=arguments.tokens_per_second,
            is_long=arguments.long,
            reports_playback=arguments.playback,
            contexts_per_connection=arguments.contexts_per_connection,
            seed=seed,
            scripts=scripts,
            voice=arguments.voice,
        )
        for streams in counts
        for seed in arguments.seed or _numbers(arguments.seeds)
    ]


def _texts(path: Path) -> tuple[str, ...]:
    try:
        lines = path.read_text("utf-8").splitlines()
    except OSError as exc:
        raise BadSettings(f"--text-file {path}: cannot be read: {exc.strerror}") from None
    except UnicodeDecodeError:
        raise BadSettings(f"--text-file {path}: that is no UTF-8 text") from None
    texts = tuple(line for line in lines if line.strip())
    if not texts:
        raise BadSettings(f"--text-file {path}: there is no text in it; each line is one")
    return texts


def _server_flags(arguments: argparse.Namespace) -> list[str]:
    try:
        return ["--engine", arguments.engine, "--log-level", "warning", *shlex.split(arguments.serve)]
    except ValueError as exc:  # a quote without its partner
        raise BadSettings(f"--serve: {exc}") from None


def _scripts(texts: tuple[str, ...], long_s: float) -> tuple[Script, ...]:
    """Prepare the texts; for long contexts, each text becomes one that begins with it and lasts ``long_s``."""
    if not long_s:
        return tuple(map(script, texts))
    chars = int((long_s + _MAX_RAMP_S) * _LONG_CHARS_PER_S)
    turned = (" ".join(texts[first:] + texts[:first]) + " " for first in range(len(texts)))
    return tuple(script((text * (1 + chars // len(text)))[:chars]) for text in turned)


@contextlib.asynccontextmanager
async def _gateway(arguments: argparse.Namespace, flags: Sequence[str]) -> AsyncIterator[tuple[str, Meter | None]]:
    """Give the gateway that was named, or one that was started for this run alone."""
    if arguments.url:
        yield arguments.url, None
        return
    async with server_process(gateway_command(flags)) as server:
        yield server.url, server.meter


async def _judge_gateway(url: str, options: ClientOptions, voice: str | None) -> None:
    """Refuse to measure what cannot be connected to, or has no such voice; the run would only count the failures.

    Raises:
        ConnectionFailed: with the reason.
        BadSettings: it has no such voice.
    """
    async with connect(url, key=options.key, ssl_context=options.ssl_context) as connection:
        if voice is not None and voice not in connection.voices:
            raise BadSettings(f"--voice {voice}: the gateway has no such voice; its /v1/voices lists them")


def _document(arguments: argparse.Namespace, runs: list[dict[str, Any]], complaints: list[str]) -> dict[str, Any]:
    options = {
        name: value for name, value in vars(arguments).items() if name not in ("parser", "run", "key", "command")
    }
    return {
        "sayline": __version__,
        "python": platform.python_version(),
        "cpus": os.cpu_count(),
        "options": {name: str(value) if isinstance(value, Path) else value for name, value in options.items()},
        "runs": runs,
        "failures": complaints,
    }


def _judge(arguments: argparse.Namespace) -> None:
    """Refuse what cannot work, in argparse's own words."""
    error = arguments.parser.error
    if sum(value is not None for value in (arguments.streams, arguments.rate, arguments.sweep)) > 1:
        error("--streams, --rate and --sweep exclude each other")
    try:
        counts = (
            _numbers(arguments.sweep) if arguments.sweep else [1 if arguments.streams is None else arguments.streams]
        )
        _numbers(arguments.seeds)
    except ValueError:
        error("--sweep and --seeds take whole numbers, separated by commas")
    if not all(1 <= count <= _MAX_STREAMS for count in (*counts, arguments.contexts_per_connection)):
        error(f"streams and contexts per connection: 1 to {_MAX_STREAMS}")
    if arguments.rate is not None and not 0 < arguments.rate <= _MAX_RATE:
        error(f"--rate: above 0, at most {_MAX_RATE:g}")
    if not 0 < arguments.duration <= _MAX_DURATION_S:
        error(f"--duration: above 0, at most {_MAX_DURATION_S:g}")
    if arguments.tokens_per_second < 0:
        error("--tokens-per-second: 0 or more")
    if unknown := set(filter(None, arguments.allow.split(","))) - set(FAULTS):
        error(f"--allow: {', '.join(sorted(unknown))}: only {', '.join(FAULTS)} can be allowed")
    if arguments.url and not arguments.remote:
        host = urlsplit(endpoint_url(arguments.url)).hostname or ""
        if host not in ("localhost", "::1") and not host.startswith("127."):
            error(f"--url: {host} is another machine; add --remote if it may be put under load")


def _numbers(text: str) -> list[int]:
    return [int(number) for number in text.split(",")]


def _run_on_fast_loop(work: Coroutine[Any, Any, int]) -> int:
    """Run on uvloop if it is installed: the generator must cost less than the gateway that it measures."""
    try:
        import uvloop  # noqa: PLC0415 - optional: absent on platforms it does not support
    except ImportError:
        return asyncio.run(work)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)
