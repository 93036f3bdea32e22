"""The service for two processes on one GPU is started, told to end, and not trusted: a stand-in takes its part."""

import asyncio
import fcntl
import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="the cosyvoice3 extra is not installed")

from cosyvoice3_checkpoint import tiny_model_dir

from sayline.synthesis.cosyvoice3.flow.dit import Linear
from sayline.synthesis.cosyvoice3.process.gpu_sharing import check_products, multi_process_service, turn_to_load
from sayline.synthesis.cosyvoice3.process.keeper import EngineKeeper
from sayline.synthesis.cosyvoice3.process.settings import EngineSettings
from sayline.synthesis.interface import EngineUnavailable

PROGRAM = "nvidia-cuda-mps-control"
# Says what the real one does, notes which GPU it was given, and obeys its own kind through its folder.
STAND_IN = """#!/bin/sh
control="$CUDA_MPS_PIPE_DIRECTORY/control"
if [ "$1" = -f ]; then
    mkfifo "$control"
    echo "$CUDA_VISIBLE_DEVICES" >"$NOTES/device"
    echo "[Control 1] Starting control daemon using socket $control"
    echo "[Control 1] CUDA MPS Control binary version: 13000"
    read -r command <"$control"
    echo "[Control 1] Cmd:$command"
    echo "$command" >"$NOTES/told"
else
    cat >"$control"
fi
"""


@pytest.fixture
def program(tmp_path, monkeypatch):
    """Puts a program in the service's place; what it notes is in the folder that this returns."""
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("NOTES", str(tmp_path))
    for name in ("CUDA_MPS_PIPE_DIRECTORY", "CUDA_MPS_LOG_DIRECTORY", "CUDA_VISIBLE_DEVICES"):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)

    def put(text):
        (tmp_path / PROGRAM).write_text(text)
        (tmp_path / PROGRAM).chmod(0o755)
        return tmp_path

    return put


@pytest.mark.parametrize(("visible", "served"), [(None, "0"), ("3", "3"), ("GPU-2f,1", "GPU-2f")])
async def test_the_service_has_our_gpu_alone_and_ends_with_us(program, monkeypatch, visible, served):
    notes = program(STAND_IN)
    if visible is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)

    async with multi_process_service():
        folder = Path(os.environ["CUDA_MPS_PIPE_DIRECTORY"])
        files = {file.name for file in folder.iterdir()}  # noqa: ASYNC240 - a test may wait for a disk
        assert os.environ["CUDA_VISIBLE_DEVICES"] == "0"  # of those that the service has
        assert (notes / "device").read_text().strip() == served
        assert not (notes / "told").exists()

    assert "control" in files
    assert not folder.exists()  # noqa: ASYNC240 - as above


async def test_a_service_that_ended_by_itself_does_not_keep_the_engine_from_ending(program):
    program(STAND_IN.replace('    read -r command <"$control"', "    exit 1").replace('cat >"$control"', "exit 1"))

    async with multi_process_service():
        pass


async def test_a_service_that_does_not_start_says_why(program):
    program("#!/bin/sh\necho 'An instance of this daemon is already running'\n")

    with pytest.raises(EngineUnavailable, match="already running"):
        async with multi_process_service():
            pass


@pytest.mark.skipif(shutil.which(PROGRAM) is not None, reason="the service is installed here")
async def test_an_engine_without_the_service_tells_the_operator_what_is_missing():
    keeper = EngineKeeper(EngineSettings(model_dir=tiny_model_dir(), max_streams=1, mps=True))

    with pytest.raises(EngineUnavailable, match=PROGRAM):
        await keeper.start()
    await keeper.close()


def matrix(dtype=torch.bfloat16):
    generator = torch.Generator().manual_seed(1)
    weight = torch.randn(48, 64, generator=generator)
    return Linear(weight.to(dtype), torch.randn(48, generator=generator).to(dtype))


class WrongFromAHundredRowsOn(Linear):
    """A library that is wrong for some shapes only, as one was."""

    def __call__(self, x):
        right = super().__call__(x)
        return right * self.factor if len(x) >= 100 else right


def test_products_that_are_only_rounded_are_accepted():
    check_products([matrix(), matrix(torch.float32)], (1, 100, 200))


@pytest.mark.parametrize("factor", [1.1, float("nan"), float("inf")])
def test_an_engine_whose_products_are_wrong_does_not_start(factor):
    wrong = WrongFromAHundredRowsOn(matrix().weight, matrix().bias)
    WrongFromAHundredRowsOn.factor = factor

    check_products([wrong], (1, 50))
    with pytest.raises(EngineUnavailable, match="100 x 64 by 48"):
        check_products([wrong], (50, 100))


async def test_engines_of_one_gpu_load_one_after_the_other_and_those_of_another_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    order = []
    is_in = asyncio.Event()

    async def load(name, gpu):
        async with turn_to_load(gpu):
            order.append(f"{name} begins")
            is_in.set()
            if name == "first":
                await may_end.wait()
            order.append(f"{name} has loaded")

    may_end = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(load("first", "a"))
        await is_in.wait()
        second = tasks.create_task(load("second", "a"))
        await load("elsewhere", "b")
        assert not second.done()
        may_end.set()
    assert order == [
        "first begins",
        "elsewhere begins",
        "elsewhere has loaded",
        "first has loaded",
        "second begins",
        "second has loaded",
    ]


async def test_the_turn_of_an_engine_that_dies_while_it_loads_is_over(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    async with turn_to_load("a"):
        pass
    (lock,) = tmp_path.iterdir()
    hold = "import fcntl, sys; f = open(sys.argv[1]); fcntl.flock(f, 2); print(flush=True); sys.stdin.read()"
    pipe = asyncio.subprocess.PIPE
    holder = await asyncio.create_subprocess_exec(sys.executable, "-c", hold, str(lock), stdin=pipe, stdout=pipe)
    await holder.stdout.readline()

    with lock.open() as file, pytest.raises(BlockingIOError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    async def load():
        async with turn_to_load("a"):
            return True

    waiting = asyncio.create_task(load())
    holder.kill()
    await holder.wait()
    async with asyncio.timeout(30):
        assert await waiting
