"""The desk of a server that is one process; whose turn it is stands in test_admission.py."""

from collections import deque

from sayline.gateway.capacity.admission import Slot
from sayline.gateway.capacity.desk import OwnDesk


class Loop:
    """An event loop that runs what is left for later when it is told to."""

    def __init__(self):
        self._later = deque()

    def call_soon(self, call, slot):
        self._later.append((call, slot))

    def run(self):
        while self._later:
            call, slot = self._later.popleft()
            call(slot)


def test_a_slot_is_granted_after_the_call_that_frees_it_and_never_within():
    granted, loop = [], Loop()
    desk = OwnDesk(loop.call_soon)
    desk.open(1, granted.append)
    desk.request_slot(Slot("a", "1"), is_continuing=False)
    desk.request_slot(Slot("b", "1"), is_continuing=False)
    assert granted == []
    loop.run()
    assert granted == [Slot("a", "1")]
    assert (desk.running, desk.waiting) == (1, 1)

    desk.release_slot(Slot("a", "1"))
    assert granted == [Slot("a", "1")]
    loop.run()
    assert granted == [Slot("a", "1"), Slot("b", "1")]


def test_a_connection_that_closes_is_counted_no_more_and_leaves_its_slots():
    desk = OwnDesk(Loop().call_soon)
    desk.open(1, lambda _: None)
    desk.connection_opened()
    desk.connection_opened()
    desk.request_slot(Slot("a", "1"), is_continuing=False)
    desk.request_slot(Slot("b", "1"), is_continuing=False)
    desk.connection_closed("a")

    assert (desk.connections, desk.running, desk.waiting) == (1, 1, 0)
