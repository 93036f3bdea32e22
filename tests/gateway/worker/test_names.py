"""Workers behind a name, as pods are behind a headless service: they come and go, and no listener hears it.

A network of its own has a name server of the test's, workers at addresses of 127.0.0.0/8, and a gateway that finds them
by a name that their certificates show. The tests share it, in the order of this file; each leaves two workers behind.
"""

import asyncio
import contextlib
import itertools
import json
import signal
import socket
from http.client import HTTPConnection

import pytest
import pytest_asyncio
from certificates import make_authority, sign
from name_server import NameServer
from namespaces import Namespace, skip_without_namespaces
from relay import Relay
from server_process import ServerProcess
from struck_speech import UNNOTICED, heard_during
from wire_peer import PATIENCE_S
from worker_process import MOVES, WorkerProcess

skip_without_namespaces()

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]

# As a pod has it; by itself the resolver waits for half a minute for a name server that says nothing.
RESOLVER = "nameserver 127.0.0.1\nsearch speech.svc.cluster.local svc.cluster.local\n"
RESOLVER += "options ndots:5\n"
SERVICE = "sayline-workers"
NAME = f"{SERVICE}.speech.svc.cluster.local"
TEXT = "This sentence is one of many, and there is always another one after it."
LISTENERS = 3


class Cluster:
    """What keeps pods, but for the pods' containers.

    Attributes:
        names: the name server; the tests say whom the name leads to.
        pods: the workers that there are, by address.
        server: the gateway.
        url: leads to it.
    """

    def __init__(self, network, names, folder):
        self.network = network
        self.names = names
        self.pods = {}
        self.authority, self._pair, self._gateway_pair = make_authority(folder, name=SERVICE)
        self._numbers = itertools.count(2)
        self._stack = contextlib.ExitStack()

    async def serve(self):
        """Start a gateway, which finds the workers by the name."""
        cert, key = self._gateway_pair
        shown = ["--worker-cert", str(cert), "--worker-key", str(key), "--worker-ca", str(self.authority)]
        leased = ["--engine-workers", f"dns:{SERVICE}:7411", *shown]
        self.server = await asyncio.to_thread(ServerProcess, *leased, prefix=self.network.prefix)
        self.server.expected = f"{MOVES}|leads to"

    async def start(self, pair):
        """Start a worker; gives its address. It is known to nobody yet."""
        address = f"127.0.0.{next(self._numbers)}"
        flags = ["--tls-cert", str(pair[0]), "--tls-key", str(pair[1]), "--clients-ca", str(self.authority)]
        flags += ["--probes", f"{address}:7412"]
        worker = await asyncio.to_thread(WorkerProcess, f"{address}:7411", *flags, prefix=self.network.prefix)
        self.pods[address] = self._stack.enter_context(worker)
        return address

    async def add(self):
        """Start a worker, and lead the name to it as well, as soon as it is ready."""
        address = await self.start(self._pair)
        assert await self.probe(address, "/ready") == (200, "ready\n")
        self.lead_to_all()

    def lead_to_all(self):
        """Lead the name to all workers that there are."""
        self.names.addresses[NAME] = list(self.pods)

    def strike(self, address, sent):
        """Send a worker a signal; gives its process."""
        process = self.pods.pop(address).process
        process.send_signal(sent)
        return process

    async def probe(self, address, path):
        """Ask a worker's page, as a kubelet does."""
        asked = self.network.socket()
        asked.setblocking(False)
        await asyncio.get_running_loop().sock_connect(asked, (address, 7412))
        reader, writer = await asyncio.open_connection(sock=asked)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        head, _, body = (await asyncio.wait_for(reader.read(), PATIENCE_S)).decode().partition("\r\n\r\n")
        writer.close()
        return int(head.split()[1]), body

    async def is_whole(self):
        """Wait until two workers speak, and the gateway knows of no others."""
        async with asyncio.timeout(PATIENCE_S):
            while await self.told() != "2 of 2 workers speak":
                await asyncio.sleep(0.05)

    async def told(self):
        """What the gateway says of its workers."""
        return (await asyncio.to_thread(self._health))["detail"]

    def _health(self):
        asking = HTTPConnection(self.url.removeprefix("ws://"), timeout=PATIENCE_S)
        with contextlib.closing(asking):
            asking.request("GET", "/health")
            return json.load(asking.getresponse())

    def close(self):
        self._stack.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def cluster(tmp_path_factory):
    async with contextlib.AsyncExitStack() as stack:
        network = stack.enter_context(Namespace("pods", resolver=RESOLVER))
        names = NameServer(network.socket(socket.SOCK_DGRAM, ("127.0.0.1", 53)))
        await stack.enter_async_context(names)
        made = Cluster(network, names, tmp_path_factory.mktemp("pods"))
        stack.callback(made.close)
        await asyncio.gather(made.add(), made.add())
        await made.serve()
        stack.push_async_exit(lambda *_: asyncio.to_thread(made.server.__exit__, *_))
        door = await stack.enter_async_context(Relay(made.server.port, dial=network.connect))
        made.url = door.url
        await made.is_whole()
        yield made


async def test_nobody_hears_that_a_pod_is_replaced(cluster):
    """As a rolling update does it: first the newcomer, then one leaves, whose address is forgotten as it is told so."""

    async def deed():
        leaving = next(iter(cluster.pods))
        await cluster.add()
        while await cluster.told() != "3 of 3 workers speak":
            await asyncio.sleep(0.05)
        process = cluster.strike(leaving, signal.SIGTERM)
        cluster.lead_to_all()
        assert await asyncio.to_thread(process.wait, PATIENCE_S) == 0
        await cluster.is_whole()

    assert await heard_during(cluster, TEXT, LISTENERS, deed()) == UNNOTICED


async def test_nobody_hears_that_a_pod_was_killed_to_which_the_name_still_leads(cluster):
    async def deed():
        cluster.strike(next(iter(cluster.pods)), signal.SIGKILL)
        while "1 of 2 workers speak" not in await cluster.told():
            await asyncio.sleep(0.05)
        await cluster.add()
        await cluster.is_whole()

    assert await heard_during(cluster, TEXT, LISTENERS, deed()) == UNNOTICED


async def test_nobody_hears_that_the_name_leads_to_nobody(cluster):
    async def deed():
        cluster.names.addresses.clear()
        asked = len(cluster.names.asked)
        while len(cluster.names.asked) < asked + 8:  # once in each of two domains, once without: two rounds at least
            await asyncio.sleep(0.05)
        assert await cluster.told() == "2 of 2 workers speak"
        cluster.lead_to_all()

    assert await heard_during(cluster, TEXT, LISTENERS, deed()) == UNNOTICED


async def test_who_has_the_address_of_a_pod_but_not_the_service_s_certificate_is_not_leased(cluster):
    """An address is given to another service's pod, once its own has gone."""
    other = await cluster.start(sign(cluster.authority.parent, "other", "DNS:other-workers"))
    cluster.lead_to_all()
    async with asyncio.timeout(PATIENCE_S):
        while "CERTIFICATE_VERIFY_FAILED" not in (told := await cluster.told()):
            await asyncio.sleep(0.05)
    assert told.startswith("2 of 3 workers speak")
    assert await asyncio.to_thread(cluster.strike(other, signal.SIGTERM).wait, PATIENCE_S) == 0
    cluster.lead_to_all()
    await cluster.is_whole()


async def test_a_gateway_ends_at_once_though_no_name_server_answers(cluster):
    cluster.names.is_silent = True
    asked = len(cluster.names.asked)
    async with asyncio.timeout(PATIENCE_S):
        while len(cluster.names.asked) == asked:
            await asyncio.sleep(0.05)
    cluster.server.process.terminate()
    assert await asyncio.to_thread(cluster.server.process.wait, PATIENCE_S) == 0
