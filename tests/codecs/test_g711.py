"""G.711 against the recommendation's own tables, and against another implementation (FFmpeg's, through PyAV)."""

import itertools

import av
import numpy as np
import pytest

from sayline.codecs.g711 import ALAW, MULAW
from sayline.codecs.speech_encoder import AudioFormat, SpeechEncoder

EVERY_SAMPLE = np.arange(-32_768, 32_768).astype(np.int16)
RATE_HZ = 8_000


def decoded(name, codes):
    """What FFmpeg's decoder makes of codes."""
    decoder = av.CodecContext.create(f"pcm_{name}", "r")
    decoder.sample_rate, decoder.layout = RATE_HZ, "mono"
    frames = [*decoder.decode(av.Packet(bytes(codes))), *decoder.decode(None)]
    return np.concatenate([frame.to_ndarray()[0] for frame in frames]).astype(int)


def encoded_by_ffmpeg(name, samples):
    encoder = av.CodecContext.create(f"pcm_{name}", "w")
    encoder.sample_rate, encoder.layout, encoder.format = RATE_HZ, "mono", "s16"
    frame = av.AudioFrame.from_ndarray(samples[None], format="s16", layout="mono")
    frame.sample_rate = RATE_HZ
    packets = [*encoder.encode(frame), *encoder.encode(None)]
    return np.frombuffer(b"".join(map(bytes, packets)), np.uint8)


def decision_values(name):
    """Decision values of ITU-T G.711 from 0 upwards: tables 2a (µ-law, 14-bit units) and 1a (A-law, 13-bit units).

    The tables give the first value of each segment, and its 16 steps are equal.
    """
    if name == "mulaw":
        bounds, unit = [-1, 31, 95, 223, 479, 991, 2015, 4063, 8159], 4
    else:
        bounds, unit = [0, 32, 64, 128, 256, 512, 1024, 2048, 4096], 8
    steps = [np.linspace(first, last, 16, endpoint=False) for first, last in itertools.pairwise(bounds)]
    # The first step of µ-law's first segment is half as wide: its other half is negative.
    return np.maximum(np.concatenate(steps), 0) * unit


CASES = [("mulaw", MULAW), ("alaw", ALAW)]


def codes_of(table):
    return table[EVERY_SAMPLE.view(np.uint16)]


@pytest.mark.parametrize(("name", "table"), CASES)
def test_every_sample_is_coded_by_the_decision_values_of_the_recommendation(name, table):
    values = decision_values(name)
    codes = codes_of(table).astype(int)
    numbers = (~codes & 0x7F) if name == "mulaw" else (codes ^ 0x55) & 0x7F
    loudness = np.abs(EVERY_SAMPLE.astype(int))
    is_between = ~np.isin(loudness, values)
    expected = np.searchsorted(values, loudness, side="right") - 1

    assert np.array_equal(numbers[is_between], expected[is_between])
    # On a decision value the recommendation leaves the choice between the two neighbours.
    assert np.isin(expected[~is_between] - numbers[~is_between], [0, 1]).all()
    assert np.array_equal(codes & 0x80 > 0, EVERY_SAMPLE >= 0)  # the first bit is the sign, and 1 is positive


@pytest.mark.parametrize(("name", "table"), CASES)
def test_every_code_comes_back_as_it_was(name, table):
    values = decoded(name, np.arange(256, dtype=np.uint8))
    again = table[values.astype(np.int16).view(np.uint16)]

    different = np.flatnonzero(again != np.arange(256))
    assert different.tolist() == ([0x7F] if name == "mulaw" else [])  # µ-law has a second zero


@pytest.mark.parametrize(("name", "table"), CASES)
def test_ffmpeg_takes_the_same_code_or_at_a_step_s_edge_the_next(name, table):
    """FFmpeg takes the nearest value also where two segments meet, and rounds down below zero; G.711 does neither."""
    ours, theirs = codes_of(table), encoded_by_ffmpeg(name, EVERY_SAMPLE)
    values = np.unique(decoded(name, np.arange(256, dtype=np.uint8)))
    places = np.searchsorted(values, decoded(name, np.arange(256, dtype=np.uint8)))
    apart = np.abs(places[ours] - places[theirs])

    assert apart.max() == 1
    assert np.count_nonzero(apart) < 0.015 * len(EVERY_SAMPLE)


@pytest.mark.parametrize(("name", "silence"), [("mulaw", 0xFF), ("alaw", 0xD5)])
def test_silence_is_the_code_that_a_line_idles_with(name, silence):
    encoder = SpeechEncoder(RATE_HZ, AudioFormat(name, RATE_HZ))
    encoder.feed(np.zeros(160, np.int16))
    encoder.finish()

    assert [packet.payload for packet in encoder.encode(9)] == [bytes([silence]) * 160]


@pytest.mark.parametrize(("name", "least"), [("mulaw", 0.999), ("alaw", 0.999)])
@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 44_100])
def test_speech_keeps_its_shape_at_any_rate(speech, speech_rate_hz, correlation, name, least, rate_hz):
    def heard(form):
        encoder = SpeechEncoder(speech_rate_hz, AudioFormat(form, rate_hz))
        encoder.feed(speech, ends_segment=True)
        encoder.finish()
        return b"".join(packet.payload for packet in encoder.encode(100_000))

    plain = np.frombuffer(heard("pcm_s16le"), "<i2")
    coded = decoded(name, np.frombuffer(heard(name), np.uint8))

    assert len(coded) == len(plain)
    assert correlation(coded, plain) > least


def test_samples_are_coded_whatever_byte_order_they_come_in():
    samples = np.array([-32_768, -1, 0, 1, 32_767], np.int16)
    for each in (samples, samples.astype(">i2"), np.repeat(samples, 2)[::2]):
        encoder = SpeechEncoder(RATE_HZ, AudioFormat("mulaw", RATE_HZ))
        encoder.feed(each)
        encoder.finish()
        assert encoder.encode(9)[0].payload == bytes([0x00, 0x7F, 0xFF, 0xFF, 0x80])
