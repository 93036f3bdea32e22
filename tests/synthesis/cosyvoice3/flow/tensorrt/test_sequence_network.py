"""An engine without keys solves chunks as the one with pages does."""

import pytest

torch = pytest.importorskip("torch", reason="the cosyvoice3 extra is not installed")

from cosyvoice3_checkpoint import reference, relative_error, tiny_model_dir

from sayline.synthesis.cosyvoice3.flow.chunk_solver import ChunkSolver, ChunkStart, ChunkStep, chunk_tokens
from sayline.synthesis.cosyvoice3.flow.flow import load_flow, project_speaker
from sayline.synthesis.cosyvoice3.flow.tensorrt.sequence_network import SequenceNetwork
from sayline.synthesis.cosyvoice3.flow.velocity_engine import EagerVelocity
from sayline.synthesis.cosyvoice3.release.dimensions import ModelDimensions
from sayline.synthesis.cosyvoice3.release.model_facts import CHUNK_FRAMES, MEL_BINS, SOLVER_STEPS


@torch.inference_mode()
def test_chunks_solved_on_whole_sequences_are_the_reference_s():
    torch.set_num_threads(1)
    cpu = torch.device("cpu")
    arrays = reference("tiny0_flow")
    flow = load_flow(tiny_model_dir(), ModelDimensions.read(tiny_model_dir()).flow, cpu, torch.float32)
    tokens = [*arrays["prompt_token"].tolist(), *arrays["token"].tolist()]
    chunks = -(-2 * len(tokens) // CHUNK_FRAMES)
    frames = [min(CHUNK_FRAMES, 2 * len(tokens) - CHUNK_FRAMES * chunk) for chunk in range(chunks)]
    solver = ChunkSolver(flow, SequenceNetwork(EagerVelocity(flow.dit), chunks + 1, cpu), chunks + 1)
    speaker = project_speaker(flow, torch.from_numpy(arrays["embedding"]))
    cond = torch.zeros(chunks, CHUNK_FRAMES, MEL_BINS)
    cond.view(-1, MEL_BINS)[: len(arrays["prompt_mel"])] = torch.from_numpy(arrays["prompt_mel"])
    solver.begin([ChunkStart(c + 1, c, chunk_tokens(tokens, c), cond[c], speaker) for c in range(chunks)])
    # Each chunk runs a step behind the one before it, so batches hold chunks at different steps and lengths.
    for tick in range(SOLVER_STEPS + chunks - 1):
        under_way = [c for c in range(chunks) if 0 <= tick - c < SOLVER_STEPS]
        solver.step([ChunkStep(c + 1, tick - c, c, frames[c], range(1, c + 2)) for c in under_way])
    mel = torch.cat([solver.frames[c + 1, : frames[c]] for c in range(chunks)])[len(arrays["prompt_mel"]) :]
    assert relative_error(mel.T, arrays["mel_chunked"]) < 2e-6
