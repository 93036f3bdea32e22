"""Several gateway processes that are one server, as an operator runs them and as clients meet them."""

import asyncio
import os
import re
import signal
import socket
import subprocess
import time

import psutil
import pytest
from server_process import SERVE, SharedServer, SucceededServer
from websockets.exceptions import InvalidStatus
from wire_peer import PATIENCE_S as WAIT_S
from wire_peer import WirePeer, done_of_ten_when_one_is_heard

from sayline.gateway.cluster.supervisor import PATIENCE_S
from sayline.gateway.errors import CloseCode

BUSY_S = 5.0  # what a machine with other work may add

LONG_TEXT = "This sentence is one of many, and there is always another one after it. " * 40


@pytest.fixture
def server():
    with SharedServer() as running:
        yield running


async def begin(peer, context_id="c", text=LONG_TEXT):
    await peer.speak(text, context_id)
    while not peer.heard(context_id).frames:
        await peer.take()


def assert_all_gone(processes):
    _, alive = psutil.wait_procs(processes, timeout=WAIT_S)
    assert not alive


# -- one server --------------------------------------------------------------------------------------------------------


async def test_each_worker_serves_on_the_one_port_and_answers_with_the_figures_of_all(server):
    async with server.peers() as peers:
        for peer in peers:
            await peer.send("session.update", max_lead_ms=0)
            await peer.speak("Hello there.")
            assert (await peer.listen()).done["reason"] == "end"
        frames = sum(len(peer.heard().frames) for peer in peers)

        for _ in range(8):  # asked again and again, for it is chance who answers
            metrics = (await server.page("/metrics")).decode()
            assert f"\nsayline_frames_total {frames}.0\n" in metrics
            assert '\nsayline_contexts_total{reason="end"} 2.0\n' in metrics
            assert "\nsayline_ttfa_seconds_count 2.0\n" in metrics
            assert "\nsayline_connections 2.0\n" in metrics
            assert set(re.findall(r'loop_lag_seconds{pid="(\d+)"}', metrics)) == set(map(str, server.workers))
            assert (await server.health())["connections"] == 2


async def test_limits_hold_over_all_workers():
    with SharedServer("--max-connections", "2", "--max-concurrent-requests", "3") as server:
        async with server.peers():
            for _ in range(8):
                with pytest.raises(InvalidStatus) as refused:
                    await WirePeer.join(server.url)
                assert refused.value.response.status_code == 503
            health = await server.health()
    assert (health["max_connections"], health["max_concurrent_requests"]) == (2, 3)


async def test_a_context_waits_for_a_slot_that_another_worker_s_listener_holds():
    with SharedServer("--max-concurrent-requests", "1") as server:
        async with server.peers() as (first, second):
            await begin(first)
            await second.speak("Me too.")
            await server.until(current_requests=2)
            for _ in range(4):
                with pytest.raises(InvalidStatus):
                    await WirePeer.join(server.url)
            assert not second.heard().frames

            await first.send("context.cancel", context_id="c")
            assert (await second.listen()).done["reason"] == "end"
            await server.until(current_requests=0)


async def test_one_connection_with_ten_contexts_does_not_starve_one_at_another_worker():
    with SharedServer("--max-concurrent-requests", "2", "--max-lead-ms", "100") as server:
        async with server.peers() as (greedy, modest):
            assert await done_of_ten_when_one_is_heard(greedy, modest) < 10


async def test_every_worker_asks_for_keys_and_no_command_line_shows_them(monkeypatch):
    """Every user of a machine can read command lines."""
    monkeypatch.setenv("SAYLINE_API_KEYS", "geheim")
    with SharedServer() as server:
        for _ in range(8):
            with pytest.raises(InvalidStatus) as refused:
                await WirePeer.join(server.url)
            assert refused.value.response.status_code == 401
            async with await WirePeer.join(server.url, additional_headers={"Authorization": "Bearer geheim"}):
                pass
        assert not any("geheim" in " ".join(process.cmdline()) for process in server.processes)


A_GATE = """
import os, sys
if "sayline.gateway.cluster.worker" in sys.orig_argv:
    for number in range(9):
        try:
            os.close(os.open(f"{folder}/{{number}}", os.O_CREAT | os.O_EXCL))
            break
        except FileExistsError:
            pass
    if number == 2:
        open("{folder}/gate").read()
"""


async def test_nobody_is_told_that_a_server_is_well_before_each_of_its_processes_could_serve(tmp_path, monkeypatch):
    """Whoever came before would crowd at the processes that could already."""
    (tmp_path / "sitecustomize.py").write_text(A_GATE.format(folder=tmp_path))
    os.mkfifo(tmp_path / "gate")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(tmp_path), os.environ.get("PYTHONPATH", ""))))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    flags = ("--engine", "tone", "--workers", "3", "--port", str(port))
    starting = asyncio.ensure_future(asyncio.to_thread(SucceededServer, *flags))
    gate = await asyncio.to_thread((tmp_path / "gate").open, "w")  # returns when the third worker stands there
    with gate:
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)
        assert not starting.done()
    with await starting as server:
        assert server.told == ["READY=1"]
        listening = [each for each in server.main.children() if {port} & listened_to(each)]
        assert len(listening) == 3
        assert (await server.health())["status"] == "ok"


def listened_to(process):
    return {each.laddr.port for each in process.net_connections() if each.status == psutil.CONN_LISTEN}


# -- deaths ------------------------------------------------------------------------------------------------------------


async def test_a_killed_worker_gives_its_slots_back_takes_no_other_worker_with_it_and_is_started_again():
    with SharedServer("--max-concurrent-requests", "1") as server:
        server.expected = r"worker \d was ended by signal 9 \(Killed\); it is started again"
        async with server.peers() as (dying, staying):
            await begin(dying)
            await staying.speak("Me too.")
            await server.until(current_requests=2)
            killed = server.worker_of(dying)
            psutil.Process(killed).kill()

            assert (await staying.listen()).done["reason"] == "end"
            await dying.until_closed()
            await server.until(connections=1, current_requests=0)
            assert f'pid="{killed}"' not in (await server.page("/metrics")).decode()

        async with server.peers() as peers:
            for peer in peers:
                await peer.speak("Hello again.")
                assert (await peer.listen()).done["reason"] == "end"
        assert killed not in server.workers


async def test_a_worker_that_is_stopped_is_noticed_killed_and_replaced_in_seconds():
    """It is alive and its socket listens, so half of all clients would wait for it in vain."""
    with SharedServer() as server:
        server.expected = r"worker \d (has said nothing for 5 s|was ended by signal 9)"
        async with server.peers() as (stuck, staying):
            stopped = psutil.Process(server.worker_of(stuck))
            stopped.suspend()
            begun_at = time.monotonic()
            await stuck.until_closed()
            assert time.monotonic() - begun_at < PATIENCE_S + BUSY_S
            await staying.speak("Hello there.")
            assert (await staying.listen()).done["reason"] == "end"

        async with server.peers() as peers:
            for peer in peers:
                await peer.speak("Hello again.")
                assert (await peer.listen()).done["reason"] == "end"
        assert stopped.pid not in server.workers


async def test_nothing_is_left_of_a_server_whose_supervisor_is_killed(monkeypatch, tmp_path):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    with SharedServer() as server:
        server.expected = "the supervisor is gone"
        async with server.peers() as peers:
            await begin(peers[0])
            processes = server.processes
            assert len(processes) == 7  # each of the two workers has a voice and an encoder
            assert list(tmp_path.iterdir())
            server.process.kill()
            await asyncio.to_thread(assert_all_gone, processes)
            for peer in peers:
                await peer.until_closed()
    assert not list(tmp_path.iterdir())


async def test_sigterm_drains_all_workers_and_the_server_exits_with_success(server):
    async with server.peers() as peers:
        for peer in peers:
            await begin(peer, text="One two three four. ")
        processes = server.processes
        server.process.send_signal(signal.SIGTERM)
        for peer in peers:
            assert (await peer.listen()).done["reason"] == "end"
            assert (await peer.until_closed()).rcvd.code == CloseCode.DRAIN
            assert [message["type"] for message in peer.others] == ["goaway"]

    assert await asyncio.to_thread(server.process.wait, WAIT_S) == 0
    await asyncio.to_thread(assert_all_gone, processes)


async def test_signals_to_every_process_are_the_supervisor_s_to_obey(server):
    """As a terminal and a service manager send them."""
    async with server.peers() as peers:
        for peer in peers:
            await begin(peer, text="One two three four. ")
        for process in reversed(server.processes):
            process.send_signal(signal.SIGINT)
            process.terminate()
        for peer in peers:
            assert (await peer.listen()).done["reason"] == "end"

    assert await asyncio.to_thread(server.process.wait, WAIT_S) == 0


# -- servers that do not start -----------------------------------------------------------------------------------------


def refused(*flags):
    """Run a server that cannot start: (exit status, what it said)."""
    command = [*SERVE, "--workers", "2", "--engine", "espeak", *flags]
    run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return run.returncode, run.stderr


def test_a_bad_setting_that_only_a_worker_finds_is_one_line_and_exit_2():
    status, said = refused("--port", "0", "--default-voice", "nobody")

    assert status == 2
    assert re.fullmatch(r"sayline: default_voice: .*\n", said)


def test_a_port_that_is_taken_is_one_line_and_exit_1(server):
    """Even by a server that shares it, with its own workers."""
    status, said = refused("--port", str(server.port))

    assert status == 1
    assert re.fullmatch(r"sayline: cannot listen on .*\n", said)
