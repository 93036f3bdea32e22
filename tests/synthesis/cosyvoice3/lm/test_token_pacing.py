import pytest

from sayline.synthesis.cosyvoice3.lm.token_pacing import FLOW_S, LONGEST_REST_S, REST, PassRest, Progress, TokenPacing

HOP = 13


def first(sampled, name="first", scheduled=None):
    return Progress(name, HOP, sampled, sampled if scheduled is None else scheduled)


def later(sampled=50, name="later"):
    """A request whose listener has sound to hear."""
    return Progress(name, 0, sampled, sampled)


def test_until_its_first_hop_is_sampled_nothing_stands_back():
    pacing = TokenPacing()
    assert not any(pacing.stands_back([first(sampled)], 0.0) for sampled in range(HOP))


def test_once_a_first_hop_is_sampled_its_flow_has_the_gpu_to_itself():
    pacing = TokenPacing()
    assert pacing.stands_back([first(HOP)], 1.0)
    assert pacing.stands_back([first(HOP), later()], 1.0 + 0.9 * FLOW_S)
    assert not pacing.stands_back([first(HOP), later()], 1.0 + 1.1 * FLOW_S)


def test_while_the_step_that_completes_a_first_hop_runs_no_other_is_begun():
    assert TokenPacing().stands_back([first(HOP - 1, scheduled=HOP)], 0.0)


def test_a_request_that_awaits_its_first_hop_is_not_kept_waiting_by_another_streams_flow():
    assert not TokenPacing().stands_back([first(HOP), first(3, "second")], 0.0)


def test_a_request_whose_listener_has_sound_makes_no_other_stand_back():
    assert not TokenPacing().stands_back([later()], 0.0)


def test_a_first_hop_stands_back_once():
    pacing = TokenPacing()
    pacing.stands_back([first(HOP)], 0.0)
    assert not pacing.stands_back([first(HOP + 1)], 2 * FLOW_S)
    assert not pacing.stands_back([first(HOP + 26)], 3 * FLOW_S)


def test_a_second_hop_whose_tokens_are_late_is_not_kept_waiting():
    pacing = TokenPacing()
    pacing.stands_back([first(HOP)], 0.0)
    assert not pacing.stands_back([first(HOP + 10), first(HOP, "second")], 0.1)
    assert pacing.stands_back([first(HOP + 25), first(HOP, "second")], 0.1 + 0.5 * FLOW_S)


def test_of_requests_that_are_over_nothing_is_kept():
    pacing = TokenPacing()
    pacing.stands_back([first(HOP, str(name)) for name in range(100)], 0.0)
    pacing.stands_back([], 0.0)
    assert not pacing._first_hop_at


def test_before_the_first_pass_there_is_no_rest():
    assert PassRest().over_at([later()]) < 0.0


def test_behind_a_pass_it_rests_for_longer_than_the_pass_took_if_all_have_two_hops():
    rest = PassRest()
    rest.passed(5.0, 5.004)
    assert rest.over_at([later(2), first(HOP + 25), first(HOP + 60)]) == pytest.approx(5.004 + REST * 0.004)


def test_a_listener_who_waits_in_silence_or_has_no_more_than_a_first_hop_ends_the_rest():
    rest = PassRest()
    rest.passed(5.0, 5.004)
    for sampled in (0, HOP - 1, HOP, HOP + 24):
        assert rest.over_at([later(), first(sampled)]) < 5.0


def test_a_pass_that_was_stopped_for_seconds_leaves_no_rest_of_seconds():
    rest = PassRest()
    rest.passed(5.0, 15.0)
    assert rest.over_at([later()]) == 15.0 + LONGEST_REST_S
