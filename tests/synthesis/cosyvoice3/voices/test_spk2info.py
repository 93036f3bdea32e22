"""Voices saved with the reference program are taken over id for id, and faulty ones are named one by one."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the CosyVoice3 engine is not installed")

from cosyvoice3_checkpoint import reference, tiny_model_dir

from sayline.synthesis.cosyvoice3.voices.prompt import BadVoice
from sayline.synthesis.cosyvoice3.voices.spk2info import read_spk2info


def demo_entry():
    return torch.load(tiny_model_dir() / "spk2info.pt", weights_only=True)["demo"]


def read(tmp_path, content, **options):
    torch.save(content, tmp_path / "spk2info.pt")
    return read_spk2info(tmp_path / "spk2info.pt", **options)


def test_ids_mel_and_embedding_are_those_that_were_stored():
    demo = read_spk2info(tiny_model_dir() / "spk2info.pt", trim=False)["demo"]
    arrays = reference("tiny0_lm")
    assert demo.prompt_text_ids == tuple(arrays["prompt_text"])
    assert demo.lm_speech_tokens == demo.flow_speech_tokens == tuple(arrays["prompt_speech"])
    np.testing.assert_array_equal(demo.flow_mel, demo_entry()["prompt_speech_feat"][0].numpy())
    np.testing.assert_array_equal(demo.embedding, demo_entry()["flow_embedding"][0].numpy())


def test_for_speaking_the_flow_prompt_is_trimmed_and_the_rest_kept():
    whole = read_spk2info(tiny_model_dir() / "spk2info.pt", trim=False)["demo"]
    demo = read_spk2info(tiny_model_dir() / "spk2info.pt")["demo"]
    assert demo.lm_speech_tokens == whole.lm_speech_tokens
    assert demo.flow_speech_tokens == whole.flow_speech_tokens[-65:]
    np.testing.assert_array_equal(demo.flow_mel, whole.flow_mel[-130:])


def test_a_trained_voice_has_an_embedding_and_no_prompt(tmp_path):
    """The release that had these stored nothing but the embedding."""
    voice = read(tmp_path, {"中文女": {"embedding": torch.ones(1, 192)}})["中文女"]
    assert voice.flow_mel.shape == (0, 80)
    assert voice.prompt_text_ids == voice.lm_speech_tokens == voice.flow_speech_tokens == ()
    np.testing.assert_array_equal(voice.embedding, np.ones(192))


def test_stated_lengths_cut_the_padding_off(tmp_path):
    entry = demo_entry()
    entry["prompt_text"] = torch.nn.functional.pad(entry["prompt_text"], (0, 5))
    assert read(tmp_path, {"demo": entry})["demo"].prompt_text_ids == tuple(reference("tiny0_lm")["prompt_text"])


@pytest.mark.parametrize(
    ("key", "value", "fault"),
    [
        ("prompt_text", None, "prompt_text"),
        ("prompt_speech_feat", None, "prompt_speech_feat"),
        ("flow_embedding", None, "flow_embedding"),
        ("flow_embedding", torch.ones(1, 256), "embedding of shape"),
        ("prompt_speech_feat", torch.zeros(1, 100, 80), "87 tokens and a mel of shape"),
        ("prompt_speech_feat", torch.zeros(1, 174, 80, dtype=torch.int32), "prompt_speech_feat"),
        ("llm_prompt_speech_token", torch.full((1, 87), 9000), "unknown tokens"),
        ("llm_prompt_speech_token", torch.ones(1, 87), "llm_prompt_speech_token"),
        ("llm_prompt_speech_token", torch.ones(2, 87, dtype=torch.int32), "2 voices in one"),
        ("prompt_text", torch.ones(1, 25, dtype=torch.int32), r"without <\|endofprompt\|>"),
        ("prompt_text", "text", "prompt_text|no attribute"),
    ],
)
def test_a_faulty_voice_is_named_and_the_others_are_read(tmp_path, key, value, fault):
    faulty = demo_entry()
    faulty[key] = value
    if value is None:
        del faulty[key]
    voices = read(tmp_path, {"faulty": faulty, "demo": demo_entry()})
    assert isinstance(voices["faulty"], BadVoice)
    assert "'faulty'" in str(voices["faulty"])
    with pytest.raises(BadVoice, match=fault):
        raise voices["faulty"]
    assert voices["demo"].name == "demo"


@pytest.mark.parametrize("content", [[1, 2], {"demo": 5}, {7: {}}, torch.ones(3)])
def test_a_file_that_holds_no_dict_of_voices_is_refused(tmp_path, content):
    with pytest.raises(BadVoice, match=r"is no spk2info\.pt"):
        read(tmp_path, content)


def test_code_in_the_file_is_refused_and_not_run(tmp_path):
    with pytest.raises(BadVoice, match="truncated or no"):
        read(tmp_path, {"demo": {"embedding": _Bomb(tmp_path / "ran")}})
    assert not (tmp_path / "ran").exists()


class _Bomb:
    """Unpickling it creates a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (type(self.path).touch, (self.path,))


def test_a_truncated_or_missing_file_is_refused(tmp_path):
    whole = (tiny_model_dir() / "spk2info.pt").read_bytes()
    for length in (0, 10, len(whole) // 2, len(whole) - 1):
        (tmp_path / "spk2info.pt").write_bytes(whole[:length])
        with pytest.raises(BadVoice, match="truncated or no"):
            read_spk2info(tmp_path / "spk2info.pt")
    with pytest.raises(BadVoice, match="No such file"):
        read_spk2info(tmp_path / "absent.pt")
