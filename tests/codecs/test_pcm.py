from __future__ import annotations

import numpy as np

from sayline.codecs.pcm import pack_f32le, pack_s16le
from sayline.codecs.speech_encoder import AudioFormat, SpeechEncoder


def test_samples_are_little_endian_whatever_order_they_come_in():
    samples = np.array([1, -2, 32_767, -32_768], np.int16)
    expected = b"\x01\x00\xfe\xff\xff\x7f\x00\x80"
    assert pack_s16le(samples) == expected
    assert pack_s16le(samples.astype(">i2")) == expected
    assert pack_s16le(samples[::2]) == expected[:2] + expected[4:6]


def test_floats_reach_from_minus_one_to_just_below_one():
    samples = np.array([-32_768, -1, 0, 1, 32_767], np.int16)
    expected = [-1, -1 / 32_768, 0, 1 / 32_768, 32_767 / 32_768]
    for each in (samples, samples.astype(">i2"), np.repeat(samples, 2)[::2]):
        assert np.frombuffer(pack_f32le(each), "<f4").tolist() == expected


def test_a_frame_of_floats_is_the_frame_of_integers(speech):
    def packets(form):
        encoder = SpeechEncoder(24_000, AudioFormat(form))
        encoder.feed(speech[:1_000])
        encoder.finish()
        return encoder.encode(9)

    for floats, integers in zip(packets("pcm_f32le"), packets("pcm_s16le"), strict=True):
        assert floats.duration == integers.duration
        assert (np.frombuffer(floats.payload, "<f4") * 32_768 == np.frombuffer(integers.payload, "<i2")).all()
