"""MP3, AAC and FLAC, decoded by FFmpeg as players decode them."""

from __future__ import annotations

import io

import av
import numpy as np
import pytest
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st

from sayline.codecs import provenance
from sayline.codecs.base import WIRE_RATE_HZ
from sayline.codecs.opus import OpusSettings
from sayline.codecs.resampler import QUALITY
from sayline.codecs.speech_encoder import AudioFormat, SpeechEncoder

pytestmark = pytest.mark.slow  # FFmpeg encodes for seconds

# How alike decoded and meant sound are at least; FLAC and WAV lose nothing but resampling's dither.
ALIKE = {"mp3": 0.99, "aac": 0.97, "flac": 0.9999, "wav": 0.9999}
CONTAINERS = {"mp3": "mp3", "aac": "aac", "flac": "flac", "wav": "wav"}
BITRATE = OpusSettings(bitrate=64_000)


def encoded(samples, source_hz, audio_format, cuts=(), at_once=5):
    encoder, packets = SpeechEncoder(source_hz, audio_format), []
    for piece in np.split(samples, sorted(cuts)):
        encoder.feed(piece)
        packets += encoder.encode(at_once)
    encoder.feed(samples[:0], ends_segment=True)
    encoder.finish()
    while encoder.frames_ready:
        packets += encoder.encode(at_once)
    return encoder, packets


def decoded(payload, codec):
    """What FFmpeg puts out for a file: (its samples, its rate, what it says of the file's length)."""
    with av.open(io.BytesIO(payload), format=CONTAINERS[codec]) as file:
        stream = file.streams.audio[0]
        stream.codec_context.flags2 |= av.codec.context.Flags2.skip_manual  # nothing is cut: the pre-skip is to be seen
        to_pcm = av.AudioResampler("s16", "mono", stream.rate)
        frames = [converted for frame in file.decode(stream) for converted in to_pcm.resample(frame)]
        return np.concatenate([frame.to_ndarray()[0] for frame in frames]), stream.rate


@pytest.mark.parametrize("codec", ALIKE)
@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 22_050, 24_000, 44_100, 48_000])
def test_a_player_hears_exactly_the_sound_that_was_fed(speech, speech_rate_hz, correlation, codec, rate_hz):
    encoder, packets = encoded(speech, speech_rate_hz, AudioFormat(codec, rate_hz, opus=BITRATE))
    heard, rate = decoded(b"".join(packet.payload for packet in packets), codec)

    expected = soxr.resample(speech, speech_rate_hz, rate_hz, QUALITY)
    start = round(encoder.preskip * rate_hz / WIRE_RATE_HZ)
    assert rate == encoder.sample_rate_hz == rate_hz
    assert len(heard) - start >= len(expected), "all of the sound came out"
    assert correlation(heard[start : start + len(expected)], expected) >= ALIKE[codec]
    assert sum(packet.duration for packet in packets) == encoder.fed + encoder.preskip


@pytest.mark.parametrize("codec", ALIKE)
@settings(max_examples=15, deadline=None)
@given(cuts=st.lists(st.integers(0, 30_000), max_size=6), at_once=st.integers(1, 9))
def test_any_cutting_gives_the_same_stream(speech, codec, cuts, at_once):
    samples = speech[:30_000]
    form = AudioFormat(codec, opus=BITRATE)
    _, whole = encoded(samples, 24_000, form)

    _, packets = encoded(samples, 24_000, form, cuts, at_once)

    assert packets == whole


@pytest.mark.parametrize("codec", ALIKE)
def test_a_sound_that_paused_is_still_one_stream(speech, codec):
    encoder, packets = SpeechEncoder(24_000, AudioFormat(codec, opus=BITRATE)), []
    for piece in np.split(speech[:24_000], 3):
        encoder.feed(piece)
        encoder.pad_tail()
        while encoder.frames_ready:
            packets += encoder.encode(4)
        made = sum(packet.duration for packet in packets)
        assert made - encoder.preskip >= 2 * len(piece), "before the pause, all of the sound is out"
    encoder.finish()
    while encoder.frames_ready:
        packets += encoder.encode(4)

    heard, rate = decoded(b"".join(packet.payload for packet in packets), codec)

    assert len(heard) >= encoder.fed * rate // WIRE_RATE_HZ


@pytest.mark.parametrize("codec", ["mp3", "aac"])
def test_the_frames_of_a_stream_have_the_bitrate_that_was_asked_for(speech, codec):
    _, packets = encoded(speech, 24_000, AudioFormat(codec, opus=BITRATE))

    seconds = sum(packet.duration for packet in packets) / WIRE_RATE_HZ
    bits = 8 * sum(len(packet.payload) for packet in packets if packet.duration)
    # An encoder of AAC spends what it needs and no more than that on the whole.
    assert bits / seconds == pytest.approx(64_000, rel=0.02) if codec == "mp3" else bits / seconds < 70_000


def test_a_bitrate_that_mp3_does_not_have_becomes_the_next_that_it_has(speech):
    for rate_hz, asked, given_ in ((24_000, 50_000, 56_000), (24_000, 500_000, 160_000), (44_100, 6_000, 32_000)):
        _, packets = encoded(speech, 24_000, AudioFormat("mp3", rate_hz, opus=OpusSettings(bitrate=asked)))
        seconds = sum(packet.duration for packet in packets) / WIRE_RATE_HZ
        bits = 8 * sum(len(packet.payload) for packet in packets if packet.duration)
        assert bits / seconds == pytest.approx(given_, rel=0.02)


@pytest.mark.parametrize("codec", ["mp3", "aac"])
def test_a_rate_that_the_codec_does_not_have_becomes_the_next_that_it_has(speech, codec):
    encoder, packets = encoded(speech, 24_000, AudioFormat(codec, 22_000, opus=BITRATE))

    _, rate = decoded(b"".join(packet.payload for packet in packets), codec)

    assert rate == encoder.sample_rate_hz == 22_050


def test_a_frame_of_mp3_stands_by_itself(speech):
    """A listener who joins in the middle hears the rest: no frame needs bits of those before it."""
    _, packets = encoded(speech, 24_000, AudioFormat("mp3", opus=BITRATE))
    whole, _ = decoded(b"".join(packet.payload for packet in packets), "mp3")

    rest, _ = decoded(b"".join(packet.payload for packet in packets[21:]), "mp3")

    settled = 4 * 576  # the decoder's filters know nothing of what went before
    assert np.array_equal(rest[settled:], whole[20 * 576 + settled :])


@pytest.mark.parametrize("codec", ["mp3", "flac"])
def test_a_file_says_that_a_machine_made_it(speech, codec):
    _, packets = encoded(speech[:10_000], 24_000, AudioFormat(codec, opus=BITRATE))
    with av.open(io.BytesIO(b"".join(packet.payload for packet in packets)), format=codec) as file:
        said = {name.lower(): value for name, value in file.metadata.items()}

    assert said["digitalsourcetype"] == provenance.DIGITAL_SOURCE_TYPE
    assert said["comment"] == provenance.STATEMENT
    assert said["encoder"] == provenance.GENERATOR


def test_the_header_of_a_flac_stream_can_be_read_before_its_end(speech):
    _, packets = encoded(speech, 24_000, AudioFormat("flac"))
    beginning = b"".join(packet.payload for packet in packets[:4])

    heard, rate = decoded(beginning, "flac")

    assert (packets[0].payload[:4], packets[0].duration, rate) == (b"fLaC", 0, 24_000)
    assert np.array_equal(heard, speech[: len(heard)])
    assert len(heard) == 3 * 960
