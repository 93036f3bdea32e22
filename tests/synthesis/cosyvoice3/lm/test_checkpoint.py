"""The conversion for vLLM: one vocabulary, made once, made again if needed."""

import json
import os

import pytest

torch = pytest.importorskip("torch", reason="the cosyvoice3 extra is not installed")
safetensors = pytest.importorskip("safetensors", reason="the cosyvoice3 extra is not installed")

from cosyvoice3_checkpoint import private_model_dir, tiny_model_dir

from sayline.synthesis.cosyvoice3.lm import checkpoint as lm_checkpoint
from sayline.synthesis.cosyvoice3.lm.checkpoint import CONFIG, SOURCE, WEIGHTS, converted
from sayline.synthesis.cosyvoice3.lm.network import FILE_NAME, shapes
from sayline.synthesis.cosyvoice3.release.checkpoint import BadCheckpoint, load_state
from sayline.synthesis.cosyvoice3.release.dimensions import ModelDimensions
from sayline.synthesis.cosyvoice3.release.model_facts import SPEECH_ROWS, TEXT_ID_OFFSET


@pytest.fixture(scope="module")
def dims():
    return ModelDimensions.read(tiny_model_dir()).lm


@pytest.fixture
def model_dir(tmp_path):
    return private_model_dir(tmp_path)


def made_at(directory):
    return (directory / WEIGHTS).stat().st_mtime_ns


def test_speech_rows_come_first_and_text_rows_behind_them(model_dir, dims):
    state = load_state(model_dir / FILE_NAME, shapes(dims))
    with safetensors.safe_open(converted(model_dir, dims, "float32") / WEIGHTS, "pt") as weights:
        table = weights.get_tensor("model.embed_tokens.weight")
        assert torch.equal(table[:SPEECH_ROWS], state["speech_embedding.weight"])
        assert torch.equal(table[TEXT_ID_OFFSET:], state["llm.model.model.embed_tokens.weight"])
        assert torch.equal(weights.get_tensor("lm_head.weight"), state["llm_decoder.weight"])
        # One for each of the release's, less the unused head; the two embeddings are one.
        assert len(weights.keys()) == len(state) - 2


def test_the_config_names_our_architecture_and_one_vocabulary(model_dir, dims):
    config = json.loads((converted(model_dir, dims, "bfloat16") / CONFIG).read_text())
    assert config["architectures"] == [lm_checkpoint.ARCHITECTURE]
    assert config["vocab_size"] == SPEECH_ROWS + dims.text_rows
    assert config["num_hidden_layers"] == dims.layers


def test_it_lies_in_the_model_directory_and_is_made_once_for_each_precision(model_dir, dims):
    first = converted(model_dir, dims, "bfloat16")
    written = made_at(first)
    assert first.parent == model_dir / ".sayline"
    assert converted(model_dir, dims, "bfloat16") == first
    assert made_at(first) == written
    assert converted(model_dir, dims, "float16") != first


def test_a_conversion_that_is_known_is_found_without_reading_the_checkpoint(model_dir, dims, tmp_path):
    first = converted(model_dir, dims, "bfloat16", tmp_path / "cache")
    facts = json.loads((first / SOURCE).read_text())
    (first.parent / "lm-another-bfloat16-1").mkdir()
    assert facts["stamp"][1] == (model_dir / FILE_NAME).stat().st_size

    # Under another key, the digest would not lead to it.
    renamed = first.rename(first.with_name("lm-0123-bfloat16-1"))
    assert converted(model_dir, dims, "bfloat16", tmp_path / "cache") == renamed


@pytest.mark.parametrize("damage", ["truncated", "changed", "no weights", "no facts", "no config"])
def test_a_damaged_conversion_is_made_again(model_dir, dims, damage):
    directory = converted(model_dir, dims, "bfloat16")
    good = (directory / WEIGHTS).read_bytes()
    match damage:
        case "truncated":
            os.truncate(directory / WEIGHTS, len(good) // 2)
        case "changed":
            (directory / WEIGHTS).write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
        case "no weights":
            (directory / WEIGHTS).unlink()
        case "no facts":
            (directory / SOURCE).write_text("{")
        case "no config":
            (directory / CONFIG).unlink()

    assert converted(model_dir, dims, "bfloat16") == directory
    assert (directory / WEIGHTS).read_bytes() == good
    assert [path.name for path in directory.parent.iterdir()] == [directory.name]


def test_another_checkpoint_gets_another_conversion_even_with_the_same_size_and_time(model_dir, dims):
    first = converted(model_dir, dims, "bfloat16")
    path = model_dir / FILE_NAME
    stat = path.stat()
    state = {key: tensor.clone() for key, tensor in load_state(path, shapes(dims)).items()}
    state["llm.model.lm_head.weight"] = state["llm.model.model.embed_tokens.weight"]
    state["llm_decoder.weight"] += 1
    path.unlink()
    torch.save(state, path)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))

    assert path.stat().st_size == stat.st_size
    assert converted(model_dir, dims, "bfloat16") != first


def test_a_copy_shares_the_conversion_and_is_known_from_then_on(model_dir, dims, tmp_path):
    cache = tmp_path / "cache"
    first = converted(model_dir, dims, "bfloat16", cache)
    written = made_at(first)
    (tmp_path / "other").mkdir()
    copy = private_model_dir(tmp_path / "other")
    data = (copy / FILE_NAME).read_bytes()
    (copy / FILE_NAME).unlink()
    (copy / FILE_NAME).write_bytes(data)

    assert converted(copy, dims, "bfloat16", cache) == first
    assert made_at(first) == written
    assert json.loads((first / SOURCE).read_text())["stamp"][0] == str(copy / FILE_NAME)


def test_a_missing_checkpoint_is_named(model_dir, dims):
    (model_dir / FILE_NAME).unlink()
    with pytest.raises(BadCheckpoint, match=FILE_NAME):
        converted(model_dir, dims, "bfloat16")
