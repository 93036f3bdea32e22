"""Pitch and excitation, against the reference's."""

import numpy as np
import pytest
from cosyvoice3_checkpoint import reference, tiny_model_dir

torch = pytest.importorskip("torch", reason="the cosyvoice3 extra is not installed")

from sayline.synthesis.cosyvoice3.release.checkpoint import fold_weight_norm, load_state
from sayline.synthesis.cosyvoice3.release.dimensions import ModelDimensions
from sayline.synthesis.cosyvoice3.vocoder.source import (
    F0_CONTEXT,
    F0_LOOKAHEAD,
    excitation,
    f0_hz,
    load_source,
    sines,
    source_samples,
    turns_per_sample,
)
from sayline.synthesis.cosyvoice3.vocoder.vocoder import vocoder_shapes

MEL = torch.from_numpy(reference("tiny0_hift")["mel"]).T[None]  # (1, 64, 80)
FRAMES = MEL.shape[1]
START = torch.zeros(1, dtype=torch.int64)


@pytest.fixture(scope="module")
def source():
    state = load_state(tiny_model_dir() / "hift.pt", vocoder_shapes(ModelDimensions.read(tiny_model_dir()).vocoder))
    return load_source(fold_weight_norm(state), torch.device("cpu"), FRAMES)


@pytest.fixture(scope="module")
def f0(source):
    return f0_hz(source, torch.nn.functional.pad(MEL, (0, 0, 0, F0_LOOKAHEAD)))


@pytest.fixture(scope="module")
def sine(source, f0):
    return sines(turns_per_sample(source, f0.float()).double().cumsum(1))


def test_the_pitch_is_the_reference_s(source, f0):
    assert f0.dtype == torch.float64
    np.testing.assert_allclose(f0[0], reference("tiny0_hift")["f0_final"], rtol=0, atol=1e-11)
    np.testing.assert_allclose(f0_hz(source, MEL)[0], reference("tiny0_hift")["f0_notfinal"], rtol=0, atol=1e-11)


def test_a_window_s_pitch_is_the_whole_s_behind_its_first_frames(source, f0):
    window = f0_hz(source, MEL[:, 20:50])
    torch.testing.assert_close(window[:, F0_CONTEXT:], f0[:, 20 + F0_CONTEXT : 50 - F0_LOOKAHEAD], rtol=0, atol=1e-10)
    assert (window[:, F0_CONTEXT - 1] - f0[:, 20 + F0_CONTEXT - 1]).abs() > 1e-3


def test_harmonics_hold_for_a_frame_with_the_reference_s_phase(sine):
    np.testing.assert_allclose(sine[0], reference("tiny0_hift")["sine_per_frame"], rtol=0, atol=1e-6)


def test_turns_summed_in_pieces_are_the_reference_s_sum_to_the_bit():
    """Which is torch's own of float32, on a CPU; 5 minutes of speech."""
    turns = torch.rand(15_000, generator=torch.Generator().manual_seed(2))
    whole = turns.double().cumsum(0)
    pieces = torch.cat([whole[:4321], whole[4320] + turns[4321:].double().cumsum(0)])
    assert torch.equal(pieces.float(), turns.cumsum(0))


def test_a_frame_is_voiced_if_it_is_voiced_in_the_reference(source, f0, sine):
    noise_amplitude = excitation(source, f0, sine)[0, :, 1].numpy()
    np.testing.assert_array_equal(noise_amplitude < 0.01, reference("tiny0_hift")["uv"])
    assert 0 < reference("tiny0_hift")["uv"].sum() < FRAMES


def test_the_excitation_is_the_reference_s(source, f0, sine):
    samples = torch.arange(FRAMES * 480)[None]
    ours = source_samples(source, excitation(source, f0, sine), samples, START)
    np.testing.assert_allclose(ours[0], reference("tiny0_hift")["source"], rtol=0, atol=3e-7)


def test_noise_belongs_to_the_stream_s_own_samples(source, f0, sine):
    """A window cut from the middle sounds as that part of the whole does."""
    frames = excitation(source, f0, sine)
    whole = source_samples(source, frames, torch.arange(FRAMES * 480)[None], START)
    part = source_samples(source, frames[:, 30:], torch.arange(480)[None], START + 30 * 480)
    torch.testing.assert_close(part, whole[:, 30 * 480 : 31 * 480], rtol=0, atol=0)


def test_noise_repeats_at_the_end_of_its_table(source, f0, sine):
    frames = excitation(source, f0, sine)
    samples = torch.arange(480)[None]
    first = source_samples(source, frames, samples, START)
    again = source_samples(source, frames, samples, START + FRAMES * 480)
    torch.testing.assert_close(again, first, rtol=0, atol=0)
