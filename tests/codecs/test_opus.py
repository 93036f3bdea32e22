from __future__ import annotations

import ctypes.util
import importlib.util
import os
import subprocess
import sys

import av
import numpy as np
import pytest
import soxr

from sayline.codecs import opus
from sayline.codecs.base import WIRE_RATE_HZ, CodecError, CodecUnavailable, EncodingFailed
from sayline.codecs.opus import (
    FRAME_SIZES_MS,
    SAMPLE_RATES_HZ,
    OpusDecoder,
    OpusEncoder,
    OpusSettings,
    library_version,
    nearest_rate_hz,
)

RATE_HZ = 24_000
FRAME = 480  # 20 ms at RATE_HZ
FIRST_CELT_CONFIG = 16  # of a packet's first byte, upper five bits: below it libopus's speech mode (RFC 6716, table 2)


@pytest.fixture(scope="module")
def frames(speech, speech_rate_hz):
    """The speech at 24 kHz, as (n, FRAME) int16 with silence behind it."""
    samples = soxr.resample(speech, speech_rate_hz, RATE_HZ)
    return np.pad(samples, (0, -len(samples) % FRAME + FRAME)).reshape(-1, FRAME)


def config(packet: bytes) -> int:
    return packet[0] >> 3


@pytest.fixture
def no_opuslib_yet(monkeypatch):
    """As in a fresh process: opuslib is imported again, and forgotten afterwards."""
    for name in [name for name in sys.modules if name.split(".")[0] == "opuslib"]:
        monkeypatch.delitem(sys.modules, name)
    opus.load_library.cache_clear()
    yield
    opus.load_library.cache_clear()


@pytest.mark.parametrize(
    ("lost_every", "at_least"),
    [
        (None, 0.97),  # 0.98 measured
        (20, 0.90),  # 5 % lost and concealed
        (10, 0.80),  # 10 % lost: still the same words, no longer the same waveform
    ],
)
def test_roundtrip_with_loss(frames, correlation, lost_every, at_least):
    encoder, decoder = OpusEncoder(RATE_HZ), OpusDecoder(RATE_HZ)
    decoded = []
    for number, frame in enumerate(frames, 1):
        (packet,) = encoder.encode(frame)
        lost = lost_every and number % lost_every == 0
        decoded.append(decoder.conceal(FRAME) if lost else decoder.decode(packet))
    heard = np.concatenate(decoded)[encoder.preskip * RATE_HZ // WIRE_RATE_HZ :]
    assert correlation(heard, frames.ravel()) >= at_least


def test_an_independent_decoder_hears_the_same(frames, correlation):
    """FFmpeg's own Opus decoder shares no code with libopus."""
    encoder = OpusEncoder(RATE_HZ)
    decoder = av.CodecContext.create("opus", "r")
    decoder.sample_rate, decoder.layout = WIRE_RATE_HZ, "mono"
    heard = [
        decoded.to_ndarray().ravel()
        for packet in encoder.encode(frames.ravel())
        for decoded in decoder.decode(av.Packet(packet))
    ]
    expected = soxr.resample(frames.ravel(), RATE_HZ, WIRE_RATE_HZ)
    assert correlation(np.concatenate(heard)[encoder.preskip :], expected) >= 0.95


def test_the_preskip_is_the_delay_that_is_measured(frames):
    encoder, decoder = OpusEncoder(RATE_HZ), OpusDecoder(RATE_HZ)
    heard = np.concatenate([decoder.decode(packet) for packet in encoder.encode(frames.ravel())]).astype(float)
    sound = frames.ravel().astype(float)
    delays = range(400)
    best = max(delays, key=lambda delay: float(heard[delay:40_000] @ sound[: 40_000 - delay]))
    assert best * WIRE_RATE_HZ // RATE_HZ == encoder.preskip


@pytest.mark.parametrize("rate_hz", SAMPLE_RATES_HZ)
@pytest.mark.parametrize("frame_ms", FRAME_SIZES_MS)
def test_every_rate_and_frame_size_gives_one_packet_of_that_length(rate_hz, frame_ms):
    encoder, decoder = OpusEncoder(rate_hz, frame_ms), OpusDecoder(rate_hz)
    assert encoder.frame_samples == rate_hz * frame_ms // 1000
    (packet,) = encoder.encode(np.zeros(encoder.frame_samples, np.int16))
    assert len(decoder.decode(packet)) == encoder.frame_samples
    assert 0 < encoder.preskip < WIRE_RATE_HZ // 100


def test_silence_is_the_known_packet_and_decodes_to_silence():
    encoder, decoder = OpusEncoder(RATE_HZ), OpusDecoder(RATE_HZ)
    packets = encoder.encode(np.zeros(10 * FRAME, np.int16))
    # config 27: CELT, super-wideband, 20 ms, mono, one frame; then "silence", coded as the shortest frame there is
    assert packets == [b"\xd8\xff\xfe"] * 10
    assert not any(decoder.decode(packet).any() for packet in packets)


def test_dtx_shrinks_lasting_silence_to_packets_of_at_most_two_bytes():
    encoder = OpusEncoder(RATE_HZ, settings=OpusSettings(dtx=True, application="voip"))
    packets = encoder.encode(np.zeros(50 * FRAME, np.int16))
    assert min(map(len, packets)) <= 2


def test_fec_chooses_the_speech_mode_and_the_default_does_not(frames):
    plain, fec = OpusEncoder(RATE_HZ), OpusEncoder(RATE_HZ, settings=OpusSettings(fec=True))
    assert {config(packet) >= FIRST_CELT_CONFIG for packet in plain.encode(frames.ravel())} == {True}
    assert {config(packet) < FIRST_CELT_CONFIG for packet in fec.encode(frames[5:].ravel())} == {True}


@pytest.mark.parametrize("bitrate", [16_000, 32_000, 64_000])
def test_the_bitrate_is_kept(frames, bitrate):
    encoder = OpusEncoder(RATE_HZ, settings=OpusSettings(bitrate=bitrate))
    bits = 8 * sum(map(len, encoder.encode(frames.ravel())))
    assert 0.6 * bitrate <= bits / (len(frames) * FRAME / RATE_HZ) <= 1.15 * bitrate


@pytest.mark.parametrize(
    ("asked", "encoded"),
    [(8_000, 8_000), (8_001, 12_000), (11_025, 12_000), (22_050, 24_000), (44_100, 48_000), (48_000, 48_000)],
)
def test_the_nearest_rate_is_never_lower(asked, encoded):
    assert nearest_rate_hz(asked) == encoded


def test_frames_at_once_are_the_frames_one_by_one(frames):
    one_by_one = OpusEncoder(RATE_HZ)
    assert OpusEncoder(RATE_HZ).encode(frames.ravel()) == [one_by_one.encode(frame)[0] for frame in frames]


def test_no_frame_gives_no_packet():
    assert OpusEncoder(RATE_HZ).encode(np.zeros(0, np.int16)) == []


def test_part_of_a_frame_is_refused():
    with pytest.raises(EncodingFailed, match="480 samples; these are 959"):
        OpusEncoder(RATE_HZ).encode(np.zeros(959, np.int16))


@pytest.mark.parametrize("junk", [b"", b"\xff\xff\xff"])
def test_bytes_that_are_no_opus_packet_are_refused_by_name(junk):
    with pytest.raises(CodecError, match="Opus packet"):
        OpusDecoder().decode(junk)


@pytest.mark.parametrize(("rate_hz", "frame_ms"), [(22_050, 20), (24_000, 25)])
def test_a_rate_or_frame_size_that_opus_lacks_is_refused(rate_hz, frame_ms):
    with pytest.raises(ValueError, match="one of"):
        OpusEncoder(rate_hz, frame_ms)


@pytest.mark.parametrize("wrong", [{"bitrate": 5_999}, {"complexity": 11}, {"application": "music"}])
def test_settings_outside_the_ranges_of_opus_are_refused(wrong):
    with pytest.raises(ValueError, match="Opus"):
        OpusSettings(**wrong)


def test_a_refusal_of_the_library_is_told_in_words(monkeypatch):
    """opuslib's errors hold a code or a string and cannot be printed safely; ours can."""
    library = opus.load_library()

    def refuse(*_):
        raise library.opus.OpusError(-1)

    monkeypatch.setattr(library.encoder, "create_state", refuse)
    with pytest.raises(EncodingFailed, match="refused an encoder: invalid argument"):
        OpusEncoder(RATE_HZ)


@pytest.mark.usefixtures("no_opuslib_yet")
def test_without_libopus_one_line_says_what_to_install(monkeypatch):
    monkeypatch.setattr(ctypes.util, "find_library", lambda _: None)
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(CodecUnavailable, match=r"apt install libopus0.*pip install av") as caught:
        OpusEncoder(RATE_HZ)
    assert "\n" not in str(caught.value)


@pytest.mark.usefixtures("no_opuslib_yet")
def test_a_libopus_that_does_not_load_is_named(monkeypatch, tmp_path):
    broken = tmp_path / "libopus.so"
    broken.write_text("no library")
    monkeypatch.setattr(ctypes.util, "find_library", lambda _: str(broken))
    with pytest.raises(CodecUnavailable, match=r"libopus\.so does not load"):
        OpusEncoder(RATE_HZ)
    assert ctypes.util.find_library("opus") == str(broken)


@pytest.mark.usefixtures("no_opuslib_yet")
def test_without_opuslib_one_line_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "opuslib", None)
    with pytest.raises(CodecUnavailable, match="pip install opuslib"):
        OpusEncoder(RATE_HZ)


@pytest.mark.usefixtures("no_opuslib_yet")
def test_the_copy_inside_pyav_serves_if_the_system_has_no_libopus(monkeypatch):
    monkeypatch.setattr(ctypes.util, "find_library", lambda _: None)
    assert list(map(len, OpusEncoder(RATE_HZ).encode(np.zeros(FRAME, np.int16)))) == [3]
    assert library_version().startswith("libopus")


def test_importing_the_codec_loads_neither_libopus_nor_ffmpeg():
    program = "import sys, sayline.codecs.speech_encoder; print([m for m in ('opuslib', 'av') if m in sys.modules])"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    assert done.stdout.strip() == "[]"
