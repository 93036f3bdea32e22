"""The plain-torch language model matches the reference, value for value and id for id."""

import dataclasses
import itertools
import json
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the cosyvoice3 extra is not installed")

from cosyvoice3_checkpoint import private_model_dir, reference, reference_meta, relative_error, tiny_model_dir
from cosyvoice3_speech import SOS_ONLY, GeneratorDraw, reference_prompt, speak

from sayline.synthesis.cosyvoice3.lm.network import FILE_NAME, SpeechLm, shapes
from sayline.synthesis.cosyvoice3.lm.sampling import UniformDraw
from sayline.synthesis.cosyvoice3.release.checkpoint import BadCheckpoint
from sayline.synthesis.cosyvoice3.release.dimensions import ModelDimensions
from sayline.synthesis.cosyvoice3.release.model_facts import SPEECH_CODES

CPU = torch.device("cpu")
LOGIT_LIMIT = 5e-5  # relative; docs/COSYVOICE3.md, reference data: 7e-7 was seen
BF16_LOGIT_LIMIT = 3e-2  # relative; docs/COSYVOICE3.md, reference data: 1.4e-2 was seen
BF16_SAME_BEST = 0.95  # docs/COSYVOICE3.md, reference data: 0.97 to 0.99 was seen


def load(dtype):
    dims = ModelDimensions.read(tiny_model_dir()).lm
    return SpeechLm.load(tiny_model_dir() / "llm.pt", dims, dtype, CPU)


@pytest.fixture(scope="module")
def lm():
    return load(torch.float32)


@pytest.fixture(scope="module")
def teacher_forced():
    """The reference's whole sequence: prompt, then given speech tokens."""
    return torch.tensor([*reference_prompt(), *reference("tiny0_lm")["teacher"].tolist()])


def logits_of(lm, ids):
    return lm.logits(lm.hidden(ids, lm.new_cache(len(ids)))).numpy()


def test_hidden_states_and_logits_match(lm, teacher_forced):
    arrays = reference("tiny0_lm")
    hidden = lm.hidden(teacher_forced, lm.new_cache(len(teacher_forced)))
    logits = lm.logits(hidden).numpy()

    assert relative_error(hidden, arrays["hidden"]) < LOGIT_LIMIT
    assert relative_error(logits[-16:], arrays["logits_last"]) < LOGIT_LIMIT
    assert relative_error(np.linalg.norm(logits, axis=1), arrays["logits_norm"]) < LOGIT_LIMIT
    assert relative_error(torch.from_numpy(logits).logsumexp(1), arrays["logsumexp"]) < LOGIT_LIMIT
    top = np.take_along_axis(logits, arrays["top64_ids"].astype(np.int64), axis=1)
    assert relative_error(top, arrays["top64_values"]) < LOGIT_LIMIT


@pytest.mark.parametrize("cuts", [(1, 2, 60), (155,), (44, 45, 46)])
def test_a_sequence_fed_in_pieces_gives_what_it_gives_whole(lm, teacher_forced, cuts):
    cache = lm.new_cache(len(teacher_forced))
    bounds = [0, *cuts, len(teacher_forced)]
    pieces = [lm.hidden(teacher_forced[a:b], cache) for a, b in itertools.pairwise(bounds)]
    assert relative_error(torch.cat(pieces), reference("tiny0_lm")["hidden"]) < LOGIT_LIMIT


def test_a_later_position_never_changes_an_earlier_one(lm, teacher_forced):
    changed = teacher_forced.clone()
    changed[-1] = 0
    whole = lm.hidden(teacher_forced, lm.new_cache(len(teacher_forced)))
    assert torch.equal(lm.hidden(changed, lm.new_cache(len(changed)))[:-1], whole[:-1])


def test_greedy_ids_match(lm):
    arrays = reference("tiny0_lm")
    expected = arrays["greedy"].tolist()
    ids, cache, greedy = torch.tensor(reference_prompt()), lm.new_cache(512), []
    for step in range(len(expected)):
        logits = lm.logits(lm.hidden(ids, cache)[-1:])
        if step < 4:
            assert relative_error(logits[0], arrays["greedy_logits_first4"][step]) < LOGIT_LIMIT
        greedy.append(int(logits[0, :SPEECH_CODES].argmax()))
        ids = torch.tensor(greedy[-1:])
    assert greedy == expected


def limits():
    meta = reference_meta("tiny0_lm")
    return {"min_tokens": meta["min_tokens"], "max_tokens": meta["max_tokens"], "masked": SOS_ONLY}


def test_sampling_with_given_uniform_numbers_matches(lm):
    arrays = reference("tiny0_lm")
    shares = torch.from_numpy(arrays["uniforms"])
    sampled = speak(lm, reference_prompt(), lambda step: UniformDraw(shares[step : step + 1]), **limits())
    assert list(sampled) == arrays["ras_uniform"].tolist()


@pytest.mark.parametrize("name", ["ras_torch", "ras_torch_no_prompt_speech"])
def test_sampling_with_torch_s_generator_matches(lm, name):
    generator = torch.Generator().manual_seed(reference_meta("tiny0_lm")[f"torch_seed_{name}"])
    prompt = reference_prompt(speech=name == "ras_torch")
    sampled = speak(lm, prompt, lambda _: GeneratorDraw(generator), **limits())
    assert list(sampled) == reference("tiny0_lm")[name].tolist()


def test_in_bf16_teacher_forced_logits_stay_within_their_bound(teacher_forced):
    exact, rounded = (logits_of(load(dtype), teacher_forced) for dtype in (torch.float32, torch.bfloat16))
    assert relative_error(rounded, exact) < BF16_LOGIT_LIMIT
    assert (rounded.argmax(1) == exact.argmax(1)).mean() >= BF16_SAME_BEST


def test_the_names_and_shapes_are_those_of_the_release():
    """The list holds all three files' tensors; the language model's names are its own."""
    prefixes = ("llm.", "llm_decoder.", "speech_embedding.")
    rows = (line.split("\t") for line in (Path(__file__).parents[1] / "state_dict_keys.tsv").read_text().splitlines())
    listed = {key: tuple(json.loads(shape)) for key, shape, _ in rows if key.startswith(prefixes)}
    dims = ModelDimensions.read(tiny_model_dir()).lm
    full = dataclasses.replace(dims, hidden=896, layers=24, heads=14, kv_heads=2, head_dim=64, intermediate=4864)
    assert shapes(full) == listed


def test_a_file_of_another_size_is_refused(tmp_path):
    model_dir = private_model_dir(tmp_path)
    dims = ModelDimensions.read(model_dir).lm
    state = torch.load(model_dir / FILE_NAME, mmap=True)
    del state["llm_decoder.weight"]
    (model_dir / FILE_NAME).unlink()
    torch.save({key: tensor.clone() for key, tensor in state.items() if "embed" not in key}, model_dir / FILE_NAME)
    with pytest.raises(BadCheckpoint, match=r"lacks .*llm_decoder\.weight"):
        SpeechLm.load(model_dir / "llm.pt", dims, torch.float32, CPU)
