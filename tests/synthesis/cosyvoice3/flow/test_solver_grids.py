"""When the solver steps: grids side by side in one table."""

import pytest

from sayline.synthesis.cosyvoice3.flow.solver_grids import ONLY_FULL, SolverGrids, step_times
from sayline.synthesis.cosyvoice3.release.model_facts import SOLVER_STEPS


def test_even_times_are_even():
    assert step_times(4, "linear") == [0, 0.25, 0.5, 0.75, 1]


def test_without_guidance_the_network_is_asked_once_for_each_chunk():
    assert (SolverGrids().branches, SolverGrids(guidance=0.0).branches) == (2, 1)


def test_the_full_grid_alone_is_the_model_s_own():
    assert ONLY_FULL.all == (SOLVER_STEPS,)
    assert ONLY_FULL.phase_times() == step_times()[:-1]


@pytest.mark.parametrize("fewest", [4, 6, 8, 9])
def test_a_shorter_grid_stands_behind_it(fewest):
    grids = SolverGrids(fewest)
    times, sizes = grids.phase_times(), grids.phase_sizes()
    assert len(times) == len(sizes) == SOLVER_STEPS + fewest
    for steps in grids.all:
        first = grids.first_phase(steps)
        assert times[first : first + steps] == step_times(steps)[:-1]


@pytest.mark.parametrize("fewest", [4, 6, 8, SOLVER_STEPS])
def test_every_grid_walks_from_0_to_1(fewest):
    grids = SolverGrids(fewest)
    for steps in grids.all:
        first = grids.first_phase(steps)
        assert grids.phase_times()[first] == 0
        assert sum(grids.phase_sizes()[first : first + steps]) == pytest.approx(1)
