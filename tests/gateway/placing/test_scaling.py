"""How many workers a cluster has: what is spoken, by the engines' own forecast, and a spare one."""

import pytest

from sayline.gateway.placing.scaling import wanted


@pytest.mark.parametrize(
    ("speaking", "requests", "workers"),
    [
        ([0, 0], [60, 60], 1),  # one that is warm
        ([1], [60], 2),
        ([60, 0], [60, 60], 2),
        ([60, 1], [60, 60], 3),
        ([30, 31], [60, 60], 3),
        ([30, 31], [90, 90], 2),  # the engine forecasts more
        ([30, 30], [20, 20], 4),  # ... and less
        ([5], [0], 6),  # it keeps nothing in real time for the moment
    ],
)
def test_as_many_as_keep_it_in_real_time_and_a_spare_one(speaking, requests, workers):
    assert wanted(speaking, requests) == workers


def test_while_no_worker_has_said_anything_nothing_is_decided():
    assert wanted([], []) is None
