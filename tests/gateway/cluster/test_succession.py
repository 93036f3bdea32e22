"""A server that is succeeded by another one, as an operator runs them: nobody is refused, and nothing is cut."""

import asyncio
import contextlib
import os
import signal
import socket
from itertools import chain

import psutil
import pytest
from server_process import SucceededServer, ignoring_gone
from wire_peer import PATIENCE_S, WirePeer
from wyoming_peer import WyomingPeer

from sayline.gateway.cluster.doors import Doors
from sayline.gateway.cluster.ending import Ending
from sayline.gateway.cluster.succession import Heritage, succeeded
from sayline.gateway.dialects.tts_v1.messages import ENDPOINT, SUBPROTOCOL
from sayline.gateway.settings import Settings
from sayline.gateway.wiring import running_server

CONNECTS_A_SECOND = 500
SECONDS = 3
AT_ONCE = 100  # connects that are under way, so that a machine with other work is not filled with them
TEXT = "One two three four. " * 10  # some seconds, in which one server succeeds the other
# Who has been let in may begin for this long, and then the old server ends once nothing runs on it.
FLAGS = ("--engine", "tone", "--handshake-timeout-s", "1")
# Hundreds of clients are this one process: beside other work a second may pass between a connect and its first byte.
PATIENT_FLAGS = ("--engine", "tone", "--handshake-timeout-s", "5")

HANDSHAKE = (
    f"GET {ENDPOINT} HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    f"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    f"Sec-WebSocket-Protocol: {SUBPROTOCOL}\r\n\r\n"
).encode()
REQUEST = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"


async def connect_and_leave(port):
    """Come in and go; returns the first line of the answer, or what went wrong."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(HANDSHAKE)
            line = await reader.readline()
            writer.close()
    except OSError as refusal:
        return repr(refusal)
    return line.decode().strip()


async def connects(port, is_near, until):
    """Connect so many times a second until an event, but a tenth of it while nothing is near; returns all answers."""
    loop = asyncio.get_running_loop()
    room = asyncio.Semaphore(AT_ONCE)

    async def one():
        try:
            return await connect_and_leave(port)
        finally:
            room.release()

    tasks, due_at = [], loop.time()
    async with asyncio.TaskGroup() as group:
        while not until.is_set():
            await room.acquire()
            tasks.append(group.create_task(one()))
            due_at += 1 / (CONNECTS_A_SECOND if is_near.is_set() else CONNECTS_A_SECOND / 10)
            await asyncio.sleep(max(0, due_at - loop.time()))
    return [task.result() for task in tasks]


async def say(url, text):
    async with await WirePeer.join(url) as peer:
        await peer.speak(text)
        heard = await peer.listen()
        return heard.done["reason"], heard.done["text_spoken"], len(heard.frames)


@pytest.mark.slow
@pytest.mark.parametrize("flags", [pytest.param((), marks=pytest.mark.thorough), ("--workers", "2")])
async def test_at_500_connects_a_second_a_restart_refuses_nobody_and_cuts_nothing(flags):
    with SucceededServer(*PATIENT_FLAGS, *flags) as server:
        old = server.main
        is_near, is_over = asyncio.Event(), asyncio.Event()
        is_near.set()
        async with asyncio.TaskGroup() as tasks:
            speaking = [tasks.create_task(say(server.url, TEXT)) for _ in range(8)]
            connecting = tasks.create_task(connects(server.port, is_near, is_over))
            await asyncio.sleep(0.3)
            # A start takes a second or two; a machine with other work, on which it takes longer, is spared meanwhile.
            asyncio.get_running_loop().call_later(SECONDS, is_near.clear)
            await asyncio.to_thread(server.reload, is_near.set)
            speaking += [tasks.create_task(say(server.url, TEXT)) for _ in range(8)]
            assert await asyncio.to_thread(old.wait, 2 * PATIENCE_S) == 0
            is_over.set()
        assert server.main.pid != old.pid
        answers = connecting.result()
        assert set(answers) == {"HTTP/1.1 101 Switching Protocols"}, len(answers)
        whole, *others = {task.result() for task in speaking}
        assert not others
        assert whole[:2] == ("end", TEXT)


async def test_who_was_let_in_and_has_said_nothing_yet_is_served_by_a_server_that_makes_way():
    settings = Settings(port=0, engine="tone", handshake_timeout_s=2.0)
    async with running_server(settings) as server, asyncio.TaskGroup() as tasks:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        async with await WirePeer.join(server.url) as peer:
            port = server.port
            making_way = tasks.create_task(server.make_way())
            while server.sockets:
                await asyncio.sleep(0)
            with pytest.raises(ConnectionRefusedError):  # there is no successor
                await asyncio.open_connection("127.0.0.1", port)
            writer.write(HANDSHAKE)
            assert await reader.readline() == b"HTTP/1.1 101 Switching Protocols\r\n"
            await peer.speak("Here I am.")
            assert (await peer.listen()).done["reason"] == "end"
            await peer.until_closed()
            assert peer.others[0]["type"] == "goaway"
        writer.close()
        await making_way


class Clients:
    """Clients of one server, each a pass of the loop behind the one before, so that one is at each step of its way in.

    Args:
        monkeypatch: pytest's, by which the loop's clock is set forward.
        asked: what each of them sends.
    """

    COUNT = 16  # more than there are passes between what a client has sent and the answer

    def __init__(self, monkeypatch, asked):
        self._patch = monkeypatch
        self._asked = asked
        self._loop = asyncio.get_running_loop()
        self._connected = []

    async def connect(self, port):
        self._connected = [await asyncio.open_connection("127.0.0.1", port) for _ in range(self.COUNT)]

    async def ask(self, is_jump_last):
        """Send one after the other, and let the loop find then that it stood for longer than a handshake may take.

        The loop runs timers behind all else of a pass, so the clock jumps in front of all that a pass does, or behind.
        """
        for _, writer in self._connected:
            writer.write(self._asked)
            await asyncio.sleep(0)
        if is_jump_last:
            self._loop.call_later(0, self._jump)
        else:
            self._jump()

    def _jump(self):
        clock = self._loop.time
        self._patch.setattr(self._loop, "time", lambda: clock() + 1.5)

    async def answers(self):
        """The first lines of the answers to all of them."""
        async with asyncio.timeout(PATIENCE_S):
            lines = {await reader.readline() for reader, _ in self._connected}
        for _, writer in self._connected:
            writer.close()
        return lines


@pytest.mark.parametrize("is_jump_last", [False, True])
async def test_whoever_has_asked_is_answered_even_if_the_server_is_held_up_for_longer_than_a_handshake_may_take(
    is_jump_last, monkeypatch
):
    """Of two thousand connects one had no answer beside a restart, on a machine whose other work took all of it."""
    clients = Clients(monkeypatch, HANDSHAKE)
    async with running_server(Settings(port=0, engine="tone", handshake_timeout_s=1.0)) as server:
        await clients.connect(server.port)
        await clients.ask(is_jump_last)
        assert await clients.answers() == {b"HTTP/1.1 101 Switching Protocols\r\n"}


@pytest.mark.parametrize("is_jump_last", [False, True])
@pytest.mark.parametrize(
    ("asked", "answered"),
    [(HANDSHAKE, b"HTTP/1.1 101 Switching Protocols\r\n"), (REQUEST, b"HTTP/1.1 200 OK\r\n")],
    ids=["WebSocket", "HTTP"],
)
async def test_whoever_asks_a_server_that_makes_way_is_answered_even_if_the_server_is_held_up(
    asked, answered, is_jump_last, monkeypatch
):
    """Nobody speaks on it, so it ends as soon as its time for handshakes is over."""
    clients = Clients(monkeypatch, asked)
    async with (
        asyncio.TaskGroup() as tasks,
        running_server(Settings(port=0, engine="tone", handshake_timeout_s=1.0)) as server,
    ):
        await clients.connect(server.port)
        making_way = tasks.create_task(server.make_way())
        while server.sockets:
            await asyncio.sleep(0)
        await clients.ask(is_jump_last)
        await making_way
    assert await clients.answers() == {answered}


async def test_a_successor_goes_by_the_settings_of_now_and_keeps_both_ports(tmp_path):
    config = tmp_path / "sayline.toml"
    config.write_text('engine = "tone"\nwyoming_port = 0\nmax_connections = 7\nhandshake_timeout_s = 1.0\n')
    with SucceededServer("--config", str(config)) as server:
        wyoming = next(port for port in ports_of(server.main) if port != server.port)
        assert (await server.health())["max_connections"] == 7
        config.write_text('engine = "tone"\nwyoming_port = 0\nmax_connections = 9\nhandshake_timeout_s = 1.0\n')
        async with WyomingPeer(wyoming) as peer:
            await asyncio.to_thread(server.reload)
            await peer.send("describe")
            assert (await peer.take()).type == "info"
        assert (await server.health())["max_connections"] == 9
        assert ports_of(server.main) == {wyoming, server.port}
        async with WyomingPeer(wyoming) as peer:
            await peer.send("describe")
            assert (await peer.take()).type == "info"


async def do_nothing():
    pass


async def test_who_comes_after_one_server_has_stopped_and_before_the_next_is_told_to_begin_waits_and_is_served():
    settings = Settings(port=0, engine="tone")
    with socket.create_server(("127.0.0.1", 0)) as door:
        async with running_server(settings, sockets=[door.dup()], is_open=False) as server:
            reader, writer = await asyncio.open_connection(*door.getsockname())
            writer.write(HANDSHAKE)
            answer = asyncio.ensure_future(reader.readline())
            for _ in range(Clients.COUNT):
                await asyncio.sleep(0)
            assert not answer.done()
            await server.open()
            assert await asyncio.wait_for(answer, PATIENCE_S) == b"HTTP/1.1 101 Switching Protocols\r\n"
            writer.close()


A_SUCCESSOR = """
import json, os, pathlib, socket, sys
link = socket.socket(fileno=json.loads(os.environ["SAYLINE_HERITAGE"])["link"])
link.send(b"up %d\\n" % os.getpid())
pathlib.Path(sys.argv[1]).write_bytes(link.recv(64))
"""


async def test_a_server_lets_nobody_in_any_more_before_it_says_that_the_server_is_its_successor_s(
    tmp_path, monkeypatch
):
    """Otherwise somebody who asks once the new one has said READY=1 may be answered by the old one's settings."""
    told, ending = tmp_path / "told", Ending()
    told.touch()
    ending.restart_asked.set()
    monkeypatch.setattr("sys.orig_argv", ["", "-c", A_SUCCESSOR, str(told)])
    before = []

    async def stop_accepting():
        before.append(told.read_bytes())

    assert await asyncio.wait_for(succeeded(Settings(engine="tone"), Doors, ending, stop_accepting), PATIENCE_S)
    async with asyncio.timeout(PATIENCE_S):
        while not told.read_bytes():
            await asyncio.sleep(0.01)
    assert (before, told.read_bytes()) == ([b""], b"it is yours\n")


async def test_whoever_asks_a_server_that_has_been_succeeded_to_restart_asks_its_successor():
    """As a service manager does that has not heard yet which process is the server now."""
    with SucceededServer(*FLAGS) as server:
        old = server.main
        async with await WirePeer.join(server.url) as peer:
            await peer.speak(TEXT)  # so that the old server is there
            await asyncio.to_thread(server.reload)
            second = server.main
            old.send_signal(signal.SIGHUP)
            await asyncio.to_thread(server.until_told, "RELOADING=1")
            await asyncio.to_thread(server.until_told, "READY=1")
            assert server.main.pid not in (old.pid, second.pid)
            assert (await peer.listen()).done["reason"] == "end"


def ports_of(process):
    """Those on which a server listens, with its workers."""
    found = [ignoring_gone(one.net_connections, []) for one in (process, *process.children())]
    return {each.laddr.port for each in chain.from_iterable(found) if each.status == psutil.CONN_LISTEN}


async def test_the_number_of_workers_may_change(tmp_path):
    config = tmp_path / "sayline.toml"
    with contextlib.ExitStack() as stack:
        for count, workers in enumerate((2, 1, 3)):
            config.write_text(f'engine = "tone"\nhandshake_timeout_s = 1.0\nworkers = {workers}\n')
            if count == 0:
                server = stack.enter_context(SucceededServer("--config", str(config)))
            else:
                old = server.main
                await asyncio.to_thread(server.reload)
                status = await asyncio.to_thread(old.wait, PATIENCE_S)
                assert status == (0 if count == 1 else None)  # nobody is told the status of a child that is not his
            assert ports_of(server.main) == {server.port}
            assert await say(server.url, "Hello.") == ("end", "Hello.", (await say(server.url, "Hello."))[2])


@pytest.mark.parametrize(
    ("setting", "says", "workers"),
    [
        ("max_connections = 0", "max_connections: ", 1),  # read, before anybody asks how many processes there are
        ('default_voice = "nobody"', "default_voice: ", 1),  # found once the engine runs
        ('default_voice = "nobody"', "default_voice: ", 2),
    ],
)
async def test_if_no_successor_comes_up_the_server_says_so_and_serves_on(tmp_path, setting, says, workers):
    config = tmp_path / "sayline.toml"
    good = f'engine = "tone"\nhandshake_timeout_s = 1.0\nworkers = {workers}\n'
    config.write_text(good)
    with SucceededServer("--config", str(config)) as server:
        server.expected = f"sayline: {says}|no successor came up .*: this process serves on"
        config.write_text(good + setting)
        await asyncio.to_thread(server.reload)
        assert server.main.pid == server.process.pid
        assert (await say(server.url, "Hello."))[0] == "end"
        config.write_text(good)
        await asyncio.to_thread(server.reload)
        assert server.main.pid != server.process.pid
        assert (await say(server.url, "Hello."))[0] == "end"


async def test_a_server_that_ends_takes_a_successor_with_it_that_does_not_serve_yet():
    mark = f"successor-{os.getpid()}"
    with SucceededServer(*FLAGS, "--default-voice", "tone", "--voice-aliases", f"{mark}=tone") as server:
        server.expected = "the predecessor has ended, or wants no successor any more"
        server.main.send_signal(signal.SIGHUP)
        server.until_told("RELOADING=1")
        server.process.terminate()
        assert await asyncio.to_thread(server.process.wait, PATIENCE_S) == 0
        async with asyncio.timeout(PATIENCE_S):
            while any(mark in " ".join(process.info["cmdline"] or ()) for process in psutil.process_iter(["cmdline"])):
                await asyncio.sleep(0.05)


@pytest.mark.parametrize("answer", [None, b"", b"it is yours\n"], ids=["hangs", "ends", "makes way"])
async def test_a_successor_serves_only_if_its_predecessor_makes_way_and_waits_no_longer_than_it_is_to_live(answer):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        heritage, ending = Heritage(ours, {}), Ending()
        ending.serving(PATIENCE_S)  # else its main task is cancelled, which is this test
        with heritage.attended(ending):
            taking_over = asyncio.ensure_future(heritage.taken_over(ending))
            assert (await asyncio.to_thread(theirs.recv, 64)).startswith(b"up ")
            assert not taking_over.done()
            if answer is None:
                ending.asked.set()
            elif answer:
                theirs.send(answer)
            else:
                ending.ask = ending.asked.set  # without the clock, which would end this process
                theirs.close()
            assert await asyncio.wait_for(taking_over, PATIENCE_S) is bool(answer)


async def test_systemd_is_told_of_each_step_in_order():
    with SucceededServer(*FLAGS) as server:
        await asyncio.to_thread(server.reload)
        steps = [line.partition("=")[0] for line in server.told]
        assert steps == ["READY", "RELOADING", "MONOTONIC_USEC", "MAINPID", "READY"]
        assert server.main.cmdline() == psutil.Process(server.process.pid).cmdline()


async def test_whoever_asks_again_while_a_successor_starts_gets_one_that_reads_the_settings_then(tmp_path):
    config = tmp_path / "sayline.toml"
    config.write_text('engine = "tone"\nhandshake_timeout_s = 1.0\nmax_connections = 7\n')
    with SucceededServer("--config", str(config)) as server:
        server.expected = "the predecessor has ended, or wants no successor any more"
        server.main.send_signal(signal.SIGHUP)
        server.until_told("RELOADING=1")
        config.write_text('engine = "tone"\nhandshake_timeout_s = 1.0\nmax_connections = 9\n')
        await asyncio.to_thread(server.reload)
        assert (await server.health())["max_connections"] == 9


@pytest.mark.parametrize(("attribute", "instead"), [("os.getpid", lambda: 1), ("sys.orig_argv", ["", "x" * 2**18])])
async def test_where_no_successor_can_be_started_the_log_says_so(attribute, instead, monkeypatch, caplog):
    """In a container's first process, whose end is the container's; and where the system starts no process."""
    monkeypatch.setattr(attribute, instead)
    async with asyncio.TaskGroup() as tasks:
        ending = Ending()
        ending.restart_asked.set()
        serving = tasks.create_task(succeeded(Settings(engine="tone"), Doors, ending, do_nothing))
        async with asyncio.timeout(PATIENCE_S):
            while not caplog.records:
                await asyncio.sleep(0.01)
        ending.asked.set()
        assert not await serving
    assert [record.levelname for record in caplog.records] == ["ERROR"]
