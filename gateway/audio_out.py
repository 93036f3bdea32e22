"""Where ``sayline say`` puts audio: a file, or the machine's loudspeaker through whatever player there is.

Sound reaches a sink as the frames of one context, in order; what a decoder adds in front (the pre-skip) and behind (the
padding of the last frame) is cut here, by the frames' own durations.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, Self

import numpy as np

from ..codecs.base import WIRE_RATE_HZ, Packet
from ..codecs.containers import OggOpusFile, WavFile
from ..codecs.opus import OpusDecoder
from ..codecs.pcm import pack_s16le
from .audio_frames import Codec

if TYPE_CHECKING:
    import numpy.typing as npt

    from .audio_frames import AudioFrame
    from .messages import ContextStarted

    Pcm = npt.NDArray[np.int16]  # (n,) mono samples

# Tried in this order: the sound server's own player first, then ALSA's, then the ones that need most to start.
# Each reads 16-bit little-endian mono from its standard input.
_PLAYERS: Final = {
    "pw-play": ("--raw", "--format=s16", "--rate={rate}", "--channels=1", "-"),
    "paplay": ("--raw", "--format=s16le", "--rate={rate}", "--channels=1"),
    "aplay": ("-q", "-t", "raw", "-f", "S16_LE", "-r", "{rate}", "-c", "1", "-"),
    "ffplay": ("-nodisp", "-autoexit", "-loglevel", "error", "-f", "s16le", "-ar", "{rate}", "-ch_layout", "mono", "-"),
}
# Where Linux shows a sound card, a PipeWire or a PulseAudio server; without any of them there is nothing to play on.
_DEVICE_SIGNS: Final = ("dev/snd/pcm*p", "run/user/*/pipewire-0", "run/user/*/pulse/native", "mnt/wslg/PulseServer")

NO_DEVICE: Final = (
    "there is no audio device here that sayline can play on (it looks for pw-play, paplay, aplay and ffplay); "
    "write a file instead: --out speech.wav"
)


class NothingToPlayOn(Exception):
    """No player, no device, or the player gave up."""


class Sink(Protocol):
    """Takes one context's audio."""

    async def write(self, frame: AudioFrame) -> None:
        """Take the next frame."""
        ...

    async def close(self, *, abort: bool) -> None:
        """Finish what was written, or with ``abort`` stop where it is."""
        ...


class SpeechDecoder:
    """One context's frames to exactly its sound: what the synthesizer made, resampled."""

    def __init__(self, started: ContextStarted) -> None:
        self._rate_hz = started.sample_rate
        self._decoder = OpusDecoder(started.sample_rate) if started.format == "opus" else None
        self._to_skip = started.preskip * started.sample_rate // WIRE_RATE_HZ

    def decode(self, frame: AudioFrame) -> Pcm:
        """Decode the next frame.

        Returns:
            (n,) int16 at the context's sample rate; n may be 0, while the pre-skip lasts.

        Raises:
            CodecError: not an Opus packet.
        """
        if frame.codec is Codec.PCM_S16LE or self._decoder is None:
            return np.frombuffer(frame.payload, "<i2").astype(np.int16, copy=False)
        # The last frame is padded: its duration ends where the sound does. Opus's rates all divide the wire's.
        pcm = self._decoder.decode(frame.payload)[: frame.duration * self._rate_hz // WIRE_RATE_HZ]
        skipped = min(self._to_skip, len(pcm))
        self._to_skip -= skipped
        return pcm[skipped:]


class WavSink:
    """Writes a ``.wav`` file."""

    def __init__(self, path: Path, started: ContextStarted) -> None:
        self._decoder = SpeechDecoder(started)
        self._file = WavFile(path, started.sample_rate)

    async def write(self, frame: AudioFrame) -> None:
        """Append a frame."""
        self._file.write(self._decoder.decode(frame))

    async def close(self, *, abort: bool) -> None:
        """Complete the file; what an interrupted speech left is a valid, shorter one."""
        del abort
        self._file.close()


class OpusSink:
    """Writes an ``.ogg`` or ``.opus`` file from the packets as they came: nothing is encoded twice."""

    def __init__(self, path: Path, started: ContextStarted) -> None:
        self._file = OggOpusFile(path, started.sample_rate, started.preskip)

    async def write(self, frame: AudioFrame) -> None:
        """Append a frame."""
        self._file.write(Packet(frame.payload, frame.duration))

    async def close(self, *, abort: bool) -> None:
        """Complete the file; what an interrupted speech left is a valid, shorter one."""
        del abort
        self._file.close()


class LoudspeakerSink:
    """Plays through an installed player that reads PCM from its standard input."""

    def __init__(self, player: asyncio.subprocess.Process, name: str, started: ContextStarted) -> None:
        self._player = player
        self._name = name
        self._decoder = SpeechDecoder(started)

    @classmethod
    async def open(cls, player: str, started: ContextStarted) -> Self:
        """Start ``player``, one of ``find_player``'s answers."""
        command = (player, *(part.format(rate=started.sample_rate) for part in _PLAYERS[player]))
        # Its own session: Ctrl-C is ours to handle, the player is stopped when the speech has been cancelled.
        process = await asyncio.create_subprocess_exec(
            *command, stdin=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL, start_new_session=True
        )
        return cls(process, player, started)

    async def write(self, frame: AudioFrame) -> None:
        """Play a frame after those before it; waits while the player has enough.

        Raises:
            NothingToPlayOn: the player gave up.
        """
        assert self._player.stdin is not None  # noqa: S101 - it was asked for
        self._player.stdin.write(pack_s16le(self._decoder.decode(frame)))
        try:
            await self._player.stdin.drain()
        except (BrokenPipeError, ConnectionResetError):
            raise NothingToPlayOn(f"{self._name} stopped with status {await self._player.wait()}") from None

    async def close(self, *, abort: bool) -> None:
        """Wait until all has been heard, or stop at once."""
        assert self._player.stdin is not None  # noqa: S101 - it was asked for
        if abort:
            with contextlib.suppress(ProcessLookupError):
                self._player.kill()
        self._player.stdin.close()
        await self._player.wait()


def find_player() -> str | None:
    """Find a command that can play here; None where there is no device or no player."""
    if sys.platform == "linux" and not any(any(Path("/").glob(sign)) for sign in _DEVICE_SIGNS):
        return None
    return next((player for player in _PLAYERS if shutil.which(player)), None)
