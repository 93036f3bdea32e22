"""``sayline doctor --gpu``: what stands between CosyVoice3 and its GPU, in plain lines.

Read through NVML, the library that comes with NVIDIA's driver, so nothing is loaded onto the GPU and nobody who works
there is disturbed. Every GPU is told of; the engine takes the first of ``CUDA_VISIBLE_DEVICES``, or the first of all.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.metadata
import importlib.util
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import psutil  # type: ignore[import-untyped] # it ships no annotations

from ...synthesis.cosyvoice3.declaration import ENGINE as COSYVOICE3
from ...synthesis.declaration import Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..settings import Settings

_GIB: Final = 2**30
# The flow computes in bfloat16, which GPUs multiply from this capability on.
_BFLOAT16: Final = (8, 0)
# What docs/COSYVOICE3.md says it was run on: H100 and H200.
_RUN_ON: Final = (9, 0)
# Why clocks are lower than they could be, by NVML's bits. One that idles, or whose owner set its clocks, is well.
_POWER_CAP: Final = 0x4
_SLOWDOWNS: Final = {
    0x8: "hardware slowdown (heat, power or a fault)",
    0x20: "driver holds it below its temperature limit",
    0x40: "too hot",
    0x80: "the power supply brakes it",
}


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A process that has memory on a GPU."""

    pid: int
    name: str
    memory: int | None  # bytes; None: the driver does not say


@dataclass(frozen=True, slots=True)
class Gpu:
    """How one GPU stands. None: this driver, or this kind of GPU, does not say.

    Attributes:
        memory_total: bytes, like all memory here.
        busy_percent: share of the last moments in which something ran on it.
        clock_mhz: of its multiprocessors, now.
        slowed_by: NVML's bits.
        is_persistent: the driver stays loaded while no program uses it.
    """

    index: int
    name: str
    uuid: str
    capability: tuple[int, int]
    memory_total: int
    memory_free: int
    neighbours: tuple[Neighbour, ...]
    busy_percent: int | None
    clock_mhz: int | None
    max_clock_mhz: int | None
    slowed_by: int | None
    is_persistent: bool | None


@dataclass(frozen=True, slots=True)
class Driver:
    """What all GPUs share.

    Attributes:
        cuda: the newest CUDA that it can run: (major, minor).
    """

    version: str
    cuda: tuple[int, int]


def examine(settings: Settings, visible: str | None) -> Iterator[Finding]:
    """Look at every GPU; one finding says why if none can be looked at.

    Args:
        settings: those that a server would have.
        visible: ``CUDA_VISIBLE_DEVICES``.
    """
    if importlib.util.find_spec("pynvml") is None:
        yield Finding("GPU", "missing", "not looked at: pip install nvidia-ml-py")
        return
    nvml = importlib.import_module("pynvml")
    try:
        nvml.nvmlInit()
    except nvml.NVMLError as exc:
        yield Finding(
            "GPU", "missing", f"no NVIDIA GPU with a driver is here ({exc}); CosyVoice3 runs on a CPU for trials"
        )
        return
    try:
        yield from judge(*read(nvml), torch_cuda(), settings, visible)
    except nvml.NVMLError as exc:
        yield Finding("GPU", "broken", f"the driver does not answer: {exc}")
    finally:
        nvml.nvmlShutdown()


def read(nvml: Any) -> tuple[Driver, list[Gpu]]:  # noqa: ANN401 - pynvml has no annotations
    """Ask NVML about everything."""
    cuda = nvml.nvmlSystemGetCudaDriverVersion_v2()
    driver = Driver(_text(nvml.nvmlSystemGetDriverVersion()), (cuda // 1000, cuda % 1000 // 10))
    return driver, [_read_gpu(nvml, index) for index in range(nvml.nvmlDeviceGetCount())]


def _read_gpu(nvml: Any, index: int) -> Gpu:  # noqa: ANN401 - as above
    handle = nvml.nvmlDeviceGetHandleByIndex(index)

    def told(ask: Callable[..., Any], *arguments: Any) -> Any:  # noqa: ANN401 - whatever is asked for
        try:
            return ask(handle, *arguments)
        except nvml.NVMLError:  # virtual GPUs and small ones leave much untold
            return None

    memory = nvml.nvmlDeviceGetMemoryInfo(handle)
    busy = told(nvml.nvmlDeviceGetUtilizationRates)
    persistence = told(nvml.nvmlDeviceGetPersistenceMode)
    return Gpu(
        index=index,
        name=_text(nvml.nvmlDeviceGetName(handle)),
        uuid=_text(nvml.nvmlDeviceGetUUID(handle)),
        capability=tuple(nvml.nvmlDeviceGetCudaComputeCapability(handle)),
        memory_total=memory.total,
        memory_free=memory.free,
        neighbours=tuple(
            Neighbour(process.pid, _name(process.pid), process.usedGpuMemory)
            for process in told(nvml.nvmlDeviceGetComputeRunningProcesses) or ()
        ),
        busy_percent=None if busy is None else busy.gpu,
        clock_mhz=told(nvml.nvmlDeviceGetClockInfo, nvml.NVML_CLOCK_SM),
        max_clock_mhz=told(nvml.nvmlDeviceGetMaxClockInfo, nvml.NVML_CLOCK_SM),
        slowed_by=told(nvml.nvmlDeviceGetCurrentClocksThrottleReasons),
        is_persistent=None if persistence is None else bool(persistence),
    )


def torch_cuda() -> tuple[int, int] | None:
    """Tell which CUDA the installed torch was built for; None: there is no torch, or it is for CPUs.

    By torch's own file, since importing it takes seconds and would touch the GPU.
    """
    with contextlib.suppress(importlib.metadata.PackageNotFoundError, StopIteration, OSError):
        files = importlib.metadata.files("torch") or ()
        source = next(file for file in files if str(file) == "torch/version.py").read_text()
        for line in source.splitlines():
            name, _, value = line.partition("=")
            if name.partition(":")[0].strip() == "cuda" and value.strip() != "None":
                major, minor = value.strip().strip("'\"").split(".")[:2]
                return int(major), int(minor)
    return None


def judge(
    driver: Driver, gpus: list[Gpu], torch: tuple[int, int] | None, settings: Settings, visible: str | None
) -> Iterator[Finding]:
    """Say of each thing whether it is well, and what to do if not."""
    yield _driver(driver, torch)
    ours = _ours(gpus, visible)
    if ours is None:
        seen = (
            f"CUDA_VISIBLE_DEVICES={visible} names none of its {len(gpus)} GPUs" if gpus else "the driver sees no GPU"
        )
        yield Finding("GPU", "missing", f"{seen}; the engine would run on the CPU")
    for gpu in gpus:
        part = f"GPU {gpu.index}"
        if gpu is not ours:
            yield Finding(part, "optional", f"{gpu.name}, {_gib(gpu.memory_free)} free; not the one the engine takes")
            continue
        yield Finding(part, "ok", f"{gpu.name}; the engine takes this one")
        yield _capability(f"{part} capability", gpu)
        yield _memory(f"{part} memory", gpu, settings)
        yield _neighbours(f"{part} neighbours", gpu)
        yield _clocks(f"{part} clocks", gpu)
        yield _persistence(f"{part} persistence", gpu)


def _ours(gpus: list[Gpu], visible: str | None) -> Gpu | None:
    """Tell which GPU the engine takes: CUDA's first."""
    if visible is None:
        return gpus[0] if gpus else None
    first = visible.split(",")[0].strip()
    for gpu in gpus:
        if first == str(gpu.index) or (first.startswith("GPU-") and gpu.uuid.startswith(first)):
            return gpu
    return None


def _driver(driver: Driver, torch: tuple[int, int] | None) -> Finding:
    can = f"{driver.version}, for CUDA up to {_dotted(driver.cuda)}"
    if torch is None:
        return Finding("driver", "ok", f"{can}; no torch for GPUs is installed (docs/COSYVOICE3.md)")
    if driver.cuda[0] < torch[0]:  # within one major version any driver runs any build
        return Finding("driver", "broken", f"{can}, and torch was built for {_dotted(torch)}; update the driver")
    return Finding("driver", "ok", f"{can}; torch was built for {_dotted(torch)}")


def _capability(part: str, gpu: Gpu) -> Finding:
    has = _dotted(gpu.capability)
    if gpu.capability < _BFLOAT16:
        return Finding(
            part, "broken", f"{has}; the flow's bfloat16 needs {_dotted(_BFLOAT16)} (or --precision float16)"
        )
    return Finding(
        part, "ok", has if gpu.capability == _RUN_ON else f"{has}; so far it was run on {_dotted(_RUN_ON)} only"
    )


def _memory(part: str, gpu: Gpu, settings: Settings) -> Finding:
    share: float = settings.values_of(COSYVOICE3)["gpu_memory_utilization"]
    wanted = int(gpu.memory_total * share)
    has = f"{_gib(gpu.memory_total)}, {_gib(gpu.memory_free)} free"
    wants = f"gpu_memory_utilization {share:g} takes {_gib(wanted)}"
    if wanted <= gpu.memory_free:
        return Finding(part, "ok", f"{has}; {wants}")
    fits = int(100 * gpu.memory_free / gpu.memory_total) / 100
    remedy = f"lower it to {fits:g}, or end a neighbour" if fits else "end a neighbour"
    return Finding(part, "broken", f"{has}; {wants}: {remedy}")


def _neighbours(part: str, gpu: Gpu) -> Finding:
    busy = "" if gpu.busy_percent is None else f"; busy for {gpu.busy_percent} % of the last moments"
    if not gpu.neighbours:
        unnamed = " that can be seen from here" if gpu.busy_percent else ""
        return Finding(part, "ok", f"no other process{unnamed}{busy}")
    others = ", ".join(
        f"{other.name} (pid {other.pid}{'' if other.memory is None else f', {_gib(other.memory)}'})"
        for other in gpu.neighbours
    )
    return Finding(part, "ok", f"{others}{busy}")


def _clocks(part: str, gpu: Gpu) -> Finding:
    if gpu.clock_mhz is None or gpu.max_clock_mhz is None or gpu.slowed_by is None:
        return Finding(part, "optional", "this driver does not say")
    clock = f"{gpu.clock_mhz} of {gpu.max_clock_mhz} MHz"
    if slowdowns := [reason for bit, reason in _SLOWDOWNS.items() if gpu.slowed_by & bit]:
        return Finding(part, "broken", f"{clock}, slowed: {', '.join(slowdowns)}")
    return Finding(part, "ok", f"{clock}, held at its power limit" if gpu.slowed_by & _POWER_CAP else clock)


def _persistence(part: str, gpu: Gpu) -> Finding:
    if gpu.is_persistent is None:
        return Finding(part, "optional", "this driver does not say")
    if not gpu.is_persistent:
        return Finding(part, "optional", "off: a first start loads the driver anew; as root: nvidia-smi -pm 1")
    return Finding(part, "ok", "on")


def _name(pid: int) -> str:
    with contextlib.suppress(psutil.Error):
        name: str = psutil.Process(pid).name()
        return name
    return "a process of another container or user"


def _text(value: str | bytes) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else value


def _dotted(version: tuple[int, int]) -> str:
    return f"{version[0]}.{version[1]}"


def _gib(size: int) -> str:
    return f"{size / _GIB:.1f} GiB"
