"""The engine as a process of its own: the gateways' event loops and the GPU's never wait for each other.

``process/keeper.py`` starts it at the head of a process group of its own, with one end of a socket, the leash, and a
listening socket. Any number of gateways connect to the second, and share one batch. Each gateway has its own streams
under its own keys; if it hangs up, only its streams are cancelled. The leash is a link like theirs, but when its other
end closes the process ends. A failure of one stream is reported and ends that stream. A dead stage ends the process,
which says why, and its keeper starts another.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import itertools
import logging
import math
import os
import signal
import socket
import sys
import threading
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import torch

from ...interface import NoSuchVoice, SynthesisError, UnsupportedRequest
from ...processes.child import take_leash
from ...processes.link import Alive, Link
from .gpu_sharing import multi_process_service, take_share, turn_to_load
from .link import (
    BEAT_S,
    GRACE_S,
    SAMPLES,
    VOCABULARY,
    AskVoices,
    Cancel,
    Capacity,
    Failed,
    LimitReached,
    Loading,
    Pull,
    Ready,
    Sound,
    Speak,
    Unavailable,
    VoiceFacts,
    Voices,
)
from .pipeline import Pipeline, SpeakRequest
from .settings import EngineSettings

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    import numpy.typing as npt

    from ..acoustic.rtf_guard import Pressure
    from .link import FromEngine, ToEngine

log = logging.getLogger(__name__)


class _Gateway:
    """One link to a gateway, and the pipeline's keys of its streams, by the gateway's own keys.

    Args:
        end: the socket.
        received: called with each message and this object.
        gone: called with this object once the gateway has hung up.
    """

    def __init__(
        self,
        end: socket.socket,
        received: Callable[[_Gateway, ToEngine], None],
        gone: Callable[[_Gateway], None],
    ) -> None:
        self.link = Link(end, VOCABULARY, partial(received, self), partial(gone, self))
        self.streams: dict[int, int] = {}

    def tell(self, message: FromEngine) -> None:
        """Send a message."""
        self.link.send(message)


class Engine:
    """One pipeline, and all gateways that listen to it.

    Args:
        settings: of the pipeline.
        predecessor: why the engine before this one ended; empty for the first.
        tasks: runs the streams.

    Attributes:
        is_loading: it cannot speak yet.
    """

    def __init__(self, settings: EngineSettings, predecessor: str, tasks: asyncio.TaskGroup) -> None:
        self._settings = settings
        self._predecessor = predecessor
        self._tasks = tasks
        self._gateways: set[_Gateway] = set()
        self._keys = itertools.count()  # by arrival over all gateways: of equal streams the lowest goes first
        self._streams: dict[int, tuple[_Gateway, int]] = {}  # by the pipeline's key: whose it is, and its key there
        self._capacity: Capacity | None = None  # as told last
        self._pipeline: Pipeline  # while it loads, or speaks
        self._keeper: _Gateway | None = None
        self._keeper_gone = asyncio.Event()
        self.is_loading = True

    async def load(self, stack: contextlib.AsyncExitStack) -> None:
        """Make the pipeline, which ends with the stack, and tell every gateway that it is there.

        Raises:
            EngineUnavailable: the model directory, the GPU or a library is not as it must be.
        """
        if self._settings.mps:
            await stack.enter_async_context(multi_process_service())
            take_share()
        async with _turn():
            self._pipeline = Pipeline(
                self._settings, self._sounded, self._failed, self._limit_reached, self._capacity_changed
            )
            stack.push_async_callback(self._pipeline.close)
            await self._pipeline.start()
        _set_garbage_aside()  # it stops the whole process for a while, so it runs before any gateway can ask
        stack.callback(gc.unfreeze)  # or extension modules report what was never collected as leaks, at exit
        self.is_loading = False
        for gateway in self._gateways:
            gateway.tell(self._ready())

    async def wait_until_dead(self) -> str:
        """Return why a stage died, once one has."""
        return await self._pipeline.wait_until_dead()

    async def show_life(self, keeper: _Gateway, keeping: asyncio.Task[None]) -> None:
        """Tell the keeper again and again that loop and stages come round (the loop alone while they load)."""
        while not keeping.done():
            if not self.is_loading:
                await self._pipeline.answer()
            if not keeper.link.unsent_bytes:  # else it does not read, and need not be told twice
                keeper.link.send(Alive())
            await asyncio.wait((keeping,), timeout=BEAT_S)

    def give_up(self, fault: str) -> None:
        """Tell every gateway that no more sound will come, and why."""
        for gateway in self._gateways:
            gateway.tell(Unavailable(fault))

    def hang_up(self) -> None:
        """End all streams and links."""
        for gateway in list(self._gateways):
            gateway.link.close()
            self._gone(gateway)

    async def admit(self, listener: socket.socket) -> None:
        """Attend to every gateway that comes."""
        loop = asyncio.get_running_loop()
        while True:
            end, _ = await loop.sock_accept(listener)
            self.greet(end)

    def greet(self, end: socket.socket) -> _Gateway:
        """Tell a gateway how things are; from here on it learns what changes."""
        gateway = _Gateway(end, self._obey, self._gone)
        self._gateways.add(gateway)
        if self.is_loading:
            gateway.tell(Loading(self._predecessor))
        if self._capacity is not None:
            gateway.tell(self._capacity)
        if not self.is_loading:
            gateway.tell(self._ready())
        return gateway

    async def until_gone(self, keeper: _Gateway) -> None:
        """Wait until the keeper has hung up."""
        self._keeper = keeper
        if keeper in self._gateways:
            await self._keeper_gone.wait()

    def _gone(self, gateway: _Gateway) -> None:
        self._gateways.discard(gateway)
        for key in list(gateway.streams):
            self._cancel(gateway, key)
        if gateway is self._keeper:
            self._keeper_gone.set()

    def _obey(self, gateway: _Gateway, message: ToEngine) -> None:
        match message:
            case Speak():
                self._speak(gateway, message)
            case Pull(gateway_key, taken, dry_in_s):
                if (key := gateway.streams.get(gateway_key)) is not None:  # else it has ended meanwhile, as below
                    dry_at = math.inf if dry_in_s is None else time.monotonic() + dry_in_s
                    self._pipeline.pull(key, taken, dry_at)
            case Cancel(gateway_key):
                if gateway_key in gateway.streams:
                    self._cancel(gateway, gateway_key)
            case AskVoices():
                gateway.tell(Voices(self._voices()))

    def _speak(self, gateway: _Gateway, message: Speak) -> None:
        key = next(self._keys)
        gateway.streams[message.key] = key
        self._streams[key] = gateway, message.key
        request = SpeakRequest(
            key=key,
            text=message.text,
            voice=message.voice,
            language=message.language,
            instructions=message.instructions,
            allow_markup=message.allow_markup,
            seed=message.seed,
            speed=message.speed,
            utterance=message.utterance,
            dry_at=None if message.dry_in_s is None else time.monotonic() + message.dry_in_s,
            notes=message.notes,
        )
        self._pipeline.speak(request, self._tasks)

    def _cancel(self, gateway: _Gateway, gateway_key: int) -> None:
        key = gateway.streams.pop(gateway_key)
        del self._streams[key]
        self._pipeline.cancel(key)

    def _sounded(
        self, key: int, samples: npt.NDArray[np.int16], is_last: bool, stages: dict[str, float], note: str
    ) -> None:
        gateway, gateway_key = self._streams[key]
        if is_last:
            self._forget(key)
        memory = _gpu_memory_bytes() if is_last else None
        tail = samples.astype(SAMPLES, copy=False).tobytes()
        gateway.tell(Sound(gateway_key, is_last, stages, memory, note, tail))

    def _failed(self, key: int, error: Exception) -> None:
        gateway, gateway_key = self._forget(key)
        log.warning("stream %d: %s", key, error)
        gateway.tell(Failed(gateway_key, _fault(error), str(error)))

    def _limit_reached(self, key: int) -> None:
        gateway, gateway_key = self._streams[key]
        log.warning("stream %d: the speech reached its length limit; what the model said last is cut off", key)
        gateway.tell(LimitReached(gateway_key))

    def _forget(self, key: int) -> tuple[_Gateway, int]:
        gateway, gateway_key = self._streams.pop(key)
        del gateway.streams[gateway_key]
        return gateway, gateway_key

    def _capacity_changed(self, count: int | None, pressure: Pressure) -> None:
        log.info("pressure %s; listeners that can be kept in real time: %s", pressure.name, count)
        self._capacity = Capacity(count, pressure.name.lower())
        for gateway in self._gateways:
            gateway.tell(self._capacity)

    def _ready(self) -> Ready:
        return Ready(self._voices(), _gpu_memory_bytes())

    def _voices(self) -> list[VoiceFacts]:
        return [
            VoiceFacts(voice.name, voice.description, list(voice.languages)) for voice in self._pipeline.voices.voices()
        ]


async def serve(settings: EngineSettings, predecessor: str, leash: socket.socket, listener: socket.socket) -> bool:
    """Serve all gateways until the keeper lets go or a stage dies; tells whether all was well to the end."""
    fault: str | None = None
    async with asyncio.TaskGroup() as tasks, contextlib.AsyncExitStack() as stack:
        engine = Engine(settings, predecessor, tasks)
        keeper = engine.greet(leash)
        keeping = tasks.create_task(_until_let_go(engine, keeper, Path(listener.getsockname())))
        admitting = tasks.create_task(engine.admit(listener))
        showing_life = tasks.create_task(engine.show_life(keeper, keeping))
        try:
            await engine.load(stack)
            dying = tasks.create_task(engine.wait_until_dead())
            stack.callback(dying.cancel)
            await asyncio.wait((keeping, dying), return_when=asyncio.FIRST_COMPLETED)
            if dying.done():
                fault = dying.result()
        except SynthesisError as error:
            fault = str(error)
        except Exception as error:
            log.exception("the engine cannot go on")
            fault = f"{type(error).__name__}: {error}"
        # From here on the process ends. Every gateway learns of it first, because closing may take a while. A gateway
        # that connects now waits for the next engine.
        _end_within(GRACE_S)
        if fault is not None:
            engine.give_up(fault)
        engine.hang_up()
        for task in (keeping, admitting, showing_life):
            task.cancel()
    return fault is None


def _turn() -> contextlib.AbstractAsyncContextManager[None]:
    """Take the turn to load on the GPU; a CPU has room for all."""
    if not torch.cuda.is_available():
        return contextlib.nullcontext()
    return turn_to_load(str(torch.cuda.get_device_properties(0).uuid))


async def _until_let_go(engine: Engine, keeper: _Gateway, address: Path) -> None:
    await engine.until_gone(keeper)
    _remove(address)
    if engine.is_loading:
        _end_group()  # there is nothing to save yet, and loading cannot be interrupted


def _fault(error: Exception) -> Literal["voice", "text", "engine"]:
    if isinstance(error, NoSuchVoice):
        return "voice"
    return "text" if isinstance(error, UnsupportedRequest) else "engine"


def _remove(address: Path) -> None:
    """Remove what a killed keeper could not: an address in a folder of its own."""
    with contextlib.suppress(OSError):
        address.unlink()
        address.parent.rmdir()


def _end_within(seconds: float) -> None:
    """End the process by then, whatever hangs: with the keeper dead, nothing else would end it."""
    watch = threading.Timer(seconds, _end_group)
    watch.daemon = True
    watch.start()


def _end_group() -> None:
    """Kill this process and all it started: it leads a process group (``process/keeper.py``)."""
    os.killpg(os.getpid(), signal.SIGKILL)


def _set_garbage_aside() -> None:
    """Look no more at what loading made, which stays.

    Looking through all of it for reference cycles takes some 0.4 s (600,000 objects of torch's and vLLM's), in which no
    token is handed on and no step is launched: longer than many a listener has sound for.
    """
    gc.collect()
    gc.freeze()


def _gpu_memory_bytes() -> int | None:
    """What is taken on the GPU, by the driver's count: ours, vLLM's and any neighbour's."""
    if not torch.cuda.is_available():
        return None
    free, total = torch.cuda.mem_get_info()
    return total - free


def main() -> None:
    """Run the engine process; arguments: a listening socket's descriptor, the settings, why its predecessor ended."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    # The loop hands tokens on while the acoustic thread launches steps of a few milliseconds; Python's own 5 ms between
    # switches would make either wait for longer than its work takes.
    sys.setswitchinterval(0.0005)
    torch.set_num_threads(1)  # tensors on the CPU are small here, and the gateway's processes want their cores
    # Pitch and transforms must be exact; convolutions that may be rough run in half precision by their own choice.
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    leash, listener = take_leash(), socket.socket(fileno=int(sys.argv[1]))
    listener.set_inheritable(False)  # or what vLLM starts would keep it open
    listener.setblocking(False)
    sys.exit(not asyncio.run(serve(EngineSettings.from_json(sys.argv[2]), sys.argv[3], leash, listener)))


if __name__ == "__main__":  # vLLM starts processes of its own, which import this module again
    main()
