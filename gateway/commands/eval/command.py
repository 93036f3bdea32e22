"""``sayline eval``: how well a gateway's speech is understood, how natural it sounds, and whether a seam is heard.

It starts a server of its own unless ``--url`` names one, has every sentence spoken twice (as Opus, which is what
listeners hear, and as samples, in which a seam shows exactly), and gives them to the ears of ``synthesis/hearing/``.
Exit status: 0 all limits kept, 1 not, 2 the command line cannot work.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import shlex
import wave
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from .... import __version__
from ....synthesis.hearing import fidelity, naturalness, pitch, recogniser
from ....synthesis.interface import EngineUnavailable
from ...client.connecting import connect
from ...errors import BadSettings, GatewayError
from ...settings import ENGINES
from .. import options as client_options
from ..bench.report import show
from ..bench.server import gateway_command, server_process
from . import measuring
from .listening import Take, Wish, listen
from .measuring import Finding
from .report import FAULTS, Limits, confirmed, failures, figures, sentences, table
from .sentences import OWN_LISTS, own_list, read_list

if TYPE_CHECKING:
    import argparse
    from collections.abc import AsyncIterator, Callable, Sequence

    from ...dialects.tts_v1.messages import AudioFormatName
    from ..options import ClientOptions
    from .sentences import Sentence

MEASURES: Final = {
    "words": recogniser.missing_packages,
    "naturalness": naturalness.missing_packages,
    "seams": list[str],  # needs nothing beyond the base install
    "fidelity": fidelity.missing_packages,
}
_INSTALL: Final = {
    "words": recogniser.INSTALL,
    "naturalness": naturalness.INSTALL,
    "fidelity": fidelity.INSTALL,
}
# What a flag, by its attribute's name, judges or writes; without that measure it would say that all is well.
_JUDGES: Final = {
    "most_errors": "words",
    "known": "words",
    "write_known": "words",
    "least_naturalness": "naturalness",
    "least_fidelity": "fidelity",
}
_MOST_AT_ONCE: Final = 64
_MOST_SENTENCES: Final = 100_000
_MS: Final = 1000
_HOPS: Final = re.compile(r"(\d{1,6}(?:\.\d+)?),(\d{1,6}(?:\.\d+)?)")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags."""
    what = parser.add_argument_group("sentences")
    what.add_argument(
        "--list",
        type=Path,
        metavar="FILE",
        help="sentences to speak, one a line, or a test set's list: Seed-TTS, LJSpeech, LibriSpeech "
        f"(default: this program's own, for {', '.join(OWN_LISTS)})",
    )
    what.add_argument(
        "--language",
        default="en",
        metavar="TAGS",
        help="language of the list; for this program's own, some of en,zh,ja (default: en)",
    )
    what.add_argument("--limit", type=int, metavar="N", help="speak only the first N sentences of each list")
    what.add_argument("--voice", metavar="NAME", help="voice that speaks (default: the gateway's first)")
    what.add_argument("--speed", type=float, metavar="X", help="speed of the voice, 0.5 to 2 (default: 1)")
    what.add_argument("--seed", type=int, metavar="N", help="makes an engine that samples repeatable")
    measure = parser.add_argument_group("measuring")
    measure.add_argument(
        "--measure",
        metavar="LIST",
        help=f"what to measure, of {','.join(MEASURES)} "
        "(default: whatever is installed: naturalness with sayline[naturalness], all others with sayline[eval])",
    )
    measure.add_argument(
        "--reference",
        type=Path,
        metavar="DIR",
        help="compare with the recordings in this folder, by the sentences' names, such as another run's --out "
        "(default: with the samples before Opus)",
    )
    measure.add_argument(
        "--hops",
        metavar="FIRST,EVERY",
        help="where the engine joins its hops in each segment, in ms: the first, and one every so often after it",
    )
    limits = parser.add_argument_group("limits")
    limits.add_argument("--most-errors", type=float, metavar="PERCENT", help="fail above this rate of misheard words")
    limits.add_argument("--least-naturalness", type=float, metavar="X", help="fail below this mean, of 1 to 5")
    limits.add_argument("--least-fidelity", type=float, metavar="X", help="fail if a sentence is below this, of 1 to 5")
    limits.add_argument(
        "--known", type=Path, metavar="FILE", help="fail at any mishearing, made twice, that this file does not list"
    )
    limits.add_argument("--allow", default="", metavar="LIST", help=f"do not fail on these: {','.join(FAULTS)}")
    report = parser.add_argument_group("report")
    report.add_argument("--json", type=Path, metavar="FILE", help="file to which all figures are written")
    report.add_argument("--out", type=Path, metavar="DIR", help="folder to which each sentence is written as WAV")
    report.add_argument("--write-known", type=Path, metavar="FILE", help="file to which a list for --known is written")
    server = parser.add_argument_group("server")
    client_options.add_arguments(server, url_help="listen to this gateway instead of starting one")
    server.add_argument("--engine", choices=tuple(ENGINES), help="engine of the server that is started")
    server.add_argument(
        "--serve", default="", metavar="FLAGS", help='more flags for the server, such as "--opus-bitrate 16000"'
    )
    server.add_argument(
        "--at-once", type=int, default=2, metavar="N", help="sentences that are spoken at the same time (default: 2)"
    )
    parser.set_defaults(parser=parser)


def run(arguments: argparse.Namespace) -> int:
    """Speak, listen and judge; returns the exit status."""
    measures = _judge(arguments)
    listed = _sentences(arguments)
    limits = _limits(arguments)
    references = _references(arguments.reference, listed)
    hops = _hops(arguments.hops)
    options = client_options.read(arguments)
    try:
        ears = _Ears(measures)
    except EngineUnavailable as exc:
        raise BadSettings(f"--measure: {exc}") from exc
    heard, made = asyncio.run(_speak(arguments, options, listed, measures))
    findings = [Finding(take) for take in heard]
    if made is not None and not references:
        references = {take.sentence.name: take for take in made}
    ears.judge(findings, made, references, hops)
    complaints = failures(findings, limits)
    show(table(findings) + "\n")
    for name, missing_packages in MEASURES.items():
        if name not in measures and (missing := missing_packages()):
            show(f"not measured: {name}, without {', '.join(missing)} ({_INSTALL[name]})\n")
    _write(arguments, findings, complaints)
    for complaint in complaints:
        show(f"FAILED  {complaint}")
    return 1 if complaints else 0


class _Ears:
    """The ears that were asked for, loaded before anything is spoken: what is missing is known at once.

    Raises:
        EngineUnavailable: a package is missing.
    """

    def __init__(self, measures: Sequence[str]) -> None:
        self._recogniser = recogniser.Recogniser() if "words" in measures else None
        self._naturalness = naturalness.Naturalness() if "naturalness" in measures else None
        self._fidelity = fidelity.Fidelity() if "fidelity" in measures else None
        self._finds_seams = "seams" in measures
        self._pitch = pitch.PitchFinder() if self._finds_seams and not pitch.missing_packages() else None

    def judge(
        self,
        findings: Sequence[Finding],
        made: Sequence[Take] | None,
        references: dict[str, Take],
        hops: Callable[[int, int, int], list[int]] | None,
    ) -> None:
        """Have each ear say what it hears."""
        if self._recogniser is not None:
            measuring.hear_words(findings, self._recogniser)
        if self._naturalness is not None:
            measuring.judge_naturalness(findings, self._naturalness)
        if self._finds_seams and made is not None:
            for finding, take in zip(findings, made, strict=True):
                measuring.find_seams(finding, take, hops, self._pitch)
        if self._fidelity is not None:
            measuring.compare(findings, references, self._fidelity)


async def _speak(
    arguments: argparse.Namespace, options: ClientOptions, listed: Sequence[Sentence], measures: Sequence[str]
) -> tuple[list[Take], list[Take] | None]:
    """Have everything spoken as Opus and, if it is to be looked at exactly, once more as samples."""
    wish = Wish(arguments.voice, arguments.speed, arguments.seed)
    wants_samples = "seams" in measures or ("fidelity" in measures and arguments.reference is None)
    async with _gateway(arguments) as url:
        heard = await _takes(url, options, "opus", listed, wish, arguments.at_once)
        made = await _takes(url, options, "pcm_s16le", listed, wish, arguments.at_once) if wants_samples else None
    return heard, made


async def _takes(
    url: str, options: ClientOptions, form: AudioFormatName, listed: Sequence[Sentence], wish: Wish, at_once: int
) -> list[Take]:
    turns = asyncio.Semaphore(at_once)
    takes: list[Take | None] = [None] * len(listed)

    async def take(index: int) -> None:
        async with turns:
            takes[index] = await listen(connection, listed[index], wish)

    # A file has no playing time to keep to: nothing is paced.
    async with connect(url, key=options.key, format=form, max_lead_ms=0, ssl_context=options.ssl_context) as connection:
        if wish.voice is not None and wish.voice not in connection.voices:
            raise BadSettings(f"--voice {wish.voice}: the gateway has no such voice; its /v1/voices lists them")
        try:
            async with asyncio.TaskGroup() as tasks:
                for index in range(len(listed)):
                    tasks.create_task(take(index))
        except ExceptionGroup as group:
            raise group.exceptions[0] from None  # the first sentence that failed stands for all
    return [take for take in takes if take is not None]


@contextlib.asynccontextmanager
async def _gateway(arguments: argparse.Namespace) -> AsyncIterator[str]:
    if arguments.url:
        yield arguments.url
        return
    try:
        flags = ["--log-level", "warning", *shlex.split(arguments.serve)]
    except ValueError as exc:  # a quote without its partner
        raise BadSettings(f"--serve: {exc}") from None
    if arguments.engine:
        flags = ["--engine", arguments.engine, *flags]
    async with server_process(gateway_command(flags)) as server:
        yield server.url


def _judge(arguments: argparse.Namespace) -> list[str]:
    """Refuse what cannot work, in argparse's own words; returns what is to be measured."""
    error = arguments.parser.error
    if not 1 <= arguments.at_once <= _MOST_AT_ONCE:
        error(f"--at-once: 1 to {_MOST_AT_ONCE}")
    if arguments.limit is not None and not 1 <= arguments.limit <= _MOST_SENTENCES:
        error(f"--limit: 1 to {_MOST_SENTENCES}")
    if unknown := set(_words(arguments.allow)) - set(FAULTS):
        error(f"--allow: {', '.join(sorted(unknown))}: only {', '.join(FAULTS)} can be allowed")
    measures = _measures(arguments)
    for name, measure in _JUDGES.items():
        if getattr(arguments, name) is not None and measure not in measures:
            flag = f"--{name.replace('_', '-')}"
            if missing := MEASURES[measure]():
                raise BadSettings(f"{flag}: {measure} needs {', '.join(missing)}: {_INSTALL[measure]}")
            error(f"{flag}: --measure leaves out {measure}")
    return measures


def _measures(arguments: argparse.Namespace) -> list[str]:
    if arguments.measure is None:
        measures = [name for name, missing in MEASURES.items() if not missing()]
        if "words" not in measures:
            raise BadSettings(
                f"words cannot be heard without {', '.join(recogniser.missing_packages())}: {recogniser.INSTALL}; "
                "or --measure seams"
            )
        return measures
    measures = _words(arguments.measure)
    if not measures or set(measures) - set(MEASURES):
        arguments.parser.error(f"--measure: some of {', '.join(MEASURES)}")
    return measures


def _sentences(arguments: argparse.Namespace) -> list[Sentence]:
    languages = _words(arguments.language)
    if arguments.list is not None:
        if len(languages) != 1:
            raise BadSettings("--language: a list is in one language")
        lists = [read_list(arguments.list, languages[0])]
    else:
        if not languages or set(languages) - set(OWN_LISTS):
            raise BadSettings(
                f"--language {arguments.language}: there are lists for {', '.join(OWN_LISTS)}; --list names another"
            )
        lists = [own_list(language) for language in languages]
    return [sentence for each in lists for sentence in each[: arguments.limit]]


def _limits(arguments: argparse.Namespace) -> Limits:
    known = None
    if arguments.known is not None:
        try:
            known = [line.strip() for line in arguments.known.read_text("utf-8").splitlines()]
        except (OSError, UnicodeDecodeError) as exc:
            raise BadSettings(f"--known {arguments.known}: cannot be read: {exc}") from None
    return Limits(
        arguments.most_errors,
        arguments.least_naturalness,
        arguments.least_fidelity,
        known,
        _words(arguments.allow),
    )


def _references(folder: Path | None, listed: Sequence[Sentence]) -> dict[str, Take]:
    """Read the recordings of another run; a sentence without one is not compared."""
    found: dict[str, Take] = {}
    if folder is None:
        return found
    for sentence in listed:
        path = folder / f"{sentence.name}.wav"
        try:
            with wave.open(str(path), "rb") as file:
                if (file.getnchannels(), file.getsampwidth()) != (1, 2):
                    raise BadSettings(f"--reference: {path} is not mono in 16 bits")
                pcm = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.int16)
                found[sentence.name] = Take(sentence, pcm, file.getframerate(), (), 0)
        except FileNotFoundError:
            continue
        except (OSError, wave.Error, EOFError) as exc:
            raise BadSettings(f"--reference: {path} cannot be read: {exc}") from None
    if not found:
        raise BadSettings(f"--reference {folder}: holds no recording of any of the sentences")
    return found


def _hops(text: str | None) -> Callable[[int, int, int], list[int]] | None:
    """Read ``FIRST,EVERY`` in ms; gives what tells the seams between two samples at a rate."""
    if text is None:
        return None
    if not (match := _HOPS.fullmatch(text)) or not (first_ms := float(match[1])) or not (every_ms := float(match[2])):
        raise BadSettings("--hops: two lengths in ms, such as 400,1000")

    def between(start: int, end: int, rate_hz: int) -> list[int]:
        first, every = round(first_ms * rate_hz / _MS), round(every_ms * rate_hz / _MS)
        return list(range(start + first, end, every))

    return between


def _write(arguments: argparse.Namespace, findings: Sequence[Finding], complaints: Sequence[str]) -> None:
    """Write the files that were asked for."""
    document: dict[str, Any] = {
        "sayline": __version__,
        "options": {
            name: str(value) if isinstance(value, Path) else value
            for name, value in vars(arguments).items()
            if name not in ("parser", "run", "key", "command")
        },
        "languages": figures(findings),
        "sentences": sentences(findings),
        "failures": list(complaints),
    }
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    try:
        if arguments.json is not None:
            arguments.json.write_text(text, "utf-8")
        if arguments.write_known is not None:
            arguments.write_known.write_text("".join(f"{fault}\n" for fault in confirmed(findings)), "utf-8")
        if arguments.out is not None:
            arguments.out.mkdir(parents=True, exist_ok=True)
            (arguments.out / "report.json").write_text(text, "utf-8")
            for finding in findings:
                _write_wav(arguments.out / f"{finding.take.sentence.name}.wav", finding.take)
    except OSError as exc:
        raise GatewayError(f"{exc.filename}: cannot be written: {exc.strerror}") from None


def _write_wav(path: Path, take: Take) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(take.rate_hz)
        file.writeframes(take.pcm.astype("<i2").tobytes())


def _words(text: str) -> list[str]:
    return [word for word in text.split(",") if word]
