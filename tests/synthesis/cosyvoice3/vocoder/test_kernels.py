"""The vocoder's GPU kernel, in Triton's interpreter if there is no GPU."""

from dataclasses import replace

import pytest
from cosyvoice3_checkpoint import reference, tiny_model_dir

torch = pytest.importorskip("torch", reason="the cosyvoice3 extra is not installed")
pytest.importorskip("triton", reason="comes with torch for GPUs")

from sayline.synthesis.cosyvoice3.release.dimensions import ModelDimensions
from sayline.synthesis.cosyvoice3.vocoder.decoder import PlainActivation, Snake
from sayline.synthesis.cosyvoice3.vocoder.vocoder import Vocoder, VocoderRow, VocoderSlots

DEVICE = torch.device("cuda" if torch.cuda.is_available() else "cpu")


@pytest.fixture(scope="module")
def fused():
    with pytest.MonkeyPatch.context() as environment:
        if DEVICE.type == "cpu":
            environment.setenv("TRITON_INTERPRET", "1")  # asked when the kernel's module is imported
        from sayline.synthesis.cosyvoice3.vocoder.kernels import FusedActivation
    return FusedActivation()


def random(*shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(sum(shape))).to(DEVICE)


def snake(channels):
    alpha = 0.5 + random(channels).abs()
    return Snake(random(channels), alpha, 1 / alpha)


# 3 channels of 5 positions fill a part of one program; 40 of 64 take more than two.
@pytest.mark.parametrize(("length", "channels"), [(5, 3), (40, 64)])
@pytest.mark.parametrize(("dtype", "rounding"), [(torch.float32, 1e-6), (torch.float16, 4e-3)])
def test_an_activation_is_the_plain_one(fused, length, channels, dtype, rounding):
    x, activation = random(2, length, channels).to(dtype), snake(channels)
    expected = PlainActivation().activated(x, activation)
    torch.testing.assert_close(fused.activated(x, activation), expected, rtol=rounding, atol=rounding)


@pytest.mark.parametrize(("dtype", "rounding"), [(torch.float32, 1e-6), (torch.float16, 4e-3)])
def test_a_sum_and_its_activation_are_the_plain_ones_for_what_a_convolution_leaves(fused, dtype, rounding):
    """Which is the first positions of rows that go on."""
    x, longer = random(2, 40, 64).to(dtype), random(2, 50, 64).to(dtype)
    activation = snake(64)
    total, activated = fused.added(x, longer[:, :40], activation)
    expected_total, expected = PlainActivation().added(x, longer[:, :40], activation)
    torch.testing.assert_close(total, expected_total, rtol=rounding, atol=rounding)
    torch.testing.assert_close(activated, expected, rtol=rounding, atol=rounding)


def test_positions_that_lie_apart_are_refused(fused):
    with pytest.raises(ValueError, match="one behind another"):
        fused.activated(random(2, 3, 40).transpose(1, 2), snake(3))


@pytest.mark.skipif(DEVICE.type != "cpu", reason="compiled for the GPU, the kernel takes no tensor of the CPU's")
def test_the_whole_network_runs_with_the_fused_activations(fused):
    """What the layers pass on lies in memory as the kernel needs it, in a batch and alone."""
    dimensions = ModelDimensions.read(tiny_model_dir()).vocoder
    plain = Vocoder.load(tiny_model_dir(), dimensions, torch.device("cpu"), torch.float32, noise_frames=20)
    fast = replace(plain, decoder=replace(plain.decoder, activation=fused))
    mel = torch.from_numpy(reference("tiny0_hift")["mel"])
    for frames in ([12], [12, 9]):
        sounds = []
        for vocoder in (plain, fast):
            slots = VocoderSlots(len(frames), torch.device("cpu"))
            rows = [VocoderRow(slots.allocate(), mel[:, :count], is_last=True) for count in frames]
            sounds.append(torch.cat(vocoder.vocode(slots, rows)))
        torch.testing.assert_close(sounds[1], sounds[0], rtol=0, atol=1e-5)
