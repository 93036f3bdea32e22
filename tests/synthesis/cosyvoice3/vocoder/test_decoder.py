"""The vocoder's network, layer by layer against the plain form of its definition."""

from dataclasses import replace

import numpy as np
import pytest
from cosyvoice3_checkpoint import reference, tiny_model_dir

torch = pytest.importorskip("torch", reason="the cosyvoice3 extra is not installed")
from torch.nn import functional as F  # noqa: N812 - torch's own idiom

from sayline.synthesis.cosyvoice3.release.checkpoint import fold_weight_norm, load_state
from sayline.synthesis.cosyvoice3.release.dimensions import ModelDimensions
from sayline.synthesis.cosyvoice3.vocoder.decoder import PRE_LOOKAHEAD, PlainActivation, decode, load_decoder
from sayline.synthesis.cosyvoice3.vocoder.spectrum import BINS, spectrum, stft
from sayline.synthesis.cosyvoice3.vocoder.vocoder import vocoder_shapes

HIFT = reference("tiny0_hift")


@pytest.fixture(scope="module")
def weights():
    state = load_state(tiny_model_dir() / "hift.pt", vocoder_shapes(ModelDimensions.read(tiny_model_dir()).vocoder))
    return fold_weight_norm(state)


@pytest.fixture(scope="module")
def decoder(weights):
    """In float64, where two ways to sum agree to rounding and any mistake stands out."""
    return load_decoder(weights, torch.device("cpu"), torch.float64, PlainActivation())


def random(*shape):
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


def test_the_first_convolution_is_the_reference_s(weights):
    decoder = load_decoder(weights, torch.device("cpu"), torch.float32, PlainActivation())
    mel = F.pad(torch.from_numpy(HIFT["mel"]).T[None], (0, 0, 0, PRE_LOOKAHEAD))
    ours = decoder.pre.future(mel)[0, :8].T
    np.testing.assert_allclose(ours, HIFT["conv_pre_head"], rtol=2e-6, atol=2e-6)


def test_the_source_s_spectrum_is_the_reference_s():
    samples = F.pad(torch.from_numpy(HIFT["source"])[None], (8, 8), mode="reflect")
    ours = stft(spectrum(torch.device("cpu")), samples)[0, :32].T
    np.testing.assert_allclose(ours, HIFT["stft_head"], rtol=0, atol=2e-6)


@pytest.mark.parametrize(("stage", "rate", "kernel"), [(0, 8, 16), (1, 5, 11), (2, 3, 7)])
def test_a_rise_in_rate_is_repetition_and_a_causal_convolution(weights, decoder, stage, rate, kernel):
    up = decoder.stages[stage].up
    x = random(2, 6, up.conv.weight.shape[1])
    repeated = F.pad(x.transpose(1, 2).repeat_interleave(rate, dim=2), (kernel - 1, 0))
    plain = F.conv1d(repeated, weights[f"ups.{stage}.weight"], weights[f"ups.{stage}.bias"]).transpose(1, 2)
    torch.testing.assert_close(up(x), plain, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("stage", "stride"), [(0, 15), (1, 3), (2, 1)])
def test_the_source_comes_down_by_a_strided_causal_convolution(weights, decoder, stage, stride):
    x = random(2, 241, 18)
    padded = F.pad(x.transpose(1, 2), (stride - 1, 0))
    weight, bias = weights[f"source_downs.{stage}.weight"], weights[f"source_downs.{stage}.bias"]
    plain = F.conv1d(padded, weight, bias, stride=stride).transpose(1, 2)
    torch.testing.assert_close(decoder.stages[stage].down(x), plain, rtol=1e-12, atol=1e-12)


def test_a_dilated_convolution_sees_the_past_alone(weights, decoder):
    _, conv, between, _ = decoder.stages[2].blocks[2].pairs[2]  # kernel 11, dilation 5
    x = random(1, 80, 8)
    padded = F.pad(x.transpose(1, 2), (50, 0))
    name = "resblocks.8.convs1.2"
    plain = F.conv1d(padded, weights[f"{name}.weight"], weights[f"{name}.bias"], dilation=5).transpose(1, 2)
    # Its bias is added with the activation that follows.
    torch.testing.assert_close(conv.past(x) + between.bias, plain, rtol=0, atol=1e-7)


def test_later_mel_frames_change_no_earlier_sound(decoder):
    """But for the look-ahead of the first convolution, and the source that stands beside a frame's last position."""
    frames = 8
    mel, source = random(1, frames + PRE_LOOKAHEAD, 80), random(1, 120 * frames + 1, 18)
    other_mel, other_source = mel.clone(), source.clone()
    other_mel[:, 5 + PRE_LOOKAHEAD :] += 1
    other_source[:, 120 * 5 + 1 :] += 1
    before, after = decode(decoder, mel, source), decode(decoder, other_mel, other_source)
    torch.testing.assert_close(after[:, : 120 * 5], before[:, : 120 * 5], rtol=0, atol=0)
    assert (after - before)[:, 120 * 5 + 1 :].abs().max() > 0


def test_the_sound_s_magnitude_is_bounded(decoder):
    loud = replace(decoder, post=replace(decoder.post, bias=decoder.post.bias + 9))  # exp(9) is 8,000 times as loud
    sound = decode(loud, random(1, 3 + PRE_LOOKAHEAD, 80), random(1, 361, 18))
    assert torch.hypot(sound[..., :BINS], sound[..., BINS:]).max().item() == pytest.approx(100)
