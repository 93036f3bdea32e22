"""Whose turn it is to have much read."""

import asyncio

from sayline.gateway.serving.reading_turns import Allowance, ReadingTurns


async def test_turns_are_one_a_pass_of_the_loop_in_the_order_in_which_they_were_asked_for():
    turns, taken, passes = ReadingTurns(), [], 0

    async def reader(name):
        for _ in range(3):
            await turns.take()
            taken.append((passes, name))

    async with asyncio.TaskGroup() as tasks:
        for name in "abc":
            tasks.create_task(reader(name))
        while len(taken) < 9:
            passes += 1
            await asyncio.sleep(0)

    assert "".join(name for _, name in taken) == "abcabcabc"
    assert len({at for at, _ in taken}) == 9, "no two in one pass"


async def test_a_connection_that_leaves_the_queue_keeps_no_other_from_its_turn():
    turns = ReadingTurns()
    gone = [asyncio.create_task(turns.take()) for _ in range(3)]
    await asyncio.sleep(0)
    for task in gone:
        task.cancel()

    async with asyncio.timeout(20):
        await turns.take()


def test_small_messages_need_no_turn():
    allowance = Allowance(0.0)
    assert all(allowance.covers(60, now=token / 100) for token in range(1000))


def test_a_large_message_needs_a_turn():
    assert not Allowance(0.0).covers(16_384, now=0.0)


def test_many_small_messages_at_once_need_turns():
    allowance = Allowance(0.0)
    assert sum(allowance.covers(2, now=0.0) for _ in range(1000)) < 20


def test_an_allowance_does_not_grow_while_it_is_not_used():
    allowance = Allowance(0.0)
    assert sum(allowance.covers(2, now=3600.0) for _ in range(1000)) < 20
