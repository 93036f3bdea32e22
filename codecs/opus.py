"""Opus packets through libopus: the one file that touches ``opuslib``.

libopus comes from the system, or from the copy inside the PyAV wheel if the system has none. Without either, this
module can still be imported, and the first encoder says what to install. A packet is one mono Opus frame, and decoding
it needs no other state than the packets before it (RFC 6716, RFC 7587).
"""

from __future__ import annotations

import ctypes
import ctypes.util
import functools
import importlib.util
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np

from .base import WIRE_RATE_HZ, CodecError, CodecUnavailable, Coding, EncodingFailed

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    Pcm = npt.NDArray[np.int16]  # (n,) mono samples

SAMPLE_RATES_HZ: Final = (8_000, 12_000, 16_000, 24_000, WIRE_RATE_HZ)  # what libopus takes (RFC 6716, 2)
FRAME_SIZES_MS: Final = (10, 20, 40, 60)  # below 10 ms the speech modes are lost; above 60 ms libopus joins frames
MAX_PACKET_BYTES: Final = 4_000  # the output buffer that libopus's documentation recommends; 60 ms at 510 kbit/s fits
HINT: Final = "libopus is missing: install it with `apt install libopus0`, or `pip install av`, whose wheel carries it"


@dataclass(frozen=True, slots=True)
class OpusSettings:
    """How to spend bits and processor time.

    Attributes:
        bitrate: bits per second, 6,000 to 510,000. From 64,000 on a judge of naturalness hears next to nothing of Opus
            (docs/HEARING.md); the encoder's time is within 6 % of that at half of it.
        complexity: 0 to 10. 5 is well before libopus adds its signal analysis: at 24 kHz mono a 20 ms frame costs a
            quarter of what it costs from 8 on, and synthetic speech comes out closer to what went in.
        dtx: send 1-byte packets during silence. Off: the synthesizer's pauses are short, and packet-exact silence makes
            client-side level meters and underrun detection simpler.
        fec: repeat each frame coarsely in the next packet. Off: it repairs lost packets, which TCP never has. It exists
            only in libopus's speech mode, so it selects ``voip``, at three times the processor time.
        application: ``audio`` keeps closest to the waveform; ``voip`` shapes for intelligibility at low bitrates.
    """

    bitrate: int = 64_000
    complexity: int = 5
    dtx: bool = False
    fec: bool = False
    application: Literal["audio", "voip"] = "audio"

    def __post_init__(self) -> None:
        if not 6_000 <= self.bitrate <= 510_000:
            raise ValueError(f"Opus bitrate must be 6000 to 510000 bit/s, not {self.bitrate}")
        if not 0 <= self.complexity <= 10:
            raise ValueError(f"Opus complexity must be 0 to 10, not {self.complexity}")
        if self.application not in ("audio", "voip"):
            raise ValueError(f"Opus application must be audio or voip, not {self.application!r}")

    @property
    def used_application(self) -> Literal["audio", "voip"]:
        """The application that libopus is told: redundancy is for speech alone."""
        return "voip" if self.fec else self.application


def nearest_rate_hz(sample_rate_hz: int) -> int:
    """Choose the rate to encode at: the lowest rate of libopus that loses nothing of ``sample_rate_hz``."""
    return next((rate for rate in SAMPLE_RATES_HZ if rate >= sample_rate_hz), WIRE_RATE_HZ)


class OpusEncoder:
    """One stream of Opus packets; the object *is* the stream's state.

    Attributes:
        frame_samples: samples per frame, at the encoder's rate.
        preskip: samples at ``WIRE_RATE_HZ`` that a decoder puts out before the first sample of sound; a player drops
            them (RFC 7845, 4.2). The library states the number, which depends on the application and on its version.

    Raises:
        CodecUnavailable: there is no libopus.
        ValueError: a rate or frame size that Opus does not have.
    """

    def __init__(self, sample_rate_hz: int, frame_ms: int = 20, settings: OpusSettings | None = None) -> None:
        check_format(sample_rate_hz, frame_ms)
        settings = settings or OpusSettings()
        library = load_library()
        self.frame_samples = sample_rate_hz * frame_ms // 1000
        try:
            # The high-level object owns the C state and frees it; its setters for DTX and FEC are broken, so all
            # settings go one level lower.
            self._owner = library.opus.Encoder(sample_rate_hz, 1, settings.used_application)
            self._state = self._owner.encoder_state
            self._set(library.ctl.set_bitrate, settings.bitrate)
            self._set(library.ctl.set_complexity, settings.complexity)
            self._set(library.ctl.set_dtx, int(settings.dtx))
            self._set(library.ctl.set_inband_fec, int(settings.fec))
            # libopus spends bits on FEC only if it expects loss; 10 % is the value its documentation starts with.
            self._set(library.ctl.set_packet_loss_perc, 10 if settings.fec else 0)
            lookahead = int(library.encoder.encoder_ctl(self._state, library.ctl.get_lookahead))
        except library.opus.OpusError as exc:
            raise EncodingFailed(f"libopus refused an encoder: {_reason(exc)}") from None
        self.preskip = lookahead * (WIRE_RATE_HZ // sample_rate_hz)
        # opuslib's own encode() allocates a buffer and copies a Python list per packet. So we call the C function under
        # it directly, with arguments that are C values already: converting five numbers takes longer than the call.
        self._encode = library.opus_encode
        self._in = ctypes.c_void_p()
        self._out = ctypes.create_string_buffer(MAX_PACKET_BYTES)
        self._out_view = memoryview(self._out)
        self._arguments = (
            ctypes.c_void_p(ctypes.cast(self._state, ctypes.c_void_p).value),
            self._in,
            ctypes.c_int(self.frame_samples),
            ctypes.c_void_p(ctypes.addressof(self._out)),
            ctypes.c_int32(MAX_PACKET_BYTES),
        )

    def encode(self, samples: Pcm) -> list[bytes]:
        """Encode whole frames.

        Args:
            samples: (n · frame_samples,) int16, one after the other in memory.

        Returns:
            n packets.

        Raises:
            EncodingFailed: the samples end inside a frame, or libopus refused a frame.
        """
        if len(samples) % self.frame_samples:
            raise EncodingFailed(f"a frame has {self.frame_samples} samples; these are {len(samples)}")
        samples = np.ascontiguousarray(samples, np.int16)
        address: int = samples.ctypes.data
        packets = []
        for at in range(address, address + samples.nbytes, 2 * self.frame_samples):
            self._in.value = at
            size = self._encode(*self._arguments)
            if size < 0:
                raise EncodingFailed(f"libopus refused a frame: {_strerror(size)}")
            packets.append(self._out_view[:size].tobytes())
        return packets

    def _set(self, request: Any, value: int) -> None:  # noqa: ANN401 - opuslib has no types
        load_library().encoder.encoder_ctl(self._state, request, value)


@functools.cache
def _preskip_at(sample_rate_hz: int, application: Literal["audio", "voip"]) -> int:
    """Ask libopus, once for each of its five rates and two applications."""
    return OpusEncoder(sample_rate_hz, settings=OpusSettings(application=application)).preskip


def _preskip(sample_rate_hz: int, settings: OpusSettings) -> int:
    return _preskip_at(sample_rate_hz, settings.used_application)


CODING: Final = Coding(OpusEncoder, nearest_rate_hz, _preskip)


class OpusDecoder:
    """The other direction, for clients and tests: packets in, PCM out, with the pre-skip still in front.

    Raises:
        CodecUnavailable: there is no libopus.
        ValueError: a rate that Opus does not have.
    """

    def __init__(self, sample_rate_hz: int = WIRE_RATE_HZ) -> None:
        check_format(sample_rate_hz, FRAME_SIZES_MS[0])
        library = load_library()
        self._opus = library.opus
        self._max_frame = sample_rate_hz * 120 // 1000  # the longest packet there is (RFC 6716, 3.2.5)
        try:
            self._decoder = library.opus.Decoder(sample_rate_hz, 1)
        except library.opus.OpusError as exc:
            raise CodecError(f"libopus refused a decoder: {_reason(exc)}") from None

    def decode(self, packet: bytes) -> Pcm:
        """Decode one packet.

        Returns:
            (n,) int16, n the packet's full length; trimming to the packet's duration is the player's.

        Raises:
            CodecError: not an Opus packet.
        """
        if not packet:  # libopus takes an empty packet for a lost one and conceals it
            raise CodecError("an Opus packet has at least one byte")
        return self._decode(packet, self._max_frame)

    def conceal(self, samples: int) -> Pcm:
        """Make up the sound of a lost packet that held ``samples`` samples."""
        return self._decode(b"", samples)

    def _decode(self, packet: bytes, samples: int) -> Pcm:
        try:
            # The empty packet is NULL to libopus: "lost".
            pcm = self._opus.api.decoder.decode(
                self._decoder.decoder_state, packet or None, len(packet), samples, decode_fec=False, channels=1
            )
        except self._opus.OpusError as exc:
            raise CodecError(f"not an Opus packet: {_reason(exc)}") from None
        return np.frombuffer(pcm, np.int16)


def check_format(sample_rate_hz: int, frame_ms: int) -> None:
    """Refuse a format for which Opus has no frame.

    Raises:
        ValueError: the text names what Opus offers.
    """
    if sample_rate_hz not in SAMPLE_RATES_HZ:
        raise ValueError(f"Opus runs at one of {SAMPLE_RATES_HZ} Hz, not {sample_rate_hz}")
    if frame_ms not in FRAME_SIZES_MS:
        raise ValueError(f"Opus frames here last one of {FRAME_SIZES_MS} ms, not {frame_ms}")


def library_version() -> str:
    """Name the libopus in use, such as ``libopus 1.5.2``.

    Raises:
        CodecUnavailable: there is none.
    """
    return str(load_library().opus.api.info.get_version_string().decode())


@dataclass(frozen=True, slots=True)
class _Library:
    """``opuslib``, which has no annotations, and the three of its modules that are used here."""

    opus: Any
    ctl: Any
    encoder: Any
    # state, PCM, samples, output, its size -> bytes
    opus_encode: Callable[[ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p, ctypes.c_int32], int]


@functools.cache
def load_library() -> _Library:
    """Load libopus and ``opuslib`` over it, once per process.

    Raises:
        CodecUnavailable: there is no libopus, or no opuslib.
    """
    path = ctypes.util.find_library("opus") or _bundled_with_pyav()
    if path is None:
        raise CodecUnavailable(HINT)
    # opuslib calls find_library at import, and nothing else can tell it the path. So its answer is changed for that
    # moment.
    find = ctypes.util.find_library
    ctypes.util.find_library = lambda name: path if name == "opus" else find(name)
    try:
        import opuslib  # noqa: PLC0415 - only at this point does it find its library
        import opuslib.api.ctl  # noqa: PLC0415 - the same
        import opuslib.api.encoder  # noqa: PLC0415 - the same
    except ImportError as exc:
        raise CodecUnavailable("the Python package opuslib is missing: install it with `pip install opuslib`") from exc
    except OSError as exc:
        raise CodecUnavailable(f"{path} does not load ({exc}); {HINT}") from exc
    finally:
        ctypes.util.find_library = find
    # By index: this gives a function object of our own, separate from opuslib's.
    opus_encode = opuslib.api.libopus["opus_encode"]
    opus_encode.restype = ctypes.c_int32
    return _Library(opuslib, opuslib.api.ctl, opuslib.api.encoder, opus_encode)


def _bundled_with_pyav() -> str | None:
    """Find the libopus inside the PyAV wheel without importing PyAV, which would load all of FFmpeg."""
    spec = importlib.util.find_spec("av")
    for package in (spec and spec.submodule_search_locations) or ():
        site = Path(package).parent
        # The folders into which the wheel-repair tools of Linux, Windows and macOS put bundled libraries.
        for folder, pattern in ((site / "av.libs", "*opus-*"), (site / "av" / ".dylibs", "libopus.*")):
            if found := sorted(folder.glob(pattern)):
                return str(found[0])
    return None


def _strerror(code: int) -> str:
    return str(load_library().opus.api.info.strerror(code).decode())


def _reason(exc: Any) -> str:  # noqa: ANN401 - opuslib has no types
    """Read an ``OpusError``, never by ``str()``: that hands its code to C even if the code is a Python string."""
    return _strerror(exc.code) if isinstance(exc.code, int) else str(exc.code)
