"""A network between a client and a server that a test can cut."""

import asyncio
import contextlib


class Relay:
    """Passes bytes on to a port until the test cuts the connections.

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

    def __init__(self, target):
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
        self._server = await asyncio.start_server(self._pass_on, "127.0.0.1", 0)
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
        server_reader, server_writer = await asyncio.open_connection("127.0.0.1", self.target)
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
