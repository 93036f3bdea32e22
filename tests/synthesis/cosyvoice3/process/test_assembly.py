"""What is put together once: here, how long steps are found to take."""

import pytest

torch = pytest.importorskip("torch", reason="the cosyvoice3 extra is not installed")

from cosyvoice3_checkpoint import tiny_model_dir

from sayline.synthesis.cosyvoice3.flow.chunk_solver import ChunkSolver, EagerNetwork, Pages
from sayline.synthesis.cosyvoice3.flow.flow import load_flow
from sayline.synthesis.cosyvoice3.process import assembly as engine_assembly
from sayline.synthesis.cosyvoice3.process.settings import EngineSettings
from sayline.synthesis.cosyvoice3.release.dimensions import ModelDimensions
from sayline.synthesis.interface import EngineUnavailable


class Clockwork:
    """Stands in for solver and clock: a step takes a given time for each chunk, the first of a size twice as long."""

    largest_batch = 64
    frames = torch.zeros(2, 50, 80)

    def __init__(self, chunk_s):
        self.now = 0.0
        self.steps = []
        self._chunk_s = chunk_s

    def step(self, steps):
        is_first = len(steps) not in self.steps
        self.steps.append(len(steps))
        self.now += len(steps) * self._chunk_s * (1 + is_first)

    def perf_counter(self):
        return self.now


@pytest.mark.parametrize(
    ("chunk_s", "sizes"),
    [(0.001, [1, 8, 32, 64]), (0.02, [1, 8]), (0.5, [1])],  # a GPU; a tiny model on a CPU; the released one there
)
def test_steps_are_measured_at_their_best_and_no_larger_ones_once_they_are_long(monkeypatch, chunk_s, sizes):
    clockwork = Clockwork(chunk_s)
    monkeypatch.setattr(engine_assembly, "time", clockwork)
    found = engine_assembly._step_times(clockwork)
    assert found == pytest.approx({size: size * chunk_s for size in sizes})
    assert len(clockwork.steps) == 3 * len(sizes)


def test_any_number_of_chunks_can_be_begun_in_the_slot_that_belongs_to_no_stream():
    flow = load_flow(tiny_model_dir(), ModelDimensions.read(tiny_model_dir()).flow, torch.device("cpu"), torch.float32)
    solver = ChunkSolver(flow, EagerNetwork(flow.dit, Pages(flow.dit, 2)), 3)
    with torch.inference_mode():
        engine_assembly.begin_any_number(solver, 5)
    assert solver.frames[0].any()
    assert not solver.frames[1:].any()


def test_the_engine_of_a_file_is_taken_from_it_and_no_other_is_built_in_its_place(tmp_path):
    flow = load_flow(tiny_model_dir(), ModelDimensions.read(tiny_model_dir()).flow, torch.device("cpu"), torch.float32)
    path = tmp_path / "velocity.engine"
    path.write_bytes(b"an engine of another program")
    settings = EngineSettings(model_dir=tmp_path, trt_concurrent=1, trt_engine=path)
    with pytest.raises(EngineUnavailable, match=r"^trt_engine: \S+velocity.engine is no engine that Sayline wrote"):
        engine_assembly._tensorrt_solver(settings, flow, 3, 1)
    assert list(tmp_path.iterdir()) == [path]
