"""The engine as a process of its own: the gateway's event loop and the GPU's never wait for each other.

Started by ``synthesizer.py`` with one end of a socket; ends when the other end closes. A failure of one stream is
reported and ends that stream; a dead stage ends the process, and the gateway starts another.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import sys
from typing import TYPE_CHECKING, Any

import torch

from ..interface import EngineUnavailable, SynthesisError, UnsupportedRequest
from . import engine_link
from .engine_settings import EngineSettings
from .pipeline import Pipeline, SpeakRequest

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

log = logging.getLogger(__name__)


async def serve(settings: EngineSettings, end: socket.socket) -> None:
    """Serve one gateway until it hangs up or a stage dies."""
    reader, writer = await asyncio.open_connection(sock=end)

    def send(fields: dict[str, Any], samples: bytes = b"") -> None:
        if not writer.is_closing():
            engine_link.write(writer, fields, samples)

    def sounded(key: int, samples: npt.NDArray[np.int16], is_last: bool, stages: dict[str, float]) -> None:
        fields = {"type": "sound", "key": key, "is_last": is_last, "stages": stages}
        send(fields | {"gpu_memory_bytes": _gpu_memory_bytes()} if is_last else fields, samples.tobytes())

    def failed(key: int, error: Exception) -> None:
        kind = "unsupported" if isinstance(error, UnsupportedRequest) else "failed"
        log.warning("stream %d: %s", key, error)
        send({"type": "failed", "key": key, "kind": kind, "message": str(error)})

    try:
        pipeline = Pipeline(settings, sounded, failed)
        async with contextlib.AsyncExitStack() as stack:
            stack.push_async_callback(pipeline.close)
            await pipeline.start()
            send({"type": "ready", "voices": _voices(pipeline), "gpu_memory_bytes": _gpu_memory_bytes()})
            async with asyncio.TaskGroup() as tasks:
                watch = tasks.create_task(_raise_when_dead(pipeline))
                with contextlib.suppress(engine_link.LinkClosed):
                    while True:
                        fields = (await engine_link.read(reader)).fields
                        if fields["type"] == "voices":
                            send({"type": "voices", "voices": _voices(pipeline)})
                        else:
                            _obey(pipeline, fields, tasks)
                watch.cancel()
                pipeline.cancel_all()
    except SynthesisError as error:
        send({"type": "unavailable", "message": str(error)})
    finally:
        with contextlib.suppress(ConnectionError):
            await writer.drain()
        writer.close()


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
            )
            pipeline.speak(request, tasks)
        case "pull":
            pipeline.pull(key, fields["taken_s"], fields["dry_at"])
        case "cancel":
            pipeline.cancel(key)


async def _raise_when_dead(pipeline: Pipeline) -> None:
    raise EngineUnavailable(await pipeline.wait_until_dead())


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
    with contextlib.suppress(KeyboardInterrupt):  # the gateway drains, then hangs up
        asyncio.run(serve(EngineSettings.from_json(sys.argv[2]), socket.socket(fileno=int(sys.argv[1]))))


if __name__ == "__main__":  # vLLM starts processes of its own, which import this module again
    main()
