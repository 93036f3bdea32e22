"""The desk of several processes, without the processes: both halves, and the links between them."""

import asyncio
import socket
from contextlib import asynccontextmanager

from sayline.gateway.capacity.admission import Slot
from sayline.gateway.cluster.link import VOCABULARY, Drain, Granted, Prepared
from sayline.gateway.cluster.shared_desk import Board, HeadDesk, SharedDesk
from sayline.synthesis.processes.link import Link


class Office:
    """A supervisor's desk and those of two workers; ``settle`` has all that was sent arrive."""

    def __init__(self, path):
        self.head = HeadDesk(Board(path, 2))
        self.board = Board(path, 2)
        self.links = []  # of each worker: the supervisor's end and the worker's
        self.desks = []
        self.granted = ([], [])
        self.settled = asyncio.Queue()

    async def hire(self, slots):
        for place in range(2):
            ours, theirs = socket.socketpair()
            self.links.append((self.link(ours, place), self.link(theirs, place)))
            desk = SharedDesk(self.board, place, self.links[place][1])
            self.desks.append(desk)
            desk.open(slots, self.granted[place].append)
        await self.settle()

    def link(self, end, place):
        return Link(end, VOCABULARY, lambda message: self.received(place, message), lambda: None)

    def received(self, place, message):
        match message:
            case Granted():
                self.desks[place].slot_granted(message)
            case Prepared() | Drain():
                self.settled.put_nowait(message)
            case _:
                self.head.obey(self.links[place][0], message)

    async def settle(self):
        """Wait for messages that are sent behind all others, to the supervisor and back."""
        for _, worker in self.links:
            worker.send(Prepared("settled?"))
            await self.settled.get()
        for supervisor, _ in self.links:
            supervisor.send(Drain(is_succeeded=False))
            await self.settled.get()

    def close(self):
        for ends in self.links:
            for end in ends:
                end.close()


@asynccontextmanager
async def office(path, slots):
    staff = Office(path / "board")
    try:
        await staff.hire(slots)
        yield staff
    finally:
        staff.close()


async def test_connections_take_turns_whichever_worker_they_came_to(tmp_path):
    async with office(tmp_path, slots=1) as staff:
        one, two = staff.desks
        for number in range(3):
            one.request_slot(Slot("greedy", str(number)), is_continuing=False)
        await staff.settle()
        two.request_slot(Slot("modest", "0"), is_continuing=False)
        await staff.settle()
        assert staff.granted == ([Slot("greedy", "0")], [])

        one.release_slot(Slot("greedy", "0"))
        await staff.settle()
        one.release_slot(Slot("greedy", "1"))
        await staff.settle()
        assert staff.granted == ([Slot("greedy", "0"), Slot("greedy", "1")], [Slot("modest", "0")])


async def test_every_worker_sees_what_all_carry(tmp_path):
    async with office(tmp_path, slots=1) as staff:
        one, two = staff.desks
        one.connection_opened()
        two.connection_opened()
        two.connection_opened()
        one.request_slot(Slot("a", "0"), is_continuing=False)
        two.request_slot(Slot("b", "0"), is_continuing=False)
        await staff.settle()
        assert [(desk.connections, desk.running, desk.waiting) for desk in staff.desks] == [(3, 1, 1)] * 2

        one.connection_closed("a")
        await staff.settle()
        assert [(desk.connections, desk.running, desk.waiting) for desk in staff.desks] == [(2, 1, 0)] * 2


async def test_a_worker_that_is_gone_leaves_its_slots_to_the_others(tmp_path):
    async with office(tmp_path, slots=2) as staff:
        one, two = staff.desks
        for number in range(3):
            one.request_slot(Slot("a", str(number)), is_continuing=False)
            one.request_slot(Slot("b", str(number)), is_continuing=False)
        await staff.settle()
        two.request_slot(Slot("c", "0"), is_continuing=False)
        await staff.settle()
        assert not staff.granted[1]

        staff.head.worker_gone(staff.links[0][0])
        await staff.settle()
        assert staff.granted[1] == [Slot("c", "0")]
        assert (two.running, two.waiting) == (1, 0)


async def test_a_grant_that_crossed_a_release_counts_for_no_later_request(tmp_path):
    async with office(tmp_path, slots=1) as staff:
        one, _ = staff.desks
        slot = Slot("a", "0")
        one.request_slot(slot, is_continuing=False)
        one.release_slot(slot)
        one.request_slot(slot, is_continuing=False)
        await staff.settle()

        assert staff.granted[0] == [slot]
        assert one.running == 1


async def test_the_forecast_of_one_holds_for_all(tmp_path):
    async with office(tmp_path, slots=4) as staff:
        one, two = staff.desks
        one.forecast(1)
        await staff.settle()
        one.request_slot(Slot("a", "0"), is_continuing=False)
        await staff.settle()
        two.request_slot(Slot("b", "0"), is_continuing=False)
        await staff.settle()
        assert staff.granted == ([Slot("a", "0")], [])

        two.forecast(None)
        await staff.settle()
        assert staff.granted[1] == [Slot("b", "0")]
