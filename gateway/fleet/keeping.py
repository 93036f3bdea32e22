"""Keeps a worker on each GPU of this machine: one that falls over is started again, while the others speak on."""

from __future__ import annotations

import asyncio
import logging
import math
import re
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ...synthesis.interface import EngineUnavailable
from ...synthesis.processes.child import Child
from ...synthesis.processes.keeper import CannotStart, Care, Keeper
from ...synthesis.processes.link import Link
from ...synthesis.workers.addresses import Address
from ..errors import BadSettings
from ..settings import gpu_environ, visible_gpus
from .link import VOCABULARY, Job, Unavailable, Working

if TYPE_CHECKING:
    from ...synthesis.processes.child import End
    from ..settings import Settings

log = logging.getLogger("sayline.fleet")

_PATIENCE_S: Final = 5.0  # a worker says every second that it is alive; gateways notice its silence much sooner
# The same while its engine loads. The worker's event loop turns then, and torch is imported by a child of it.
_START_PATIENCE_S: Final = 60.0
_RESTART_S: Final = 5.0  # at least, between two starts, so that failing starts do not fill the machine
_LONGEST_RESTART_S: Final = 80.0  # a GPU that fell off its bus stays away; whoever brings it back waits so long
_GRACE_S: Final = 6.0  # an engine of CosyVoice3 gets 5 to free its memory
_CARE: Final = Care(
    _PATIENCE_S,
    _START_PATIENCE_S,
    _RESTART_S,
    _GRACE_S,
    is_replaced_at_once=False,
    longest_restart_s=_LONGEST_RESTART_S,
)
_PROGRAM: Final = f"{__package__.rpartition('.')[0]}.worker.child"
_DEVICE: Final = re.compile(r"nvidia\d+")


def gpus_of(wanted: str, devices: Path = Path("/dev")) -> tuple[str, ...]:
    """List the GPUs that a setting names, as CUDA does: ``all``, or some with commas.

    Raises:
        BadSettings: there is none, or one is named twice.
    """
    if wanted.strip() == "all":
        visible = visible_gpus()
        count = sum(bool(_DEVICE.fullmatch(path.name)) for path in devices.iterdir())
        gpus = [str(number) for number in range(count)] if visible is None else visible.split(",")
        gpus = [gpu.strip() for gpu in gpus if gpu.strip()]
        if not gpus:
            raise BadSettings("gpus: this machine shows no GPU")
    else:
        gpus = [gpu.strip() for gpu in wanted.split(",") if gpu.strip()]
        if not gpus:
            raise BadSettings("gpus: names no GPU")
    if len(set(gpus)) < len(gpus):
        raise BadSettings("gpus: names a GPU twice")
    return tuple(gpus)


def addresses_of(folder: Path, gpus: tuple[str, ...]) -> tuple[Address, ...]:
    """Tell where the workers of some GPUs listen."""
    return tuple(Address(folder / f"gpu{place}") for place in range(len(gpus)))


class Fleet:
    """The workers of one server; see the module, and ``declaration.Keeper``.

    Args:
        settings: the server's.
    """

    def __init__(self, settings: Settings) -> None:
        assert settings.gpus is not None  # noqa: S101 - the caller looks
        self._settings = settings
        self._gpus = gpus_of(settings.gpus)
        self._folder: Path | None = None
        self._places: list[_Place] = []

    @property
    def address(self) -> Path:
        """The folder in which the workers listen; known once started."""
        assert self._folder is not None  # noqa: S101 - as above
        return self._folder

    async def start(self) -> None:
        """Start a worker on each GPU, and wait until all can speak.

        Raises:
            EngineUnavailable: one cannot. The operator named its GPU, so the server does not go without it.
        """
        self._folder = Path(tempfile.mkdtemp(prefix="sayline-"))  # no other user may enter it
        most = self._settings.max_concurrent_requests
        there = self._settings.model_copy(
            update={
                "gpus": None,
                "workers": 1,
                "max_concurrent_requests": most and math.ceil(most / len(self._gpus)),
            }
        ).model_dump(mode="json")
        self._places = [
            _Place(gpu, Job(there, str(address)))
            for gpu, address in zip(self._gpus, addresses_of(self._folder, self._gpus), strict=True)
        ]
        try:
            for place in self._places:
                place.keeper.begin()
            for place in self._places:
                await place.keeper.came_up()
        except OSError as error:
            raise EngineUnavailable(f"a worker's process cannot be started: {error}") from error
        except CannotStart as error:
            raise EngineUnavailable(f"the worker of GPU {place.gpu}: {place.told or error}") from error

    async def close(self) -> None:
        """End all workers; idempotent."""
        places, self._places = self._places, []
        async with asyncio.TaskGroup() as tasks:
            for place in places:
                tasks.create_task(place.keeper.close())
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None


class _Place:
    """A GPU on which one worker after another runs.

    Args:
        gpu: as CUDA names it.
        job: what each of them is told.

    Attributes:
        told: why the last one could not speak, if it said so.
    """

    def __init__(self, gpu: str, job: Job) -> None:
        self.gpu = gpu
        self.name = f"the worker of GPU {gpu}"
        self.keeper = Keeper(self, _CARE)
        self.told = ""
        self._job = job
        self._link: Link | None = None

    @property
    def is_owed(self) -> bool:
        """A worker owes a sign of life at all times."""
        return True

    def start_child(self) -> Child:
        """Start a worker that sees no other GPU, and give it its job."""
        self.told = ""
        child = Child([sys.executable, "-m", _PROGRAM], environment=gpu_environ(self.gpu))
        self._link = Link(child.socket, VOCABULARY, self._received, self.keeper.hung_up, heard=self.keeper.heard)
        self._link.send(self._job)
        return child

    def child_lost(self) -> None:
        """Hang up; what it spoke goes on at another worker."""
        if self._link is not None:
            self._link.close()
            self._link = None

    def child_ended(self, end: End) -> None:
        """Do nothing: the keeper logs it, and gateways learn of it by their own links."""

    def could_not_start(self, fault: str) -> None:
        """Log it; the other GPUs speak."""
        log.error("%s %s; it is started again", self.name, self.told or fault)

    def _received(self, message: Working | Unavailable) -> None:
        match message:
            case Working():
                self.keeper.has_come_up()
            case Unavailable(why):
                self.told = why
