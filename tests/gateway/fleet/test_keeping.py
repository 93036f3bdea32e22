"""A worker on each GPU of a machine, as one server; on this one a tone stands in for what needs a GPU."""

import asyncio
import signal

import numpy as np
import psutil
import pytest
from server_process import ServerProcess, ignoring_gone
from struck_speech import heard_through
from wire_peer import PATIENCE_S

from sayline.gateway.errors import BadSettings
from sayline.gateway.fleet.keeping import gpus_of
from sayline.gateway.settings import gpu_environ

TEXT = "This sentence is one of many, and there is always another one after it, and so on and on."


def workers_of(server):
    """The worker of each GPU, by what it sees."""
    found = {}
    for child in psutil.Process(server.process.pid).children():
        if "sayline.gateway.worker.child" in ignoring_gone(child.cmdline, []):
            found[child.environ()["CUDA_VISIBLE_DEVICES"]] = child
    return found


async def until(server, detail):
    async with asyncio.timeout(3 * PATIENCE_S):
        while not (await server.health())["detail"].startswith(detail):
            await asyncio.sleep(0.05)


@pytest.mark.slow
async def test_the_gpus_of_a_machine_are_one_server_and_one_that_falls_over_comes_back():
    with ServerProcess("--engine", "tone", "--gpus", "3,5") as server:
        server.expected = "is lost|goes on at worker|was ended by signal 9|hung up"
        workers = workers_of(server)
        assert sorted(workers) == ["3", "5"]
        health = await server.health()
        assert (health["engine"], health["max_concurrent_requests"]) == ("tone", 1000)  # each is good for 500

        unbroken, words, _ = await heard_through(server, TEXT)
        struck, words_struck, hole_s = await heard_through(server, TEXT, workers["3"], signal.SIGKILL)
        assert np.array_equal(struck, unbroken)
        assert words_struck == words
        assert hole_s == 0.0

        await until(server, "2 of 2 workers speak")
        again = workers_of(server)
        assert (again["3"].pid == workers["3"].pid, again["5"].pid == workers["5"].pid) == (False, True)
    _, alive = psutil.wait_procs([*workers.values(), *again.values()], timeout=PATIENCE_S)
    assert not alive


@pytest.mark.slow
async def test_gateway_processes_share_the_workers_and_are_one_server():
    with ServerProcess("--engine", "tone", "--gpus", "0,1", "--workers", "2") as server:
        assert (await server.health())["max_concurrent_requests"] == 1000
        assert sorted(workers_of(server)) == ["0", "1"]
        samples, _, _ = await heard_through(server, TEXT)
        assert len(samples)


@pytest.mark.parametrize(
    ("wanted", "gpus"), [("0", ("0",)), (" 2, 0 ", ("2", "0")), ("GPU-8f,GPU-9a", ("GPU-8f", "GPU-9a"))]
)
def test_a_list_names_gpus_as_cuda_does(wanted, gpus):
    assert gpus_of(wanted) == gpus


def test_all_are_those_that_the_machine_shows(tmp_path, monkeypatch):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    for name in ("nvidia0", "nvidia1", "nvidia7", "nvidiactl", "nvidia-uvm"):
        (tmp_path / name).touch()

    assert gpus_of("all", tmp_path) == ("0", "1", "2")  # CUDA counts those that it sees


def test_all_are_those_that_cuda_is_told_to_see(tmp_path, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1, 3")

    assert gpus_of("all", tmp_path) == ("1", "3")


@pytest.mark.parametrize("wanted", ["all", ",", "1,1"])
def test_no_gpu_and_one_named_twice_are_refused(wanted, tmp_path, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    with pytest.raises(BadSettings, match="gpus: "):
        gpus_of(wanted, tmp_path)


def test_a_worker_sees_its_own_gpu_only():
    assert gpu_environ("2", {"CUDA_VISIBLE_DEVICES": "0,1,2", "HOME": "/x"}) == {
        "CUDA_VISIBLE_DEVICES": "2",
        "HOME": "/x",
    }
