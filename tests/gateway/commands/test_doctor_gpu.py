"""``sayline doctor --gpu``: each fault of a GPU is a line that says what to do; no GPU is one line.

NVML itself is a fake here, at the border: what is asked of it has its names and its ways to fail.
"""

import importlib.util
import subprocess
import sys
from dataclasses import replace
from types import SimpleNamespace

import pytest

from sayline.gateway.commands import doctor_gpu
from sayline.gateway.commands.doctor_gpu import Driver, Gpu, Neighbour, judge, read
from sayline.gateway.settings import Settings, visible_gpus

GIB = 2**30
DRIVER = Driver("580.159", (13, 0))
FREE = Gpu(0, "NVIDIA H200", "GPU-aa11", (9, 0), 140 * GIB, 139 * GIB, (), 0, 345, 1980, 0x1, is_persistent=True)


def findings(*gpus, driver=DRIVER, torch=(13, 0), visible=None, **settings):
    return {finding.part: finding for finding in judge(driver, list(gpus), torch, Settings(**settings), visible)}


def test_a_gpu_of_its_own_is_well():
    found = findings(FREE)

    assert {finding.state for finding in found.values()} == {"ok"}
    assert found["GPU 0 memory"].detail == "140.0 GiB, 139.0 GiB free; gpu_memory_utilization 0.4 takes 56.0 GiB"
    assert found["GPU 0 neighbours"].detail == "no other process; busy for 0 % of the last moments"
    assert found["GPU 0 clocks"].detail == "345 of 1980 MHz"


def test_neighbours_are_named_with_what_they_hold():
    crowded = replace(
        FREE, neighbours=(Neighbour(7, "python", 90 * GIB), Neighbour(8, "ffmpeg", None)), busy_percent=97
    )

    assert findings(crowded)["GPU 0 neighbours"].detail == (
        "python (pid 7, 90.0 GiB), ffmpeg (pid 8); busy for 97 % of the last moments"
    )


def test_memory_that_a_neighbour_has_is_not_to_be_had_and_the_share_that_fits_is_named():
    found = findings(replace(FREE, memory_free=35 * GIB))["GPU 0 memory"]

    assert found.state == "broken"
    assert found.detail.endswith("takes 56.0 GiB: lower it to 0.25, or end a neighbour")
    assert findings(replace(FREE, memory_free=35 * GIB), gpu_memory_utilization=0.25)["GPU 0 memory"].state == "ok"


def test_where_nothing_is_free_no_share_is_offered():
    assert findings(replace(FREE, memory_free=0))["GPU 0 memory"].detail.endswith("takes 56.0 GiB: end a neighbour")


@pytest.mark.parametrize(
    ("bits", "state", "words"),
    [
        (0x1, "ok", "345 of 1980 MHz"),
        (0x4, "ok", "power limit"),
        (0x40, "broken", "too hot"),
        (0x88, "broken", "hardware slowdown (heat, power or a fault), the power supply brakes it"),
    ],
)
def test_clocks_that_heat_or_power_hold_down_are_told_from_those_of_a_gpu_that_idles(bits, state, words):
    found = findings(replace(FREE, slowed_by=bits))["GPU 0 clocks"]

    assert found.state == state
    assert words in found.detail


@pytest.mark.parametrize(
    ("cuda", "torch", "state"),
    [((13, 0), (13, 0), "ok"), ((13, 0), (13, 2), "ok"), ((13, 0), (12, 8), "ok"), ((12, 8), (13, 0), "broken")],
)
def test_a_driver_runs_what_was_built_for_its_major_version_of_cuda_or_an_older_one(cuda, torch, state):
    assert findings(FREE, driver=replace(DRIVER, cuda=cuda), torch=torch)["driver"].state == state


def test_a_torch_for_cpus_is_told():
    assert "no torch for GPUs is installed" in findings(FREE, torch=None)["driver"].detail


@pytest.mark.parametrize(("capability", "state"), [((7, 5), "broken"), ((8, 0), "ok"), ((9, 0), "ok"), ((12, 0), "ok")])
def test_a_gpu_too_old_for_the_flow_is_broken_and_one_never_tried_says_so(capability, state):
    found = findings(replace(FREE, capability=capability))["GPU 0 capability"]

    assert found.state == state
    assert ("run on 9.0 only" in found.detail) == (state == "ok" and capability != (9, 0))


@pytest.mark.parametrize(
    ("visible", "taken"),
    [(None, 0), ("1", 1), ("1,0", 1), (" 1 ", 1), ("GPU-bb", 1), ("", None), ("7", None), ("-1", None)],
)
def test_the_engine_takes_the_first_gpu_that_cuda_is_shown(visible, taken):
    found = findings(FREE, replace(FREE, index=1, uuid="GPU-bb22"), visible=visible)

    assert [part for part in found if part.endswith("memory")] == ([] if taken is None else [f"GPU {taken} memory"])
    if taken is None:
        assert found["GPU"].state == "missing"
        assert "the engine would run on the CPU" in found["GPU"].detail
    else:
        assert found[f"GPU {1 - taken}"].detail == "NVIDIA H200, 139.0 GiB free; not the one the engine takes"


def test_a_driver_without_a_gpu_is_told():
    assert findings()["GPU"].detail == "the driver sees no GPU; the engine would run on the CPU"


def test_what_a_driver_does_not_say_is_no_failure():
    untold = replace(FREE, busy_percent=None, clock_mhz=None, slowed_by=None, is_persistent=None)

    assert {finding.state for finding in findings(untold).values()} == {"ok", "optional"}


def test_a_driver_that_is_unloaded_between_starts_is_named():
    assert "nvidia-smi -pm 1" in findings(replace(FREE, is_persistent=False))["GPU 0 persistence"].detail


def test_cuda_s_variable_is_read_as_it_stands():
    assert visible_gpus({"CUDA_VISIBLE_DEVICES": ""}) == ""
    assert visible_gpus({}) is None


class FakeNvml:
    """NVML with one GPU that one of its neighbours, this process, has memory on; ``untold`` are not supported."""

    NVML_CLOCK_SM = 1

    class NVMLError(Exception):
        """As pynvml's own."""

    def __init__(self, *untold):
        self._untold = untold
        self._answers = {
            "nvmlSystemGetCudaDriverVersion_v2": 12080,
            "nvmlSystemGetDriverVersion": b"570.86",
            "nvmlDeviceGetCount": 1,
            "nvmlDeviceGetHandleByIndex": "handle",
            "nvmlDeviceGetName": "NVIDIA L4",
            "nvmlDeviceGetUUID": "GPU-cc33",
            "nvmlDeviceGetCudaComputeCapability": (8, 9),
            "nvmlDeviceGetMemoryInfo": SimpleNamespace(total=24 * GIB, free=20 * GIB, used=4 * GIB),
            "nvmlDeviceGetComputeRunningProcesses": [SimpleNamespace(pid=2**22 + 1, usedGpuMemory=4 * GIB)],
            "nvmlDeviceGetUtilizationRates": SimpleNamespace(gpu=40, memory=10),
            "nvmlDeviceGetClockInfo": 1200,
            "nvmlDeviceGetMaxClockInfo": 2040,
            "nvmlDeviceGetCurrentClocksThrottleReasons": 4,
            "nvmlDeviceGetPersistenceMode": 0,
        }

    def __getattr__(self, name):
        def answer(*_):
            if name in self._untold:
                raise self.NVMLError("not supported")
            return self._answers[name]

        return answer


def test_nvml_s_answers_are_read():
    driver, (gpu,) = read(FakeNvml())

    assert driver == Driver("570.86", (12, 8))
    assert gpu == Gpu(
        index=0, name="NVIDIA L4", uuid="GPU-cc33", capability=(8, 9), memory_total=24 * GIB, memory_free=20 * GIB,
        neighbours=(Neighbour(2**22 + 1, "a process of another container or user", 4 * GIB),),
        busy_percent=40, clock_mhz=1200, max_clock_mhz=2040, slowed_by=4, is_persistent=False,
    )  # fmt: skip


def test_what_nvml_does_not_support_is_read_as_untold():
    _, (gpu,) = read(
        FakeNvml(
            "nvmlDeviceGetComputeRunningProcesses", "nvmlDeviceGetUtilizationRates", "nvmlDeviceGetClockInfo",
            "nvmlDeviceGetMaxClockInfo", "nvmlDeviceGetCurrentClocksThrottleReasons", "nvmlDeviceGetPersistenceMode",
        )
    )  # fmt: skip

    assert gpu.neighbours == ()
    assert (gpu.busy_percent, gpu.clock_mhz, gpu.max_clock_mhz, gpu.slowed_by, gpu.is_persistent) == (None,) * 5


def test_every_name_that_is_asked_of_nvml_exists():
    pynvml = pytest.importorskip("pynvml", reason="the cosyvoice3 extra is not installed")
    for name in FakeNvml()._answers:
        assert callable(getattr(pynvml, name))
    assert pynvml.NVML_CLOCK_SM == FakeNvml.NVML_CLOCK_SM
    for name, bit in {"HwSlowdown": 0x8, "SwThermalSlowdown": 0x20, "HwThermalSlowdown": 0x40}.items():
        assert getattr(pynvml, f"nvmlClocksThrottleReason{name}") == bit
        assert bit in doctor_gpu._SLOWDOWNS
    assert pynvml.nvmlClocksThrottleReasonHwPowerBrakeSlowdown == 0x80
    assert pynvml.nvmlClocksThrottleReasonSwPowerCap == doctor_gpu._POWER_CAP


def test_the_command_answers_on_any_machine_and_without_a_gpu_in_one_line():
    command = [sys.executable, "-m", "sayline.gateway.cli", "doctor", "--gpu"]
    run = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    assert run.stderr == ""
    lines = run.stdout.splitlines()
    assert lines[-1].startswith(("all well", "not well"))
    if importlib.util.find_spec("pynvml") is None:
        assert "pip install nvidia-ml-py" in lines[0]
    elif "no NVIDIA GPU" in run.stdout:
        assert [line.split()[:2] for line in lines if line] == [["missing", "GPU"], ["not", "well:"]]
        assert run.returncode == 1
