"""How ``sayline say`` puts audio out: as WAV, Ogg Opus or samples, or on the loudspeaker through an installed player.

Sound reaches a sink as the frames of one context after another, in order. The sink cuts off what a decoder adds in
front (the pre-skip) and behind (the padding of the last frame), by the frames' own durations.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from ...codecs.base import WIRE_RATE_HZ, Packet
from ...codecs.ogg import PAGE_MS, OggOpusMuxer
from ...codecs.wav import wav_header
from ..dialects.tts_v1.frames import Codec
from ..errors import GatewayError
from .output import CannotWrite

if TYPE_CHECKING:
    from ...codecs.opus import OpusDecoder
    from ..dialects.tts_v1.frames import AudioFrame
    from .output import Output
    from .wire.messages import ContextStarted

# Tried in this order: the sound server's own player first, then ALSA's, then those that need most time to start.
# Each reads 16-bit little-endian mono from its standard input.
_PLAYERS: Final = {
    "pw-play": ("--raw", "--format=s16", "--rate={rate}", "--channels=1", "-"),
    "paplay": ("--raw", "--format=s16le", "--rate={rate}", "--channels=1"),
    "aplay": ("-q", "-t", "raw", "-f", "S16_LE", "-r", "{rate}", "-c", "1", "-"),
    "ffplay": ("-nodisp", "-autoexit", "-loglevel", "error", "-f", "s16le", "-ar", "{rate}", "-ch_layout", "mono", "-"),
}
# Where Linux shows a sound card, a PipeWire or a PulseAudio server; without any of them no sound can be played.
_DEVICE_SIGNS: Final = ("dev/snd/pcm*p", "run/user/*/pipewire-0", "run/user/*/pulse/native", "mnt/wslg/PulseServer")

NO_DEVICE: Final = (
    "there is no audio device here that sayline can play on (it looks for pw-play, paplay, aplay and ffplay); "
    "write a file instead: --out speech.wav, or --out - to give WAV to another program"
)

_LAST_WRITE_S: Final = 1.0  # a program that reads a pipe takes a page in far less, or it has stopped reading


class NothingToPlayOn(GatewayError):
    """No player, no device, or the player gave up."""


class Sink(Protocol):
    """Takes the audio of one context after another."""

    async def begin(self, started: ContextStarted) -> None:
        """A context has started; the frames that follow are its own."""
        ...

    async def write(self, frame: AudioFrame) -> None:
        """Take the next frame."""
        ...

    async def close(self, *, abort: bool) -> None:
        """Finish the output, or stop at once with ``abort``; idempotent."""
        ...

    def close_at_once(self) -> None:
        """Finish what can be finished without waiting: the program ends."""
        ...


class SpeechDecoder:
    """One context's frames to exactly its sound: what the synthesizer made, resampled.

    Only a context of Opus packets needs a codec, which a client without the gateway does not have.
    """

    def __init__(self, started: ContextStarted) -> None:
        self._rate_hz = started.sample_rate
        self._decoder: OpusDecoder | None = None
        if started.format == "opus":
            from ...codecs.opus import OpusDecoder  # noqa: PLC0415 - see above

            self._decoder = OpusDecoder(started.sample_rate)
        self._to_skip = started.preskip * started.sample_rate // WIRE_RATE_HZ

    def decode(self, frame: AudioFrame) -> bytes:
        """Decode the next frame.

        Returns:
            Samples at the context's sample rate, 16-bit little-endian; none while the pre-skip lasts.

        Raises:
            CodecError: not an Opus packet.
        """
        if frame.codec is Codec.PCM_S16LE or self._decoder is None:
            return frame.payload
        # The last frame is padded: its duration ends where the sound does. Opus's rates all divide the wire's.
        pcm = self._decoder.decode(frame.payload)[: frame.duration * self._rate_hz // WIRE_RATE_HZ]
        skipped = min(self._to_skip, len(pcm))
        self._to_skip -= skipped
        return pcm[skipped:].astype("<i2", copy=False).tobytes()


class PcmSink:
    """Writes samples, 16-bit little-endian mono, and nothing else."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._decoder: SpeechDecoder | None = None

    async def begin(self, started: ContextStarted) -> None:
        """Decode from here on what this context says."""
        self._decoder = SpeechDecoder(started)

    async def write(self, frame: AudioFrame) -> None:
        """Append a frame."""
        assert self._decoder is not None  # noqa: S101 - a context starts before its frames come
        await self._output.write(self._decoder.decode(frame))

    async def close(self, *, abort: bool) -> None:
        """Close the output; what an interrupted speech left is whole, and shorter."""
        await _close(self._output, abort=abort)

    def close_at_once(self) -> None:
        """Write what the reader takes."""
        self._output.write_now(b"")


class WavSink(PcmSink):
    """Writes a WAV file, whose header says at any moment what is there; to a pipe, one without a length."""

    def __init__(self, output: Output) -> None:
        super().__init__(output)
        self._header_bytes = 0  # none was written yet
        self._rate_hz = 0

    async def begin(self, started: ContextStarted) -> None:
        """Begin the file, with the first context."""
        await super().begin(started)
        if not self._header_bytes:
            self._rate_hz = started.sample_rate
            header = wav_header(self._rate_hz, 0 if self._output.can_seek else None)
            self._header_bytes = len(header)
            await self._output.write(header)

    async def write(self, frame: AudioFrame) -> None:
        """Append a frame, and say so in the header: two microseconds, and no end can come at a wrong moment."""
        await super().write(frame)
        if self._output.can_seek:
            self._output.rewrite(wav_header(self._rate_hz, self._output.size - self._header_bytes))


class OpusSink:
    """Writes Ogg Opus from the packets as they came: nothing is encoded twice.

    One packet is held back, because only the last one may end where the sound does. Each context was encoded
    separately, so the pre-skip of a following context (6.5 ms) stays in between, with the padding of the packet before.
    Both are silence after the end of a sentence.
    """

    def __init__(self, output: Output) -> None:
        self._output = output
        self._muxer: OggOpusMuxer | None = None
        self._held: Packet | None = None
        self._whole_packet = 0  # the duration of a packet that is not padded

    async def begin(self, started: ContextStarted) -> None:
        """Begin the file, or go on with it."""
        if self._muxer is None:
            # A file should have few large pages (RFC 7845, 6); the reader of a pipe waits for each of them.
            page_ms = 1000 if self._output.can_seek else PAGE_MS
            self._muxer = OggOpusMuxer(started.sample_rate, started.preskip, page_ms)
        if self._held is not None:
            self._held = Packet(self._held.payload, self._whole_packet)

    async def write(self, frame: AudioFrame) -> None:
        """Append a frame."""
        held, self._held = self._held, Packet(frame.payload, frame.duration)
        self._whole_packet = max(self._whole_packet, frame.duration)
        if held is not None and self._muxer is not None:
            for page in self._muxer.mux([held]):
                await self._output.write(page.payload)

    async def close(self, *, abort: bool) -> None:
        """Complete the file; after an interrupted speech it is valid and shorter."""
        await _close(self._output, self._last_pages(), abort=abort)

    def close_at_once(self) -> None:
        """Write the last pages, if the reader takes them."""
        self._output.write_now(self._last_pages())

    def _last_pages(self) -> bytes:
        muxer, self._muxer = self._muxer, None
        if muxer is None or self._held is None:
            return b""
        return b"".join(page.payload for page in muxer.mux([self._held], last=True))


async def _close(output: Output, rest: bytes = b"", *, abort: bool) -> None:
    """Close an output after writing what is left.

    With ``abort`` the reader gets only a moment to take it, and no failure is raised, because another one is under way.
    """
    try:
        async with asyncio.timeout(_LAST_WRITE_S if abort else None):
            await (output.write(rest) if rest else output.finish())
    except (CannotWrite, TimeoutError):
        if not abort:
            raise
    finally:
        output.close()


def file_sink(container: str, output: Output) -> Sink:
    """Make what writes a container: ``wav``, ``ogg`` or ``pcm``."""
    if container == "ogg":
        return OpusSink(output)
    return WavSink(output) if container == "wav" else PcmSink(output)


class LoudspeakerSink:
    """Plays through an installed player that reads PCM from its standard input."""

    def __init__(self, name: str) -> None:
        """Prepare to play with ``name``, a player that ``find_player`` found."""
        self._name = name
        self._player: asyncio.subprocess.Process | None = None
        self._decoder: SpeechDecoder | None = None

    async def begin(self, started: ContextStarted) -> None:
        """Start the player, with the first context."""
        self._decoder = SpeechDecoder(started)
        if self._player is None:
            command = (self._name, *(part.format(rate=started.sample_rate) for part in _PLAYERS[self._name]))
            # Its own session: Ctrl-C is ours to handle, the player is stopped when the speech has been cancelled.
            self._player = await asyncio.create_subprocess_exec(
                *command, stdin=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL, start_new_session=True
            )

    async def write(self, frame: AudioFrame) -> None:
        """Play a frame after those before it; waits while the player has enough.

        Raises:
            NothingToPlayOn: the player gave up.
        """
        assert self._player is not None  # noqa: S101 - a context starts before its frames come
        assert self._player.stdin is not None  # noqa: S101 - it was asked for
        assert self._decoder is not None  # noqa: S101 - as above
        self._player.stdin.write(self._decoder.decode(frame))
        try:
            await self._player.stdin.drain()
        except (BrokenPipeError, ConnectionResetError):
            raise NothingToPlayOn(f"{self._name} stopped with status {await self._player.wait()}") from None

    async def close(self, *, abort: bool) -> None:
        """Wait until all has been heard, or stop at once."""
        if self._player is None:
            return
        assert self._player.stdin is not None  # noqa: S101 - it was asked for
        if abort:
            self.close_at_once()
        self._player.stdin.close()
        await self._player.wait()

    def close_at_once(self) -> None:
        """Stop the player."""
        if self._player is not None:
            with contextlib.suppress(ProcessLookupError):
                self._player.kill()


def can_decode_opus() -> bool:
    """Tell whether the codecs are installed; the client alone has none, and is sent samples."""
    return find_spec("...codecs.opus", __package__) is not None


def find_player() -> str | None:
    """Find a command that can play here; None if there is no device or no player."""
    if sys.platform == "linux" and not any(any(Path("/").glob(sign)) for sign in _DEVICE_SIGNS):
        return None
    return next((player for player in _PLAYERS if shutil.which(player)), None)
