"""Features are those the model was trained on, and the networks that hear them are asked as they expect."""

import numpy as np
import onnx_networks
import pytest

pytest.importorskip("torch", reason="the CosyVoice3 engine is not installed")
pytest.importorskip("onnxruntime", reason="the CosyVoice3 engine is not installed")

from cosyvoice3_checkpoint import reference

from sayline.synthesis.cosyvoice3.voices.features import (
    SPEAKER_NAME,
    TOKENIZER_NAME,
    VoiceNetworks,
    align,
    kaldi_fbank,
    log_mel,
    resample,
    whisper_log_mel,
)
from sayline.synthesis.cosyvoice3.voices.prompt import BadVoice

# What an independent implementation reached (docs/COSYVOICE3.md, reference data); ours lies at 3.2e-6 or less.
PARITY = 4e-6


def relative(ours, theirs):
    assert ours.shape == theirs.shape
    assert ours.dtype == np.float32
    return np.linalg.norm(ours.astype(np.float64) - theirs) / np.linalg.norm(theirs.astype(np.float64))


@pytest.fixture(scope="module")
def frontend():
    return reference("frontend")


@pytest.fixture(scope="module")
def recording(frontend):
    return frontend["w48"] / 32768


@pytest.mark.parametrize(("name", "rate_hz"), [("w16", 16_000), ("w24", 24_000)])
def test_resampling_matches_the_reference(frontend, recording, name, rate_hz):
    assert relative(resample(recording, 48_000, rate_hz), frontend[name]) < PARITY


def test_the_mel_matches_the_reference(frontend, recording):
    assert relative(log_mel(resample(recording, 48_000, 24_000)).T, frontend["mel24"]) < PARITY


def test_the_speech_tokenizers_input_matches_the_reference(frontend, recording):
    assert relative(whisper_log_mel(resample(recording, 48_000, 16_000)), frontend["logmel128"]) < PARITY


def test_the_speaker_encoders_input_matches_the_reference(frontend, recording):
    assert relative(kaldi_fbank(resample(recording, 48_000, 16_000)), frontend["fbank"]) < PARITY


@pytest.mark.parametrize("source_hz", [16_000, 22_050, 44_100, 48_000, 44_101])
@pytest.mark.parametrize("target_hz", [16_000, 24_000])
def test_a_tone_stays_the_tone_it_was_at_any_rate(source_hz, target_hz):
    """Rates without a common divisor too: 44,101 Hz is no audio rate, which is the point."""
    tone = np.sin(2 * np.pi * 440 * np.arange(source_hz) / source_hz)
    found = resample(tone, source_hz, target_hz)
    assert len(found) == target_hz
    expected = np.sin(2 * np.pi * 440 * np.arange(target_hz) / target_hz)
    inside = slice(100, -100)  # beyond the filter's reach from either end
    assert np.abs(found[inside] - expected[inside]).max() < 2e-3  # the filter's ripple


def test_sound_above_the_new_bandwidth_is_removed():
    tone = np.sin(2 * np.pi * 11_000 * np.arange(48_000) / 48_000)
    assert np.abs(resample(tone, 48_000, 16_000)[100:-100]).max() < 0.01


@pytest.mark.parametrize(("samples", "tokens"), [(16_000 * 3, 75), (16_000 * 3 + 160, 76), (16_000 * 30, 750)])
def test_the_tokenizer_is_given_mel_and_its_length_and_makes_25_tokens_a_second(tmp_path, samples, tokens):
    onnx_networks.write(tmp_path)
    sound = np.random.default_rng(0).standard_normal(samples).astype(np.float32) / 10
    found = VoiceNetworks(tmp_path).speech_tokens(sound)
    assert len(found) == tokens
    assert list(found) == onnx_networks.tokens_of(whisper_log_mel(sound))


def test_the_encoder_is_given_features_without_their_mean(tmp_path):
    onnx_networks.write(tmp_path)
    sound = np.random.default_rng(0).standard_normal(16_000).astype(np.float32) / 10
    fbank = kaldi_fbank(sound)
    found = VoiceNetworks(tmp_path).speaker_embedding(sound)
    np.testing.assert_allclose(found, onnx_networks.embedding_of(fbank - fbank.mean(axis=0)), rtol=1e-4, atol=1e-5)
    assert found.shape == (192,)


def test_tokens_and_mel_are_cut_to_what_both_cover():
    mel = np.arange(11 * 80, dtype=np.float32).reshape(11, 80)
    tokens, cut = align((1, 2, 3, 4, 5, 6), mel)
    assert tokens == (1, 2, 3, 4, 5)
    np.testing.assert_array_equal(cut, mel[:10])
    tokens, cut = align((1, 2), mel)
    assert (tokens, cut.shape) == ((1, 2), (4, 80))


@pytest.mark.parametrize("name", [TOKENIZER_NAME, SPEAKER_NAME])
def test_a_missing_network_is_named_with_what_fetches_it(tmp_path, name):
    onnx_networks.write(tmp_path)
    (tmp_path / name).unlink()
    with pytest.raises(BadVoice, match=f"{name} is missing: `sayline download cosyvoice3`"):
        VoiceNetworks(tmp_path)


@pytest.mark.parametrize("name", [TOKENIZER_NAME, SPEAKER_NAME])
def test_a_truncated_network_is_refused(tmp_path, name):
    onnx_networks.write(tmp_path)
    whole = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BadVoice, match=f"{name} is truncated"):
        VoiceNetworks(tmp_path)


def test_networks_in_each_others_place_are_refused(tmp_path):
    onnx_networks.write(tmp_path)
    (tmp_path / SPEAKER_NAME).write_bytes((tmp_path / TOKENIZER_NAME).read_bytes())
    with pytest.raises(BadVoice, match="another network"):
        VoiceNetworks(tmp_path)


def test_a_tokenizer_of_another_rate_is_refused(tmp_path):
    onnx_networks.write(tmp_path, frames_per_token=2)
    with pytest.raises(BadVoice, match="not the v3 speech tokenizer"):
        VoiceNetworks(tmp_path).speech_tokens(np.zeros(16_000, np.float32))


def test_an_encoder_of_another_width_is_refused(tmp_path):
    onnx_networks.write(tmp_path, speaker_dim=256)
    with pytest.raises(BadVoice, match=r"not the CAM\+\+ encoder: 256"):
        VoiceNetworks(tmp_path).speaker_embedding(np.zeros(16_000, np.float32))


def test_a_failure_inside_a_network_is_reported_as_one(tmp_path):
    onnx_networks.write(tmp_path, bins=100)
    with pytest.raises(BadVoice, match="could not be heard"):
        VoiceNetworks(tmp_path).speech_tokens(np.zeros(16_000, np.float32))
