"""Our own service for Pipecat."""

import asyncio

from harness import given, tell
from pipecat_pipeline import run

from sayline.gateway.integrations.pipecat import SaylineTTSService


async def main():
    if "lines" in given:
        told = {}
        exec(given["lines"], told)  # noqa: S102 - our own document's
        service = told["tts"]
    else:
        service = SaylineTTSService(url=given["url"], settings=SaylineTTSService.Settings(voice=given.get("voice")))

    @service.event_handler("on_speech_interrupted")
    async def _(_, heard, remaining):
        tell("cut", heard=heard, remaining=remaining)

    await run(service)


asyncio.run(main())
