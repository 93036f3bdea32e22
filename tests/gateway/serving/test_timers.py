"""Timers that share an instant: each is called once, whatever the others do."""

import asyncio

import pytest
from wire_peer import PATIENCE_S

from sayline.gateway.serving.timers import SharedTimers


@pytest.fixture
async def timers():
    return SharedTimers()


@pytest.fixture
async def soon():
    return asyncio.get_running_loop().time() + 0.01


async def reached(instant):
    """Wait until the loop has called all that was due at this instant."""
    passed = asyncio.Event()
    asyncio.get_running_loop().call_at(instant + 0.01, passed.set)
    await passed.wait()


async def test_all_of_one_instant_are_called_in_the_order_in_which_they_came(timers, soon):
    called = []
    for number in range(3):
        timers.call_at(soon, lambda number=number: called.append(number))
    assert called == []
    await reached(soon)
    assert called == [0, 1, 2]


async def test_instants_are_apart(timers, soon):
    called = []
    timers.call_at(soon + 0.02, lambda: called.append("late"))
    timers.call_at(soon, lambda: called.append("early"))
    await reached(soon + 0.02)
    assert called == ["early", "late"]


async def test_a_cancelled_callback_is_not_called_and_the_others_are(timers, soon):
    called = []

    def first():
        called.append("first")

    def second():
        called.append("second")

    timers.call_at(soon, first)
    timers.call_at(soon, second)
    timers.cancel(soon, first)
    await reached(soon)
    assert called == ["second"]


async def test_one_may_be_cancelled_by_another_of_its_instant(timers, soon):
    called = []

    def second():
        called.append("second")

    timers.call_at(soon, lambda: timers.cancel(soon, second))
    timers.call_at(soon, second)
    await reached(soon)
    assert called == []


async def test_a_callback_that_asks_again_while_it_is_called_gets_a_timer_of_its_own(timers, soon):
    """At once would be for ever, where the clock has not moved on; so all others of the instant are called before."""
    called, thrice = [], asyncio.Event()

    def again():
        called.append("again")
        if called.count("again") < 3:
            timers.call_at(soon, again)
        else:
            thrice.set()

    timers.call_at(soon, again)
    timers.call_at(soon, lambda: called.append("other"))
    # No time is waited for: in a loop that is late all timers are due in one turn, but for the last one's successor.
    await asyncio.wait_for(thrice.wait(), PATIENCE_S)
    assert called == ["again", "other", "again", "again"]


async def test_one_that_breaks_stops_none_of_the_others(timers, soon, caplog):
    called = []

    def broken():
        raise RuntimeError("of no use")

    timers.call_at(soon, broken)
    timers.call_at(soon, lambda: called.append("other"))
    await reached(soon)
    assert called == ["other"]
    assert "a timer broke" in caplog.text
