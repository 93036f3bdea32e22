"""One end of a link between two processes, for tests that speak to a process as its other end does."""

import asyncio
import contextlib
import socket

from sayline.synthesis.processes.link import Link


class LinkPeer:
    """Messages are taken one by one; None is the end. ``heard`` counts whatever comes, also signs of life."""

    def __init__(self, end, vocabulary):
        self._messages = asyncio.Queue()
        self.heard = asyncio.Semaphore(0)
        self.link = Link(
            end,
            vocabulary,
            self._messages.put_nowait,
            lambda: self._messages.put_nowait(None),
            heard=self.heard.release,
        )
        self.send, self.close = self.link.send, self.link.close

    @classmethod
    async def join(cls, address, vocabulary):
        end = socket.socket(socket.AF_UNIX)
        end.setblocking(False)
        await asyncio.get_running_loop().sock_connect(end, str(address))
        return cls(end, vocabulary)

    async def take(self):
        return await self._messages.get()


@contextlib.asynccontextmanager
async def answering(address, vocabulary, answer):
    """Have everybody who joins at an address answered by ``answer(peer)``, until they have left."""

    async def admit():
        while True:
            end, _ = await asyncio.get_running_loop().sock_accept(listener)
            tasks.create_task(answer(LinkPeer(end, vocabulary)))

    with socket.socket(socket.AF_UNIX) as listener:
        listener.setblocking(False)
        listener.bind(str(address))
        listener.listen()
        async with asyncio.TaskGroup() as tasks:
            admitting = tasks.create_task(admit())
            try:
                yield
            finally:
                admitting.cancel()
