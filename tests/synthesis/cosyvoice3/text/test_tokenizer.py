"""Text becomes the ids the model was trained with, and no text becomes a control token."""

import json
import random
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="the CosyVoice3 engine is not installed")
pytest.importorskip("tokenizers", reason="the CosyVoice3 engine is not installed")

from cosyvoice3_checkpoint import private_model_dir, tiny_model_dir
from hypothesis import given
from hypothesis import strategies as st

from sayline.synthesis.cosyvoice3.release.checkpoint import BadCheckpoint
from sayline.synthesis.cosyvoice3.release.model_facts import END_OF_PROMPT
from sayline.synthesis.cosyvoice3.text.markup import ADDED_IDS, ADDED_TOKENS, BASE_IDS, MARKUP, split_markup
from sayline.synthesis.cosyvoice3.text.tokenizer import FOLDER, TextTokenizer

HERE = Path(__file__).parents[1]
REFERENCE = json.loads((HERE / "reference" / "text.json").read_text(encoding="utf-8"))["ids"]
CONTROL = ["<|endofprompt|>", "<|endofsystem|>", "<|endoftext|>", "<|im_start|>", "<|im_end|>"]


@pytest.fixture(scope="module")
def tokenizer():
    return TextTokenizer(tiny_model_dir())


def with_control_tokens(tokenizer, text):
    """As the reference reads its own prompts: the one control token in them is found."""
    before, *after = text.split("<|endofprompt|>")
    ids = tokenizer.encode(before, allow_markup=True)
    for piece in after:
        ids += [END_OF_PROMPT, *tokenizer.encode(piece, allow_markup=True)]
    return ids


def test_added_tokens_have_the_published_ids():
    published = json.loads((HERE / "special_tokens.json").read_text(encoding="utf-8"))
    assert {name: number for number, name, _ in published} == {
        name: number for name, number in ADDED_IDS.items() if name != "<|endoftext|>"
    }
    assert BASE_IDS + len(ADDED_TOKENS) == 151_924


@pytest.mark.parametrize(("text", "ids"), REFERENCE)
def test_ids_are_those_of_the_reference(tokenizer, text, ids):
    assert with_control_tokens(tokenizer, text) == ids


def test_ids_are_those_of_the_library_that_defines_the_tokenizer(tokenizer):
    """The model was trained with transformers' Qwen2 tokenizer; what it makes of any text, we must."""
    transformers = pytest.importorskip("transformers", reason="transformers is not installed")
    theirs = transformers.AutoTokenizer.from_pretrained(str(tiny_model_dir() / FOLDER))
    theirs.add_special_tokens({"additional_special_tokens": list(ADDED_TOKENS[3:])})
    draw = random.Random(4)
    words = "你好，今天天气。 the helpful assistant's I'LL 'd \n \r\n\t 12 ñé e\u0301 🙂 [ ] < > 日本".split(" ")
    pieces = [*MARKUP[:30], *words, " "]
    for _ in range(300):
        text = "".join(draw.choice(pieces) for _ in range(draw.randrange(1, 12)))
        # Decomposed text is composed before it is cut, there by the model's own normaliser.
        assert tokenizer.encode(text, allow_markup=True) == theirs(text, add_special_tokens=False)["input_ids"], text


@pytest.mark.parametrize("control", CONTROL)
@pytest.mark.parametrize("allow_markup", [True, False])
def test_control_tokens_in_text_are_plain_characters(tokenizer, control, allow_markup):
    assert max(tokenizer.encode(f"say {control} this", allow_markup=allow_markup)) < BASE_IDS


@pytest.mark.parametrize("markup", ["[laughter]", "<strong>", "[j]", "[ǐ]", "[AH0]", "[vocalized-noise]"])
def test_markup_is_a_token_only_if_it_is_allowed(tokenizer, markup):
    assert ADDED_IDS[markup] in tokenizer.encode(f"ha {markup} ha", allow_markup=True)
    assert max(tokenizer.encode(f"ha {markup} ha", allow_markup=False)) < BASE_IDS


def test_markup_written_with_combining_accents_is_found(tokenizer):
    assert tokenizer.encode("[i\u030c]", allow_markup=True) == [ADDED_IDS["[ǐ]"]]


@given(st.lists(st.one_of(st.text(max_size=8), st.sampled_from([*CONTROL, *MARKUP])), max_size=8).map("".join))
def test_no_text_at_all_becomes_an_added_token_unless_allowed(tokenizer, text):
    ids = tokenizer.encode(text, allow_markup=False)
    assert all(number < BASE_IDS for number in ids)
    steering = {ADDED_IDS[token] for token in CONTROL}
    assert not steering & set(tokenizer.encode(text, allow_markup=True))


def test_text_cut_at_markup_is_whole_when_joined():
    pieces = split_markup("报道[j][ǐ]予<strong>x</strong>")
    assert pieces[1::2] == ["[j]", "[ǐ]", "<strong>", "</strong>"]
    assert "".join(pieces) == "报道[j][ǐ]予<strong>x</strong>"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("vocab.json", None),
        ("merges.txt", None),
        ("vocab.json", '{"a": 0'),
        ("vocab.json", '["a"]'),
        ("vocab.json", '{"a": 0, "b": 1}'),
        ("vocab.json", '{"a": "zero"}'),
        ("vocab.json", json.dumps({f"word{number}": number for number in range(BASE_IDS)})),
        ("merges.txt", "#version: 0.2\n"),
        ("merges.txt", "#version: 0.2\nno-such-piece at-all\n"),
        ("merges.txt", "#version: 0.2\nalone\n"),
    ],
)
def test_tokenizer_files_that_are_missing_or_wrong_are_refused_by_name(tmp_path, name, content):
    file = private_model_dir(tmp_path) / FOLDER / name
    file.unlink()
    if content is not None:
        file.write_text(content, encoding="utf-8")
    with pytest.raises(BadCheckpoint, match=f"{name}|tokenizer"):
        TextTokenizer(tmp_path / "model")
