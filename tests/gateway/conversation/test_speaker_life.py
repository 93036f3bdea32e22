"""What a context's speaker does and where its slot stands, as the two tables have it."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sayline.gateway.conversation.speaker_life import (
    SLOT_STEPS,
    SPEAKER_STEPS,
    IllegalStep,
    SlotLife,
    SlotState,
    SlotStep,
    SpeakerLife,
    SpeakerState,
    SpeakerStep,
)
from sayline.synthesis.interface import Segment

TABLES = [
    pytest.param(SpeakerLife, SPEAKER_STEPS, SpeakerState, SpeakerStep, id="speaker"),
    pytest.param(SlotLife, SLOT_STEPS, SlotState, SlotStep, id="slot"),
]


def segment(index=0):
    return Segment(index, "Hello.", "Hello.", 0, 6, is_last=False)


@pytest.mark.parametrize(("life", "table", "states", "steps"), TABLES)
def test_every_step_that_the_table_does_not_have_is_refused_and_changes_nothing(life, table, states, steps):
    assert set(table) == set(states)
    for state, step in product(states, steps):
        one = life()
        one.state = state
        if step in table[state]:
            one.step(step)
            assert one.state is table[state][step]
        else:
            with pytest.raises(IllegalStep, match=f"{step.value}.* that is {state.value}"):
                one.step(step)
            assert one.state is state


@pytest.mark.parametrize(("life", "table", "states", "steps"), TABLES)
def test_every_state_can_be_reached_by_some_steps_and_every_step_is_used(life, table, states, steps):
    reached, last = {life().state}, set()
    while reached != last:
        last = set(reached)
        reached |= {target for state in last for target in table[state].values()}

    assert reached == set(states)
    assert {step for targets in table.values() for step in targets} == set(steps)


def test_a_speaker_that_was_given_its_next_segment_ahead_goes_on_with_it():
    speaker, first, second = SpeakerLife(), segment(0), segment(1)
    speaker.step(SpeakerStep.START)
    speaker.give(SpeakerStep.GIVE, first)
    speaker.begin(first)
    speaker.give(SpeakerStep.GIVE_AHEAD, second)
    speaker.step(SpeakerStep.WANT)

    assert speaker.state is SpeakerState.GIVEN
    speaker.begin(second)
    assert (speaker.state, speaker.ordered) == (SpeakerState.SPEAKING, None)


def test_a_segment_that_was_not_ordered_cannot_be_begun():
    speaker, ordered = SpeakerLife(), segment()
    speaker.step(SpeakerStep.START)
    speaker.give(SpeakerStep.GIVE, ordered)

    with pytest.raises(IllegalStep, match="segment 7 was begun and not ordered"):
        speaker.begin(segment(7))
    assert speaker.ordered is ordered


@given(st.lists(st.sampled_from(SpeakerStep), max_size=40))
def test_a_segment_is_ordered_exactly_while_the_speaker_has_one_it_has_not_begun_with(steps):
    speaker = SpeakerLife()
    for step in steps:
        if step not in SPEAKER_STEPS[speaker.state]:
            continue
        if step in (SpeakerStep.GIVE, SpeakerStep.GIVE_AHEAD):
            speaker.give(step, segment())
        elif step is SpeakerStep.BEGIN:
            speaker.begin(speaker.ordered)
        else:
            speaker.step(step)
        assert (speaker.ordered is not None) == (speaker.state in (SpeakerState.GIVEN, SpeakerState.AHEAD))
        assert speaker.takes_orders == (
            speaker.state is SpeakerState.NONE or SpeakerStep.GIVE in SPEAKER_STEPS[speaker.state]
        )
