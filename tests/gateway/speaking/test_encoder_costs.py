"""What formats cost the encoders, as it is measured and as real encoders report it."""

import math

import numpy as np
import pytest

from sayline.codecs.speech_encoder import AudioFormat
from sayline.gateway.speaking.encoder_costs import EncoderCosts
from sayline.gateway.speaking.encoder_pool import EncoderPool

SECOND = 48_000


def test_a_format_costs_what_its_streams_took():
    costs = EncoderCosts(processes=2)
    cost = costs.of("mp3")
    cost.busy_us += 20_000 * 990
    cost.samples += SECOND * 990
    cost.streams = 10

    assert cost.share == pytest.approx(0.02, rel=0.01)
    assert costs.load == pytest.approx(0.1, rel=0.01)


def test_a_format_that_nobody_has_used_costs_what_opus_does():
    costs = EncoderCosts(processes=1)
    costs.of("aac").streams = 100
    assert costs.load == pytest.approx(0.5)


async def test_real_encoders_are_counted_while_they_are_open_and_measured():
    async with EncoderPool(1, 24_000) as pool:
        await pool.came_up()
        assert pool.load == 0
        encoder = pool.open(AudioFormat("mp3"))
        guessed = pool.load
        for _ in range(5):
            await encoder.feed(np.zeros(24_000 * 10, np.int16))
            while encoder.frames_ready:
                await encoder.encode(encoder.frames_ready, needed_at=math.inf)
        measured = pool.load
        encoder.close()
        encoder.close()

        assert measured != guessed
        assert 0 < measured < 1
        assert pool.load == 0
