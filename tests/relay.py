"""A network between a client and a server that a test can cut."""

import asyncio
import contextlib
from functools import partial

from server_process import ServerProcess


class Relay:
    """Passes bytes on to a port until the test cuts the connections.

    Args:
        target: see below.
        listening: a socket that listens; None: one of this machine's.
        dial: connects to a port; None: of this machine.

    Attributes:
        port: where clients come.
        target: the port that new connections go to; None: they are refused.
        cut_after: bytes for each side after which all connections are cut, in the middle of what is passed on; None:
            none are.
        delay_s: what all bytes need for the way, in each direction.
        loses_all: what comes is read and passed on to nobody, and the connections stay: a link that is down.
        flows: while it is clear, bytes wait.
        passed: bytes that were passed on to clients.
        refused: set once a connection was.
    """

    def __init__(self, target, *, listening=None, dial=None):
        self._listening = listening
        self._dial = dial or partial(asyncio.open_connection, "127.0.0.1")
        self.target = target
        self.cut_after = {"client": None, "server": None}
        self.delay_s = 0.0
        self.loses_all = False
        self.flows = asyncio.Event()
        self.flows.set()
        self.passed = 0
        self.refused = asyncio.Event()
        self._writers = set()

    async def __aenter__(self):
        where = {"host": "127.0.0.1", "port": 0} if self._listening is None else {"sock": self._listening}
        self._server = await asyncio.start_server(self._pass_on, **where)
        self.port = self._server.sockets[0].getsockname()[1]
        self.url = f"ws://127.0.0.1:{self.port}"
        return self

    async def __aexit__(self, *_):
        self._server.close()
        self.cut()

    def cut(self):
        """Let all connections end without a word."""
        for writer in self._writers:
            writer.transport.abort()

    async def _pass_on(self, client_reader, client_writer):
        if self.target is None:
            client_writer.transport.abort()
            self.refused.set()
            return
        try:
            server_reader, server_writer = await self._dial(self.target)
        except OSError:  # the server is gone
            client_writer.transport.abort()
            return
        ends = {client_writer, server_writer}
        self._writers |= ends
        await asyncio.gather(
            self._pump(client_reader, server_writer, "server"), self._pump(server_reader, client_writer, "client")
        )
        self._writers -= ends

    async def _pump(self, reader, writer, whom):
        with contextlib.suppress(OSError):
            while data := await reader.read(65_536):
                await asyncio.sleep(self.delay_s)
                await self.flows.wait()
                if self.loses_all:
                    continue
                if (left := self.cut_after[whom]) is not None:
                    if len(data) > left:
                        writer.write(data[:left])
                        self.cut_after[whom] = None
                        self.cut()
                        return
                    self.cut_after[whom] = left - len(data)
                if whom == "client":
                    self.passed += len(data)
                writer.write(data)
                await writer.drain()
        writer.close()


class DeadlyRelay(Relay):
    """Leads to a gateway, which is killed (SIGKILL) where the network would be cut, and then to the next one."""

    def __init__(self):
        super().__init__(None)
        self._gateways = contextlib.ExitStack()
        self._next = None

    async def __aenter__(self):
        await self.prepare()
        self._lead_on()
        return await super().__aenter__()

    async def __aexit__(self, *_):
        await super().__aexit__()
        await asyncio.to_thread(self._gateways.close)

    async def prepare(self):
        """Have another gateway ready that serves once this one is killed."""
        self._next = await asyncio.to_thread(
            ServerProcess, "--engine", "tone", "--shed-at-lag-ms", "60000", "--refuse-at-lag-ms", "60000"
        )
        self._next.expected = "."  # what processes say that lose their gateway is their own affair
        self._gateways.enter_context(self._next)

    def cut(self):
        if self._next is not None:
            self._gateway.process.kill()
            self._lead_on()
        super().cut()

    def _lead_on(self):
        self._gateway, self._next = self._next, None
        self.target = self._gateway.port


def without_one_repeat(heard, expected):
    """Whether the words are the expected ones, but for one at most that comes twice in a row."""
    return heard == expected or any(
        heard[:place] + heard[place + 1 :] == expected and heard[place] == heard[place - 1]
        for place in range(1, len(heard))
    )
