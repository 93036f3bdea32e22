"""The flow on whole sequences matches the reference, from conditioning to mel, and so does every exact cutting."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the cosyvoice3 extra is not installed")

from cosyvoice3_checkpoint import private_model_dir, reference, relative_error, tiny_model_dir
from cosyvoice3_flow import EXACT, MEL_BOUNDS, flow, reference_speech

from sayline.synthesis.cosyvoice3.flow.flow import (
    FLOW_NAME,
    LOOKBACK_TOKENS,
    embed_tokens,
    load_flow,
    project_speaker,
    solve,
    solver_states,
)
from sayline.synthesis.cosyvoice3.flow.solver_grids import ONLY_FULL, step_times
from sayline.synthesis.cosyvoice3.release.checkpoint import BadCheckpoint
from sayline.synthesis.cosyvoice3.release.dimensions import ModelDimensions
from sayline.synthesis.cosyvoice3.release.model_facts import LOOKAHEAD_TOKENS, SOLVER_STEPS

REFERENCE = reference("tiny0_flow")
PROMPT_FRAMES = len(REFERENCE["prompt_mel"])


@pytest.fixture(autouse=True)
def _one_thread_without_gradients():
    torch.set_num_threads(1)
    with torch.inference_mode():
        yield


def conditioning(tokens, after=LOOKAHEAD_TOKENS):
    """Token conditioning from the first token on, with so many missing tokens behind the last."""
    missing = torch.full((LOOKBACK_TOKENS + after,), -1)
    return embed_tokens(flow(), torch.cat((missing[:LOOKBACK_TOKENS], tokens, missing[LOOKBACK_TOKENS:]))[None])[0]


def mel_of(tokens, dtype=torch.float32, *, is_chunked, is_final=True):
    _, prompt_mel, speaker = reference_speech()
    return solve(flow(dtype), tokens, prompt_mel, speaker, is_chunked=is_chunked, is_final=is_final)


def test_the_projected_speaker_matches():
    embedding = torch.from_numpy(REFERENCE["embedding"])
    assert relative_error(project_speaker(flow(), embedding), REFERENCE["spk"]) < EXACT


def test_how_loud_an_embedding_is_does_not_matter():
    embedding = torch.from_numpy(REFERENCE["embedding"])
    torch.testing.assert_close(project_speaker(flow(), 40 * embedding), project_speaker(flow(), embedding))


def test_the_conditioning_matches_with_two_frames_a_token():
    mu = conditioning(reference_speech().tokens)
    assert relative_error(mu[0::2], REFERENCE["prelook"]) < EXACT
    assert torch.equal(mu[0::2], mu[1::2])


def test_the_conditioning_matches_where_more_tokens_are_to_come():
    mu = conditioning(reference_speech().tokens, after=0)
    assert relative_error(mu[0::2][-len(REFERENCE["prelook_ctx_tail"]) :], REFERENCE["prelook_ctx_tail"]) < EXACT


def test_a_token_s_conditioning_knows_three_tokens_after_it_and_two_before():
    tokens = reference_speech().tokens
    changed = tokens.clone()
    changed[50] = (changed[50] + 1) % 6561
    is_changed = (conditioning(tokens) != conditioning(changed)).any(dim=-1)[0::2]
    assert is_changed.nonzero().flatten().tolist() == list(range(50 - LOOKAHEAD_TOKENS, 50 + LOOKBACK_TOKENS + 1))


@pytest.mark.parametrize("first", [0, 1, 2, 25, 194])
def test_the_conditioning_of_a_part_is_that_of_the_whole(first):
    tokens = reference_speech().tokens
    around = torch.cat((torch.full((LOOKBACK_TOKENS,), -1), tokens, torch.full((LOOKAHEAD_TOKENS,), -1)))
    part = embed_tokens(flow(), around[None, first : first + LOOKBACK_TOKENS + 3 + LOOKAHEAD_TOKENS])[0]
    assert relative_error(part, conditioning(tokens)[2 * first : 2 * first + 6]) < EXACT


def test_the_solver_s_times_grow_from_0_to_1_and_lie_densest_at_the_start():
    times = step_times()
    assert (times[0], times[-1], len(times)) == (0, pytest.approx(1), SOLVER_STEPS + 1)
    assert times[1] == pytest.approx(0.01231, abs=5e-6)  # 1 - cos(pi / 20), docs/COSYVOICE3.md, flow
    assert (np.diff(times, n=2) > 0).all()


def test_guidance_leads_away_from_what_is_said_without_text():
    assert ONLY_FULL.guide(torch.tensor([2.0, 1.0])) == pytest.approx(2.7)


def test_the_state_before_every_solver_step_matches():
    tokens, prompt_mel, speaker = reference_speech()
    mu = conditioning(tokens)
    cond = torch.zeros_like(mu)
    cond[:PROMPT_FRAMES] = prompt_mel
    states = torch.stack(list(solver_states(flow(), mu, cond, speaker, is_chunked=False)))
    looked_at = [0, PROMPT_FRAMES // 2, PROMPT_FRAMES - 1, PROMPT_FRAMES, PROMPT_FRAMES + 1, len(mu) - 1]
    seen = states[:-1, looked_at].transpose(1, 2)
    for step, before in enumerate(REFERENCE["z_before_step"]):
        assert relative_error(seen[step], before) < EXACT, step


@pytest.mark.parametrize(("is_chunked", "name"), [(False, "mel_offline"), (True, "mel_chunked")])
def test_the_mel_matches(is_chunked, name):
    assert relative_error(mel_of(reference_speech().tokens, is_chunked=is_chunked).T, REFERENCE[name]) < EXACT


@pytest.mark.parametrize("dtype", MEL_BOUNDS, ids=str)
def test_in_reduced_precision_the_mel_stays_within_its_bound(dtype):
    mel = mel_of(reference_speech().tokens, dtype, is_chunked=True)
    assert relative_error(mel.T, REFERENCE["mel_chunked"]) < MEL_BOUNDS[dtype]


@pytest.mark.parametrize("calls", ["calls_upstream", "calls_aligned25"])
def test_hops_that_end_on_chunk_boundaries_make_up_the_whole(calls):
    tokens, prompt = reference_speech().tokens, len(REFERENCE["prompt_token"])
    pieces = []
    for start, end, known in REFERENCE[calls].tolist():
        is_final = end == len(REFERENCE["token"])
        assert is_final or (prompt + end) % 25 == 0
        mel = mel_of(tokens[: prompt + known], is_chunked=True, is_final=is_final)
        assert len(mel) == 2 * end  # the look-ahead's own frames do not come out
        pieces.append(mel[2 * start :])
    assert relative_error(torch.cat(pieces).T, REFERENCE["mel_stream_consistent"]) < EXACT
    assert relative_error(torch.cat(pieces).T, REFERENCE["mel_chunked"]) < EXACT


def test_speech_without_a_prompt_is_solved_too():
    tokens = torch.from_numpy(REFERENCE["token"]).long()
    mel = solve(flow(), tokens, torch.zeros(0, 80), reference_speech().speaker, is_chunked=True)
    assert mel.shape == (2 * len(tokens), 80)
    assert torch.isfinite(mel).all()


def test_rotary_frequencies_need_not_be_in_the_file(tmp_path):
    """They are computed; releases differ in whether they store them."""
    model_dir = private_model_dir(tmp_path)
    state = torch.load(model_dir / FLOW_NAME)
    left = {key: tensor for key, tensor in state.items() if not key.endswith("inv_freq")}
    assert len(left) == len(state) - 1
    (model_dir / FLOW_NAME).unlink()
    torch.save(left, model_dir / FLOW_NAME)
    dimensions = ModelDimensions.read(tiny_model_dir()).flow
    loaded = load_flow(model_dir, dimensions, torch.device("cpu"), torch.float32)
    assert torch.equal(loaded.dit.out.weight, flow().dit.out.weight)


def test_a_file_that_lacks_a_layer_is_refused(tmp_path):
    model_dir = private_model_dir(tmp_path)
    state = torch.load(model_dir / FLOW_NAME)
    del state["decoder.estimator.transformer_blocks.1.attn.to_q.weight"]
    (model_dir / FLOW_NAME).unlink()
    torch.save(state, model_dir / FLOW_NAME)
    with pytest.raises(BadCheckpoint, match=r"lacks .*transformer_blocks\.1\.attn\.to_q\.weight"):
        load_flow(model_dir, ModelDimensions.read(model_dir).flow, torch.device("cpu"), torch.float32)
