from __future__ import annotations

import ctypes.util
import importlib.util

import numpy as np
import pytest
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st

from sayline.codecs import opus
from sayline.codecs.base import WIRE_RATE_HZ, CodecUnavailable, Packet
from sayline.codecs.formats import FORMATS
from sayline.codecs.opus import OpusDecoder, OpusSettings
from sayline.codecs.resampler import QUALITY
from sayline.codecs.speech_encoder import AudioFormat, SpeechEncoder

FRAME = 960  # 20 ms on the wire's clock


def drain(encoder: SpeechEncoder, at_once: int = 2) -> list[Packet]:
    packets = []
    while encoder.frames_ready:
        packets += encoder.encode(at_once)
    return packets


def listen(encoder: SpeechEncoder, packets: list[Packet]) -> np.ndarray:
    """Play packets as a client should: of each packet as much as its duration says, then drop the pre-skip."""
    decoder, heard = OpusDecoder(encoder.sample_rate_hz), []
    for packet in packets:
        sound = decoder.decode(packet.payload)
        stop = packet.duration * encoder.sample_rate_hz // WIRE_RATE_HZ
        assert stop <= len(sound)
        heard.append(sound[:stop])
    return np.concatenate(heard)[encoder.preskip * encoder.sample_rate_hz // WIRE_RATE_HZ :]


def encode_all(samples: np.ndarray, source_hz: int, audio_format: AudioFormat) -> tuple[SpeechEncoder, list[Packet]]:
    encoder = SpeechEncoder(source_hz, audio_format)
    encoder.feed(samples, ends_segment=True)
    encoder.finish()
    return encoder, drain(encoder)


@pytest.mark.parametrize("frame_ms", [10, 20, 40, 60])
@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 22_050, 24_000, 48_000])
def test_a_listener_hears_exactly_the_sound_that_was_fed(speech, speech_rate_hz, correlation, rate_hz, frame_ms):
    encoder, packets = encode_all(speech, speech_rate_hz, AudioFormat("opus", rate_hz, frame_ms))
    expected = soxr.resample(speech, speech_rate_hz, encoder.sample_rate_hz, QUALITY)
    heard = listen(encoder, packets)
    assert len(heard) == len(expected)
    assert correlation(heard, expected) >= 0.95
    assert encoder.fed == len(expected) * WIRE_RATE_HZ // encoder.sample_rate_hz


@pytest.mark.parametrize("codec", FORMATS)
@settings(max_examples=30, deadline=None)
@given(
    cuts=st.lists(st.integers(0, 4_000), max_size=12),
    segment_ends=st.sets(st.integers(0, 11)),
    pads=st.sets(st.integers(0, 11)),
    at_once=st.integers(1, 7),
)
def test_durations_sum_to_the_preskip_and_what_was_fed_however_it_is_cut(
    speech, speech_rate_hz, codec, cuts, segment_ends, pads, at_once
):
    encoder = SpeechEncoder(speech_rate_hz, AudioFormat(codec))
    packets, position = [], 0
    for index, cut in enumerate(cuts):
        encoder.feed(speech[position : position + cut], ends_segment=index in segment_ends)
        position += cut
        if index in pads:
            encoder.pad_tail()
        packets += encoder.encode(at_once)
        assert sum(packet.duration for packet in packets) <= encoder.fed + encoder.preskip
    encoder.feed(speech[:0], ends_segment=True)
    encoder.finish()
    packets += drain(encoder, at_once)
    assert sum(packet.duration for packet in packets) == (encoder.fed + encoder.preskip if encoder.fed else 0)
    assert all(0 <= packet.duration < 2**16 for packet in packets)
    if codec == "opus":
        assert all(packet.duration > 0 for packet in packets)
        assert {packet.duration for packet in packets[:-1]} <= {FRAME}


@settings(max_examples=15, deadline=None)
@given(cuts=st.lists(st.integers(0, 30_000), max_size=6), at_once=st.integers(1, 9))
def test_any_cutting_and_any_grouping_give_the_same_packets(speech, cuts, at_once):
    """At equal rates, so that the resampler's dither does not blur what the encoder is given."""
    samples = speech[:30_000]
    _, whole = encode_all(samples, 24_000, AudioFormat("opus"))
    encoder, packets = SpeechEncoder(24_000, AudioFormat("opus")), []
    for piece in np.split(samples, sorted(cuts)):
        encoder.feed(piece)
        packets += encoder.encode(at_once)
    encoder.finish()
    assert [*packets, *drain(encoder, at_once)] == whole


def test_packets_last_a_frame_and_the_last_ends_with_the_sound(speech):
    encoder, packets = encode_all(speech[:1_000], 24_000, AudioFormat("opus"))
    # 1,000 samples are 2,000 on the wire; with the pre-skip of 312 in front they take three frames
    assert [packet.duration for packet in packets] == [FRAME, FRAME, 312 + 2_000 - 2 * FRAME]
    assert encoder.preskip == 312


def test_the_newest_frame_waits_until_it_is_known_not_to_be_the_last(speech):
    encoder = SpeechEncoder(24_000, AudioFormat("opus"))
    encoder.feed(speech[:480])
    assert (encoder.frames_ready, encoder.encode(10)) == (0, [])
    encoder.feed(speech[480:481])
    assert encoder.frames_ready == 1


def test_a_listener_about_to_run_dry_gets_the_tail_padded_and_the_sound_goes_on_after_it(speech, correlation):
    encoder = SpeechEncoder(24_000, AudioFormat("opus"))
    encoder.feed(speech[:700])
    encoder.pad_tail()
    assert encoder.fed == 2 * FRAME
    assert encoder.frames_ready == 2
    packets = drain(encoder)
    encoder.feed(speech[700:20_000])
    encoder.finish()
    packets += drain(encoder)
    expected = np.concatenate([speech[:700], np.zeros(260, np.int16), speech[700:20_000]])
    heard = listen(encoder, packets)
    assert len(heard) == len(expected)
    assert correlation(heard, expected) >= 0.95


@pytest.mark.parametrize("samples", [700, 900, 959, 960, 961])
def test_padding_lets_the_whole_sound_out_and_not_all_but_what_opus_holds_back(speech, samples):
    encoder = SpeechEncoder(24_000, AudioFormat("opus"))
    encoder.feed(speech[:samples])
    encoder.pad_tail()
    packets = drain(encoder)

    assert sum(packet.duration for packet in packets) - encoder.preskip >= 2 * samples
    encoder.pad_tail()
    assert not encoder.frames_ready, "there is nothing more to let out"


def test_after_padding_the_end_still_brings_a_packet_to_carry_its_flag(speech):
    encoder = SpeechEncoder(24_000, AudioFormat("opus"))
    encoder.feed(speech[:960])
    encoder.pad_tail()
    drain(encoder)
    encoder.finish()
    (last,) = drain(encoder)
    assert last.duration == encoder.preskip


def test_a_segments_end_lets_out_what_the_resampler_holds(speech):
    encoder = SpeechEncoder(22_050, AudioFormat("opus"))
    encoder.feed(speech[:22_050])
    assert encoder.fed < WIRE_RATE_HZ
    encoder.feed(speech[:0], ends_segment=True)
    assert encoder.fed == WIRE_RATE_HZ


@pytest.mark.parametrize("codec", FORMATS)
def test_a_context_that_said_nothing_has_no_packets(speech, codec):
    encoder, packets = encode_all(speech[:0], 24_000, AudioFormat(codec))
    encoder.finish()
    assert (packets, encoder.fed, encoder.frames_ready) == ([], 0, 0)


def test_feeding_after_the_end_is_an_error(speech):
    encoder, _ = encode_all(speech[:0], 24_000, AudioFormat())
    with pytest.raises(ValueError, match="finished"):
        encoder.feed(speech)


# Those that clients of some dialect ask for, and an odd one.
RATES_HZ = [8_000, 11_025, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000]


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_pcm_is_the_resampled_sound_to_the_sample(speech, speech_rate_hz, rate_hz):
    encoder, packets = encode_all(speech, speech_rate_hz, AudioFormat("pcm_s16le", rate_hz))
    expected = soxr.resample(speech, speech_rate_hz, rate_hz, QUALITY)
    heard = np.frombuffer(b"".join(packet.payload for packet in packets), "<i2")
    assert len(heard) == len(expected)
    assert np.abs(heard.astype(int) - expected).max() <= 2  # soxr's dither
    assert {len(packet.payload) for packet in packets[:-1]} == {rate_hz * 20 // 1000 * 2}
    assert (encoder.preskip, encoder.sample_rate_hz) == (0, rate_hz)


def test_a_pcm_tail_goes_out_short_instead_of_padded(speech):
    encoder = SpeechEncoder(24_000, AudioFormat("pcm_s16le"))
    encoder.feed(speech[:500])
    encoder.pad_tail()
    assert [(len(packet.payload), packet.duration) for packet in encoder.encode(9)] == [(960, 960), (40, 40)]
    assert encoder.fed == 1_000


@pytest.mark.parametrize(
    ("codec", "codec_id"),
    [("opus", 1), ("pcm_s16le", 2), ("ogg_opus", 3), ("mulaw", 4), ("alaw", 5), ("pcm_f32le", 6)],
)
def test_codecs_are_numbered_as_the_protocol_says(codec, codec_id):
    assert SpeechEncoder(24_000, AudioFormat(codec)).codec_id == codec_id


@pytest.mark.parametrize("application", [OpusSettings(), OpusSettings(fec=True), OpusSettings(application="voip")])
def test_every_way_of_encoding_keeps_the_length(speech, application):
    encoder, packets = encode_all(speech, 24_000, AudioFormat("opus", opus=application))
    assert len(listen(encoder, packets)) == len(speech)


@pytest.mark.parametrize(
    "wrong", [{"codec": "vorbis"}, {"sample_rate_hz": 7_999}, {"sample_rate_hz": 48_001}, {"frame_ms": 25}]
)
def test_a_format_outside_the_protocol_is_refused(wrong):
    with pytest.raises(ValueError, match=r"must be|last one of"):
        AudioFormat(**wrong)


def test_pcm_needs_no_libopus(monkeypatch):
    monkeypatch.setattr(ctypes.util, "find_library", lambda _: None)
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    opus.load_library.cache_clear()
    assert SpeechEncoder(24_000, AudioFormat("pcm_s16le")).codec_id == 2
    with pytest.raises(CodecUnavailable):
        SpeechEncoder(24_000, AudioFormat("opus"))
    opus.load_library.cache_clear()


@given(pieces=st.lists(st.tuples(st.integers(0, 3000), st.booleans()), min_size=1, max_size=8), takes=st.integers(1, 9))
def test_a_packet_of_pcm_lasts_as_long_as_its_samples_wherever_the_sound_paused(pieces, takes):
    encoder, packets = SpeechEncoder(24_000, AudioFormat("pcm_s16le")), []
    for samples, pauses in pieces:
        encoder.feed(np.ones(samples, np.int16), ends_segment=pauses)
        if pauses:
            encoder.pad_tail()
        packets += encoder.encode(takes)
    encoder.finish()
    packets += drain(encoder)
    assert [packet.duration for packet in packets] == [len(packet.payload) for packet in packets]
