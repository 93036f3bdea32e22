"""A recording becomes a voice: what was said, how it sounded and who spoke, cut to one length."""

import numpy as np
import onnx_networks
import pytest
import recordings

pytest.importorskip("torch", reason="the CosyVoice3 engine is not installed")
pytest.importorskip("onnxruntime", reason="the CosyVoice3 engine is not installed")

from cosyvoice3_checkpoint import tiny_model_dir

from sayline.synthesis.cosyvoice3.release.model_facts import END_OF_PROMPT
from sayline.synthesis.cosyvoice3.text.tokenizer import TextTokenizer
from sayline.synthesis.cosyvoice3.voices.features import VoiceNetworks, log_mel, resample
from sayline.synthesis.cosyvoice3.voices.prompt import BadVoice
from sayline.synthesis.cosyvoice3.voices.prompts import transcript_ids
from sayline.synthesis.cosyvoice3.voices.registration import register_voice

HELLO = "Hello there, this is Anna, who speaks."


@pytest.fixture(scope="module")
def tokenizer():
    return TextTokenizer(tiny_model_dir())


@pytest.fixture
def networks(tmp_path):
    onnx_networks.write(tmp_path)
    return VoiceNetworks(tmp_path)


@pytest.fixture
def audio(tmp_path):
    return recordings.write_wav(tmp_path / "a.wav", recordings.speech(4.01, 44_100), 44_100)


def test_a_voice_has_all_that_the_model_is_prompted_with(tokenizer, networks, audio):
    made = register_voice("anna", audio, tokenizer, lambda: networks, transcript=f" {HELLO} ", description="Calm")
    voice = made.voice
    assert made.warnings == ()
    samples = np.round(recordings.speech(4.01, 44_100) * 32767).astype(np.int16).astype(np.float32) / 32768
    mel = log_mel(resample(samples, 44_100, 24_000))
    assert len(mel) == 200
    assert voice.prompt_text_ids == transcript_ids(tokenizer, HELLO)
    assert len(voice.lm_speech_tokens) == 100  # 101 were heard; the mel covers 100
    assert voice.flow_speech_tokens == voice.lm_speech_tokens[10:]  # 90: 15 past a boundary
    np.testing.assert_array_equal(voice.flow_mel, mel[20:])
    assert voice.embedding.shape == (192,)
    assert (voice.name, voice.description) == ("anna", "Calm")


@pytest.mark.parametrize(
    ("transcript", "language", "languages"),
    [
        (HELLO, None, ("en",)),
        (HELLO, "en-AU", ("en-AU",)),
        ("你好，我是安娜，请多关照。", None, ("zh",)),
        ("C'est du déjà vu, je crois.", None, ()),
        ("C'est du déjà vu, je crois.", "fr", ("fr",)),
        (None, "fr", ("fr",)),
        (None, None, ()),
    ],
)
def test_the_recordings_language_is_the_stated_one_or_the_transcripts(
    tokenizer, networks, audio, transcript, language, languages
):
    made = register_voice("anna", audio, tokenizer, lambda: networks, transcript=transcript, language=language)
    assert made.voice.languages == languages


@pytest.mark.parametrize("transcript", [None, "", " \n"])
def test_without_a_transcript_there_is_no_prompt_text(tokenizer, networks, audio, transcript):
    voice = register_voice("anna", audio, tokenizer, lambda: networks, transcript=transcript).voice
    assert voice.prompt_text_ids == ()
    assert END_OF_PROMPT not in voice.lm_speech_tokens


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"name": "no/name"}, "cannot be a voice's name"),
        ({"language": "English"}, "'English' is no language tag"),
        ({"language": "e n"}, "is no language tag"),
    ],
)
def test_an_invalid_name_or_language_is_refused_before_any_hearing(tokenizer, networks, tmp_path, changed, fault):
    arguments = {"name": "anna", "transcript": "Hi"} | changed
    with pytest.raises(BadVoice, match=fault):
        register_voice(arguments.pop("name"), tmp_path / "absent.wav", tokenizer, lambda: networks, **arguments)


def test_a_poor_recording_makes_no_voice(tokenizer, networks, tmp_path):
    path = recordings.write_wav(tmp_path / "a.wav", np.zeros(64_000), 16_000)
    with pytest.raises(BadVoice, match="it is silent"):
        register_voice("anna", path, tokenizer, lambda: networks)


@pytest.mark.parametrize(
    ("transcript", "fault"),
    [
        ("Hi.", "too short"),
        (HELLO * 9, "too long"),
        ("<|endofprompt|>" + HELLO, "a control token"),
    ],
)
def test_a_transcript_that_cannot_be_right_makes_no_voice(tokenizer, networks, audio, transcript, fault):
    with pytest.raises(BadVoice, match=fault):
        register_voice("anna", audio, tokenizer, lambda: networks, transcript=transcript)


def test_silence_at_the_edges_is_no_part_of_the_voice(tokenizer, networks, tmp_path):
    padded = np.pad(recordings.speech(4, 24_000), 48_000)
    path = recordings.write_wav(tmp_path / "a.wav", padded, 24_000)
    made = register_voice("anna", path, tokenizer, lambda: networks)
    assert len(made.voice.lm_speech_tokens) <= 25 * 4.3
    assert any("silence" in warning for warning in made.warnings)
