"""``sayline say``: speak a text, or standard input while it is still being written, to a file or a loudspeaker.

Progress goes to standard error as one line; only a terminal sees it change. Exit status: 0 spoken, 1 the gateway or a
file failed, 2 the command line cannot work, 130 interrupted (the speech is cancelled at the gateway first).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import time
from encodings.utf_8 import IncrementalDecoder
from pathlib import Path
from typing import TYPE_CHECKING, Final

from .client import connect
from .errors import BadMessage, ConnectionFailed, GatewayError
from .settings import client_defaults

if TYPE_CHECKING:
    import argparse
    from collections.abc import AsyncIterator

    from .audio_out import Sink
    from .client import Speech
    from .messages import AudioFormatName, ContextStarted

_OPUS_SUFFIXES: Final = (".ogg", ".opus")
_WAV_SUFFIX: Final = ".wav"
_READ_BYTES: Final = 65_536  # what a pipe holds on Linux
# After Ctrl-C: how long to wait for the gateway's word that it stopped. PROTOCOL.md gives it 50 ms.
_CANCEL_WAIT_S: Final = 1.0
_REDRAW_S: Final = 0.1  # a terminal line that changes faster is unreadable

FAILED: Final = 1
UNUSABLE: Final = 2
INTERRUPTED: Final = 130


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags."""
    parser.add_argument("text", help="what to say; - reads standard input and speaks it as it arrives")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write .wav, .ogg or .opus (Ogg Opus)")
    parser.add_argument("--play", action="store_true", help="play on this machine's audio device")
    parser.add_argument("--voice", help="one of the gateway's voices; see its /v1/voices")
    parser.add_argument("--language", help="BCP 47 tag such as en or de-AT (default: detected from the script)")
    parser.add_argument("--speed", type=float, default=1.0, help="0.5 to 2 (default: 1)")
    parser.add_argument("--url", help="the gateway's address (default: SAYLINE_URL, or ws://127.0.0.1:8080)")
    parser.add_argument("--key", help="API key (default: SAYLINE_KEY)")
    parser.set_defaults(parser=parser)


def run(arguments: argparse.Namespace) -> int:
    """Speak; returns the exit status."""
    from .audio_out import NO_DEVICE, NothingToPlayOn, find_player  # noqa: PLC0415 - loads FFmpeg, which --help does not need

    parser: argparse.ArgumentParser = arguments.parser
    out: Path | None = arguments.out
    if out is not None and out.suffix.lower() not in (*_OPUS_SUFFIXES, _WAV_SUFFIX):
        parser.error(f"--out {out}: the name ends in .wav, .ogg or .opus")
    if out is not None and not out.parent.is_dir():
        parser.error(f"--out {out}: there is no folder {out.parent}")
    if not arguments.text.strip():
        parser.error("there is nothing to say")
    player = find_player() if arguments.play or out is None else None
    if player is None and (arguments.play or out is None):
        return _complain(NO_DEVICE, UNUSABLE)
    defaults = client_defaults()
    try:
        asyncio.run(_say(arguments, arguments.url or defaults.url, arguments.key or defaults.key, player))
    except KeyboardInterrupt:
        return INTERRUPTED
    except ConnectionFailed as exc:
        return _complain(f"{exc}{_advice(exc)}", FAILED)
    except BadMessage as exc:  # a flag that the protocol does not allow
        return _complain(str(exc), UNUSABLE)
    except (GatewayError, NothingToPlayOn, OSError) as exc:
        return _complain(str(exc), FAILED)
    return 0


async def read_as_it_arrives(descriptor: int) -> AsyncIterator[str]:
    """Yield what is written to a file descriptor, as soon as it is, whole characters at a time.

    Bytes that are no UTF-8 become U+FFFD: a gateway speaks what it can of a stream that has gone wrong.
    """
    decoder = IncrementalDecoder("replace")
    while True:
        await _readable(descriptor)
        chunk = os.read(descriptor, _READ_BYTES)
        if delta := decoder.decode(chunk, final=not chunk):
            yield delta
        if not chunk:
            return


async def _readable(descriptor: int) -> None:
    """Wait until a read would not block.

    Watched for one read at a time: a loop goes on to report what it sees until that is read, and to read once more for
    such a report would stop everything, sound included, until the writer writes again.
    """
    loop = asyncio.get_running_loop()
    seen = loop.create_future()

    def stop_watching() -> None:
        loop.remove_reader(descriptor)
        seen.set_result(None)

    try:
        loop.add_reader(descriptor, stop_watching)
    except PermissionError:
        return  # a regular file: always readable, so epoll refuses to watch it
    try:
        await seen
    finally:
        loop.remove_reader(descriptor)


class _Progress:
    """The line on standard error: how long until the first sound, how much has been spoken."""

    def __init__(self) -> None:
        self.spoken_ms = 0.0
        self.heard_since: float | None = None  # when the first frame came
        self._text_since: float | None = None  # when the first text left
        self._redraw_at = 0.0
        self._is_live = sys.stderr.isatty()

    async def watch(self, deltas: AsyncIterator[str]) -> AsyncIterator[str]:
        """Pass text on, noting when the first of it leaves."""
        async for delta in deltas:
            if self._text_since is None:
                self._text_since = time.perf_counter()
            yield delta

    def frame_came(self, duration_ms: float) -> None:
        """Count a frame."""
        now = time.perf_counter()
        if self.heard_since is None:
            self.heard_since = now
        self.spoken_ms += duration_ms
        if self._is_live and now >= self._redraw_at:
            self._redraw_at = now + _REDRAW_S
            print(f"\r{self}\x1b[K", end="", file=sys.stderr, flush=True)  # \x1b[K clears what a longer line left

    def finish(self, remark: str = "") -> None:
        """Leave the last word on the line."""
        start, end = ("\r", "\x1b[K") if self._is_live else ("", "")
        print(f"{start}{self}{remark}{end}", file=sys.stderr)

    def __str__(self) -> str:
        if self.heard_since is None or self._text_since is None:
            return "nothing spoken"
        first_audio_ms = 1000 * (self.heard_since - self._text_since)
        return f"first audio after {first_audio_ms:.0f} ms, {self.spoken_ms / 1000:.1f} s spoken"


async def _say(arguments: argparse.Namespace, url: str, key: str | None, player: str | None) -> None:
    out: Path | None = arguments.out
    deltas = read_as_it_arrives(sys.stdin.fileno()) if arguments.text == "-" else _whole(arguments.text)
    progress = _Progress()
    wants: AudioFormatName = "pcm_s16le" if out is not None and out.suffix.lower() == _WAV_SUFFIX else "opus"
    # A file has no playing time to keep to; a loudspeaker's buffer is what the gateway's own lead is for.
    max_lead_ms = 0 if player is None else None
    async with (
        connect(url, key=key, audio_format=wants, max_lead_ms=max_lead_ms) as connection,
        connection.speak(
            progress.watch(deltas), voice=arguments.voice, language=arguments.language, speed=arguments.speed
        ) as speech,
    ):
        try:
            await _listen(speech, progress, out, player)
        except asyncio.CancelledError:
            await _cancel(speech, progress, is_playing=player is not None)
            progress.finish(", interrupted")
            raise
    progress.finish()


async def _listen(speech: Speech, progress: _Progress, out: Path | None, player: str | None) -> None:
    """Take all of a speech's audio to where it is wanted."""
    sinks: list[Sink] = []
    is_whole = False
    try:
        async for frame in speech.audio():
            progress.frame_came(frame.duration / 48)  # durations count 48 kHz samples
            if not sinks and speech.started is not None:
                sinks = await _open_sinks(speech.started, out, player)
            for sink in sinks:
                await sink.write(frame)
        is_whole = True
    finally:
        for sink in sinks:
            await sink.close(abort=not is_whole)
    if not sinks:
        raise GatewayError("nothing was spoken: the text has nothing to pronounce")


async def _open_sinks(started: ContextStarted, out: Path | None, player: str | None) -> list[Sink]:
    from .audio_out import LoudspeakerSink, OpusSink, WavSink  # noqa: PLC0415 - loads FFmpeg; ``run`` has done so

    sinks: list[Sink] = []
    if out is not None:
        sinks.append((WavSink if out.suffix.lower() == _WAV_SUFFIX else OpusSink)(out, started))
    if player is not None:
        sinks.append(await LoudspeakerSink.open(player, started))
    return sinks


async def _cancel(speech: Speech, progress: _Progress, *, is_playing: bool) -> None:
    """Stop the gateway, and wait shortly for its word that it has."""
    played_ms = None
    if is_playing and progress.heard_since is not None:
        played_ms = min(progress.spoken_ms, 1000 * (time.perf_counter() - progress.heard_since))
    with contextlib.suppress(GatewayError, TimeoutError):
        async with asyncio.timeout(_CANCEL_WAIT_S):
            await speech.cancel(played_ms)
            await speech.collect()


async def _whole(text: str) -> AsyncIterator[str]:
    # Arguments that are no UTF-8 reach us as lone surrogates, which no message can carry.
    yield text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _advice(failure: ConnectionFailed) -> str:
    if failure.retry_after_s is not None:
        return f"; try again in {failure.retry_after_s:g} s"
    return ""  # the failure's own text says what helps


def _complain(message: str, status: int) -> int:
    print(f"sayline: {message}", file=sys.stderr)
    return status
