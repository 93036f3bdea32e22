"""Admission: which connections come in, and whose turn it is."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sayline.gateway.capacity.admission import Load, Refusal, Slot, SlotQueue, refuse_connection

ROOM = Load(connections=0, max_connections=10, requests=0, max_concurrent_requests=4)


@pytest.mark.parametrize(
    ("load", "reason"),
    [
        (ROOM, None),
        (replace(ROOM, connections=9, requests=3), None),
        (replace(ROOM, connections=10), "too many connections"),
        (replace(ROOM, requests=4), "too many concurrent requests"),
        (replace(ROOM, requests=400), "too many concurrent requests"),
        (replace(ROOM, requests=2, sustainable_requests=3), None),
        (replace(ROOM, requests=3, sustainable_requests=3), "no real time for more"),
        (replace(ROOM, requests=70, max_concurrent_requests=200, sustainable_requests=64), None),
        (replace(ROOM, requests=72, max_concurrent_requests=200, sustainable_requests=64), "no real time for more"),
        (replace(ROOM, requests=0, sustainable_requests=0), None),
        (replace(ROOM, requests=1, sustainable_requests=0), "no real time for more"),
        (replace(ROOM, is_draining=True), "draining"),
        (replace(ROOM, is_ready=False), "not ready"),
    ],
)
def test_a_connection_is_refused_exactly_when_there_is_no_room(load, reason):
    refusal = refuse_connection(load)

    assert (refusal.reason if refusal else None) == reason


def test_a_refusal_says_when_to_come_again():
    assert refuse_connection(replace(ROOM, requests=4)) == Refusal("too many concurrent requests", retry_after_s=1)


def test_free_slots_are_granted_at_once():
    slots = SlotQueue(2)

    assert slots.request(Slot("a", "1"), is_continuing=False) == [Slot("a", "1")]
    assert slots.request(Slot("b", "1"), is_continuing=False) == [Slot("b", "1")]
    assert slots.request(Slot("c", "1"), is_continuing=False) == []
    assert (slots.held, slots.waiting) == (2, 1)


def test_a_released_slot_goes_to_the_next_in_turn():
    slots = SlotQueue(1)
    slots.request(Slot("a", "1"), is_continuing=False)
    slots.request(Slot("b", "1"), is_continuing=False)

    assert slots.release(Slot("a", "1")) == [Slot("b", "1")]
    assert slots.release(Slot("a", "1")) == []


def test_beyond_the_forecast_no_context_begins_but_a_context_that_was_heard_goes_on():
    slots = SlotQueue(4)
    slots.forecast(1)
    slots.request(Slot("a", "1"), is_continuing=False)

    assert slots.request(Slot("b", "1"), is_continuing=False) == []
    assert slots.request(Slot("c", "1"), is_continuing=True) == [Slot("c", "1")]
    assert slots.release(Slot("a", "1")) == []
    assert slots.release(Slot("c", "1")) == [Slot("b", "1")]


def test_a_better_forecast_grants_slots_to_contexts_that_waited():
    slots = SlotQueue(4)
    slots.forecast(1)
    for name in "abcde":
        slots.request(Slot(name, "1"), is_continuing=False)

    assert slots.forecast(3) == [Slot("b", "1"), Slot("c", "1")]
    assert slots.forecast(None) == [Slot("d", "1")]  # the operator's own limit still holds


def test_one_context_may_begin_whatever_the_forecast():
    slots = SlotQueue(4)
    slots.forecast(0)

    assert slots.request(Slot("a", "1"), is_continuing=False) == [Slot("a", "1")]


def test_a_connection_with_ten_contexts_does_not_starve_a_connection_with_one():
    slots = SlotQueue(1)
    slots.request(Slot("greedy", "0"), is_continuing=False)
    for number in range(1, 10):
        slots.request(Slot("greedy", str(number)), is_continuing=False)
    slots.request(Slot("modest", "0"), is_continuing=False)

    first = slots.release(Slot("greedy", "0"))
    second = slots.release(first[0])

    assert Slot("modest", "0") in first + second


def test_a_tenant_with_ten_connections_does_not_starve_one_with_a_single_connection():
    slots = SlotQueue(1)
    slots.request(Slot("first", "0", "greedy"), is_continuing=False)
    for number in range(10):
        slots.request(Slot(f"connection {number}", "0", "greedy"), is_continuing=False)
    slots.request(Slot("modest", "0", "modest"), is_continuing=False)

    assert slots.release(Slot("first", "0", "greedy")) == [Slot("modest", "0", "modest")]


def test_turns_go_round_by_tenant_then_by_connection_then_by_context():
    wanted = [Slot(connection, context, tenant) for tenant, connection, context in ("A11", "A12", "A21", "B31", "B32")]
    slots = SlotQueue(1)
    holder = Slot("holder", "0")
    slots.request(holder, is_continuing=False)
    for slot in wanted:
        slots.request(slot, is_continuing=False)
    turns = []
    while granted := slots.release(holder):
        (holder,) = granted
        turns.append(holder.tenant + holder.connection_id + holder.context_id)

    assert turns == ["A11", "B31", "A21", "B32", "A12"]


@pytest.mark.parametrize("slot_count", [1, 2, 3])
@pytest.mark.parametrize("is_continuing", [False, True])
def test_a_tenant_that_wants_twenty_turns_at_once_has_one_between_two_of_another_tenant(slot_count, is_continuing):
    """Each asks again as soon as it has had its turn, as a context does for its next segment."""
    slots = SlotQueue(slot_count)
    modest = Slot("modest", "0", "modest")
    granted = []
    for number in range(20):
        granted += slots.request(Slot(f"greedy {number}", "0", "greedy"), is_continuing=is_continuing)
    granted += slots.request(modest, is_continuing=is_continuing)
    turns = []
    for _ in range(100):
        done = granted.pop(0)
        turns.append(done.tenant)
        granted += slots.release(done)
        granted += slots.request(done, is_continuing=is_continuing)

    between = "".join("m" if tenant == "modest" else "g" for tenant in turns).split("m")
    # Each slot may have gone to the other tenant while this one still spoke; the next that is free is its own.
    assert max(map(len, between)) <= slot_count


def test_a_context_that_is_being_heard_goes_before_one_that_is_not():
    slots = SlotQueue(1)
    slots.request(Slot("a", "1"), is_continuing=False)
    slots.request(Slot("b", "new"), is_continuing=False)
    slots.request(Slot("c", "heard"), is_continuing=True)

    assert slots.release(Slot("a", "1")) == [Slot("c", "heard")]


def test_a_context_that_stops_waiting_is_not_granted_a_slot():
    slots = SlotQueue(1)
    slots.request(Slot("a", "1"), is_continuing=False)
    slots.request(Slot("b", "1"), is_continuing=False)
    slots.release(Slot("b", "1"))

    assert slots.release(Slot("a", "1")) == []
    assert (slots.held, slots.waiting) == (0, 0)


def test_a_connection_that_is_gone_leaves_nothing_behind():
    slots = SlotQueue(1)
    slots.request(Slot("a", "1"), is_continuing=False)
    slots.request(Slot("a", "2"), is_continuing=False)
    slots.request(Slot("b", "1"), is_continuing=False)

    assert slots.release_connection("a") == [Slot("b", "1")]
    assert (slots.held, slots.waiting) == (1, 0)


@given(
    slot_count=st.integers(1, 4),
    steps=st.lists(
        st.tuples(st.sampled_from(["request", "continue", "release", "gone"]), st.integers(0, 3), st.integers(0, 5)),
        max_size=80,
    ),
)
def test_no_slot_is_ever_lost_or_granted_twice(slot_count, steps):
    slots = SlotQueue(slot_count)
    holding: set[Slot] = set()
    asked: set[Slot] = set()
    for kind, connection, context in steps:
        slot = Slot(str(connection), str(context), tenant="odd" if connection % 2 else "even")
        if kind in {"request", "continue"}:
            if slot in asked:
                continue
            asked.add(slot)
            granted = slots.request(slot, is_continuing=kind == "continue")
        elif kind == "release":
            asked.discard(slot)
            holding.discard(slot)
            granted = slots.release(slot)
        else:
            asked = {other for other in asked if other.connection_id != slot.connection_id}
            holding = {other for other in holding if other.connection_id != slot.connection_id}
            granted = slots.release_connection(slot.connection_id)
        assert not holding & set(granted)
        holding |= set(granted)
        assert holding <= asked
        assert len(holding) == slots.held == min(slot_count, len(asked))
        assert slots.waiting == len(asked) - slots.held


def test_requests_that_nobody_hears_are_refused_while_there_is_room_for_listeners():
    load = replace(ROOM, requests=3)

    assert refuse_connection(load, is_live=True) is None
    assert refuse_connection(load, is_live=False).reason == "too many concurrent requests"
    assert refuse_connection(replace(ROOM, requests=0, max_concurrent_requests=1), is_live=False) is None


def test_encoders_that_have_no_time_for_more_refuse_newcomers():
    assert refuse_connection(replace(ROOM, encoder_load=0.8)) is None
    assert refuse_connection(replace(ROOM, encoder_load=0.9)).reason == "no real time for more"


def unheard(slots, name):
    return slots.request(Slot(name, "1"), is_continuing=False, is_live=False)


def test_contexts_that_nobody_hears_come_after_all_others():
    slots = SlotQueue(1)
    assert unheard(slots, "first") == [Slot("first", "1")]
    unheard(slots, "second")
    slots.request(Slot("listener", "1"), is_continuing=False)
    slots.request(Slot("old", "1"), is_continuing=True)

    assert slots.release(Slot("first", "1")) == [Slot("old", "1")]
    assert slots.release(Slot("old", "1")) == [Slot("listener", "1")]
    assert slots.release(Slot("listener", "1")) == [Slot("second", "1")]


def test_contexts_that_nobody_hears_leave_a_quarter_of_the_slots_to_listeners():
    slots = SlotQueue(4)
    assert [len(unheard(slots, str(number))) for number in range(5)] == [1, 1, 1, 0, 0]
    assert slots.request(Slot("listener", "1"), is_continuing=False) == [Slot("listener", "1")]
    assert slots.release_connection("0") == [Slot("3", "1")]
    assert slots.release(Slot("listener", "1")) == []
    assert slots.waiting == 1
