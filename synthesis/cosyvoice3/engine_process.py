"""The engine as a process of its own: the gateway's event loop and the GPU's never wait for each other.

Started by ``synthesizer.py`` with one end of a socket, at the head of a process group of its own; ends when the other
end closes. A failure of one stream is reported and ends that stream; a dead stage ends the process, which says why, and
the gateway starts another.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
import threading
from typing import TYPE_CHECKING, Any

import torch

from ..interface import SynthesisError, UnsupportedRequest
from . import engine_link
from .engine_settings import EngineSettings
from .pipeline import Pipeline, SpeakRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    import numpy.typing as npt

    from .rtf_guard import Pressure

log = logging.getLogger(__name__)


async def serve(settings: EngineSettings, end: socket.socket) -> bool:
    """Serve one gateway until it hangs up or a stage dies; tells whether all was well to the end."""
    reader, writer = await asyncio.open_connection(sock=end)

    def send(fields: dict[str, Any], samples: bytes = b"") -> None:
        engine_link.write(writer, fields, samples)

    def sounded(key: int, samples: npt.NDArray[np.int16], is_last: bool, stages: dict[str, float]) -> None:
        fields = {"type": "sound", "key": key, "is_last": is_last, "stages": stages}
        send(fields | {"gpu_memory_bytes": _gpu_memory_bytes()} if is_last else fields, samples.tobytes())

    def failed(key: int, error: Exception) -> None:
        kind = "unsupported" if isinstance(error, UnsupportedRequest) else "failed"
        log.warning("stream %d: %s", key, error)
        send({"type": "failed", "key": key, "kind": kind, "message": str(error)})

    def capacity_changed(count: int | None, pressure: Pressure) -> None:
        log.info("pressure %s; listeners that can be kept in real time: %s", pressure.name, count)
        send({"type": "capacity", "requests": count, "pressure": pressure.name.lower()})

    fault: str | None = None
    async with asyncio.TaskGroup() as tasks, contextlib.AsyncExitStack() as stack:
        try:
            pipeline = Pipeline(settings, sounded, failed, capacity_changed)
            stack.push_async_callback(pipeline.close)
            loading = asyncio.Event()
            loading.set()
            listening = tasks.create_task(_listen(pipeline, reader, send, tasks, loading))
            stack.callback(listening.cancel)
            await pipeline.start()
            loading.clear()
            send({"type": "ready", "voices": _voices(pipeline), "gpu_memory_bytes": _gpu_memory_bytes()})
            dying = tasks.create_task(pipeline.wait_until_dead())
            stack.callback(dying.cancel)
            await asyncio.wait((listening, dying), return_when=asyncio.FIRST_COMPLETED)
            if dying.done():
                fault = dying.result()
        except SynthesisError as error:
            fault = str(error)
        except Exception as error:
            log.exception("the engine cannot go on")
            fault = f"{type(error).__name__}: {error}"
        stack.callback(_end_within, engine_link.GRACE_S)  # the first thing to be done from here on
        if fault is not None:
            send({"type": "unavailable", "message": fault})  # before all is closed, which may take a while
    with contextlib.suppress(ConnectionError):
        await writer.drain()
    writer.close()
    return fault is None


async def _listen(
    pipeline: Pipeline,
    reader: asyncio.StreamReader,
    send: Callable[[dict[str, Any]], None],
    tasks: asyncio.TaskGroup,
    loading: asyncio.Event,
) -> None:
    """Do what the gateway asks for, until it hangs up."""
    with contextlib.suppress(engine_link.LinkClosed):
        while True:
            fields = (await engine_link.read(reader)).fields
            if fields["type"] == "voices":
                send({"type": "voices", "voices": _voices(pipeline)})
            else:
                _obey(pipeline, fields, tasks)
    if loading.is_set():
        _end_group()  # there is nothing to save yet, and loading cannot be interrupted


def _end_within(seconds: float) -> None:
    """Be gone by then, whatever hangs: with the gateway dead, nobody else would see to it."""
    watch = threading.Timer(seconds, _end_group)
    watch.daemon = True
    watch.start()


def _end_group() -> None:
    """Kill this process and all it started: it leads a process group (``synthesizer.py``)."""
    os.killpg(os.getpid(), signal.SIGKILL)


def _obey(pipeline: Pipeline, fields: dict[str, Any], tasks: asyncio.TaskGroup) -> None:  # Any: JSON
    key = fields["key"]
    match fields["type"]:
        case "speak":
            request = SpeakRequest(
                key,
                fields["text"],
                fields["voice"],
                fields["language"],
                fields["instructions"],
                fields["allow_markup"],
                fields["seed"],
                fields["dry_at"],
            )
            pipeline.speak(request, tasks)
        case "pull":
            pipeline.pull(key, fields["taken_s"], fields["dry_at"])
        case "cancel":
            pipeline.cancel(key)


def _voices(pipeline: Pipeline) -> list[dict[str, Any]]:  # Any: JSON
    return [
        {"name": voice.name, "description": voice.description, "languages": voice.languages}
        for voice in pipeline.voices.voices()
    ]


def _gpu_memory_bytes() -> int | None:
    """What is taken on the GPU, by the driver's count: ours, vLLM's and any neighbour's."""
    if not torch.cuda.is_available():
        return None
    free, total = torch.cuda.mem_get_info()
    return total - free


def main() -> None:
    """Run the engine process: its arguments are a socket's descriptor and the settings."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    # The loop hands tokens on while the acoustic thread launches steps of a few milliseconds; Python's own 5 ms between
    # switches would make either wait for longer than its work takes.
    sys.setswitchinterval(0.0005)
    torch.set_num_threads(1)  # tensors on the CPU are small here, and the gateway's processes want their cores
    # Pitch and transforms must be exact; convolutions that may be rough run in half precision by their own choice.
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    # A terminal or a service manager signals all processes at once; the gateway drains first, and then hangs up.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    end = socket.socket(fileno=int(sys.argv[1]))
    end.set_inheritable(False)  # or what vLLM starts would keep it open, and nobody would see this process end
    sys.exit(not asyncio.run(serve(EngineSettings.from_json(sys.argv[2]), end)))


if __name__ == "__main__":  # vLLM starts processes of its own, which import this module again
    main()
