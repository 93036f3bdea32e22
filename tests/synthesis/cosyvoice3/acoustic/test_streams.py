"""What the engine knows of a stream: when it must sound, how hard it was pressed, which of its chunks may go on."""

import math

import pytest

pytest.importorskip("torch", reason="the cosyvoice3 extra is not installed")

from hypothesis import given
from hypothesis import strategies as st

from sayline.synthesis.cosyvoice3.acoustic.streams import Prompt, Solve, Stream, Track

PROMPT_TOKENS = 65  # 15 past a boundary: the first hop is ten tokens, its chunk the third


def track(tokens=0):
    return Track([0] * (PROMPT_TOKENS + tokens), mel=None, speaker=None, steps=10)


def stream(tokens=13, **changes):
    """A stream whose first hop is solved, and whose tokens came in 2 ms each."""
    own = track(tokens)
    own.goal, own.pages = 3, [1, 2, 3]
    facts = {"prompt_frames": 2 * PROMPT_TOKENS, "first_end": 3, "sounded": 2, "opened_at": 100.0}
    facts["told_at"] = 100.0 + 0.002 * (tokens - 1)
    return Stream(1, Prompt(track()), own, vocoder=None, **{**facts, **changes})


def test_a_stream_that_was_not_heard_yet_is_due_since_it_was_asked_for():
    assert stream().deadline == 100.0


@given(st.floats(0, 10), st.integers(0, 240_000))
def test_sound_that_lies_ready_puts_the_deadline_off(dry_in, untaken):
    assert stream(dry_at=100.0 + dry_in, untaken=untaken).deadline == pytest.approx(100.0 + dry_in + untaken / 24_000)


def test_who_hears_twice_as_fast_runs_dry_twice_as_soon():
    assert stream(dry_at=101.0, untaken=48_000, speed=2.0).deadline == pytest.approx(102.0)
    assert stream(dry_at=101.0, untaken=48_000, speed=0.5).deadline == pytest.approx(105.0)


def test_a_first_sound_must_wait_longer_for_who_hears_faster():
    assert stream(speed=2.0).leaves_at(0.002) == pytest.approx(stream().leaves_at(0.002) + 0.060)


def test_what_its_listener_has_left_of_what_it_gave_is_its_ease():
    wanted = stream(dry_at=102.0, wanted_at=101.0)
    assert [wanted.ease(at) for at in (101.0, 101.5, 102.0)] == [1.0, 0.5, 0.0]
    assert stream(dry_at=102.0).ease(102.0) == 1.0  # nothing is wanted
    assert stream(dry_at=math.inf, wanted_at=101.0).ease(200.0) == 1.0  # who does not listen in real time


def test_a_first_sound_is_late_enough_when_the_next_hop_will_be_there_in_half_of_its_time():
    """25 tokens of 2 ms, ten steps of 2 ms and a call of the vocoder are 80 ms of 120."""
    sounding = stream()
    assert sounding.leaves_at(0.002) == pytest.approx(sounding.told_at + 0.080 - 0.120)
    assert sounding.leaves_at(0.008) == pytest.approx(sounding.told_at + 0.140 - 0.120)


def test_if_the_next_steps_alone_take_too_long_a_first_sound_waits_for_tokens_and_not_for_a_time():
    assert stream().leaves_at(0.012) == math.inf


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"dry_at": 101.0}, id="its listener hears something"),
        pytest.param({"sounded": 3}, id="it has sounded"),
        pytest.param({"tokens": 10, "is_complete": True}, id="nothing follows"),
    ],
)
def test_nothing_but_a_first_sound_with_something_behind_it_waits(other):
    assert stream(**other).leaves_at(0.05) == -math.inf


@given(st.lists(st.integers(0, 10), max_size=8))
def test_a_chunk_may_step_where_the_one_before_it_is_a_step_ahead(left):
    moving = track()
    moving.solves.extend(Solve(chunk, chunk + 1, steps) for chunk, steps in enumerate(left))
    before = [-1, *left]
    assert [solve.chunk for solve in moving.steppable()] == [
        chunk for chunk, steps in enumerate(left) if steps > max(0, before[chunk])
    ]


def test_frames_that_were_given_do_not_sound():
    """The third chunk holds 30 frames of the prompt; its slot is the fifth."""
    sounding = stream(tokens=10)
    sounding.track.solves.append(Solve(chunk=2, slot=4, left=0))
    assert sounding.new_rows() == list(range(4 * 50 + 30, 4 * 50 + 50))
