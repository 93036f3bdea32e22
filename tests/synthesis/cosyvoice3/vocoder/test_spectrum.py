"""The transforms, against torch's own."""

import pytest

torch = pytest.importorskip("torch", reason="the cosyvoice3 extra is not installed")

from sayline.synthesis.cosyvoice3.vocoder.spectrum import BINS, FFT, HALF, HOP, istft, spectrum, stft

MATRICES = spectrum(torch.device("cpu"))
WINDOW = torch.hann_window(FFT)


def random(*shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(1))


def test_the_transform_is_torch_s_when_the_ends_are_mirrored():
    samples = random(2, 480)
    ours = stft(MATRICES, torch.nn.functional.pad(samples, (HALF, HALF), mode="reflect"))
    theirs = torch.stft(samples, FFT, HOP, FFT, WINDOW, center=True, return_complex=True).transpose(1, 2)
    torch.testing.assert_close(ours, torch.cat([theirs.real, theirs.imag], dim=2), rtol=0, atol=2e-6)


@pytest.mark.parametrize("frames", [2, 3, 121])
def test_the_inverse_is_torch_s_up_to_the_first_and_the_last_sample(frames):
    """Spectra that no wave has: where frames disagree, the overlap's weights decide."""
    real, imaginary = random(2, frames, BINS), random(2, frames, BINS) + 1
    ours = istft(MATRICES, torch.cat([real, imaginary], dim=2), torch.ones(2, frames, dtype=torch.bool))
    theirs = torch.istft(torch.complex(real, imaginary).transpose(1, 2), FFT, HOP, FFT, WINDOW, center=True)
    torch.testing.assert_close(ours, theirs, rtol=0, atol=2e-6)


def test_a_row_that_ends_early_sounds_as_if_it_were_alone():
    """What lies in the frames behind its end does not matter, whatever it is."""
    frames = random(2, 40, 2 * BINS)
    frames[1, 25:] = float("nan")
    is_frame = torch.arange(40) < torch.tensor([[40], [25]])
    alone = istft(MATRICES, frames[1:, :25], is_frame[1:, :25])
    together = istft(MATRICES, frames, is_frame)
    torch.testing.assert_close(together[1:, : alone.shape[1]], alone, rtol=0, atol=0)
    assert together.isfinite().all()
