"""The fixed noise tables, against the heads and digests of the reference."""

import hashlib

import numpy as np
import pytest
from cosyvoice3_checkpoint import reference, reference_meta

torch = pytest.importorskip("torch", reason="the cosyvoice3 extra is not installed")

from sayline.synthesis.cosyvoice3.release.model_facts import MAX_FRAMES, MEL_BINS
from sayline.synthesis.cosyvoice3.release.noise import HARMONICS, flow_noise, source_noise


def test_the_flow_s_initial_state_is_the_released_one_to_the_bit():
    noise = flow_noise()
    assert noise.shape == (MEL_BINS, MAX_FRAMES)
    digest = hashlib.sha256(noise.contiguous().numpy().tobytes()).hexdigest()
    assert digest == reference_meta("noise")["sha256"]["rand_noise"]


def test_the_source_noise_begins_as_the_released_table_does():
    table = source_noise(51).numpy()
    assert table.shape == (51 * 480, HARMONICS)
    np.testing.assert_array_equal(table[:480], reference("noise")["sine_table_first480"])
    np.testing.assert_array_equal(table[24_000:24_004], reference("noise")["sine_table_at_24000"])


def test_a_longer_table_begins_like_a_shorter_one():
    shorter = source_noise(3).clone()
    np.testing.assert_array_equal(source_noise(5)[: len(shorter)].numpy(), shorter.numpy())


def test_drawing_a_table_leaves_the_process_s_generator_alone():
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    source_noise(4)
    assert torch.equal(torch.rand(3), expected)
