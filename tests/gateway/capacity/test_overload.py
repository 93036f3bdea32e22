"""Overload in two steps, with room between up and down."""

import pytest

from sayline.gateway.capacity.overload import Overload, Step, Thresholds

EASE = 8


def overload():
    return Overload(Thresholds(0.92, 0.25), Thresholds(0.95, 0.5))


def after(judged, *samples):
    for memory, lag_s in samples:
        judged.sampled(memory, lag_s)
    return judged.step


def test_memory_refuses_contexts_and_then_connections_at_once():
    judged = overload()
    assert after(judged, (0.9199, 0)) is Step.NONE
    assert after(judged, (0.92, 0)) is Step.NO_CONTEXTS
    assert after(judged, (0.95, 0)) is Step.NO_CONNECTIONS
    assert after(overload(), (0.99, 0)) is Step.NO_CONNECTIONS


def test_one_late_turn_of_the_loop_refuses_nobody_and_two_seconds_of_them_do():
    judged = overload()
    assert after(judged, (0, 9), (0, 9), (0, 9), (0, 0.2), (0, 9), (0, 9), (0, 9)) is Step.NONE
    assert after(judged, (0, 0.3)) is Step.NO_CONTEXTS
    assert after(judged, *[(0, 0.6)] * 3) is Step.NO_CONTEXTS
    assert after(judged, (0, 0.6)) is Step.NO_CONNECTIONS


@pytest.mark.parametrize("sample", [(0.91, 0.0), (0.0, 0.2)])
def test_just_below_the_threshold_nothing_is_taken_back(sample):
    judged = overload()
    after(judged, (0.92, 0))
    assert after(judged, *[sample] * 100) is Step.NO_CONTEXTS


def test_ease_takes_one_step_back_after_four_seconds_each_and_a_new_burden_begins_them_anew():
    judged = overload()
    after(judged, (0.96, 0))
    assert after(judged, *[(0.5, 0)] * (EASE - 1)) is Step.NO_CONNECTIONS
    assert after(judged, (0.94, 0), *[(0.5, 0)] * (EASE - 1)) is Step.NO_CONNECTIONS
    assert after(judged, (0.5, 0)) is Step.NO_CONTEXTS
    assert after(judged, *[(0.5, 0)] * (EASE - 1)) is Step.NO_CONTEXTS
    assert after(judged, (0.5, 0)) is Step.NONE


def test_figures_that_waver_around_a_threshold_do_not_waver_what_is_refused():
    judged = overload()
    steps = [after(judged, (0.92 + 0.01 * (-1) ** number, 0)) for number in range(200)]
    assert set(steps[1:]) == {Step.NO_CONTEXTS}
