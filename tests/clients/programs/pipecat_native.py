"""Our own service for Pipecat."""

import asyncio

from harness import given, tell
from pipecat.frames.frames import AggregatedTextFrame
from pipecat_pipeline import run

from sayline.gateway.integrations.pipecat import SaylineTTSService


async def main():
    if "lines" in given:
        told = {}
        exec(given["lines"], told)  # noqa: S102 - our own document's
        service = told["tts"]
    else:
        service = SaylineTTSService(url=given["url"], settings=SaylineTTSService.Settings(voice=given.get("voice")))

    give_word, append = service.add_word_timestamps, service.append_to_audio_context

    async def tell_word(times, *rest):
        tell("given", words=[word for word, _ in times])
        await give_word(times, *rest)

    async def tell_sentence(context_id, frame):
        if type(frame) is AggregatedTextFrame:
            tell("sentence", text=frame.text)
        await append(context_id, frame)

    service.add_word_timestamps, service.append_to_audio_context = tell_word, tell_sentence

    @service.event_handler("on_speech_interrupted")
    async def _(_, heard, remaining):
        tell("cut", heard=heard, remaining=remaining)

    await run(service)


asyncio.run(main())
