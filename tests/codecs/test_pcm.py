from __future__ import annotations

import numpy as np

from sayline.codecs.pcm import pack_s16le


def test_samples_are_little_endian_whatever_order_they_come_in():
    samples = np.array([1, -2, 32_767, -32_768], np.int16)
    expected = b"\x01\x00\xfe\xff\xff\x7f\x00\x80"
    assert pack_s16le(samples) == expected
    assert pack_s16le(samples.astype(">i2")) == expected
    assert pack_s16le(samples[::2]) == expected[:2] + expected[4:6]
