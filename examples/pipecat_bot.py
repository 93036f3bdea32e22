"""A Pipecat bot with a Sayline voice; typed lines are its ear. Its variables are chatbot.py's; PLAYER must be set."""

import asyncio
import os

from pipecat.frames.frames import EndFrame, InterruptionFrame, LLMMessagesAppendFrame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineWorker
from pipecat.processors.aggregators.llm_response_universal import LLMContext, LLMContextAggregatorPair
from pipecat.services.openai.llm import OpenAILLMService
from pipecat.transports.base_output import BaseOutputTransport, TransportParams
from pipecat.workers.runner import WorkerRunner

from sayline.gateway.integrations.pipecat import SaylineTTSService


class Loudspeaker(BaseOutputTransport):  # your bot has the output of its transport here
    async def start(self, frame):
        self.player = await asyncio.create_subprocess_exec(*os.environ["PLAYER"].split(), stdin=asyncio.subprocess.PIPE)
        await super().start(frame)
        await self.set_transport_ready(frame)

    async def write_audio_frame(self, frame):
        self.player.stdin.write(frame.audio)
        return await asyncio.sleep(len(frame.audio) / 2 / frame.sample_rate, True)  # little is in hand if interrupted


async def main():
    user, assistant = LLMContextAggregatorPair(LLMContext())
    llm = OpenAILLMService(settings=OpenAILLMService.Settings(model=os.environ["CHAT_MODEL"]))
    tts, lines = SaylineTTSService(url=os.environ.get("SAYLINE_URL", "ws://127.0.0.1:8080")), asyncio.Queue()
    worker = PipelineWorker(Pipeline([user, llm, tts, Loudspeaker(TransportParams(audio_out_enabled=True)), assistant]))
    worker.set_reached_downstream_filter((InterruptionFrame,))

    @worker.event_handler("on_frame_reached_downstream")  # what was heard is in the context now
    async def ask(*_):
        await worker.queue_frame(LLMMessagesAppendFrame([{"role": "user", "content": await lines.get()}], run_llm=True))

    @worker.event_handler("on_pipeline_started")
    async def listen(*_):
        while line := (await asyncio.to_thread(os.read, 0, 4096)).decode().strip():  # a terminal gives a line at a time
            lines.put_nowait(line)
            await worker.queue_frame(InterruptionFrame())
        await worker.queue_frame(EndFrame())

    await (runner := WorkerRunner()).add_workers(worker)
    await runner.run()


asyncio.run(main())
