"""``sayline say``: speak a text, or standard input while it is still being written, to a file or a loudspeaker.

Progress goes to standard error as one line; only a terminal sees it change. Exit status: 0 spoken, 1 the gateway, the
network or a file failed, 2 the command line or the text cannot work, 128 + n ended by signal n.

One plan for every end. The first SIGINT, SIGTERM or SIGHUP cancels the speech at the gateway and completes the file.
The second signal, or five seconds, completes the file and ends the program then and there. Both are handled between
two steps of the loop, never inside one.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import stat
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

from ...codecs.base import WIRE_RATE_HZ
from ..client.arguments import CONTAINERS
from ..client.connecting import connect
from ..client.output import STANDARD_OUTPUT, Output
from ..errors import BadMessage, BadSettings, ConnectionFailed, GatewayError
from ..exit_status import FAILED, SIGNALLED, UNUSABLE, complain, tell
from . import options as client_options
from . import text_in

if TYPE_CHECKING:
    import argparse
    from collections.abc import AsyncIterator, Coroutine

    from ..client.audio_out import Sink
    from ..client.connecting import Speech
    from ..client.wire.messages import AudioFormatName
    from .options import ClientOptions
    from .text_in import Parts

_DEVICES: Final = ("/dev/", "/proc/")  # and the shell's names for descriptors, whatever they are redirected to
_ENDING_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# After the first signal: how long to wait for the gateway's word that it stopped. PROTOCOL.md gives it 50 ms.
_CANCEL_WAIT_S: Final = 1.0
_END_WITHIN_S: Final = 5  # over what the cancel, a slow reader's last page and the connection's close may take together
_REDRAW_S: Final = 0.1  # a terminal line that changes faster is unreadable


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags."""
    parser.add_argument(
        "text",
        nargs="*",
        metavar="TEXT",
        help="text to say; with - or without a text, standard input is spoken as it arrives",
    )
    parser.add_argument("--out", metavar="FILE", help="file, pipe or device to write; - is standard output")
    parser.add_argument(
        "--format",
        choices=tuple(CONTAINERS),
        help="format of the output (default: by the ending of its name; WAV if it has none)",
    )
    parser.add_argument("--play", action="store_true", help="play on this machine's audio device")
    parser.add_argument("--voice", help="one of the gateway's voices; see its /v1/voices")
    parser.add_argument("--language", help="BCP 47 tag such as en or de-AT (default: detected from the script)")
    parser.add_argument("--speed", type=float, default=1.0, help="speed of the voice, 0.5 to 2 (default: 1)")
    parser.add_argument("--volume", type=float, default=1.0, help="loudness of the voice, 0 to 2 (default: 1)")
    client_options.add_arguments(
        parser, url_help="the gateway's address (default: SAYLINE_URL, or ws://127.0.0.1:8080)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Speak; returns the exit status."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        # Until the loop takes the signals there is nothing to complete, and an exception in an import helps no user.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    options = client_options.read(arguments)
    try:
        return _run(arguments, options)
    except ConnectionFailed as exc:
        return complain(f"{exc}{_advice(exc)}", FAILED)
    except (BadMessage, BadSettings) as exc:  # a flag that the protocol does not allow, or that cannot work here
        return complain(str(exc), UNUSABLE)
    except (GatewayError, OSError) as exc:
        return complain(str(exc), FAILED)


def _run(arguments: argparse.Namespace, options: ClientOptions) -> int:
    words = " ".join(arguments.text)
    reads_input = _reads_input(arguments)
    if not reads_input and not words.strip():
        raise BadSettings("there is nothing to say: the text is blank")
    out: str | None = arguments.out
    output_format = _format(arguments)

    from ..client.audio_out import NO_DEVICE, can_decode_opus, find_player  # noqa: PLC0415 - --help needs none of it

    player = find_player() if arguments.play or out is None else None
    if player is None and (arguments.play or out is None):
        raise BadSettings(NO_DEVICE)
    if player is not None and out is not None and output_format == "ogg" and not can_decode_opus():
        raise BadSettings("--play: the client alone cannot decode Opus; let --out write WAV, or do one of the two")
    # A named pipe is opened when somebody reads it; as long as nobody does, no loop runs, and a signal simply ends us.
    pipe = Output.open(out) if out is not None and _is_named_pipe(out) else None
    deltas = text_in.read_as_it_arrives(sys.stdin.fileno()) if reads_input else text_in.whole(words)
    speaking = _Speaking(arguments, options, text_in.Parts(deltas), output_format, player)
    ending = _Ending(speaking)
    try:
        asyncio.run(ending.watch(speaking.speak(pipe)))
    except asyncio.CancelledError:
        speaking.progress.finish(", interrupted")
        return SIGNALLED + ending.signal
    except BaseException:
        speaking.progress.clear()
        raise
    if not speaking.progress.heard_since:
        raise (GatewayError if speaking.parts.has_text else BadSettings)(
            "nothing was spoken: the text has nothing to pronounce"
            if speaking.parts.has_text
            else "there is nothing to say: standard input had no text"
        )
    # A name that nobody would want to hear: the user most likely wants the file.
    is_file = not reads_input and len(arguments.text) == 1 and os.path.isfile(words)  # noqa: PTH113 - may be any text
    speaking.progress.finish(f" (the name; what is in the file: sayline say - < {words})" if is_file else "")
    return 0


class _Ending:
    """Ends the speech by the first signal as planned, by the second one at once.

    Attributes:
        signal: the first that came; 0 before.
    """

    def __init__(self, speaking: _Speaking) -> None:
        self.signal = 0
        self._speaking = speaking
        self._task: asyncio.Task[None] | None = None

    async def watch(self, speech: Coroutine[None, None, None]) -> None:
        """Run the speech until it is over, or a signal ends it with ``CancelledError``."""
        self._task = asyncio.current_task()
        loop = asyncio.get_running_loop()
        for number in _ENDING_SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:  # nohup, or a shell's background job
                loop.add_signal_handler(number, self._signalled, number)
        loop.add_signal_handler(signal.SIGALRM, self._end_at_once)
        try:
            await speech
        finally:
            # The end is under way: it needs no asking, and may take so long. The alarm is the kernel's and ends a
            # program that no longer has a loop, too.
            signal.alarm(_END_WITHIN_S)
            for number in _ENDING_SIGNALS:
                with contextlib.suppress(KeyboardInterrupt):  # Python's own handler, between the loop's and none
                    loop.remove_signal_handler(number)
                signal.signal(number, signal.SIG_IGN)

    def _signalled(self, number: int) -> None:
        if self.signal:
            self._end_at_once()
        self.signal = number
        signal.alarm(_END_WITHIN_S)
        assert self._task is not None  # noqa: S101 - the handlers were set by it
        self._task.cancel()

    def _end_at_once(self) -> NoReturn:
        self._speaking.close_at_once()
        tell("")
        os._exit(SIGNALLED + (self.signal or signal.SIGALRM))


class _Progress:
    """The line on standard error: how long until the first sound, how much has been spoken."""

    def __init__(self) -> None:
        self.spoken_ms = 0.0
        self.heard_since: float | None = None  # when the first frame came
        self._text_since: float | None = None  # when the first text left
        self._redraw_at = 0.0
        self._is_live = sys.stderr is not None and sys.stderr.isatty()

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
            tell(f"\r{self}\x1b[K", end="")  # \x1b[K clears what a longer line left

    def clear(self) -> None:
        """Make room for another line."""
        if self._is_live:
            tell("\r\x1b[K", end="")

    def finish(self, remark: str = "") -> None:
        """Leave the last word on the line."""
        self.clear()
        tell(f"{self}{remark}")

    def __str__(self) -> str:
        if self.heard_since is None or self._text_since is None:
            return "nothing spoken"
        first_audio_ms = 1000 * (self.heard_since - self._text_since)
        return f"first audio after {first_audio_ms:.0f} ms, {self.spoken_ms / 1000:.1f} s spoken"


class _Speaking:
    """A text on its way to a file or a loudspeaker, as one context after another."""

    def __init__(
        self,
        arguments: argparse.Namespace,
        options: ClientOptions,
        parts: Parts,
        output_format: str,
        player: str | None,
    ) -> None:
        self.progress = _Progress()
        self.parts = parts
        self._arguments = arguments
        self._options = options
        self._format = output_format
        self._player = player
        self._output: Output | None = None
        self._sinks: list[Sink] = []

    async def speak(self, pipe: Output | None) -> None:
        """Speak all of it; what is cancelled is cancelled at the gateway too."""
        arguments, options = self._arguments, self._options
        # Before the gateway is asked for anything: what cannot be written need not be spoken.
        self._output = pipe if pipe or arguments.out is None else Output.open(arguments.out)
        if self._output is not None and self._output.is_terminal:
            raise BadSettings(f"{self._output.name}: a terminal cannot show sound; redirect it, or name a file")
        is_whole = False
        try:
            self._sinks = self._new_sinks()
            async with connect(
                options.url,
                key=options.key,
                format=self._audio_format(),
                # A file has no playing time to keep to; a loudspeaker's buffer is what the gateway's own lead is for.
                max_lead_ms=0 if self._player is None else None,
                ssl_context=options.ssl_context,
            ) as connection:
                while not self.parts.is_over:
                    async with connection.speak(
                        self.progress.watch(self.parts.next_part()),
                        voice=arguments.voice,
                        language=arguments.language,
                        speed=arguments.speed,
                        volume=arguments.volume,
                    ) as speech:
                        await self._hear(speech)
                await self._close(abort=False)
                is_whole = True
        finally:
            if not is_whole:
                await self._close(abort=True)

    def close_at_once(self) -> None:
        """Complete what is there without waiting: the program ends."""
        for sink in self._sinks:
            sink.close_at_once()
        if self._output is not None:
            with contextlib.suppress(GatewayError):
                self._output.close()

    async def _hear(self, speech: Speech) -> None:
        """Write all audio of one context to the output."""
        begun = False
        try:
            async for frame in speech.audio():
                self.progress.frame_came(1000 * frame.duration / WIRE_RATE_HZ)
                for sink in self._sinks:
                    if not begun and speech.started is not None:
                        await sink.begin(speech.started)
                    await sink.write(frame)
                begun = True
        except asyncio.CancelledError:
            await self._close(abort=True)
            await self._cancel(speech)
            raise

    async def _cancel(self, speech: Speech) -> None:
        """Stop the gateway, and wait shortly for its word that it has."""
        played_ms = None
        if self._player is not None and self.progress.heard_since is not None:
            played_ms = min(self.progress.spoken_ms, 1000 * (time.perf_counter() - self.progress.heard_since))
        with contextlib.suppress(GatewayError, TimeoutError):
            async with asyncio.timeout(_CANCEL_WAIT_S):
                await speech.cancel(played_ms)
                await speech.collect()

    async def _close(self, *, abort: bool) -> None:
        for sink in self._sinks:
            await sink.close(abort=abort)

    def _audio_format(self) -> AudioFormatName:
        from ..client.audio_out import can_decode_opus  # noqa: PLC0415 - as in ``_run``

        takes_opus = self._format == "ogg" if self._output is not None else can_decode_opus()
        return "opus" if takes_opus else "pcm_s16le"

    def _new_sinks(self) -> list[Sink]:
        from ..client.audio_out import LoudspeakerSink, file_sink  # noqa: PLC0415 - as in ``_run``

        sinks: list[Sink] = []
        if self._output is not None:
            sinks.append(file_sink(self._format, self._output))
        if self._player is not None:
            sinks.append(LoudspeakerSink(self._player))
        return sinks


def _reads_input(arguments: argparse.Namespace) -> bool:
    """Tell whether the text comes on standard input; refuses a command line that does not say where it comes from."""
    words: list[str] = arguments.text
    if len(words) > 1 and "-" in words:
        raise BadSettings("- reads standard input, and stands alone")
    if words and words != ["-"]:
        return False
    if sys.stdin is None:
        raise BadSettings('standard input is closed, so no text can come; `sayline say "Hello."` speaks this one')
    if not words and sys.stdin.isatty():
        raise BadSettings('what to say? `sayline say "Hello."`, or `sayline say -` to type it')
    return True


def _format(arguments: argparse.Namespace) -> str:
    """Tell what to write: what was asked for, or what the name says."""
    out: str | None = arguments.out
    if out is None:
        if arguments.format:
            raise BadSettings("--format says what --out FILE holds; --out - is standard output")
        return "wav"
    if not out:
        raise BadSettings("--out: no file is named; - is standard output")
    if arguments.format:
        return CONTAINERS[arguments.format]
    suffix = Path(out).suffix.lower().removeprefix(".")
    if suffix in CONTAINERS:
        return CONTAINERS[suffix]
    if out == STANDARD_OUTPUT or out.startswith(_DEVICES) or (Path(out).exists() and not Path(out).is_file()):
        return "wav"  # a pipe or a device has a name of its own; every program reads WAV
    raise BadSettings(
        f"--out {out}: the name should end in .wav, .ogg or .opus (or .pcm, .raw); or --format says what it is"
    )


def _is_named_pipe(name: str) -> bool:
    try:
        return stat.S_ISFIFO(Path(name).stat().st_mode) and not name.startswith(_DEVICES)
    except OSError:
        return False


def _advice(failure: ConnectionFailed) -> str:
    if failure.retry_after_s is not None:
        return f"; try again in {failure.retry_after_s:g} s"
    return ""  # the failure's own text says what helps
