"""A name that leads to workers, asked of the system's own resolver and a name server of the test's."""

import asyncio
import contextlib
import socket
import sys

import pytest
from name_server import NameServer
from namespaces import Namespace, skip_without_namespaces
from speech_workers import PATIENCE_S

skip_without_namespaces()

# As a pod has it, but for the patience of the resolver.
RESOLVER = (
    "nameserver 127.0.0.1\nsearch speech.svc.cluster.local svc.cluster.local\noptions ndots:5 timeout:1 attempts:1\n"
)
NAME = "sayline-workers.speech.svc.cluster.local"
_PROGRAM = """
import asyncio, logging, sys
from sayline.synthesis.workers import names
from sayline.synthesis.workers.addresses import read_address

names.LOOK_UP_S = 0.05
logging.basicConfig(format="%(message)s", stream=sys.stdout, level=logging.WARNING)

def told(found):
    print(*(f"{address}={address.name}" for address in found), flush=True)

asyncio.run(names.NameMembership(read_address(sys.argv[1])).follow(told))
"""


class Gateway:
    """A process that follows a name in a network of its own, and what it says."""

    def __init__(self, server, process):
        self.server = server
        self._process = process

    async def next(self):
        line = await asyncio.wait_for(self._process.stdout.readline(), PATIENCE_S)
        return line.decode().strip()

    async def looks_up_again(self, times=3):
        """Wait until it has asked so often."""
        asked = len(self.server.asked)
        async with asyncio.timeout(PATIENCE_S):
            while len(self.server.asked) < asked + times:
                await asyncio.sleep(0.01)


@pytest.fixture
async def place():
    with Namespace("names", resolver=RESOLVER) as namespace:
        async with NameServer(namespace.socket(socket.SOCK_DGRAM, ("127.0.0.1", 53))) as server:
            yield namespace, server


@contextlib.asynccontextmanager
async def following(place, name="sayline-workers:7411"):
    namespace, server = place
    process = await asyncio.create_subprocess_exec(
        *namespace.prefix, sys.executable, "-c", _PROGRAM, name, stdout=asyncio.subprocess.PIPE
    )
    try:
        yield Gateway(server, process)
    finally:
        process.kill()
        await process.communicate()


def known(*numbers):
    return " ".join(f"10.0.0.{number}:7411=sayline-workers" for number in numbers)


async def test_workers_come_and_go_with_the_addresses_to_which_the_name_leads(place):
    _, server = place
    server.addresses[NAME] = ["10.0.0.2", "10.0.0.1"]
    async with following(place) as gateway:
        assert await gateway.next() == known(1, 2)
        server.addresses[NAME] = ["10.0.0.1", "10.0.0.2"]  # in another order they are the same
        await gateway.looks_up_again()
        server.addresses[NAME] = ["10.0.0.3", "10.0.0.2"]
        assert await gateway.next() == known(2, 3)


def is_gone(server):
    del server.addresses[NAME]


def is_empty(server):
    server.addresses[NAME] = []


def is_broken(server):
    server.is_broken = True


def is_silent(server):
    server.is_silent = True


@pytest.mark.parametrize("fault", [is_gone, is_empty, is_broken, is_silent])
async def test_a_name_that_leads_to_nobody_takes_no_worker_away(fault, place):
    _, server = place
    server.addresses[NAME] = ["10.0.0.1"]
    async with following(place) as gateway:
        assert await gateway.next() == known(1)
        fault(server)
        assert "leads to no worker" in await gateway.next()
        server.is_broken = server.is_silent = False
        server.addresses[NAME] = ["10.0.0.2"]
        assert await gateway.next() == "the name sayline-workers leads to workers"
        assert await gateway.next() == known(2)


async def test_a_gateway_that_is_there_first_waits_for_the_name(place):
    _, server = place
    async with following(place) as gateway:
        assert "leads to no worker" in await gateway.next()
        await gateway.looks_up_again()
        server.addresses[NAME] = ["10.0.0.1"]
        assert await gateway.next() == "the name sayline-workers leads to workers"
        assert await gateway.next() == known(1)


async def test_a_worker_that_has_an_address_of_each_kind_is_one_worker(place):
    _, server = place
    server.addresses[NAME] = ["127.0.0.2", "fd00::2"]
    async with following(place) as gateway:
        assert await gateway.next() == "127.0.0.2:7411=sayline-workers"


async def test_what_can_be_no_name_leads_to_nobody(place):
    async with following(place, f"{70 * 'a'}.example:1") as gateway:
        assert "leads to no worker" in await gateway.next()
