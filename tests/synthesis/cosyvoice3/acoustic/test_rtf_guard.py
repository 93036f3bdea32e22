"""What the engine forecasts of real time, and what it gives up for it, in which order."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sayline.synthesis.cosyvoice3.acoustic.rtf_guard import Pressure, RtfGuard

# An H200's, about (docs/BENCHMARKS.md).
STEP_S = {1: 0.001, 8: 0.0015, 32: 0.0045, 64: 0.008}


def after(guard, seconds, chunks, slower):
    """Work for so long with steps that take ``slower`` times what they take alone."""
    alone_s = STEP_S[chunks]
    for _ in range(int(seconds / (alone_s * slower))):
        guard.worked(chunks, alone_s * slower)
    return guard


def settle(guard, ease, seconds, *, begun_at=100.0):
    """Let it judge ten times a second."""
    for tick in range(int(seconds * 10) + 1):
        guard.judge(ease, begun_at + tick / 10)
    return guard.pressure


def test_before_any_work_the_forecast_is_what_was_measured_at_start():
    assert RtfGuard(STEP_S).pace == pytest.approx(64 / (10 * 0.008))  # 800 s of speech a second
    assert RtfGuard(STEP_S).sustainable == 640  # 80 % of it


@pytest.mark.parametrize("chunks", STEP_S)
@pytest.mark.parametrize("slower", [1, 2, 5])
def test_a_gpu_that_is_shared_sustains_less_whatever_the_batches_were(chunks, slower):
    guard = after(RtfGuard(STEP_S), 5, chunks, slower)
    assert guard.slowdown == pytest.approx(slower, rel=0.01)
    assert guard.sustainable == pytest.approx(640 / slower, rel=0.02)


def test_a_batch_between_two_measured_sizes_is_expected_between_their_times():
    guard = RtfGuard(STEP_S)
    for _ in range(2000):
        guard.worked(20, 0.003)
    assert guard.slowdown == pytest.approx(1, rel=0.01)


def test_work_beside_the_steps_slows_them():
    guard = RtfGuard(STEP_S)
    for _ in range(2000):
        guard.worked(8, 0.0015)
        guard.worked(0, 0.0015)  # the vocoder
    assert guard.slowdown == pytest.approx(2, rel=0.01)


def test_a_stall_of_minutes_beside_the_steps_leaves_a_forecast_that_recovers():
    """A process that was stopped and goes on: what was averaged before weighs nothing, not even as much as a step."""
    guard = RtfGuard(STEP_S)
    guard.worked(0, 600.0)
    assert 1 < guard.slowdown <= 1000
    assert after(guard, 8, 8, 1).slowdown == pytest.approx(1, rel=0.01)


def test_how_long_a_step_of_any_size_would_take_is_told_by_how_slow_others_were():
    guard = after(RtfGuard(STEP_S), 5, 8, 3)
    assert guard.step_s_with(32) == pytest.approx(3 * 0.0045, rel=0.02)
    assert guard.step_s_with(128) == pytest.approx(3 * 0.016, rel=0.02)


def test_the_forecast_follows_a_neighbour_that_comes_and_goes_within_seconds():
    guard = after(RtfGuard(STEP_S), 5, 8, 1)
    after(guard, 2, 8, 4)
    assert guard.slowdown > 3.5
    after(guard, 2, 8, 1)
    assert guard.slowdown < 1.2


def test_a_start_beside_another_program_is_forgotten_once_steps_were_measured_in_quiet():
    guard = RtfGuard({size: 2.2 * took_s for size, took_s in STEP_S.items()})
    assert guard.sustainable == 290
    guard.measured(STEP_S)
    assert guard.sustainable == 640
    assert after(guard, 5, 32, 2).sustainable == pytest.approx(320, rel=0.02)


def test_steps_that_were_measured_beside_another_program_later_change_nothing():
    guard = RtfGuard(STEP_S)
    guard.measured({size: 3 * took_s for size, took_s in STEP_S.items()})
    assert guard.sustainable == 640


def test_a_size_that_was_too_slow_to_be_measured_at_start_is_known_once_it_was_measured():
    guard = RtfGuard({1: 0.12})  # beside another program, so the larger ones were left out
    guard.measured(STEP_S)
    assert guard.sustainable == 640


def test_steps_that_were_faster_than_at_start_promise_nothing():
    assert after(RtfGuard(STEP_S), 5, 8, 0.5).sustainable == 640


@pytest.mark.parametrize(
    ("ease", "pressure"),
    [
        (1.0, Pressure.NONE),
        (0.51, Pressure.NONE),
        (0.49, Pressure.LONG_HOPS),
        (0.34, Pressure.FEWER_STEPS),
        (0.24, Pressure.NO_NEWCOMERS),
        (-2.0, Pressure.NO_NEWCOMERS),
    ],
)
def test_the_less_ease_the_more_is_given_up(ease, pressure):
    assert settle(RtfGuard(STEP_S), ease, 1) is pressure


def test_a_stall_of_a_moment_makes_hops_longer_and_no_more():
    guard = RtfGuard(STEP_S)
    assert settle(guard, -1.0, 0) is Pressure.LONG_HOPS
    assert settle(guard, -1.0, 0.2) is Pressure.LONG_HOPS
    assert settle(guard, 1.0, 1, begun_at=100.3) is Pressure.LONG_HOPS
    assert settle(guard, -1.0, 0.1, begun_at=101.4) is Pressure.LONG_HOPS


def test_hardship_that_lasts_has_one_thing_after_the_other_given_up():
    guard = RtfGuard(STEP_S)
    seen = [settle(guard, 0.0, 0, begun_at=100 + tick / 10) for tick in range(10)]
    assert sorted(set(seen), key=seen.index) == [Pressure.LONG_HOPS, Pressure.FEWER_STEPS, Pressure.NO_NEWCOMERS]
    assert seen == sorted(seen)
    assert all(seen.count(level) >= 2 for level in Pressure if level)


def test_what_is_given_up_is_taken_back_one_by_one_in_reverse():
    guard = RtfGuard(STEP_S)
    settle(guard, 0.0, 1)
    seen = []
    for second in range(20):
        settle(guard, 1.0, 0, begun_at=101.0 + second)
        seen.append(guard.pressure)
    order = [Pressure.NO_NEWCOMERS, Pressure.FEWER_STEPS, Pressure.LONG_HOPS, Pressure.NONE]
    assert sorted(set(seen), key=seen.index) == order
    assert seen.count(Pressure.FEWER_STEPS) >= 4  # seconds


def test_newcomers_are_back_after_a_second_of_ease_and_steps_after_four_more():
    guard = RtfGuard(STEP_S)
    settle(guard, 0.0, 1)
    assert settle(guard, 1.0, 0.8, begun_at=101.1) is Pressure.NO_NEWCOMERS
    assert settle(guard, 1.0, 0.3, begun_at=102.0) is Pressure.FEWER_STEPS
    assert settle(guard, 1.0, 3.4, begun_at=102.4) is Pressure.FEWER_STEPS
    assert settle(guard, 1.0, 0.8, begun_at=106.0) is Pressure.LONG_HOPS


def test_listeners_that_had_to_wait_come_back_little_by_little():
    guard = RtfGuard(STEP_S)
    settle(guard, 0.0, 1)
    assert guard.sustainable == 0
    told = []
    for tenth in range(200):
        guard.judge(1.0, 101.1 + tenth / 10)
        told.append(guard.sustainable)
    assert told == sorted(told)
    assert max(after - before for before, after in itertools.pairwise(told)) <= 9  # of 640, in a tenth of a second
    assert told[-1] == 640


def test_a_little_more_ease_takes_nothing_back():
    guard = RtfGuard(STEP_S)
    settle(guard, 0.4, 0)
    assert settle(guard, 0.52, 60) is Pressure.LONG_HOPS
    assert settle(guard, 0.6, 60, begun_at=200) is Pressure.NONE


def test_a_moment_without_ease_restarts_the_wait_for_ease():
    guard = RtfGuard(STEP_S)
    for begun_at in range(100, 130, 3):
        settle(guard, 0.4, 0, begun_at=begun_at)
        assert settle(guard, 1.0, 2.5, begun_at=begun_at + 0.1) is Pressure.LONG_HOPS


def test_where_it_is_off_it_forecasts_and_gives_up_nothing():
    guard = RtfGuard(STEP_S, is_on=False)
    assert settle(guard, -1.0, 10) is Pressure.NONE
    assert guard.sustainable is None


@given(st.lists(st.tuples(st.floats(-5, 1), st.floats(0, 2)), max_size=50))
def test_whatever_happened_calm_brings_everything_back(history):
    guard, now = RtfGuard(STEP_S), 0.0
    for ease, seconds in history:
        now += seconds
        guard.judge(ease, now)
    assert settle(guard, 1.0, 15, begun_at=now) is Pressure.NONE
