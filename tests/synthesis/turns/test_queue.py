"""Whose turn it is, among takers that only note what they are given."""

import pytest

from sayline.synthesis.turns.queue import Turn, Turns


class Taker:
    """A process that speaks, as the queue sees it."""

    def __init__(self, turns, size=1):
        self.failure = ""
        self.size = size
        self.taken = []
        self.cancelled = []
        turns.takers.append(self)

    @property
    def room(self):
        return self.size - len(self.taken)

    def take(self, _, turn):
        self.taken.append(turn)

    def cancel(self, turn):
        if turn in self.taken:
            self.cancelled.append(turn)

    def end(self, turns):
        ended = self.taken.pop(0)
        turns.hand_out()
        return ended.request


class Listener:
    def __init__(self):
        self.failures = []

    def turn_failed(self, error):
        self.failures.append(str(error))


def turn(name, needed_at=0.0):
    return Turn(Listener(), needed_at, name)


def asked(turns, *wanted):
    for one in wanted:
        turns.ask(one)
    return wanted


def requests(taker):
    return [one.request for one in taker.taken]


def test_the_turn_that_is_needed_first_is_taken_first():
    turns = Turns()
    taker = Taker(turns)
    asked(turns, turn("begun", 9), turn("late", 3), turn("soon", 1), turn("later", 5))

    assert [taker.end(turns) for _ in range(4)] == ["begun", "soon", "late", "later"]


def test_turns_that_are_needed_at_the_same_time_are_taken_as_they_came():
    turns = Turns()
    taker = Taker(turns)
    asked(turns, *map(turn, "abcd"))

    assert [taker.end(turns) for _ in range(4)] == list("abcd")


def test_turns_are_spread_over_the_processes_the_least_busy_first():
    turns = Turns()
    one, other = Taker(turns, 2), Taker(turns, 2)
    asked(turns, *map(turn, "abcde"))

    assert (requests(one), requests(other)) == (["a", "c"], ["b", "d"])
    assert turns.are_waiting
    other.end(turns)
    assert requests(other) == ["d", "e"]


def test_a_withdrawn_turn_that_waits_is_never_taken():
    turns = Turns()
    taker = Taker(turns)
    _, unwanted, wanted = asked(turns, *map(turn, "abc"))
    turns.withdraw(unwanted)

    taker.end(turns)
    assert requests(taker) == [wanted.request]
    assert not turns.are_waiting


def test_a_withdrawn_turn_that_was_taken_is_cancelled_at_its_process():
    turns = Turns()
    one, other = Taker(turns), Taker(turns)
    _, begun = asked(turns, *map(turn, "ab"))
    turns.withdraw(begun)

    assert (one.cancelled, other.cancelled) == ([], [begun])
    assert begun.listener is None


def test_turns_wait_for_a_process_that_is_being_replaced():
    turns = Turns()
    taker = Taker(turns, 0)
    (waiting,) = asked(turns, turn("a"))
    assert waiting.listener.failures == []

    taker.size = 1
    turns.hand_out()
    assert requests(taker) == ["a"]


@pytest.mark.parametrize(("failures", "fails"), [(["gone", ""], False), (["gone", "gone too"], True)])
def test_turns_fail_only_if_no_process_can_be_had(failures, fails):
    turns = Turns()
    for failure in failures:
        Taker(turns, 0).failure = failure
    (wanted,) = asked(turns, turn("a"))

    assert wanted.listener.failures == (["gone"] if fails else [])
    assert turns.are_waiting != fails


def test_a_turn_that_its_process_had_not_begun_keeps_its_place_in_the_queue():
    turns = Turns()
    taker = Taker(turns)
    asked(turns, turn("begun"), turn("later", 5))
    turns.put(0, turn("again", 5))

    taker.end(turns)
    assert requests(taker) == ["again"]


def test_what_is_dropped_is_neither_taken_nor_failed():
    turns = Turns()
    taker = Taker(turns, 0)
    (dropped,) = asked(turns, turn("a"))
    turns.drop()

    taker.size = 1
    turns.hand_out()
    assert (taker.taken, dropped.listener.failures) == ([], [])
