"""The board: gateways follow the workers that there are, and keep them while it is away. No Ray is needed for it."""

import asyncio
import contextlib

import numpy as np
import pytest
from link_peer import LinkPeer
from speech_workers import PATIENCE_S, SEGMENT, STYLE, Engine, LocalWorker, spoken

from sayline.gateway.placing import board as board_module
from sayline.gateway.placing.board import Board
from sayline.synthesis.tone import tone_for
from sayline.synthesis.workers import board as link_module
from sayline.synthesis.workers.addresses import Address
from sayline.synthesis.workers.board import BOARD, BoardLink, BoardMembership, Follow, Leave, Members, Serve
from sayline.synthesis.workers.pool import WorkerPool
from sayline.synthesis.workers.wire import admit, listen


@pytest.fixture(autouse=True)
def hurried(monkeypatch):
    """Nobody needs a second to find a board of the same process."""
    monkeypatch.setattr(link_module, "BOARD_RELINK_S", 0.05)
    monkeypatch.setattr(board_module, "_SETTLING_S", 0.3)


@contextlib.asynccontextmanager
async def board_at(address):
    board = Board()
    with listen(address) as listener:
        async with asyncio.TaskGroup() as tasks:
            admitting = tasks.create_task(admit(listener, None, board.greet))
            try:
                yield board
            finally:
                admitting.cancel()
                board.close()


@contextlib.asynccontextmanager
async def telling(address, worker, *, is_orphaned=False):
    """A worker that tells the board of itself; gives what the board tells it."""
    told = asyncio.Queue()
    link = BoardLink(address, None, lambda: Serve(str(worker), is_orphaned), told.put_nowait)
    async with asyncio.TaskGroup() as tasks:
        linking = tasks.create_task(link.stay_linked())
        try:
            yield told
        finally:
            linking.cancel()


@contextlib.asynccontextmanager
async def following(address):
    """A gateway; gives the lists that it is told."""
    told = asyncio.Queue()
    async with asyncio.TaskGroup() as tasks:
        linking = tasks.create_task(BoardMembership(address, None, "s").follow(told.put_nowait))
        try:
            yield told
        finally:
            linking.cancel()


async def until(told, *workers):
    async with asyncio.timeout(PATIENCE_S):
        while set(await told.get()) != set(workers):
            pass


@pytest.fixture
def place(tmp_path):
    return Address(tmp_path / "board")


A, B, C = (Address(None, f"10.0.0.{number}", 7411) for number in (1, 2, 2))
C = C._replace(port=7412)


async def test_a_gateway_is_told_which_workers_there_are_and_again_when_they_are_others(place):
    async with board_at(place), telling(place, A), following(place) as told:
        await until(told, A)
        async with telling(place, B):
            await until(told, A, B)
        await until(told, A)


async def test_a_gateway_keeps_its_workers_while_the_board_is_away_and_after_it_came_back(place, caplog):
    async with telling(place, A), following(place) as told:
        async with board_at(place):
            await until(told, A)
        async with board_at(place):
            assert await asyncio.wait_for(told.get(), PATIENCE_S) == (A,)  # not of nobody, before A was back
    assert "is away" in caplog.text
    assert "is back" in caplog.text


async def test_an_orphan_speaks_on_until_a_worker_has_come_first_one_of_the_newcomer_s_machine(place):
    async with (
        board_at(place),
        telling(place, A, is_orphaned=True) as first,
        telling(place, B, is_orphaned=True) as second,
        following(place) as told,
    ):
        await until(told, A, B)
        async with telling(place, C):
            assert await asyncio.wait_for(second.get(), PATIENCE_S) == Leave(str(C))
            await until(told, A, C)
            assert first.empty()


async def test_one_that_says_nothing_any_more_is_forgotten(place, monkeypatch):
    monkeypatch.setattr(board_module, "BOARD_PATIENCE_S", 1.0)
    monkeypatch.setattr(board_module, "BOARD_BEAT_S", 0.05)
    monkeypatch.setattr(link_module, "BOARD_BEAT_S", 0.05)
    async with board_at(place), following(place) as told:
        silent = await LinkPeer.join(place.path, BOARD)
        silent.send(Serve(str(A), False))
        await until(told, A)
        await until(told)
        silent.close()


async def test_a_board_that_says_nothing_any_more_is_looked_for_again(place, monkeypatch):
    monkeypatch.setattr(link_module, "BOARD_PATIENCE_S", 1.0)
    monkeypatch.setattr(link_module, "BOARD_BEAT_S", 0.05)
    peers = asyncio.Queue()
    with listen(place) as listener:
        async with asyncio.TaskGroup() as tasks:
            admitting = tasks.create_task(admit(listener, None, lambda end: peers.put_nowait(LinkPeer(end, BOARD))))
            async with following(place) as told:
                for worker in (A, B):  # the second time it comes again
                    peer = await asyncio.wait_for(peers.get(), PATIENCE_S)
                    assert await peer.take() == Follow("s")
                    peer.send(Members([str(worker)]))
                    await until(told, worker)
            admitting.cancel()


async def test_a_pool_speaks_with_whom_the_board_tells_of_and_forgets_who_has_gone(place, tmp_path):
    async with contextlib.AsyncExitStack() as stack:
        workers = [LocalWorker(Address(tmp_path / name), Engine()) for name in "ab"]
        for worker in workers:
            await worker.start()
            stack.push_async_callback(worker.stop)
        await stack.enter_async_context(board_at(place))
        leaving = await stack.enter_async_context(contextlib.AsyncExitStack())
        await leaving.enter_async_context(telling(place, workers[0].address))
        pool = WorkerPool(BoardMembership(place, None, "s"), None, "s")
        stack.push_async_callback(pool.close)
        await pool.start()
        samples, _ = await spoken(pool.speak(SEGMENT, STYLE))
        assert np.array_equal(samples, tone_for(SEGMENT, STYLE))

        stream = pool.speak(SEGMENT, STYLE)
        taken = [await anext(stream)]
        await leaving.aclose()  # nobody is a member, and what is spoken is spoken to its end
        async with asyncio.timeout(PATIENCE_S):
            await pool._until(lambda: pool.status().state == "failed")
        taken += [chunk async for chunk in stream]
        assert np.array_equal(np.concatenate([chunk.samples for chunk in taken]), tone_for(SEGMENT, STYLE))

        await workers[0].stop()
        await stack.enter_async_context(telling(place, workers[1].address))
        async with asyncio.timeout(PATIENCE_S):
            await pool._until(lambda: [worker.name for worker in pool.status().workers] == [str(workers[1].address)])
            await pool._until(lambda: pool.status().state == "ready")
        assert len((await spoken(pool.speak(SEGMENT, STYLE)))[0])
