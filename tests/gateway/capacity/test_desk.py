"""The desk of a server that is one process; whose turn it is stands in test_admission.py."""

import asyncio

from sayline.gateway.capacity.admission import Slot
from sayline.gateway.capacity.desk import OwnDesk


async def test_a_slot_is_granted_after_the_call_that_frees_it_and_never_within():
    granted = []
    desk = OwnDesk()
    desk.open(1, granted.append)
    desk.request_slot(Slot("a", "1"), is_continuing=False)
    desk.request_slot(Slot("b", "1"), is_continuing=False)
    assert granted == []
    await asyncio.sleep(0)
    assert granted == [Slot("a", "1")]
    assert (desk.running, desk.waiting) == (1, 1)

    desk.release_slot(Slot("a", "1"))
    assert granted == [Slot("a", "1")]
    await asyncio.sleep(0)
    assert granted == [Slot("a", "1"), Slot("b", "1")]


async def test_a_connection_that_closes_is_counted_no_more_and_leaves_its_slots():
    desk = OwnDesk()
    desk.open(1, lambda _: None)
    desk.connection_opened()
    desk.connection_opened()
    desk.request_slot(Slot("a", "1"), is_continuing=False)
    desk.request_slot(Slot("b", "1"), is_continuing=False)
    desk.connection_closed("a")

    assert (desk.connections, desk.running, desk.waiting) == (1, 1, 0)
