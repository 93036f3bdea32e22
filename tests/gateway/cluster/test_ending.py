"""A server that is asked to end does, in time, whatever hangs; seen from outside, at real processes and sockets."""

import asyncio
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
from raw_peer import RawPeer
from server_process import SERVE, ServerProcess, SharedServer
from wire_peer import PATIENCE_S, WirePeer

DRAIN_S = 1.0
PROMISED_S = DRAIN_S + 2.0  # ``drain_s`` and two seconds
BUSY_S = 5.0  # what a machine with other work may add before it looks at a process at all
FLAGS = ("--drain-s", str(DRAIN_S), "--engine", "tone")
LONG_TEXT = "This sentence is one of many, and there is always another one after it. " * 100


def seconds_to_end(server, *signals):
    """Send signals, half a second apart; how long the server takes to end from the last one."""
    for number in signals[:-1]:
        server.process.send_signal(number)
        with pytest.raises(subprocess.TimeoutExpired):
            server.process.wait(0.5)
    begun_at = time.monotonic()
    server.process.send_signal(signals[-1])
    server.process.wait(PATIENCE_S)
    return time.monotonic() - begun_at


def assert_nothing_is_left(processes):
    _, alive = psutil.wait_procs(processes, timeout=PATIENCE_S)
    assert not alive


def all_processes(server):
    gateway = psutil.Process(server.process.pid)
    return [gateway, *gateway.children(recursive=True)]


async def connections(server, count):
    async with asyncio.timeout(PATIENCE_S):
        while (await server.health())["connections"] != count:
            await asyncio.sleep(0.05)


FLOODS = {
    "pings": {"type": "ping"},
    "bad messages": {},
    "updates": {"type": "session.update", "max_lead_ms": 500},
}


@pytest.mark.parametrize("message", FLOODS.values(), ids=FLOODS)
async def test_a_connection_that_sends_much_reads_nothing_and_leaves_is_gone_and_sigterm_ends_the_server(message):
    with ServerProcess(*FLAGS) as server:
        with RawPeer(server.port) as peer:
            peer.send_without_reading(json.dumps(message), 20_000)
        await connections(server, 0)
        assert await asyncio.to_thread(seconds_to_end, server, signal.SIGTERM) < PROMISED_S + BUSY_S
        assert server.process.returncode == 0


async def test_a_peer_that_stays_and_reads_nothing_does_not_keep_the_server_from_ending():
    with ServerProcess(*FLAGS) as server, RawPeer(server.port) as peer:
        peer.send_without_reading(json.dumps({"type": "ping"}), 20_000)
        await connections(server, 1)
        assert await asyncio.to_thread(seconds_to_end, server, signal.SIGTERM) < PROMISED_S + BUSY_S
        assert server.process.returncode == 0


@pytest.mark.parametrize("workers", [1, 2])
async def test_whatever_is_stopped_the_server_ends_in_time_and_leaves_nothing_behind(workers):
    with (SharedServer if workers > 1 else ServerProcess)("--drain-s", str(DRAIN_S)) as server:
        server.expected = "."  # what it says of what hangs is its own affair
        async with await WirePeer.join(server.url) as peer:
            await peer.speak(LONG_TEXT)
            while not peer.heard().frames:
                await peer.take()
            processes = all_processes(server)
            for process in processes[1:]:  # workers, encoders, voices
                process.suspend()
            assert await asyncio.to_thread(seconds_to_end, server, signal.SIGTERM) < PROMISED_S + BUSY_S
            await asyncio.to_thread(assert_nothing_is_left, processes)


@pytest.mark.parametrize("server_class", [ServerProcess, SharedServer])
async def test_a_second_signal_ends_the_server_at_once(server_class):
    with server_class("--drain-s", "60") as server:
        server.expected = "asked twice|the supervisor is gone"
        async with await WirePeer.join(server.url) as peer:
            await peer.speak(LONG_TEXT)
            while not peer.heard().frames:
                await peer.take()
            processes = all_processes(server)
            assert await asyncio.to_thread(seconds_to_end, server, signal.SIGTERM, signal.SIGINT) < BUSY_S
            assert server.process.returncode == 128 + signal.SIGINT
            await asyncio.to_thread(assert_nothing_is_left, processes)


def on_a_terminal(*command):
    """Start a program that a terminal controls: (the other end of the terminal, the program)."""
    ours, theirs = os.openpty()
    inside = (
        "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.executable, sys.argv[1:])"
    )
    options = {"stdin": theirs, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL, "text": True}
    process = subprocess.Popen([sys.executable, "-c", inside, *command], start_new_session=True, **options)
    os.close(theirs)
    return ours, process


@pytest.mark.parametrize("flags", [(), ("--workers", "2")])
async def test_a_terminal_that_closes_lets_a_context_finish(flags):
    """The kernel sends SIGHUP to each process in the foreground, of which the server is told nothing else."""
    ours, process = on_a_terminal(*SERVE, "--port", "0", "--engine", "tone", *flags)
    with process:
        url = re.search(r"http(://\S+)", process.stdout.readline()).expand(r"ws\1")
        async with await WirePeer.join(url) as peer:
            await peer.speak("One two three four. ")
            while not peer.heard().frames:
                await peer.take()
            os.close(ours)
            assert (await peer.listen()).done["reason"] == "end"
        assert await asyncio.to_thread(process.wait, PATIENCE_S) == 0


def test_a_server_that_nohup_started_outlives_its_terminal():
    command = ["nohup", *SERVE, "--port", "0", *FLAGS]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert "listening" in process.stdout.readline()
        process.send_signal(signal.SIGHUP)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.5)
        process.terminate()
        assert process.wait(PATIENCE_S) == 0


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="a pipe is opened anew by its name there")
def test_a_server_whose_log_is_not_read_ends_in_time():
    """The pipe is full, so an ordinary write to it waits forever."""
    command = [*SERVE, "--port", "0", *FLAGS]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert "listening" in process.stdout.readline()
        fill(process.stderr)
        begun_at = time.monotonic()
        process.terminate()  # which is a line in the log
        process.wait(PATIENCE_S)
        assert time.monotonic() - begun_at < PROMISED_S + BUSY_S


def fill(pipe):
    """Write into a pipe, whose other end another process has, until it takes no more."""
    writing = os.open(f"/proc/self/fd/{pipe.fileno()}", os.O_WRONLY | os.O_NONBLOCK)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(writing, b"x" * 4096)
    os.close(writing)


@pytest.mark.parametrize("flags", [(), ("--workers", "2")])
def test_a_server_that_is_still_starting_ends_at_a_signal(flags):
    command = [*SERVE, "--port", "0", "--engine", "espeak", "--drain-s", "60", *flags]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    gateway = psutil.Process(process.pid)
    deadline = time.monotonic() + PATIENCE_S
    while not gateway.children() and time.monotonic() < deadline:  # by then it hears signals
        time.sleep(0.01)
    processes = [gateway, *gateway.children(recursive=True)]
    process.terminate()
    process.wait(PATIENCE_S)
    assert_nothing_is_left(processes)
    process.stdout.close()
