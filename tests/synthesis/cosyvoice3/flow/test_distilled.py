"""A distilled flow: few steps, no guidance, a second time. Its weights here are random: none are published yet."""

import dataclasses

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the cosyvoice3 extra is not installed")

from cosyvoice3_checkpoint import add_distilled_flow, private_model_dir, relative_error
from cosyvoice3_flow import EXACT, reference_speech

from sayline.synthesis.cosyvoice3.flow.chunk_solver import ChunkSolver, ChunkStep, EagerNetwork, Pages, chunks_in
from sayline.synthesis.cosyvoice3.flow.dit import TimeEmbedding
from sayline.synthesis.cosyvoice3.flow.flow import Flow, embed_tokens, load_flow, solve
from sayline.synthesis.cosyvoice3.flow.solver_grids import SolverGrids
from sayline.synthesis.cosyvoice3.release.checkpoint import BadCheckpoint
from sayline.synthesis.cosyvoice3.release.dimensions import ModelDimensions
from sayline.synthesis.cosyvoice3.release.model_facts import SOLVER_STEPS
from sayline.synthesis.cosyvoice3.release.noise import flow_noise

CPU = torch.device("cpu")
KINDS = ["mixed", "added"]


@pytest.fixture(autouse=True)
def _one_thread_without_gradients():
    torch.set_num_threads(1)
    with torch.inference_mode():
        yield


@pytest.fixture(scope="module", params=KINDS)
def distilled(request, tmp_path_factory) -> Flow:
    model_dir = private_model_dir(tmp_path_factory.mktemp(request.param))
    add_distilled_flow(model_dir, request.param)
    dimensions = ModelDimensions.read(model_dir, "distilled").flow
    return load_flow(model_dir, dimensions, CPU, torch.float32, variant="distilled")


def test_the_description_says_how_it_is_solved(distilled):
    assert distilled.grids == SolverGrids(fewest=3, full=3, spacing="linear", guidance=0.0)
    assert distilled.grids.branches == 1
    assert distilled.grids.phase_times() == pytest.approx([0, 1 / 3, 2 / 3])
    assert distilled.grids.phase_ends() == pytest.approx([1 / 3, 2 / 3, 1])


def embedded(linears, t):
    """The embedding of one time, by its definition: 128 sines and 128 cosines, and two layers with a SiLU between."""
    frequencies = np.exp(-np.log(10_000) / 127 * np.arange(128))
    angles = 1000 * t * frequencies
    first, second = [(each.weight.double().numpy(), each.bias.double().numpy()) for each in linears]
    hidden = first[0] @ np.concatenate([np.sin(angles), np.cos(angles)]) + first[1]
    return second[0] @ (hidden / (1 + np.exp(-hidden))) + second[1]


def test_both_times_reach_the_modulation_as_the_documents_say(distilled):
    times, (start, end) = distilled.dit.times, (1 / 3, 2 / 3)
    if times.mixer is not None:
        both = np.concatenate([embedded(times.mlp, start), embedded(times.mlp, end)])
        tau = times.mixer.double().numpy() @ both
    else:
        tau = embedded(times.mlp, start) + embedded(times.lengths, end - start)
    tau = tau / (1 + np.exp(-tau))
    expected = times.out.weight.double().numpy() @ tau + times.out.bias.double().numpy()

    found = times(torch.tensor([start]), torch.tensor([end])).out.flatten()
    assert found.numpy() == pytest.approx(expected, rel=1e-3, abs=1e-4)


def test_the_whole_mel_is_three_unguided_steps(distilled):
    """By hand: the noise, and three times the velocity at a step's two times."""
    from sayline.synthesis.cosyvoice3.flow.dit import velocity

    tokens, prompt_mel, speaker = reference_speech()
    around = torch.cat((torch.full((2,), -1), tokens, torch.full((3,), -1)))
    mu = embed_tokens(distilled, around[None])
    cond = torch.cat((prompt_mel, torch.zeros(mu.shape[1] - len(prompt_mel), 80)))[None]
    z = flow_noise()[:, : mu.shape[1]].T[None]
    for step in range(3):
        t, t_next = (torch.tensor([at / 3]) for at in (step, step + 1))
        z = z + velocity(distilled.dit, z, mu, cond, speaker[None], t, t_next, is_chunked=True) / 3

    mel = solve(distilled, tokens, prompt_mel, speaker, is_chunked=True)
    assert relative_error(mel, z[0, len(prompt_mel) :]) < EXACT


def test_streamed_it_gives_the_mel_of_the_whole(distilled):
    grids, speech = distilled.grids, reference_speech()
    solver = ChunkSolver(distilled, EagerNetwork(distilled.dit, Pages(distilled.dit, 20, grids), grids), 20, grids)
    count = chunks_in([2 * len(speech.tokens)])
    slots = [1 + chunk for chunk in range(count)]
    solver.begin(speech.starts(slots))
    for tick in range(grids.full + count - 1):  # a chunk follows the one before it by a step
        steps = [(chunk, tick - chunk) for chunk in range(count) if 0 <= tick - chunk < grids.full]
        solver.step([ChunkStep(slots[chunk], step, chunk, speech.frames_in(chunk), slots) for chunk, step in steps])
    frames = torch.cat([solver.frames[slot] for slot in slots])[len(speech.mel) : 2 * len(speech.tokens)]

    assert relative_error(frames, solve(distilled, *speech, is_chunked=True)) < EXACT


def test_the_end_of_a_step_changes_what_is_heard(distilled):
    """A network that ignored its second time would pass the tests above with a wrong mel for real weights."""
    unaware = dataclasses.replace(
        distilled,
        dit=dataclasses.replace(
            distilled.dit,
            times=TimeEmbedding(distilled.dit.times.mlp, distilled.dit.times.blocks, distilled.dit.times.out),
        ),
    )
    speech = reference_speech()
    ours, without = (solve(flow, *speech, is_chunked=True) for flow in (distilled, unaware))
    assert relative_error(without, ours) > 0.05


def test_a_page_takes_a_seventh_of_the_memory(distilled):
    assert Pages.bytes_each(distilled.dit, distilled.grids) * SOLVER_STEPS * 2 == 3 * Pages.bytes_each(distilled.dit)


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ("n_timesteps: 3", "n_timesteps: 0", "n_timesteps is 0"),
        ("n_timesteps: 3", "n_timesteps: 11", "n_timesteps is 11"),
        ("n_timesteps: 3", "n_timesteps: many", "garbles"),
        ("'linear'", "'sigmoid'", "t_scheduler is sigmoid"),
        ("inference_cfg_rate: 0.0", "inference_cfg_rate: -1", "inference_cfg_rate is -1"),
        ("second_time: mixed", "second_time: guessed", "second_time is guessed"),
    ],
)
def test_a_description_that_cannot_be_is_refused_by_name(tmp_path, before, after, fault):
    model_dir = private_model_dir(tmp_path)
    add_distilled_flow(model_dir, "mixed")
    path = model_dir / "cosyvoice3.distilled.yaml"
    assert before in path.read_text()
    path.write_text(path.read_text().replace(before, after))

    with pytest.raises(BadCheckpoint, match=fault):
        ModelDimensions.read(model_dir, "distilled")


def test_weights_that_lack_the_second_time_are_refused(tmp_path):
    model_dir = private_model_dir(tmp_path)
    add_distilled_flow(model_dir, "mixed")
    (model_dir / "flow.distilled.pt").unlink()  # so the release's own are taken

    with pytest.raises(BadCheckpoint, match=r"lacks .*time_embed_mixer"):
        load_flow(model_dir, ModelDimensions.read(model_dir, "distilled").flow, CPU, torch.float32, variant="distilled")
