"""A Pipecat pipeline around a speech service: what a language model writes, and a loudspeaker that plays in real time.

The test orders what happens: ``write`` (a turn, in tokens), ``interrupt``, ``end``. It is told what the listener hears.
"""

import asyncio
import re
import time

from harness import asked, heard, tell
from pipecat.frames.frames import (
    BotStartedSpeakingFrame,
    BotStoppedSpeakingFrame,
    EndFrame,
    ErrorFrame,
    InterruptionFrame,
    LLMFullResponseEndFrame,
    LLMFullResponseStartFrame,
    LLMTextFrame,
    TTSStoppedFrame,
    TTSTextFrame,
)
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.processors.frame_processor import FrameProcessor
from pipecat.transports.base_output import BaseOutputTransport
from pipecat.transports.base_transport import TransportParams
from pipecat.workers.runner import WorkerRunner

RATE_HZ = 24_000


class Loudspeaker(BaseOutputTransport):
    """Takes as long for a piece of sound as the piece lasts."""

    def __init__(self):
        super().__init__(TransportParams(audio_out_enabled=True, audio_out_sample_rate=RATE_HZ))
        self._free_at = 0.0

    async def start(self, frame):
        await super().start(frame)
        await self.set_transport_ready(frame)

    async def write_audio_frame(self, frame):
        heard(frame.audio, frame.sample_rate)
        self._free_at = max(self._free_at, time.monotonic()) + len(frame.audio) / 2 / frame.sample_rate
        await asyncio.sleep(max(0.0, self._free_at - time.monotonic()))
        return True


KINDS = {
    BotStartedSpeakingFrame: "started",
    BotStoppedSpeakingFrame: "stopped",
    TTSStoppedFrame: "turn_over",
    InterruptionFrame: "interrupted",
}


class Notes(FrameProcessor):
    """Tells the test what passes."""

    async def process_frame(self, frame, direction):
        await super().process_frame(frame, direction)
        if isinstance(frame, TTSTextFrame):
            tell("word", text=frame.text)
        elif isinstance(frame, ErrorFrame):
            tell("error", text=frame.error)
        elif kind := KINDS.get(type(frame)):
            tell(kind)
        await self.push_frame(frame, direction)


async def run(service):
    """Run the pipeline until the test asks for its end."""
    pipeline = Pipeline([Notes(), service, Loudspeaker(), Notes()])
    worker = PipelineWorker(
        pipeline,
        params=PipelineParams(audio_out_sample_rate=RATE_HZ),
        cancel_on_idle_timeout=False,
        enable_rtvi=False,
    )
    started = asyncio.Event()

    @worker.event_handler("on_pipeline_started")
    async def _(*_):
        started.set()

    async def obey():
        await started.wait()
        tell("ready")
        while True:
            order = await asked("pipeline")
            match order["do"]:
                case "write":
                    frames = [LLMTextFrame(token) for token in re.findall(r"\s*\S+", order["text"])]
                    ending = [LLMFullResponseEndFrame()] if order.get("ends", True) else []
                    for frame in [LLMFullResponseStartFrame(), *frames, *ending]:
                        await worker.queue_frame(frame)
                case "interrupt":
                    tell("interrupting")
                    await worker.queue_frame(InterruptionFrame())
                case "end":
                    await worker.queue_frame(EndFrame())
                    return

    runner = WorkerRunner(handle_sigint=False)
    await runner.add_workers(worker)
    await asyncio.gather(runner.run(), obey())
    tell("over")
