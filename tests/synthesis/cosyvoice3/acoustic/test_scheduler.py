"""Which chunks take part in the next solver step: those that prevent holes first, then those that end silence."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sayline.synthesis.cosyvoice3.acoustic.scheduler import (
    BACKLOG,
    COMPANY,
    PATIENT_BATCH,
    QUICK_BATCH,
    SOUND_COMPANY,
    SOUND_SLACK_S,
    STEADY_BATCH,
    URGENT_SLACK_S,
    Candidate,
    choose,
    may_sound_later,
)

NOW = 100.0
STEP_S = 0.002
LARGEST = 128
STEPS = 10  # solver steps of a chunk


def urgent(key, in_s=0.1):
    return Candidate(key, NOW + in_s, is_first=False, is_wanted=True, steps_left=STEPS)


def first(key, waiting_s=0.0):
    return Candidate(key, NOW - waiting_s, is_first=True, is_wanted=True, steps_left=STEPS)


def wanted(key, in_s=2.0):
    return Candidate(key, NOW + in_s, is_first=False, is_wanted=True, steps_left=STEPS)


def calm(key, in_s=5.0):
    return Candidate(key, NOW + in_s, is_first=False, is_wanted=False, steps_left=STEPS)


def chosen(candidates, largest=LARGEST, **options):
    options = {"step_s_with": lambda _chunks: STEP_S, **options}
    return [candidate.key for candidate in choose(candidates, NOW, STEP_S, largest, **options)]


def test_urgent_chunks_come_first_then_first_hops_then_wanted_chunks_then_the_rest():
    assert chosen([calm(1), wanted(2), first(3), urgent(4)], may_wait=False) == [4, 3, 2, 1]


def test_among_urgent_chunks_the_one_whose_listener_runs_dry_first_comes_first():
    assert chosen([urgent(1, 0.1), urgent(2, -0.3), urgent(3, 0.0)]) == [2, 3, 1]


def test_among_new_listeners_the_one_that_asked_first_comes_first():
    assert chosen([first(1, 0.01), first(2, 0.2), first(3, 0.1)]) == [2, 3, 1]


@pytest.mark.parametrize("others", [wanted, calm])
def test_among_the_other_chunks_the_one_whose_listener_runs_dry_first_comes_first(others):
    assert chosen([others(1, 3), others(2, 1), others(3, 2)], may_wait=False) == [2, 3, 1]


def test_a_listener_that_does_not_listen_in_real_time_comes_after_all_that_do():
    assert chosen([wanted(1, float("inf")), wanted(2, 60)]) == [2, 1]


def test_a_chunk_is_urgent_when_what_is_left_to_do_hardly_fits_before_its_deadline():
    in_s = URGENT_SLACK_S + STEPS * STEP_S
    candidates = [first(1), wanted(2, in_s + 0.001), wanted(3, in_s - 0.001)]
    assert chosen(candidates) == [3, 1, 2]


def test_the_slower_a_step_the_earlier_a_chunk_is_urgent():
    candidates = [first(1), wanted(2, 0.3)]
    assert [each.key for each in choose(candidates, NOW, 0.002, LARGEST, lambda _chunks: 0.002)] == [1, 2]
    assert [each.key for each in choose(candidates, NOW, 0.016, LARGEST, lambda _chunks: 0.016)] == [2, 1]


@pytest.mark.parametrize("others", [wanted, calm])
def test_while_no_listener_waits_in_silence_batches_are_steady(others):
    assert len(chosen([others(key) for key in range(100)])) == STEADY_BATCH


def test_what_is_not_wanted_yet_waits_for_company():
    assert chosen([calm(key) for key in range(COMPANY - 1)]) == []
    assert len(chosen([calm(key) for key in range(COMPANY)])) == COMPANY
    assert chosen([calm(key) for key in range(5)] + [wanted(9)]) == [9, 0, 1, 2, 3, 4]


def test_no_chunk_waits_for_company_while_other_streams_need_what_it_holds():
    assert chosen([calm(1)], may_wait=False) == [1]


def test_a_step_that_cannot_take_company_is_not_waited_for():
    assert len(chosen([calm(key) for key in range(4)], largest=4)) == 4


@pytest.mark.parametrize("pressing", [first, urgent])
def test_while_a_listener_waits_wanted_chunks_step_too_but_not_so_many_that_it_waits_long(pressing):
    candidates = [calm(200)] + [wanted(key) for key in range(1, PATIENT_BATCH + BACKLOG)] + [pressing(0)]
    assert chosen(candidates[:12] + candidates[-1:]) == [0, *range(1, 12)]
    assert chosen(candidates) == [0, *range(1, PATIENT_BATCH)]
    assert chosen(candidates, is_hurried=True) == [0, *range(1, PATIENT_BATCH + BACKLOG)]


@pytest.mark.parametrize("pressing", [first, urgent])
def test_while_a_listener_waits_no_more_than_a_backlog_of_wanted_chunks_is_left_behind(pressing):
    for count in (PATIENT_BATCH + BACKLOG + 1, 70, STEADY_BATCH + BACKLOG):
        assert len(chosen([pressing(0), *(wanted(key) for key in range(1, count))])) == count - BACKLOG
    assert len(chosen([pressing(0), *(wanted(key) for key in range(1, 300))])) == STEADY_BATCH


def half_a_millisecond_each(chunks):
    return 0.0005 * chunks


def test_no_more_take_part_than_let_the_most_pressing_keep_its_deadline():
    """Ten steps and 10 ms for the vocoder: 100 ms leave 9 for a step, which is eighteen chunks; 60 ms leave 5."""
    others = [wanted(key) for key in range(1, BACKLOG)]
    assert len(chosen([urgent(0, 0.1), *others], step_s_with=half_a_millisecond_each)) == PATIENT_BATCH
    assert len(chosen([urgent(0, 0.06), *others], step_s_with=half_a_millisecond_each)) == PATIENT_BATCH // 2
    many = [wanted(key) for key in range(1, 100)]
    for hurried in (False, True):
        assert len(chosen([urgent(0), *many], step_s_with=half_a_millisecond_each, is_hurried=hurried)) == 16


def test_an_urgent_chunk_takes_part_even_if_another_chunk_misses_its_deadline_for_it():
    pressing = [urgent(0, -1.0), *(urgent(key, 0.1) for key in range(1, 20)), first(20)]
    assert chosen([*pressing, wanted(21)], step_s_with=half_a_millisecond_each) == list(range(21))


@pytest.mark.parametrize("pressing", [first, urgent])
def test_while_a_listener_waits_unwanted_chunks_join_only_if_they_cost_nothing(pressing):
    candidates = [calm(key) for key in range(1, BACKLOG + 1)] + [pressing(0)]
    assert chosen(candidates) == [0, *range(1, QUICK_BATCH)]


@pytest.mark.parametrize("pressing", [first, urgent])
def test_while_a_listener_waits_a_few_unwanted_chunks_wait_for_a_step_without_it(pressing):
    candidates = [calm(key) for key in range(1, BACKLOG)] + [pressing(0)]
    assert chosen(candidates) == [0]
    assert chosen([*candidates, wanted(100)]) == [0, 100]
    assert chosen(candidates, may_wait=False) == [0, *range(1, QUICK_BATCH)]


def test_however_near_a_deadline_is_wanted_chunks_join_as_far_as_they_cost_nothing():
    """Steps of one chunk would make an engine that has too much to do slower still."""
    candidates = [urgent(0, 0.01), *(wanted(key) for key in range(1, 40))]
    assert chosen(candidates, step_s_with=half_a_millisecond_each) == list(range(QUICK_BATCH))


@pytest.mark.parametrize("pressing", [first, urgent])
def test_all_urgent_chunks_step_together(pressing):
    candidates = [calm(key) for key in range(60)] + [pressing(100 + key) for key in range(40)]
    assert chosen(candidates) == list(range(100, 140))


def test_no_batch_is_larger_than_a_step_can_do():
    assert chosen([first(key, 1 - key / 100) for key in range(60)], largest=16) == list(range(16))
    assert len(chosen([wanted(key) for key in range(60)], largest=16)) == 16


def test_finished_hops_wait_for_others_only_while_no_listener_needs_them():
    later = NOW + SOUND_SLACK_S + 0.1
    assert may_sound_later([later] * (SOUND_COMPANY - 1), NOW)
    assert not may_sound_later([later] * SOUND_COMPANY, NOW)
    assert not may_sound_later([later, NOW + SOUND_SLACK_S - 0.1], NOW)
    assert not may_sound_later([later, float("inf")], NOW)  # who does not listen in real time takes it as it comes


def test_of_no_candidates_none_is_chosen():
    assert chosen([]) == []


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.floats(-10, 10), st.booleans(), st.booleans(), st.integers(1, 14)), max_size=80),
    st.integers(1, LARGEST),
)
def test_each_chunk_takes_part_once_urgent_ones_are_never_left_out_and_wanted_ones_never_wait(drawn, largest):
    candidates = [
        Candidate(key, NOW + in_s, is_first, is_wanted, steps_left=steps)
        for key, (in_s, is_first, is_wanted, steps) in enumerate(drawn)
    ]
    batch = choose(candidates, NOW, STEP_S, largest, lambda _chunks: STEP_S)
    assert len({each.key for each in batch}) == len(batch) <= largest

    def presses(each):
        return each.is_first or each.deadline - NOW - each.steps_left * STEP_S < URGENT_SLACK_S

    assert bool(batch) or not any(presses(each) or each.is_wanted for each in candidates)
    left = [each for each in candidates if each not in batch]
    if any(presses(each) for each in left):
        assert len(batch) == largest
        assert all(presses(each) for each in batch)


def simulate(seed, streams, chunks, arrivals_s, step_s):
    """Streams of so many chunks on a simulated clock.

    A listener hears a second for each chunk. A stream's first deadline is when it was asked for, its next when the
    listener runs dry. Nothing but ``choose`` says who steps, and a step takes ``step_s(batch)``.

    Returns:
        Of each stream, how long it waited for its first chunk and how often its listener ran dry.
    """
    rng = random.Random(seed)
    asked_at = sorted(rng.uniform(0, arrivals_s) for _ in range(streams))
    steps_done, dry_at, first_after_s, holes = [0] * streams, [None] * streams, [None] * streams, [0] * streams
    now = 0.0
    while True:
        going_on = [key for key in range(streams) if steps_done[key] < chunks * STEPS]
        if not going_on:
            return first_after_s, holes
        there = [key for key in going_on if asked_at[key] <= now]
        if not there:
            now = min(asked_at[key] for key in going_on)
            continue
        candidates = [
            Candidate(
                key,
                asked_at[key] if dry_at[key] is None else dry_at[key],
                is_first=dry_at[key] is None,
                is_wanted=True,
                steps_left=STEPS - steps_done[key] % STEPS,
            )
            for key in there
        ]
        batch = choose(candidates, now, step_s(STEADY_BATCH), LARGEST, step_s)
        now += step_s(len(batch))
        for each in batch:
            key = each.key
            steps_done[key] += 1
            if steps_done[key] % STEPS == 0:
                if dry_at[key] is None:
                    first_after_s[key] = now - asked_at[key]
                elif dry_at[key] < now:
                    holes[key] += 1
                dry_at[key] = max(now, dry_at[key] or now) + 1.0


def step_s(batch):
    """An H200's step, about (docs/BENCHMARKS.md): 1.1 ms, and 0.11 ms for every chunk beyond eight."""
    return 0.0011 + 0.00011 * max(0, batch - 8)


@settings(deadline=None)
@given(st.integers(0, 1000))
def test_under_a_bearable_load_no_listener_runs_dry_and_every_first_sound_comes_soon(seed):
    """Sixty listeners take 60 s of sound a second; batches of 32 make more than ten times of that."""
    first_after_s, holes = simulate(seed, streams=60, chunks=6, arrivals_s=2.0, step_s=step_s)
    assert sum(holes) == 0
    assert max(first_after_s) < 0.05  # s; seen: 0.013, and ten steps of one chunk take 0.011


@settings(deadline=None)
@given(st.integers(0, 1000))
def test_no_stream_starves_even_under_an_unbearable_load(seed):
    """With steps of 100 ms every listener gets at most a second of sound a second, and a hole before each."""
    first_after_s, holes = simulate(seed, streams=60, chunks=3, arrivals_s=1.0, step_s=lambda _batch: 0.1)
    assert sum(holes) > 0  # it is too much
    assert max(first_after_s) < 2.5  # s: twice ten steps, and the one under way; seen: 1.1
