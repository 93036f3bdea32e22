"""The playout clock: how far ahead of the listener a context is."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sayline.gateway.conversation.playout_clock import (
    CREDIT_HORIZON_S,
    FILL_RATE,
    START_LEAD_MS,
    PlayoutClock,
)


def test_the_lead_is_what_was_sent_less_what_real_time_has_played():
    clock = PlayoutClock(max_lead_ms=2000)
    clock.frame_sent(500, now=10.0)

    assert clock.lead_ms(10.0) == 500
    assert clock.lead_ms(10.2) == pytest.approx(300)
    assert clock.lead_ms(99.0) == 0


def test_nothing_may_leave_beyond_the_maximum_lead():
    clock = PlayoutClock(max_lead_ms=100)
    clock.frame_sent(100, now=0.0)

    assert clock.allowance_ms(0.0) == 0
    assert clock.allows_at(40, now=0.0) == pytest.approx(0.04)
    assert clock.allowance_ms(0.04) == pytest.approx(40)


def test_the_lead_starts_with_a_burst_and_grows_at_a_multiple_of_real_time():
    clock = PlayoutClock(max_lead_ms=2000)
    assert clock.allowance_ms(5.0) == START_LEAD_MS
    clock.frame_sent(START_LEAD_MS, now=5.0)

    assert clock.allowance_ms(5.0) == 0
    assert clock.allowance_ms(5.1) == pytest.approx(100 * FILL_RATE)
    assert clock.allows_at(40, now=5.0) == pytest.approx(5.0 + 0.04 / FILL_RATE)


def test_after_a_hole_the_lead_grows_again_from_its_start():
    clock = PlayoutClock(max_lead_ms=2000)
    clock.frame_sent(100, now=0.0)
    clock.frame_sent(20, now=60.0)

    assert clock.allowance_ms(60.0) == pytest.approx(START_LEAD_MS - 20)


def test_a_maximum_lead_of_zero_turns_pacing_off():
    clock = PlayoutClock(max_lead_ms=0)
    clock.frame_sent(1e6, now=0.0)

    assert clock.allowance_ms(0.0) == math.inf
    assert clock.allows_at(40, now=0.0) == 0.0


def test_a_listener_that_ran_dry_waits_and_does_not_skip_ahead():
    clock = PlayoutClock(max_lead_ms=100)
    clock.frame_sent(100, now=0.0)

    assert clock.frame_sent(20, now=5.1) == pytest.approx(5000)
    assert clock.lead_ms(5.1) == pytest.approx(20)
    assert clock.allowance_ms(5.1) == pytest.approx(80)


def test_playback_reports_replace_the_guess():
    clock = PlayoutClock(max_lead_ms=2000)
    clock.frame_sent(2000, now=0.0)
    clock.credit(100, now=1.0)

    assert clock.played_ms(1.0) == 100
    assert clock.played_ms(1.2) == pytest.approx(300)


def test_a_listener_cannot_have_heard_what_was_never_sent():
    clock = PlayoutClock(max_lead_ms=2000)
    clock.frame_sent(40, now=0.0)
    clock.credit(99_999, now=0.01)

    assert clock.played_ms(0.01) == 40


def test_a_paused_listener_is_sent_nothing_more():
    clock = PlayoutClock(max_lead_ms=500)
    clock.frame_sent(500, now=0.0)
    clock.credit(100, now=0.25)
    clock.credit(100, now=0.5)

    assert clock.played_ms(30.0) == 100
    assert clock.allowance_ms(30.0) == pytest.approx(100)
    assert clock.allows_at(200, now=0.6) == math.inf


def test_a_listener_whose_reports_stop_is_believed_for_one_more_second():
    clock = PlayoutClock(max_lead_ms=500)
    clock.frame_sent(5000, now=0.0)
    clock.credit(100, now=0.25)

    assert clock.played_ms(60.0) == pytest.approx(100 + 1000 * CREDIT_HORIZON_S)
    assert clock.allows_at(40, now=60.0) == math.inf


def test_reports_that_we_do_not_read_are_not_missed():
    """While the socket is not read no credit can arrive, so the clock alone paces."""
    clock = PlayoutClock(max_lead_ms=500)
    clock.frame_sent(500, now=0.0)
    clock.credit(100, now=0.1)
    clock.forget_credit(now=0.2)

    assert not clock.is_credited
    assert clock.played_ms(0.4) == pytest.approx(400)


@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["send", "credit", "wait"]), st.floats(0.001, 3000)), min_size=1, max_size=60
    ),
    max_lead_ms=st.floats(20, 5000),
)
def test_whatever_happens_the_lead_stays_between_nothing_and_its_maximum(steps, max_lead_ms):
    """Sending only what is allowed never exceeds the maximum, and the listener never moves backwards by itself."""
    clock = PlayoutClock(max_lead_ms)
    now = 0.0
    for kind, amount in steps:
        if kind == "wait":
            played_ms = clock.played_ms(now)
            now += amount / 1000
            assert clock.played_ms(now) >= played_ms
        elif kind == "send":
            clock.frame_sent(max(0.0, min(amount, clock.allowance_ms(now))), now)
            assert clock.lead_ms(now) <= max_lead_ms + 1e-6
        elif amount >= clock.played_ms(now):  # a report that takes the listener back would shrink the allowance below 0
            clock.credit(amount, now)
        assert clock.lead_ms(now) >= -1e-6
        assert clock.played_ms(now) <= clock.sent_ms


@given(sent_ms=st.floats(1, 5000), quantum_ms=st.floats(1, 200), max_lead_ms=st.floats(200, 5000))
def test_the_release_time_is_the_first_moment_at_which_the_quantum_fits(sent_ms, quantum_ms, max_lead_ms):
    clock = PlayoutClock(max_lead_ms)
    clock.frame_sent(min(sent_ms, max_lead_ms), now=1.0)
    at = clock.allows_at(quantum_ms, now=1.0)

    assert clock.allowance_ms(at) >= quantum_ms - 1e-6
    assert at == 1.0 or clock.allowance_ms(at - 0.001) < quantum_ms


def test_a_report_that_goes_back_takes_nothing_from_what_the_listener_has_heard():
    clock = PlayoutClock(max_lead_ms=2000)
    clock.frame_sent(8000, now=0.0)
    clock.credit(7000, now=7.0)
    clock.credit(1000, now=7.25)

    assert clock.played_ms(7.25) == pytest.approx(7250)
    assert clock.allowance_ms(7.25) == pytest.approx(2000 - 750)


def test_a_player_that_restarts_its_count_gets_sound_in_real_time():
    """Its reports name places that were heard long ago, and go on from there."""
    clock = PlayoutClock(max_lead_ms=500)
    clock.frame_sent(60_000, now=0.0)
    clock.credit(59_800, now=59.8)
    for report in range(1, 40):
        now = 59.8 + report / 4
        clock.credit(250 * report, now)
        assert clock.lead_ms(now) <= 500
        clock.frame_sent(max(0, clock.allowance_ms(now)), now)

    assert clock.sent_ms >= 60_000 + 39 * 250 - 500


def test_a_player_that_restarts_its_count_and_pauses_counts_as_paused():
    clock = PlayoutClock(max_lead_ms=500)
    clock.frame_sent(8000, now=0.0)
    clock.credit(7600, now=7.6)
    clock.credit(100, now=7.7)
    clock.credit(100, now=7.8)
    lead_ms = clock.lead_ms(7.8)

    assert clock.lead_ms(60.0) == lead_ms > 0


def test_a_lead_falls_as_far_as_the_listener_is_taken_to_play_on():
    clock = PlayoutClock(5000)
    clock.frame_sent(2000, 0.0)
    assert clock.falls_ms(0.5) == 1500  # nothing is reported: it plays to the end
    clock.credit(400, 0.5)
    assert clock.falls_ms(0.5) == 1000 * CREDIT_HORIZON_S
    assert clock.falls_ms(0.75) == 750
    assert clock.falls_ms(60.0) == 0
    clock.credit(1400, 60.0)
    assert clock.falls_ms(60.0) == 600  # no more than it has
    clock.credit(1400, 61.0)
    assert clock.falls_ms(61.0) == 0  # it has paused
